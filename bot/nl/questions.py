"""What to ask back, in sentences, and whole requests to choose from."""

import itertools
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from bot.nl.fields import Field
from bot.nl.reading import Names, is_release
from bot.nl.vocabulary import TOOLS, TURNS
from bot.nl.words import LONGEST, Word, quoted
from skills.core import spoken_periods
from skills.core.canonical import Json
from skills.core.catalog import nearest
from skills.core.errors import did_you_mean
from skills.core.registry import AnySkill
from skills.core.skill import Slot

_ALIKE = 70
"""Per cent of letters in common: “deplyo” and “deploy” have 83, “should” and “deploy” 33."""
_MOST_LOST = 2
"""Letters that a slip of the finger leaves out or adds: “ping” is no “pending”."""
_MOST_NAMED = 8
MOST_LISTED = 100
"""Choices that an edge can offer: as many as a menu of Slack's has room for. A sentence names fewer."""
_MISSING = {
    Slot.SERVICE: "Which service?",
    Slot.ENVIRONMENT: "In which environment?",
    Slot.RELEASE: "Which release?",
    Slot.REVISION: "Which revision?",
    Slot.REPLICAS: "How many replicas?",
    Slot.CONTAINER: "Which container?",
    Slot.PROPOSAL: "Which proposal? Give its number.",
    Slot.INCIDENT: "Which incident? Give its number.",
    Slot.SKILL: "Which request?",
    Slot.PERSON: "Which person?",
    Slot.CODE: "With which code?",
    Slot.TIME: "As of when?",
    Slot.SINCE: "Since when?",
    Slot.DURATION: "For how long back? Say for instance 15m.",
    Slot.PERIOD: "For which period? Say for instance last month.",
    Slot.TEAM: "Which team?",
    Slot.GROUPING: "By what? Say for instance by team.",
    Slot.COUNT: "How many?",
    Slot.PATTERN: "Which text is to be looked for?",
    Slot.NAMESPACE: "In which namespace?",
    Slot.KIND: "Objects of which kind?",
    Slot.OBJECT: "Which one? Give its name.",
    Slot.ALERT: "Which alert? Give its name.",
    Slot.CPU: "How many cores? Say for instance 250m.",
    Slot.MEMORY: "How much memory? Say for instance 512Mi.",
    Slot.FLAG: "Yes or no?",
    Slot.TEXT: "Why? Say it at the end, in your own words.",
}
_NOT_ONE = {
    Slot.CODE: "is not a step-up code; those look like su-ab2c-d3ef.",
    Slot.RELEASE: "is not a version or an image reference.",
    Slot.REVISION: "is not a revision; those are numbers such as 7.",
    Slot.REPLICAS: "is not a number of replicas; say for instance 3.",
    Slot.CONTAINER: "is not the name of a container.",
    Slot.PROPOSAL: "is not the number of a proposal; those look like 17.",
    Slot.INCIDENT: "is not the number of an incident; those look like 3.",
    Slot.SINCE: "is not a time; say for instance 2h, yesterday or 2026-11-23.",
    Slot.DURATION: "is not a length of time; say for instance 15m, 2h or 1d.",
    Slot.PERIOD: "is not a period; say for instance last month, 2026-10 or 2026-10-01..2026-10-15.",
    Slot.TEAM: "is not the name of a team.",
    Slot.GROUPING: "is nothing to divide by; say for instance by team, by service or by environment.",
    Slot.COUNT: "is not a number; say for instance 20.",
    Slot.NAMESPACE: "is not the name of a namespace.",
    Slot.KIND: "is not a kind of object; say for instance pods.",
    Slot.OBJECT: "is not the name of an object.",
    Slot.ALERT: "is not the name of an alert.",
    Slot.CPU: "is no number of cores; say for instance 250m or 2.",
    Slot.MEMORY: "is no amount of memory; say for instance 512Mi or 1.5Gi.",
}
_CALLED = {Slot.SERVICE: "service", Slot.ENVIRONMENT: "environment", Slot.SKILL: "request", Slot.PERSON: "person"}


