"""No words over others, and no peak lost."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.charts.layout import labels_apart, marks_apart, thinned
from skills.core.report import Curve
from tests.support.reports import NOON

SHARES = st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=12)


@given(wanted=SHARES)
def test_labels_keep_apart_and_in_order(wanted: list[float]) -> None:
    least = min(0.11, 1.0 / max(len(wanted) - 1, 1))
    heights = labels_apart(wanted, least=0.11)
    ranked = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [heights[i] for i in ranked]
    assert all(b - a >= least - 1e-9 for a, b in pairwise(placed))
    assert all(-1e-9 <= height <= 1 + 1e-9 for height in heights)


@given(at=st.lists(st.floats(0, 800), max_size=20).map(sorted), width=st.floats(20, 360))
def test_words_of_marks_never_cover_each_other(at: list[float], width: float) -> None:
    spots = marks_apart(at, [width] * len(at), room=800, rows=3)
    taken = [spot for spot in spots if spot]
    assert all(0 <= left <= 800 - width + 1e-9 for left, _ in taken)
    for row in range(3):
        lefts = sorted(left for left, r in taken if r == row)
        assert all(b - a >= width for a, b in pairwise(lefts))


def test_thinning_keeps_peaks_and_whole_gaps() -> None:
    points = tuple((NOON + timedelta(seconds=n), None if 4000 <= n < 5000 else 1.0) for n in range(9000))
    spiked = tuple((at, 99.0 if n == 777 else value) for n, (at, value) in enumerate(points))
    fewer = thinned(Curve(name="", points=spiked))
    assert len(fewer) <= 1500
    assert max(value for _, value in fewer if value is not None) == 99.0
    assert any(value is None for _, value in fewer)
