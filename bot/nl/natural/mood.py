"""Whether a verb is asked for, asked about, told of, denied, or made to depend on something.

What counts as a request is a list, and everything else is none: the words before the verb have to be a polite opening, a question that is
a request by convention (“could you”), or a wish (“I'd like you to”), and nothing besides. So reports (“she told me to …”), plans,
titles and log lines need not be known one by one.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from bot.nl.natural.harmless import HARMLESS, words_of
from bot.nl.natural.inflection import Form
from bot.nl.natural.items import Item
from bot.nl.natural.phrases import Match


class Mood(StrEnum):
    """How a verb is meant."""

    REQUEST = "request"
    QUESTION = "question"
    DENIED = "denied"
    DEPENDS = "depends"
    LATER = "later"
    TOLD = "told"
    ADDRESSED = "addressed"


_POLITE = frozenset(
    {"please", "kindly", "just", "quickly", "maybe you", "simply", "asap", "uh", "um", "er", "hmm", "hm"}
)
_OPEN = (
    r"(?:(?:hey|hi|hello|yo|um|uh|ok|okay|so|and|then|also|now|well|right|alright|yes|yep|yeah|sure|no|actually|thanks|great|good|morning|there|bot|ops|"
    r"countersign|urgent|asap|quick|one|@[\w.-]+|once|again|too|next) )*"
)
_ASK = (
    r"(?:(?:can|could|will|would) (?:you|we|someone|somebody) (?:guys |all )?|(?:can|could|may) i (?=get |have )"
    r"|(?:is there )?any chance (?:you|we) (?:can|could) |would you be able to |would it be possible to )"
)
_WISH = r"(?:(?:i|we) (?:would (?:really )?(?:like|love)|(?:really )?(?:want|need)) (?:you |us )?(?:all )?to |let's |let us |(?:i am|we are) asking you to )"
_GO = r"(?:go ahead and |feel free to |help me (?:to )?|try to |be so kind (?:and|to|as to) |do me a favou?r and |time to )"
_THING = (
    # Atomic: a word that is two of these would otherwise be tried both ways, and n of them in 2ⁿ.
    r"(?>(?:<\w+>|the|a|an|our|my|its|their|this|that|it|them|all|every|of|in|on|for|to|with|service|app|application|deployment|pod|pods|workload|"
    r"[\w.-]+(?= (?:service|app|application|deployment|pods|workload|namespace|environment|env) )|\w+-[\w-]+|"
    r"replicas|environment|env|namespace|up|back|out|new|whole|entire|latest|last|version|release|rolling|also) )"
)
FRAME = words_of(
    "any chance there is possible able mind trigger kick off perform initiate issue execute launch begin schedule start make have get see give run do need needs want like love would can could will"
    " you we i someone somebody to be a an the another one quick rolling full clean fresh new graceful favour favor me help try let's let us go ahead and feel free"
    " please kindly just now so ok okay hey hi hello then also well right yes no actually thanks asking am are really all good morning there bot ops it"
)
"""Words that a frame is made of; anything else before a verb names something."""
_ASKED = rf"{_OPEN}(?:{_ASK}|{_WISH}|{_GO})*"
_CAUSED = rf"{_ASKED}(?:make|have) {_THING}+"
_SUBJECT = r"(?:(?:i|we) would (?:really )?(?:like|love) |(?:(?:i|we) )?(?:really )?(?:want|need) )"
_DETERMINED = r"(?:(?:a|an|another|the|one) )?(?:(?:quick|rolling|full|clean|fresh|new|graceful) )*"
_LIGHT = r"(?:do|perform|trigger|start|kick off|initiate|run|make|give|get|have|issue|execute|launch|begin|schedule) "

_COMMAND = re.compile(rf"{_ASKED}|{_CAUSED}|{_OPEN}{_THING}+needs to ")
_TOPIC = re.compile(rf"{_OPEN}<\w+> (?:<\w+> )?")
_GERUND = re.compile(rf"{_OPEN}(?:(?:would you |do you )?mind |{_THING}+needs |{_SUBJECT}{_THING}+)")
_PARTICIPLE = re.compile(
    rf"(?:{_ASKED}(?:get|have|see) {_THING}+|{_OPEN}{_SUBJECT}(?:to (?:have|get|see) )?{_THING}+(?:to be )?|{_OPEN}{_THING}+needs to be )"
)
_NOUN = re.compile(
    rf"(?:{_ASKED}{_LIGHT}{_THING}*?{_DETERMINED}|{_OPEN}{_SUBJECT}{_THING}*?{_DETERMINED}|{_OPEN}{_THING}+needs {_DETERMINED})"
)
_REMARK = re.compile(r"\b(?:would |(?:is|was|are|were) (?:what|the|a|an|my|our|not|how) )")
"""“… is what I would do”, behind what else would be a request."""
_INVITING = re.compile(r"\b(?:(?:can|could|would) (?:you|we|someone|somebody|i)|mind|possible|able|chance)\b")
"""What makes a question a request. “Will you …?” may ask what is going to happen, so it takes a “please”."""
_FORBIDDING = re.compile(rf"{_OPEN}(?:do not|never|not|stop|avoid|let's not) ")
_FRAGMENT = re.compile(rf"{_OPEN}{_DETERMINED}")
_OWNED = re.compile(rf"{_OPEN}(?:{_SUBJECT}|{_THING}+needs )")
"""“I need”: what follows is the thing itself."""

_ABOUT = re.compile(
    rf"{_OPEN}(?:how (?:do|does|can|could|would|should|to|many .* (?:may|can|should))\b|(?:can|may|could|should|must) (?:i|we|they|people|developers|anyone|anybody|<\w+>)\b"
    r"|can \w+s |am i |are (?:we|you|developers) allowed|who (?:is allowed|can|may|could)|is (?:it|there|a|an|the)\b|what (?:is|are|happens|would|will|does|do|if)\b"
    r"|do (?:i|we|you) (?:need|have)|does (?:a|an|the|<\w+>|\w+ing)\b|where (?:can|do)|explain|describe|tell me (?:about|how)|why|what's|when (?:can|should|may)"
    r"|which \w+ (?:can|may|are allowed)|please explain|could you explain|can you explain|(?:can|could) you tell me how|i (?:want|would like) to know how|has|have)"
)

_DENYING = words_of(
    "not never nobody none nothing without avoid stop instead rather forget hold refrain neither nor dare cancel abort skip except unless prevent"
    " undesired pretend imagine suppose wish"
)
_DEPENDING = words_of(
    "if when once unless until till after while whenever provided assuming should case before otherwise depending unless"
)
_LATER = words_of(
    "tonight tomorrow later soon eventually monday tuesday wednesday thursday friday saturday sunday weekend midnight noon evening nightly daily weekly every"
    " eod oclock someday sometime next"
)
_REPORTING = words_of(
    "said says say told tells asked asks wrote writes wants according suggested suggests reads instructions instruction assistant system ignore override"
    " pre-approved preapproved runbook guide ticket log logs alert annotation label commit message quote example hypothetically"
)
_COMPOUND = words_of(
    "policy policies plan plans window windows strategy strategies pipeline pipelines process button freeze schedule date procedure runbook notes note history count"
    " counts log logs status ticket script job jobs failure failures error errors rate loop loops storm time times limit limits docs documentation guide"
    " of went is was looks failed finished took did does has had are were broke breaks broken caused causes killed made makes fixed fixes worked hangs hung"
)
_SAID = frozenset({"said", "says", "wrote", "asked", "told"})
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "does", "do", "did", "has", "have", "can", "could", "will", "would", "should"}
)
_PERSONS = frozenset({"i", "we", "you", "they", "please"})
_ASKED_TIME = re.compile(r"\bas of [0-9TZ:.+-]+", re.IGNORECASE)
_WONDERING = frozenset({"why", "how", "what", "should", "who", "could", "would"})
_BROKEN_OFF = 2
_LONGEST_FRAME = 24
"""Words: nobody asks for anything with a longer opening."""
_DATA = re.compile(r"[{}=<>|\\…␣]|https?:|[0-9]{2}:[0-9]{2}:[0-9]{2}|\b[\w-]+: ?[\"']")


def shown(items: Iterable[Item]) -> str:
    """Keys in a row, without politeness, each followed by a space."""
    return "".join(f"{item.key} " for item in items if item.key not in _POLITE)


def mood(match: Match, items: Sequence[Item], *, text: str, asks: bool) -> Mood:
    """The mood of a verb or noun within its clause. `text` is the clause, `asks` says whether its sentence ends in a question mark."""
    left, keys = shown(items[: match.start]), [item.key for item in items]
    if _logged(text):
        return Mood.TOLD
    if not _framed(match, left, items):
        return Mood.QUESTION if _ABOUT.match(shown(items)) else Mood.TOLD
    if _denied(keys):
        return Mood.DENIED
    if _REMARK.search(shown(items[match.places[-1] + 1 :])):
        return Mood.TOLD
    if hindrance := _hindered(keys):
        return hindrance
    invited = bool(_INVITING.search(left)) or "please" in keys
    return Mood.QUESTION if asks and not invited else Mood.REQUEST


def hindered_by(items: Sequence[Item], text: str, *, before: bool) -> Mood | None:
    """What another clause of the same sentence makes of a request; `before` if it stands before it."""
    keys = [item.key for item in items]
    if _logged(text) or _SAID & set(keys) or (before and _leads_elsewhere(keys, text)):
        return Mood.TOLD
    if before and _speaks_to_another(items):
        return Mood.ADDRESSED
    if _DENYING & set(keys) and not _states_a_lack(keys):
        return Mood.DENIED
    return _hindered(keys)


def _logged(text: str) -> bool:
    """Does it look like a log line or markup? A time that is asked for does not."""
    return bool(_DATA.search(_ASKED_TIME.sub("", text)))


def _leads_elsewhere(keys: Sequence[str], text: str) -> bool:
    """Does a clause announce what somebody else says, or break off?"""
    announces = bool(_REPORTING & set(keys)) or text.rstrip().endswith(":") or keys[:1] in (["as"], ["per"])
    breaks_off = len(keys) <= _BROKEN_OFF and (_denied(keys) or keys[0] in _WONDERING)
    return announces or breaks_off


def _states_a_lack(keys: Sequence[str]) -> bool:
    """“Prod is not answering”, “it never came back”: a reason to do something rather than not to."""
    for index, key in enumerate(keys):
        lacking = index > 1 and keys[index - 1] in _AUXILIARIES
        willed = index > 1 and keys[index - 1] in ("do", "should", "would", "will") and keys[index - 2] in _PERSONS
        told = key in ("nothing", "nobody", "none", "without") or (key == "never" and index > 0)
        if key in _DENYING and not told and (key != "not" or not lacking or willed):
            return False
    return True


def _speaks_to_another(items: Sequence[Item]) -> bool:
    """“Sam, …”: one word that means nothing here is somebody's name."""
    return (
        len(items) == 1 and items[0].slot is None and items[0].key not in HARMLESS and not items[0].key.endswith("bot")
    )