def missing(each: Field, candidates: Sequence[str], *, releases: bool) -> str:
    """What to ask for a parameter that was not spoken of."""
    if each.slot is None:
        return f"What is the {each.name.replace('_', ' ')}?"
    question = "Where to?" if releases and each.slot is Slot.ENVIRONMENT else _MISSING[each.slot]
    if len(candidates) > _MOST_NAMED:
        return f"{question} There are {len(candidates)}, such as {_or(candidates[:3])}."
    return f"{question} {_or(candidates)}." if candidates else question


def unresolved(slot: Slot, word: Word, names: Names, candidates: Sequence[str]) -> str:
    """What is wrong with a word that stands where a parameter should."""
    if slot not in _CALLED:
        return f"{quoted(word.text)} {_NOT_ONE.get(slot, 'was not understood.')}"
    sentence = f"I know no {_CALLED[slot]} called {quoted(word.text)}."
    if not word.text.isascii():
        return f"{sentence} {outside_ascii(word)}"
    known = sorted(set(names.of(slot).values()))
    return f"{sentence} {did_you_mean(candidates) or _known(known)}".rstrip()


def outside_ascii(word: Word) -> str:
    """Which letters are not what they may look like."""
    odd = [c for c in dict.fromkeys(word.text[:60]) if not c.isascii()][:5]
    points = ", ".join(f"“{c}” is U+{ord(c):04X}" if c.isprintable() else f"U+{ord(c):04X}" for c in odd)
    return f"It has letters outside of ASCII ({points}); names here have none."


def conflicting(slot: Slot, values: Sequence[Json]) -> str:
    """What to ask where one thing was asked for and several were named."""
    what = {Slot.REPLICAS: "number of replicas", Slot.TEXT: "reason"}.get(slot, slot.value)
    some = [quoted(value)[1:-1] if isinstance(value, str) else str(value) for value in values[:_MOST_NAMED]]
    return f"Which {what}: {_or(some)}? One at a time."


def not_understood(others: Sequence[Word]) -> str:
    """The words that fit nowhere."""
    named = ", ".join(quoted(word.text) for word in others[:5])
    odd = next((word for word in others if not word.text.isascii()), None)
    tail = f" {outside_ascii(odd)}" if odd and any(c.isalpha() and not c.isascii() for c in odd.text) else ""
    return f"I did not understand {named}{', …' if len(others) > 5 else ''}.{tail}"


def close(slot: Slot, word: Word, names: Names) -> tuple[str, ...]:
    """The canonical names that a word may have been meant as, nearest first."""
    if not word.text.isascii():
        return ()
    known = names.of(slot)
    alike = misspelled(word, list(known)) if slot is Slot.SKILL else nearest(word.key, known)
    return tuple(dict.fromkeys(known[name] for name in alike))


def misspelled(word: Word, verbs: Sequence[str]) -> list[str]:
    """The verbs that a word may be a slip of the finger for; stricter than for names, which stand where a name is expected."""
    if len(word.key) < 4 or word.key in TURNS | TOOLS or not word.text.isascii():
        return []
    return [
        verb
        for verb in nearest(word.key, verbs)
        if fuzz.ratio(word.key, verb) >= _ALIKE and abs(len(verb) - len(word.key)) <= _MOST_LOST
    ]


def completions(
    skill: AnySkill,
    fields: Sequence[Field],
    params: Mapping[str, Json],
    open_: Mapping[str, Sequence[Json]],
    reason: str,
) -> tuple[str, ...]:
    """Whole requests, one for each way to fill what is open; none if something open has nothing to choose from."""
    if not all(open_.values()):
        return ()
    choices = itertools.islice(itertools.product(*open_.values()), MOST_LISTED + 1)
    requests = [
        spelled(skill, fields, {**params, **dict(zip(open_, chosen, strict=True))}, reason) for chosen in choices
    ]
    fit = [request for request in requests if len(request) <= LONGEST]
    return tuple(fit) if len(requests) <= MOST_LISTED else ()


