"""Numbers as people say them."""

import pytest

from bot.charts.scales import most_telling, scale_of, told
from skills.core.report import Curve
from tests.support.reports import NOON, a_chart


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.0, "ms", "0 ms"), (340.0, "ms", "340 ms"), (1234.0, "ms", "1.23 s"), (0.00034, "s", "340 µs"), (90.0, "s", "90 s"),
        (600.0, "s", "10 min"), (3e-8, "s", "0.03 µs"), (7200.0, "seconds", "2 h"), (0.125, "ratio", "12.5 %"), (99.95, "%", "100 %"),
        (1234.0, "req/s", "1.23k req/s"), (2.5e6, "", "2.5M"), (536870912.0, "bytes", "512 MiB"), (12.0, "bytes", "12 B"),
        (0.25, "cores", "0.25 cores"), (-1500.0, "", "-1.5k"), (0.0, "", "0"), (1e13, "req", "10T req"),
    ],
)  # fmt: skip
def test_a_value_is_told_shortly(value: float, unit: str, said: str) -> None:
    assert told(value, unit) == said


def test_an_axis_has_one_scale_and_a_tick_as_many_digits_as_its_neighbours() -> None:
    scale = scale_of("ms", 1300.0)
    assert [scale.told(tick, digits=1) for tick in (0.0, 500.0, 1000.0)] == ["0.0 s", "0.5 s", "1.0 s"]


def test_of_many_curves_the_highest_have_a_name() -> None:
    many = tuple(Curve(name=str(n), points=((NOON, float(n)),)) for n in range(12))
    named, others = most_telling(a_chart(curves=many), 8)
    assert [curve.name for curve in named] == ["5", "6", "7", "8", "9", "10", "11"]
    assert [curve.name for curve in others] == ["0", "1", "2", "3", "4"]
