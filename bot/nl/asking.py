"""What is still open about a request whose verb is known: nothing, or a question with its choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.nl import questions
from bot.nl.fields import Field, has
from bot.nl.interpretation import OTHER, Interpretation
from bot.nl.reading import Names, Reading, attribute
from bot.nl.vocabulary import JOINING
from bot.nl.words import Word
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.registry import AnySkill
from skills.core.skill import Kind, Slot

INTERPRETER = "commands"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A verb that was found, and what was said besides. `polite` is “could you …”, after which a question mark is no question.

    `asks` is a question mark at the verb itself; `lead` the verb where it says what comes next (“grep”), or "".
    """

    skill: AnySkill
    fields: tuple[Field, ...]
    words: list[Word]
    line: str
    reason: str
    polite: bool
    asks: bool
    lead: str


@dataclass(frozen=True, kw_only=True)
class Open:
    """What keeps a request from being complete, by parameter; `others` are words that belong to none, `asked` is a question mark."""

    missing: tuple[str, ...]
    unresolved: Mapping[str, Word]
    conflicts: Mapping[str, Sequence[Json]]
    others: Sequence[Word]
    asked: bool

    def __bool__(self) -> bool:
        return bool(self.missing or self.unresolved or self.conflicts or self.others or self.asked)


def interpretation(request: Request, reading: Reading, names: Names, catalog: Catalog) -> Interpretation:
    """The request as it stands, or what to ask back."""
    params = {each.name: said[0] for each in request.fields if len(said := reading.of(each)) == 1}
    texts = [str(params[each.name]) for each in request.fields if each.slot is Slot.TEXT and each.name in params]
    known = Interpretation(
        kind=request.skill.kind.meaning,
        interpreter=INTERPRETER,
        skill=request.skill.name,
        params=params,
        reason=texts[0] if texts else request.reason,
        confidence=1.0,
    )
    still = _open(request, reading, names, params)
    return (
        _clarified(known, request, still, _choices(request, still, reading, names, catalog), names) if still else known
    )


def _clarified(
    known: Interpretation, request: Request, still: Open, choices: Mapping[str, Sequence[Json]], names: Names
) -> Interpretation:
    """The same, as a question."""
    ready: tuple[str, ...] = ()
    if not still.others:
        ready = questions.completions(request.skill, request.fields, known.params, choices, known.reason)
    unresolved = {name: word.text for name, word in still.unresolved.items()}
    return replace(
        known,
        kind="clarify",
        missing=still.missing,
        unresolved=unresolved | ({OTHER: still.others[0].text} if still.others else {}),
        candidates={name: tuple(str(value) for value in values) for name, values in choices.items() if values},
        question=_question(request, still, choices, names, ready),
        completions=ready,
        confidence=0.0,
    )


def _open(request: Request, reading: Reading, names: Names, params: Mapping[str, Json]) -> Open:
    meant, others = attribute(reading, request.fields, names)
    unresolved = {each.name: meant[each.slot] for each in request.fields if each.slot and each.slot in meant}
    conflicts = {each.name: said for each in request.fields if len(said := reading.of(each)) > 1}
    if conflicts:
        others = [word for word in others if word.key not in JOINING]
    known = {*params, *unresolved, *conflicts}
    return Open(
        missing=tuple(each.name for each in request.fields if each.required and each.name not in known),
        unresolved=unresolved,
        conflicts=conflicts,
        others=others,
        asked=_asked(request, reading),
    )


def _asked(request: Request, reading: Reading) -> bool:
    """Was it put as a question? Asking to see something may be; asking for a change has to be said."""
    end = len(request.line) - len(reading.text)
    asks = request.asks or any(word.asks for word in request.words if word.end <= end)
    return asks and request.skill.kind is not Kind.QUERY and not request.polite


def _choices(
    request: Request, still: Open, reading: Reading, names: Names, catalog: Catalog
) -> dict[str, Sequence[Json]]:
    """For everything that is open, in the order of the parameters, what it could be; empty where nobody knows."""
    found: dict[str, Sequence[Json]] = {}
    for each in request.fields:
        if each.name in still.conflicts:
            found[each.name] = still.conflicts[each.name]
        elif each.slot and each.name in still.unresolved:
            found[each.name] = questions.close(each.slot, still.unresolved[each.name], names)
        elif each.name in still.missing:
            found[each.name] = _every(each.slot, reading, names, catalog)
    return found


def _every(slot: Slot | None, reading: Reading, names: Names, catalog: Catalog) -> tuple[str, ...]:
    """Every value there is, where that is few enough to choose from."""
    known: list[str] = sorted(set(names.of(slot).values()))
    if slot is Slot.ENVIRONMENT:
        service = next((each for each in catalog.services if [each.name] == reading.values.get(Slot.SERVICE)), None)
        known = [*service.environments] if service and service.environments else [e.name for e in catalog.environments]
    return tuple(known) if len(known) <= questions.MOST_LISTED else ()


def _question(
    request: Request, still: Open, choices: Mapping[str, Sequence[Json]], names: Names, ready: Sequence[str]
) -> str:
    sentences = [questions.not_understood(still.others)] if still.others else []
    for each in request.fields:
        options = [str(value) for value in choices.get(each.name, ())]
        if each.slot and each.name in still.unresolved:
            sentences.append(questions.unresolved(each.slot, still.unresolved[each.name], names, options))
        elif each.slot and each.name in still.conflicts:
            sentences.append(questions.conflicting(each.slot, still.conflicts[each.name]))
        elif each.name in still.missing:
            sentences.append(questions.missing(each, options, releases=has(request.fields, Slot.RELEASE)))
    return " ".join([*sentences, _advice(request, still, choices, ready)]).rstrip()


def _advice(request: Request, still: Open, choices: Mapping[str, Sequence[Json]], ready: Sequence[str]) -> str:
    """How to go on, where the question alone does not say it."""
    if still.others and not choices and request.skill.kind.acts:
        return "Nothing was asked for. If it is the reason, put it after “because”."
    if not choices and not still.others:
        return (
            f"That reads as a question. To ask for it, say: {ready[0]}" if ready else "Say it without a question mark."
        )
    if not ready and request.skill.examples and (len(choices) > 1 or still.others or not all(choices.values())):
        return f"For example: {request.skill.examples[0]}"
    return ""
