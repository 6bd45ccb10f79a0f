"""Telling what is wrong, and asking for help with it: “web can't reach the database, any idea?”.

Only the two together make a request. People tell each other what is broken all day, and whoever asks for help without saying with
what has said nothing yet.
"""

import re
from collections.abc import Sequence

from bot.nl.natural.harmless import words_of
from bot.nl.natural.items import Item
from bot.nl.natural.mood import shown

SYMPTOMS = words_of(
    "fail fails failed failing failure failures crash crashes crashed crashing crashloop crashloops crashlooping crashloopbackoff error errors erroring errored"
    " broken breaks breaking down stuck slow slower sluggish timeout timeouts timing refused refuses rejected unreachable unhealthy pending restarting restarts"
    " oomkilled oom latency spike spikes flaky flapping hang hangs hanging degraded missing wrong odd oddly weird strange issue issues problem problems trouble troubles"
    " exception exceptions outage outages incident dead dying dies evicted throttled leak leaking imagepullbackoff bottleneck bottlenecks blocked blocking denied unable"
    " misbehaving notready diskpressure pressure corrupt corrupted misconfigured unresponsive unavailable bad 4xx 5xx"
)
_CODE = re.compile(r"[45](?:[0-9]{2}s?|xx)")
_SUFFERED = re.compile(
    r"\b(?:times?|timed|timing|runs?|ran|running) out\b|\b(?:falls?|falling|fell) over\b|\b(?:goes|going|went) down\b|\bthrough the roof\b|\boff the charts?\b|\b(?:shot|shoots|shooting) up\b|\b(?:skyrocket|spik|climb)(?:s|ed|ing|es)\b|\b(?:not|never|nothing|no longer|no) |\b(?:i|we|they|users|customers|people|clients) (?:am |are |is |have been |keep |keeps )*(?:get|getting|see|seeing|hit|hitting|encounter|encountering|receive|receiving|facing) "
)
_PLEA = re.compile(
    r"(?:(?:and|so|but|ok|hey|hi|please|now) )*(?:"
    r"why\b|what (?:is|was|are) (?:going|happening|wrong|up|broken|(?:the )?(?:\w+ )?(?:cause|reason|problem|issue|matter|explanation)|causing|blocking|failing|behind)\b"
    r"|what (?:could|can|may|might|would|should|must|do) (?:be|i|we|have|cause|explain|it|this|that|go|the)\b|what happened|what did (?:i|we)\b|what else (?:can|could|should)"
    r"|(?:do you have |got )?any (?:idea|ideas|clue|clues|hint|hints|thoughts|suggestions?)\b"
    r"|(?:(?:can|could|would|will) you )(?:\w+ )?(?:help|check|look|work out|take a look|have a look|tell me why|explain|find|see|figure|dig|assist|advise)\b"
    r"|(?:i need |we need )?help(?: me| us| with|$| )|(?:take|have) a look|look into|work out|find (?:out|the|it|them)\b|(?:check|look|investigate|assist|advise) ?$|figure out|(?:fix|solve|resolve) (?:it|this|that|them|the (?:issue|problem|error))\b|(?:check|see|tell me|explain|show me|verify|determine) (?:why|what (?:is|went|happened|the cause))\b|how (?:do|can|could|should|would|to) (?:i |we )?(?:\w+ )?(?:debug|fix|diagnose|troubleshoot|investigate|solve|resolve|find)\b"
    r"|where (?:do|should|can|could) (?:i|we) (?:look|start|begin)\b)"
)


def states_trouble(items: Sequence[Item]) -> bool:
    """Does a clause say that something does not do what it should?"""
    return any(is_symptom(item) for item in items) or bool(_SUFFERED.search(shown(items)))


def is_symptom(item: Item) -> bool:
    """Does a word name what is wrong: “failing”, “503”?"""
    return item.key in SYMPTOMS or bool(_CODE.fullmatch(item.key))


def pleads(items: Sequence[Item]) -> bool:
    """Does a clause ask for the cause, or for help, without saying of what?"""
    return bool(_PLEA.match(shown(items)))