def retracted(items: Sequence[Item]) -> bool:
    """Does a later sentence take it all back?"""
    keys = [item.key for item in items[:3]]
    return bool(keys) and (
        keys[0] in ("no", "not", "never", "wait", "nope", "jk", "stop", "nevermind", "cancel")
        or keys[:2] == ["do", "not"]
        or "kidding" in keys
    )


def about(items: Sequence[Item]) -> bool:
    """Is the clause a question of how, whether one may, or what would happen?"""
    return bool(_ABOUT.match(shown(items)))


def wished(items: Sequence[Item]) -> int:
    """After how many items of “I need”, “we'd like” the wished-for thing begins; 0 if the clause does not begin so."""
    for count in range(min(len(items), 8), 0, -1):
        if _OWNED.fullmatch(shown(items[:count])):
            return count
    return 0


def denied(items: Sequence[Item]) -> bool:
    """Is there a word of denial?"""
    return _denied([item.key for item in items])


def forbids(items: Sequence[Item]) -> bool:
    """Is it an order not to do something?"""
    return bool(_FORBIDDING.match(shown(items)))


def doubtful(items: Sequence[Item]) -> bool:
    """Is there a word of denial or of wondering, so that what the clause names is better left alone?"""
    return denied(items) or bool((_WONDERING - {"should"} | _SAID) & {item.key for item in items})


