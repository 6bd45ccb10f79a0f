"""Values of several words that both readers know: a period, a team, and what an answer is divided by."""

from collections.abc import Sequence

from bot.nl.words import Word
from skills.core import spoken_periods
from skills.core.canonical import Json
from skills.core.catalog import DNS_LABEL
from skills.core.skill import Slot


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LEADS = frozenset({"in", "for", "during", "of"})
_TEAM = frozenset({"team", "squad", "group"})
_BY = frozenset({"by", "per"})
_EACH = frozenset({"each", "every"})
_GROUPINGS = {
    "service": "service", "services": "service", "app": "service", "application": "service", "workload": "service",
    "team": "team", "teams": "team", "owner": "team", "squad": "team",
    "environment": "environment", "environments": "environment", "env": "environment", "namespace": "environment", "cluster": "environment",
    "project": "project", "system": "project", "product": "project",
    "kind": "kind", "category": "kind", "type": "kind", "resource": "kind",
}  # fmt: skip
_ASKING = frozenset({"which", "what", "whose", "each", "every", "per", "by"})
_NO_TEAMS = _set(
    "the a an my our your their each every which what whose by per of for any all no one this that and or spend spends spent pay pays paid cost"
    " costs is was are has have had owns owned does did do use uses used needs most least more less with in on at from to"
)

Found = tuple[int, Slot, Json]


def phrased(keys: Sequence[str], before: str = "") -> Found | None:
    """How many of the first words (in lower case) say one of these, which kind it is, and its value; None where they say none."""
    found = _grouping(keys) or (None if before in _ASKING else _team(keys))
    if found:
        return found
    period = spoken_periods.said(keys, led=before in _LEADS)
    return (period[0], Slot.PERIOD, period[1]) if period else None


def joined(found: Sequence[Word], slots: frozenset[Slot | None]) -> list[Word]:
    """The words of a typed request, with those that say one of these together as one."""
    result: list[Word] = []
    index = 0
    while index < len(found):
        keys = [word.key for word in found[index:]]
        match = phrased(keys, found[index - 1].key if index else "")
        count = match[0] if match and match[1] in slots else 1
        first, last = found[index], found[index + count - 1]
        text = " ".join(word.text for word in found[index : index + count])
        asks = any(word.asks for word in found[index : index + count])
        result.append(first if count == 1 else Word(text=text, start=first.start, end=last.end, asks=asks))
        index += count
    return result


def value_of(slot: Slot | None, text: str) -> Json:
    """What a text is worth where it is known which of these it has to be; None if it is none of the kind."""
    keys = text.lower().split()
    match slot:
        case Slot.PERIOD:
            period = spoken_periods.said(keys, led=True)
            return period[1] if period and period[0] == len(keys) else None
        case Slot.TEAM:
            return keys[0] if len(keys) == 1 and DNS_LABEL.fullmatch(keys[0]) else None
        case Slot.GROUPING:
            return _GROUPINGS.get(text.lower())
        case _:
            return None


def whole(text: str, slots: frozenset[Slot | None], before: str = "") -> Found | None:
    """What all the words of a text say together."""
    keys = text.lower().split()
    found = phrased(keys, before)
    return found if found and found[0] == len(keys) and found[1] in slots else None


def _grouping(keys: Sequence[str]) -> Found | None:
    """“By team”, “per environment”, “for each service”."""
    first, second, third = (*keys[:3], "", "", "")[:3]
    if first in _BY and second in _GROUPINGS:
        return 2, Slot.GROUPING, _GROUPINGS[second]
    if first == "for" and second in _EACH and third in _GROUPINGS:
        return 3, Slot.GROUPING, _GROUPINGS[third]
    return None


def _team(keys: Sequence[str]) -> Found | None:
    """“Team payments”, “the payments team”."""
    if next(iter(keys), "") == "the":
        found = _team(keys[1:])
        return (found[0] + 1, found[1], found[2]) if found else None
    first, second = (*keys[:2], "", "")[:2]
    if first in _TEAM and _a_name(second):
        return 2, Slot.TEAM, second
    if second.removesuffix("'s") in _TEAM and _a_name(first):
        return 2, Slot.TEAM, first
    return None


def _a_name(key: str) -> bool:
    return (
        bool(DNS_LABEL.fullmatch(key)) and key not in _NO_TEAMS and key not in _TEAM and not spoken_periods.said([key])
    )
