"""What to ask back about a request in a sentence, with whole requests to choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.nl import questions
from bot.nl.fields import Field, has
from bot.nl.interpretation import OTHER, Interpretation, Resolved
from bot.nl.natural.filling import Filling
from bot.nl.natural.items import Item
from bot.nl.natural.mood import Mood
from bot.nl.reading import Names
from bot.nl.words import Word
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.registry import AnySkill
from skills.core.skill import Kind, Slot

INTERPRETER = "embedded"
_WHY_NOT = {
    Mood.QUESTION: "That reads as a question.",
    Mood.DEPENDS: "I do nothing on a condition; somebody has to ask when it is time.",
    Mood.LATER: "I do nothing later; somebody has to ask when it is time.",
    Mood.ADDRESSED: "I am not sure that this is meant for me.",
}


@dataclass(frozen=True, kw_only=True)
class Open:
    """A request whose skill is known, and what stands in the way of it. `mood` is None where nothing but a value is open.

    `corrects` if it replaces an earlier one.
    """

    skill: AnySkill
    fields: tuple[Field, ...]
    filling: Filling
    reason: str = ""
    mood: Mood | None = None
    corrects: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        known = {*self.filling.values, *self.filling.unresolved}
        return tuple(each.name for each in self.fields if each.required and each.name not in known)

    @property
    def complete(self) -> bool:
        filling = self.filling
        clean = not filling.others or self.skill.kind is Kind.QUERY
        return clean and not (self.missing or filling.unresolved or filling.conflicts or self.mood)


def interpretation(request: Open, names: Names, catalog: Catalog, *, confidence: float) -> Interpretation:
    """The request if it is complete, or else a question."""
    filling = request.filling
    if request.complete:
        return Interpretation(
            kind=request.skill.kind.meaning,
            interpreter=INTERPRETER,
            skill=request.skill.name,
            params=filling.params,
            reason=request.reason,
            confidence=confidence,
            resolved=tuple(filling.resolved),
            corrects=request.corrects,
        )
    choices = _choices(request, names, catalog)
    others = filling.others if request.skill.kind is not Kind.QUERY else []
    ready = questions.completions(request.skill, request.fields, filling.params, choices, request.reason)
    return Interpretation(
        kind="clarify",
        interpreter=INTERPRETER,
        skill=request.skill.name,
        params=filling.params,
        reason=request.reason,
        missing=request.missing,
        unresolved=filling.unresolved | ({OTHER: others[0]} if others else {}),
        candidates={name: tuple(str(value) for value in values) for name, values in choices.items() if values},
        question=_question(request, choices, names, others, ready),
        completions=ready,
        confidence=round(confidence / 2, 2),
        resolved=tuple(filling.resolved),
        hindered=request.mood is not None,
    )


def several(requests: Sequence[Open]) -> Interpretation:
    """Two things were asked for in one message, or one that can be taken for another: which first?"""
    spelled = [questions.spelled(each.skill, each.fields, each.filling.params) for each in requests]
    ready = tuple(text for each, text in zip(requests, spelled, strict=True) if each.complete)
    named = " and ".join(dict.fromkeys(each.skill.name for each in requests))
    return Interpretation(
        kind="clarify",
        interpreter=INTERPRETER,
        skill=requests[0].skill.name,
        params=requests[0].filling.params,
        unresolved=requests[0].filling.unresolved,
        candidates={"skill": tuple(dict.fromkeys(each.skill.name for each in requests))},
        question=f"That is more than one thing ({named}). Which first? One at a time, so that each is shown and countersigned by itself.",
        completions=ready,
        confidence=0.5,
    )


def from_words(parameter: str, item: Item) -> Resolved:
    """What a value was taken from, for one that stands in the sentence."""
    return Resolved(parameter=parameter, words=item.text, value=item.value)


def from_thread(parameter: str, value: Json) -> Resolved:
    """The same, for one that was said earlier in the thread."""
    return Resolved(parameter=parameter, words="(earlier in the thread)", value=value, score=0.9)


def _choices(request: Open, names: Names, catalog: Catalog) -> dict[str, Sequence[Json]]:
    filling, found = request.filling, dict[str, Sequence[Json]]()
    for each in request.fields:
        if each.name in filling.conflicts:
            found[each.name] = filling.conflicts[each.name]
        elif each.name in filling.guesses:
            found[each.name] = filling.guesses[each.name]
        elif each.slot and each.name in filling.unresolved:
            found[each.name] = questions.close(each.slot, _word(filling.unresolved[each.name]), names)
        elif each.name in request.missing:
            found[each.name] = _every(each.slot, filling, names, catalog)
    return found


def _every(slot: Slot | None, filling: Filling, names: Names, catalog: Catalog) -> tuple[str, ...]:
    """Every value there is, where that is few enough to choose from."""
    known = sorted(set(names.of(slot).values()))
    if slot is Slot.ENVIRONMENT:
        service = next((each for each in catalog.services if [each.name] == filling.values.get("service")), None)
        known = (
            [*service.environments]
            if service and service.environments
            else [each.name for each in catalog.environments]
        )
    return tuple(known) if len(known) <= questions.MOST_LISTED else ()


def _question(
    request: Open, choices: Mapping[str, Sequence[Json]], names: Names, others: Sequence[str], ready: Sequence[str]
) -> str:
    filling = request.filling
    sentences = [_WHY_NOT[request.mood]] if request.mood in _WHY_NOT else []
    if others:
        sentences.append(questions.not_understood([_word(each) for each in others]))
    for each in request.fields:
        options = [str(value) for value in choices.get(each.name, ())]
        if each.slot and each.name in filling.unresolved:
            sentences.append(questions.unresolved(each.slot, _word(filling.unresolved[each.name]), names, options))
        elif each.slot and each.name in filling.conflicts:
            sentences.append(questions.conflicting(each.slot, filling.conflicts[each.name]))
        elif each.name in request.missing:
            sentences.append(questions.missing(each, options, releases=has(request.fields, Slot.RELEASE)))
    if len(ready) == 1 and not choices:
        sentences.append(f"To ask for it, say: {ready[0]}")
    elif not ready and request.skill.examples:
        sentences.append(f"For example: {request.skill.examples[0]}")
    return " ".join(sentences)


def _word(text: str) -> Word:
    return Word(text=text, start=0, end=len(text))
