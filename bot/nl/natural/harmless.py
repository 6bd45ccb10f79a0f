"""Words that may stand in a request without being understood: they add nothing once its verb and values are known."""


def words_of(text: str) -> frozenset[str]:
    """The words of a line, as a set."""
    return frozenset(text.split())


IDLE = words_of(
    "the a an of in on to for from into onto with at by as is are am be been was were it its this that these those them they there here up down out off over"
    " please kindly just now quickly asap immediately right away again once more another one also too then and or so very really pretty quite still yet already"
    " i me my mine we us our you your he she his her thanks thank thx cheers hey hi hello ok okay yes yep yeah sure well bot ops countersign all any every each both"
    " whole entire everything something anything some lots many few service services app apps application applications environment environments env namespace cluster"
    " deployment deployments workload workloads release releases deploy version versions tag image images revision rev replica replicas pod pods instance instances"
    " container containers copies number count team folks guys mate buddy can could will would do have has had get got go going want need needs like let let's make"
    " sure ahead able try previous last latest earlier old older good known state current currently new newer same before what how when where prior original stable"
    " build today moment quick fast soonest urgent urgently possible around roughly exactly total rolling full graceful clean fresh since past week real earliest"
    " convenience yo alas finally gently minute minutes hour hours ago uh um er hmm hm eh oh ah mm nice great sorry kind someone somebody anyone anybody"
    " instead him ever maybe little bit actually meant mean only called name named other way change changes level size run running bring put set"
)
"""In a change. None of them looks, doubts, denies, delays or speaks of something else than a service."""

HARMLESS = IDLE | words_of(
    "approval approvals proposal proposals between across during via through against about back did does which who why time least most show tell give list see look"
    " check find know question display describe report say overview summary detail details detailed info information recently lately recent month year day days"
    " wonder wondering happen happened use uses using runs live often status health healthy doing work works fully completely long far much system systems"
    " related relating regarding concerning along kubernetes k8s kube available existing specific certain own named following given including within inside"
    " using together key main cause reason help issue issues problem problems"
    " somewhere else understand"
    " pending starting crashing crashlooping failing evicted terminating restarting unhealthy stuck succeeded completed"
    " investigate diagnose troubleshoot analyze analyse examine identify validate inspect"
)
"""In a question."""
