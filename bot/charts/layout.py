"""Where words go in a picture so that none covers another, and how many points are worth drawing. Pure arithmetic, in pixels or shares."""

import math
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from skills.core.report import Curve

POINTS = 1500
"""Points of one curve that are drawn; more than pixels show nothing."""

_GAP = 14.0
_LONGEST = 120


def labels_apart(wanted: Sequence[float], *, least: float) -> list[float]:
    """Heights from 0 to 1 as near to the wanted ones as leaves `least` between any two; spread evenly where there are too many for that."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    least = min(least, 1.0 / max(len(order) - 1, 1))
    placed: list[float] = []
    for i in order:
        placed.append(max(min(max(wanted[i], 0.0), 1.0), placed[-1] + least if placed else 0.0))
    top = 1.0
    for rank in range(len(placed) - 1, -1, -1):
        placed[rank] = min(placed[rank], top)
        top = placed[rank] - least
    heights = [0.0] * len(order)
    for rank, i in enumerate(order):
        heights[i] = placed[rank]
    return heights


def marks_apart(
    at: Sequence[float], wide: Sequence[float], *, room: float, rows: int
) -> list[tuple[float, int] | None]:
    """For words of these widths at these places (ascending, from the left of `room`): where each begins, and in which row from below.

    None where there is no row left for it.
    """
    ends = [-math.inf] * rows
    spots: list[tuple[float, int] | None] = []
    for x, width in zip(at, wide, strict=True):
        left = max(0.0, min(x - 4.0, room - width))
        row = next((row for row in range(rows) if ends[row] + _GAP <= left), None)
        spots.append(None if row is None else (left, row))
        if row is not None:
            ends[row] = left + width
    return spots


def thinned(curve: Curve, most: int = POINTS) -> Sequence[tuple[datetime, float | None]]:
    """The points, or of so many neighbours the highest, so that no peak is lost; a gap stays one where all of them are gaps."""
    points = curve.points
    if len(points) <= most:
        return points
    several = math.ceil(len(points) / most)
    return [_highest(points[i : i + several]) for i in range(0, len(points), several)]


def _highest(points: Sequence[tuple[datetime, float | None]]) -> tuple[datetime, float | None]:
    return max(points, key=lambda point: -math.inf if point[1] is None or math.isnan(point[1]) else point[1])


def plain_words(words: str) -> str:
    """On one line, with a dot for each character that the font has no shape for, and no longer than can be worth measuring."""
    shapes = _shapes()
    return "".join(c if ord(c) in shapes else "·" for c in " ".join(words.split())[:_LONGEST])


@cache
def _shapes() -> frozenset[int]:
    """The characters of the font that matplotlib brings along."""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415 - loaded with the first picture

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
