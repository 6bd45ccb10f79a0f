"""Words that may stand in a request without being understood."""

HARMLESS = frozenset(
    "approval approvals proposal proposals between across during via through against about per the a an of in on to for from into onto with at by as is are am be been was were it its this that these those them they there here up down out back off over"
    " please kindly just now quickly asap immediately right away again once more another one also too then and or so very really pretty quite still yet already"
    " i me my mine we us our you your he she his her thanks thank thx cheers hey hi hello ok okay yes yep yeah sure well bot ops countersign all any every each both whole entire everything"
    " something anything some lots many few service services app apps application applications environment environments env namespace cluster deployment deployments workload workloads release releases"
    " version versions tag image images revision rev replica replicas pod pods instance instances container containers copies number count team folks guys mate buddy"
    " can could will would do does did has have had get got go going want need like let let's make sure ahead able try needs"
    " previous last latest earlier old older good known state current currently new newer same before what how which who when where why prior original stable build"
    " today moment time quick fast soonest urgent urgently possible prod's time around about roughly exactly total least most rolling full graceful clean fresh"
    " show tell give list see look check find know question see display describe report say let me overview summary detail details detailed info information latest recently lately recent since past week month year"
    " minute minutes hour hours day days ago uh um er hmm hm eh oh ah mm good nice great sorry kind someone somebody anyone anybody wonder wondering quickly happen happened"
    " restart's use uses using run runs running live level size instead's us them him her ever often maybe little bit quick status health healthy doing through work works fully completely"
    " change changes real earliest convenience yo alas finally gently actually meant mean only called name named other where's deploy way long far much system systems bring put set".split()
)
"""Words that add nothing to a request whose verb and values are known."""
