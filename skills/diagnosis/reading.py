"""Which condition somebody else's message speaks of: a table of patterns, of which the first that matches counts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skills.diagnosis.symptom import Code


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a message means, whoever wrote it, and how that reads in a sentence. The words of the message itself go no further."""

    code: Code
    pattern: re.Pattern[str]
    says: str


def reading(code: Code, pattern: str, says: str) -> Reading:
    """A row of such a table; letters of any case match."""
    return Reading(code=code, pattern=re.compile(pattern, re.IGNORECASE), says=says)


def first(readings: Sequence[Reading], messages: Iterable[str]) -> Reading | None:
    """The first reading that any of the messages matches."""
    said = tuple(messages)
    return next((each for each in readings if any(each.pattern.search(message) for message in said)), None)