def wish(items: Sequence[Item], *, text: str) -> Mood:
    """The mood of a wish for a thing: “we need six replicas”."""
    if _logged(text):
        return Mood.TOLD
    return Mood.DENIED if denied(items) else _hindered([item.key for item in items]) or Mood.REQUEST


def _framed(match: Match, left: str, items: Sequence[Item]) -> bool:  # noqa: PLR0911 - a table of forms
    """Do the words before it, and the one after it, make it something that is asked for?"""
    if match.start > _LONGEST_FRAME:
        return False
    after = items[match.places[-1] + 1].key if match.places[-1] + 1 < len(items) else ""
    if match.phrase.noun:
        if [item.key for item in items[max(0, match.start - 2) : match.start]] in (["get", "the"], ["see", "the"]):
            # “Get the deployment …” wants to see it.
            return False
        begged = any(item.key == "please" for item in items) and bool(_FRAGMENT.fullmatch(left))
        return (begged or bool(_NOUN.fullmatch(left))) and after not in _COMPOUND - {"of"}
    match match.form:
        case Form.BASE:
            if _COMMAND.fullmatch(left) or (
                left and _TOPIC.fullmatch(left) and items[match.start - 1].text.endswith(":")
            ):
                return after not in _COMPOUND or len(match.places) > 1
            # “set” and “put” are their own participles.
            return (
                bool(_PARTICIPLE.fullmatch(left))
                and match.phrase.parts[0] is not None
                and match.phrase.particle
                and "to be" in left
            )
        case Form.PAST:
            # “Have the pods restarted” is as good a question.
            asked = not left.startswith(("have ", "see ")) or any(item.key == "please" for item in items)
            return asked and bool(_PARTICIPLE.fullmatch(left))
        case Form.GERUND:
            return bool(_GERUND.fullmatch(left))
    return False


def _denied(keys: Sequence[str]) -> bool:
    return bool(_DENYING & set(keys)) or (len(keys) > 1 and "no" in keys)


def _hindered(keys: Sequence[str]) -> Mood | None:
    depends = [index for index, key in enumerate(keys) if key in _DEPENDING and (key != "should" or index == 0)]
    if any(not _ordering(keys, index) for index in depends):
        return Mood.DEPENDS
    if _LATER & set(keys):
        return Mood.LATER
    return (
        Mood.LATER
        if re.search(
            r"\b(?:(?:one|some) day|at some point|one of these|in (?:a|an|<\w+>|\w+) (?:few )?(?:minutes|hours|days|hour|minute)|at [0-9]{1,2}(?::[0-9]{2})?(?:am|pm| ?h)?$)",
            " ".join(keys),
        )
        else None
    )


def _ordering(keys: Sequence[str], index: int) -> bool:
    """“The version before this one”, “what we had before”: an order, not a condition."""
    return (
        keys[index] == "before"
        and index > 0
        and keys[index - 1]
        in ("version", "release", "revision", "one", "was", "had", "were", "<time>", "state", "that", "running")
    )
