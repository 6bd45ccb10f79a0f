"""Signals as a test writes them: one value for each minute up to noon, None for a gap."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from skills.core.ports.metrics import Series, Signal
from skills.signals.compared import Side

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STEP = timedelta(minutes=1)
Values = Sequence[float | None]


def seen(**signals: Values) -> Side:
    """An hour, or as long as there are values, up to noon."""
    length = max(len(values) for values in signals.values())
    return Side(
        series={
            Signal[name.upper()]: Series.of(
                (NOON - (len(values) - 1 - index) * STEP, value) for index, value in enumerate(values)
            )
            for name, values in signals.items()
        },
        length=length * STEP,
        step=STEP,
    )


def ago(minutes: int) -> datetime:
    """The end of the step that so many steps before the last one."""
    return NOON - minutes * STEP


def noisy(level: float, count: int, *, by: float = 0.1, seed: int = 1) -> list[float | None]:
    chooser = random.Random(seed)
    return [level * (1 + chooser.uniform(-by, by)) for _ in range(count)]
