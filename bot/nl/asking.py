"""What is still open about a request whose verb is known: either nothing, or a question with its choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """A verb that was found, and what was said besides. `polite` is “could you …”, after which a question mark is no question."""

    skill: AnySkill
    fields: tuple[Field, ...]
    words: list[Word]
    line: str
    reason: str
    polite: bool


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is still open about a request, and how to ask for it."""

    request: Request
    reading: Reading
    names: Names
    params: Mapping[str, Json]
    reason: str

    def interpretation(self, catalog: Catalog) -> Interpretation:
        meant, others = attribute(self.reading, self.request.fields, self.names)
        unresolved = {each.name: meant[each.slot] for each in self.request.fields if each.slot in meant and each.slot}
        conflicts = {
            each.name: self.reading.values[each.slot] for each in self.request.fields if _conflict(each, self.reading)
        }
        missing = tuple(
            each.name
            for each in self.request.fields
            if each.required and each.name not in {*self.params, *unresolved, *conflicts}
        )
        if not (others or unresolved or conflicts or missing or self._asked()):
            return self._complete()
        choices = self._choices(catalog, unresolved, conflicts, missing)
        return Interpretation(
            kind="clarify",
            interpreter=INTERPRETER,
            skill=self.request.skill.name,
            params=self.params,
            reason=self.reason,
            missing=missing,
            unresolved={
                **{name: word.text for name, word in unresolved.items()},
                **({OTHER: others[0].text} if others else {}),
            },
            candidates={name: tuple(str(value) for value in values) for name, values in choices.items() if values},
            question=self._question(choices, unresolved, conflicts, missing, others),
            completions=() if others else self._completions(choices),
        )

    def _complete(self) -> Interpretation:
        return Interpretation(
            kind=self.request.skill.kind.value,
            interpreter=INTERPRETER,
            skill=self.request.skill.name,
            params=self.params,
            reason=self.reason,
            confidence=1.0,
        )

    def _asked(self) -> bool:
        """Was it put as a question? Asking to see something may be; asking for a change has to be said."""
        end = len(self.request.line) - len(self.reading.text)
        asks = any(word.asks for word in self.request.words if word.end <= end)
        return asks and self.request.skill.kind is not Kind.QUERY and not self.request.polite

    def _choices(
        self,
        catalog: Catalog,
        unresolved: Mapping[str, Word],
        conflicts: Mapping[str, Sequence[Json]],
        missing: Sequence[str],
    ) -> dict[str, Sequence[Json]]:
        """For everything that is open, in the order of the parameters, what it could be."""
        found: dict[str, Sequence[Json]] = {}
        for each in self.request.fields:
            if each.name in conflicts:
                found[each.name] = conflicts[each.name]
            elif each.name in unresolved and each.slot:
                found[each.name] = questions.close(each.slot, unresolved[each.name], self.names)
            elif each.name in missing:
                found[each.name] = self._all(each.slot, catalog)
        return found

    def _all(self, slot: Slot | None, catalog: Catalog) -> tuple[str, ...]:
        """Every value there is, where that is few enough to be listed."""
        if slot is Slot.ENVIRONMENT:
            service = next((s for s in catalog.services if [s.name] == self.reading.values.get(Slot.SERVICE)), None)
            return (service and service.environments) or tuple(each.name for each in catalog.environments)
        names = tuple(sorted(set(self.names.of(slot).values())))
        return names if len(names) <= 8 else ()

    def _question(
        self,
        choices: Mapping[str, Sequence[Json]],
        unresolved: Mapping[str, Word],
        conflicts: Mapping[str, Sequence[Json]],
        missing: Sequence[str],
        others: Sequence[Word],
    ) -> str:
        sentences = [questions.not_understood(others)] if others else []
        for each in self.request.fields:
            options = [str(value) for value in choices.get(each.name, ())]
            if each.name in unresolved and each.slot:
                sentences.append(questions.unresolved(each.slot, unresolved[each.name], self.names, options))
            elif each.name in conflicts and each.slot:
                sentences.append(questions.conflicting(each.slot, conflicts[each.name]))
            elif each.name in missing:
                sentences.append(questions.missing(each, options, releases=has(self.request.fields, Slot.RELEASE)))
        return " ".join([*sentences, *self._advice(choices, others)])

    def _advice(self, choices: Mapping[str, Sequence[Json]], others: Sequence[Word]) -> list[str]:
        skill = self.request.skill
        if not choices and not others:
            return [f"That reads as a question. To ask for it, say: {self._completions({})[0]}"]
        if others and not choices and skill.kind is Kind.CHANGE:
            return ["Nothing was asked for. If it is the reason, put it after “because”."]
        shown = len(choices) > 1 or any(not values for values in choices.values()) or bool(others)
        return [f"For example: {skill.examples[0]}"] if shown and skill.examples else []

    def _completions(self, choices: Mapping[str, Sequence[Json]]) -> tuple[str, ...]:
        return questions.completions(self.request.skill, self.request.fields, self.params, choices, self.reason)
