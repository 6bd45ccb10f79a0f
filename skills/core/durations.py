"""Lengths of time as people type them: `90s`, `15m`, `2h`, `1h30m`, `2d`, `1w`."""

import re
from datetime import timedelta

SHAPE = re.compile(
    r"(?=[0-9])(?:(?P<weeks>[0-9]{1,4})w)?(?:(?P<days>[0-9]{1,5})d)?(?:(?P<hours>[0-9]{1,6})h)?"
    r"(?:(?P<minutes>[0-9]{1,7})m(?:in)?)?(?:(?P<seconds>[0-9]{1,8})s)?"
)
"""Also what a bare word has to look like to be taken for one. Units come from the largest to the smallest, each at most once."""

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def parse(text: str) -> timedelta:
    """The length that `text` names. Raises `ValueError`, with a sentence, for anything else and for nothing at all (`0s`)."""
    match = SHAPE.fullmatch(text.strip().lower())
    length = timedelta(**{unit: int(count) for unit, count in match.groupdict().items() if count}) if match else None
    if not length:
        raise ValueError("Say how long as 90s, 15m, 2h, 1h30m, 2d or 1w.")
    return length


def spelled(length: timedelta) -> str:
    """The shortest spelling that `parse` reads as the same number of whole seconds: 15m, 1h30m, 1w."""
    seconds = max(1, int(length.total_seconds()))
    parts = []
    for unit, size in _UNITS.items():
        count, seconds = divmod(seconds, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts)
