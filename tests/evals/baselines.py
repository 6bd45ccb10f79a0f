"""Two ways to understand sentences that take an afternoon to write, to measure against."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bot.nl import Interpretation
from bot.nl.fields import fields_of
from bot.nl.reading import is_release
from bot.nl.vocabulary import NUMBERS
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Slot

_WORD = re.compile(r"[\w#.:/@-]+")


def _words(text: str) -> list[str]:
    return [word.strip(".:") for word in _WORD.findall(text.lower())]


class _Baseline:
    """Finds values by looking each word up; subclasses find the skill."""

    name = ""

    def __init__(self, skills: Skills, catalog: Catalog) -> None:
        self._skills = skills
        self._services = {word: each.name for each in catalog.services for word in (each.name, *each.aliases)}
        self._environments = {word: each.name for each in catalog.environments for word in (each.name, *each.aliases)}

    def interpret(self, row: Mapping[str, Any]) -> Interpretation:
        skill = self.skill(row["text"])
        if skill is None:
            return Interpretation(kind="none", interpreter=self.name)
        params = self._params(skill, row["text"])
        missing = tuple(each.name for each in fields_of(skill) if each.required and each.name not in params)
        kind = "clarify" if missing else skill.kind.value
        return Interpretation(kind=kind, interpreter=self.name, skill=skill.name, params=params, missing=missing)

    def skill(self, text: str) -> AnySkill | None:
        raise NotImplementedError

    def _params(self, skill: AnySkill, text: str) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for each in fields_of(skill):
            values = [value for word in _words(text) if (value := self._value(each.slot, word)) is not None]
            if values:
                found[each.name] = values[0]
        return found

    def _value(self, slot: Slot | None, word: str) -> Json:
        number = int(word.lstrip("#")) if word.lstrip("#").isdecimal() else NUMBERS.get(word)
        match slot:
            case Slot.SERVICE:
                return self._services.get(word)
            case Slot.ENVIRONMENT:
                return self._environments.get(word)
            case Slot.RELEASE:
                return word if is_release(word) else None
            case Slot.REPLICAS | Slot.REVISION | Slot.PROPOSAL:
                return number
            case _:
                return None


class Keywords(_Baseline):
    """The first word that is the name or an alias of a skill."""

    name = "keywords"

    def skill(self, text: str) -> AnySkill | None:
        squeezed = _words(text.lower().replace("roll back", "rollback"))
        return next((skill for word in squeezed if (skill := self._skills.by_word(word))), None)


class NearestExample(_Baseline):
    """The skill of the example that is nearest by the cosine of TF-IDF vectors, if any is near at all."""

    name = "nearest example"

    def __init__(self, skills: Skills, catalog: Catalog) -> None:
        super().__init__(skills, catalog)
        examples = [
            (skill, Counter(_words(text)))
            for skill in skills.values()
            for text in (*skill.examples, skill.sentence(), *skill.phrases)
        ]
        seen = Counter(word for _, bag in examples for word in bag)
        self._rarity = {word: math.log((1 + len(examples)) / count) for word, count in seen.items()}
        self._vectors = [(skill, self._vector(bag)) for skill, bag in examples]

    def skill(self, text: str) -> AnySkill | None:
        mine = self._vector(Counter(_words(text)))
        score, _, skill = max(
            ((_dot(mine, vector), skill.name, skill) for skill, vector in self._vectors), key=lambda each: each[:2]
        )
        return skill if score > 0.3 else None

    def _vector(self, bag: Mapping[str, int]) -> dict[str, float]:
        vector = {word: count * self._rarity[word] for word, count in bag.items() if word in self._rarity}
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        return {word: value / length for word, value in vector.items()}


def _dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(value * other.get(word, 0.0) for word, value in one.items())