def spelled(skill: AnySkill, fields: Sequence[Field], params: Mapping[str, Json], reason: str = "") -> str:
    """The request as somebody would type it; interpreted again, it gives the same skill, parameters and reason."""
    releases = any(each.slot is Slot.RELEASE for each in fields)
    ordered = sorted((each for each in fields if params.get(each.name) is not None), key=_position)
    parts = [skill.name]
    for each in ordered:
        value = params[each.name]
        parts.append(_named(each, value) if each.slot in _BY_NAME else _phrase(each.slot, value, releases=releases))
    if reason and not any(each.slot is Slot.TEXT for each in fields):
        parts.append(f"because {reason}")
    return " ".join(parts)


_POSITIONS = (
    Slot.PROPOSAL, Slot.INCIDENT, Slot.PERSON, Slot.SKILL, Slot.SERVICE, Slot.TEAM, Slot.RELEASE, Slot.CONTAINER, Slot.REPLICAS, Slot.ENVIRONMENT, Slot.REVISION, Slot.TIME, Slot.GROUPING, Slot.PERIOD,
    Slot.CPU, Slot.MEMORY, Slot.KIND, Slot.OBJECT, Slot.ALERT, Slot.NAMESPACE, Slot.SINCE, Slot.DURATION, Slot.COUNT, Slot.PATTERN, Slot.CODE, Slot.FLAG, None, Slot.TEXT,
)  # fmt: skip
_BY_NAME = (
    Slot.CPU,
    Slot.MEMORY,
    Slot.KIND,
    Slot.OBJECT,
    Slot.ALERT,
    Slot.NAMESPACE,
    Slot.DURATION,
    Slot.COUNT,
    Slot.PATTERN,
    Slot.CODE,
    Slot.FLAG,
)


def _position(each: Field) -> int:
    return _POSITIONS.index(each.slot)


def _named(each: Field, value: Json) -> str:
    """A parameter as an option."""
    option = f"--{each.name.replace('_', '-')}"
    if isinstance(value, bool):
        return option if value else f"{option}=false"
    plain = str(value).isalnum() or each.slot is not Slot.PATTERN
    return f"{option} {value}" if plain else f"{option} “{value}”"


_LED: Mapping[Slot | None, str] = {
    Slot.TIME: "as of", Slot.SINCE: "since", Slot.REVISION: "to revision", Slot.CONTAINER: "container", Slot.TEAM: "team", Slot.GROUPING: "by",
}  # fmt: skip


def _phrase(slot: Slot | None, said: Json, *, releases: bool) -> str:
    value, relative = str(said), isinstance(said, str)
    match slot:
        case Slot.ENVIRONMENT:
            return f"to {value}" if releases else f"in {value}"
        case Slot.REPLICAS:
            return _relative(value) if relative else f"to {value}"
        case Slot.PERIOD if not spoken_periods.said(value.split()):
            return f"in {value}"
        case Slot.RELEASE if not is_release(value):
            return f"version {value}"
        case _:
            return f"{_LED[slot]} {value}" if slot in _LED else value


def _relative(value: str) -> str:
    """A number of replicas against the present one, in words that mean the same when they are read again."""
    if value == "/2":
        return "by half"
    whole = value[1:].isdecimal()
    return f"down by {value[1:]}" if whole and value.startswith("-") else f"by {value}"


def _or(names: Sequence[Json]) -> str:
    *head, last = [str(name) for name in names]
    return f"{', '.join(head)} or {last}" if head else last


def _known(names: Sequence[str]) -> str:
    return f"Known: {', '.join(names[:_MOST_NAMED])}{', …' if len(names) > _MOST_NAMED else ''}." if names else ""
