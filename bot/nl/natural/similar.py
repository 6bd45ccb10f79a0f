"""Which reading skill a question resembles most: term frequencies against what the skills say of themselves. For reading only."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from bot.nl.natural.harmless import words_of
from bot.nl.natural.inflection import forms
from skills.core.registry import Skills
from skills.core.skill import Kind

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = words_of(
    "the and for what which who how are was were has have had did does can could will would you your our this that with from about please show tell give list see"
    " look check any some all there here now just get let know into onto out not but one two its they them their then than been being when where why"
)


_FEWEST = 2
"""Words in common: one alone says nothing."""


class Similarity:
    """Holds one bag of words for each skill that reads."""

    def __init__(self, skills: Skills) -> None:
        bags = {
            skill.name: Counter(
                _terms(" ".join((skill.name, *skill.aliases, skill.sentence(), *skill.examples, *skill.phrases)))
            )
            for skill in skills.values()
            if skill.kind is Kind.QUERY
        }
        seen = Counter(term for bag in bags.values() for term in bag)
        self._rarity = {term: math.log(1 + len(bags) / count) for term, count in seen.items()}
        self._vectors = {name: self._vector(bag) for name, bag in bags.items()}

    def nearest(self, text: str, *, ignoring: Iterable[str]) -> tuple[str, float]:
        """The skill whose words a text resembles most, and how much, from 0 to 1: the share of the text's words that are the skill's."""
        terms = Counter(term for term in _terms(text) if term not in set(ignoring))
        if sum(term in self._rarity for term in terms) < _FEWEST or not self._vectors:
            return "", 0.0
        unknown = max(self._rarity.values(), default=1.0)
        whole = math.sqrt(sum((count * self._rarity.get(term, unknown)) ** 2 for term, count in terms.items()))
        mine = self._vector(terms)
        scored = [
            (sum(mine.get(term, 0.0) * (value > 0) * mine.get(term, 0.0) for term, value in vector.items()), name)
            for name, vector in self._vectors.items()
        ]
        score, name = max(scored)
        return name, math.sqrt(score) / whole

    def _vector(self, bag: Mapping[str, int]) -> dict[str, float]:
        return {term: count * self._rarity[term] for term, count in bag.items() if term in self._rarity}


def _terms(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 3 and (word in forms(stem) or word in forms(f"{stem}e")):
            return stem.removesuffix("e")
    return word.removesuffix("e")
