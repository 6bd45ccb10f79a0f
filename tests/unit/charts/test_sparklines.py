"""A chart in a terminal."""

from datetime import timedelta

import pytest

from bot.charts.sparklines import sparklines
from skills.core.report import Curve, Mark
from tests.support.reports import NOON, a_chart


def test_each_curve_is_a_line_on_one_scale_with_its_numbers() -> None:
    p50, p99, wedges, axis, mark = sparklines(a_chart(), 70)
    assert p50 == "p50  ▁▁▁▁▁▁▁▁▁▁▁▁   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  40 ms to 60 ms, now 60 ms"
    assert p99 == "p99  ▂▂▂▂▂▂▂▂▂▂▂▂   ▂▂▂▂▂▂▂▂▂▂████████████  250 ms to 1.2 s, now 1.2 s"
    assert wedges.index("▲") == 5 + 25
    assert axis.split() == ["12:00", "12:59", "UTC"]
    assert mark.strip() == "▲ 12:40 deploy v43"


@pytest.mark.parametrize("width", [70, 71, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    curves = tuple(
        Curve(name=f"a long name of a route {n}\n", points=((NOON, 1.0), (NOON + timedelta(1), 2.0))) for n in range(11)
    )
    lines = sparklines(a_chart(curves=curves), width)
    assert lines
    assert all(len(line) <= width for line in lines if not line.lstrip().startswith("▲ "))
    assert "and 4 others, none of them higher" in lines


def test_where_there_is_no_room_or_nothing_known_there_is_nothing() -> None:
    assert sparklines(a_chart(), 40) == []
    assert sparklines(a_chart(curves=(Curve(name="a", points=((NOON, None),)),)), 100) == []
    assert sparklines(a_chart(curves=()), 100) == []


def test_a_single_point_and_many_marks_are_no_trouble() -> None:
    marks = tuple(Mark(at=NOON, text=f"deploy v{n}") for n in range(9))
    lines = sparklines(a_chart(curves=(Curve(name="a", points=((NOON, 0.0),)),), marks=marks), 80)
    assert lines[-1].strip() == "and 3 more"


def test_few_points_leave_no_holes_but_those_that_are_gaps() -> None:
    few = tuple((NOON + timedelta(minutes=10 * n), None if n == 2 else 5.0) for n in range(5))
    course, *_ = sparklines(a_chart(curves=(Curve(name="a", points=few),), marks=()), 52)
    assert course == "a  " + "█" * 12 + " " * 6 + "█" * 7 + "  5 ms to 5 ms, now 5 ms"
