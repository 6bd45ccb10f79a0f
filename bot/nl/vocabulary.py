"""Words that carry no meaning of their own in a request, and words that say what kind of word comes next."""

from skills.core.skill import Slot


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


OPENINGS = _set("please pls plz can could would you hey hi hello ok okay now just kindly countersign bot ops")
"""What a polite person may say before the verb."""

CLOSINGS = OPENINGS | _set("thanks thank thx asap")
"""Free text that is nothing but these is none."""

FILLERS = OPENINGS | _set(
    "the a an of in on to for from into with thanks thank thx asap quickly"
    " service app environment env release version tag image revision rev container replicas replica pods pod instances"
    " proposal number @"
)
"""What may stand anywhere after the verb and changes nothing. No word that negates, doubts or delays is among them."""

LOOKING = _set(
    "show me my our give get list see tell what what's whats is are was has about current currently all everything"
)
"""What else may stand in a question that only reads."""

TURNS = _set(
    "not no don't dont never nothing none without except but unless if when while until before after later tomorrow today tonight"
    " yesterday monday tuesday wednesday thursday friday saturday sunday should shall why who how did does do was maybe perhaps"
    " and or then also stop wait instead"
)
"""Words that turn a sentence around; never taken for a misspelled name."""

TOOLS = _set("helm kubectl argocd flux")
"""Programs that people here speak of all day; never taken for a misspelled request."""

JOINING = frozenset({"and", "or", "&", "+", "also", "then"})
"""Words between several of a kind; where several were named, asking which one says all there is to say."""

COMPARING = _set(
    "compare compared comparing comparison versus vs differ differs difference differences correlate correlated relate related"
)
"""Words of questions that one read seldom answers."""

INTRODUCTIONS = {
    "service": Slot.SERVICE,
    "app": Slot.SERVICE,
    "environment": Slot.ENVIRONMENT,
    "env": Slot.ENVIRONMENT,
    "release": Slot.RELEASE,
    "version": Slot.RELEASE,
    "tag": Slot.RELEASE,
    "image": Slot.RELEASE,
    "@": Slot.RELEASE,
    "revision": Slot.REVISION,
    "rev": Slot.REVISION,
    "container": Slot.CONTAINER,
    "proposal": Slot.PROPOSAL,
    "number": Slot.PROPOSAL,
    "incident": Slot.INCIDENT,
}
"""“revision 7”: the word after one of these is meant as that."""

DIRECTIONS = {
    "in": Slot.ENVIRONMENT,
    "on": Slot.ENVIRONMENT,
    "to": Slot.ENVIRONMENT,
    "into": Slot.ENVIRONMENT,
    "of": Slot.SERVICE,
    "for": Slot.SERVICE,
}
"""Weaker: what an unknown word after one of these was probably meant as. Decides how a question is put, never what is done."""

RELEASE_WORDS = frozenset({"latest", "stable"})
"""Taken for a release so that the skill can say why they will not do."""

_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
NUMBERS = {word: number for number, word in enumerate(_COUNTED.split())}
