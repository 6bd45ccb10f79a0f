"""What skills need to know about how a service does: its signals over time. Times are UTC."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from skills.core.ports.workloads import Place


class Signal(StrEnum):
    """What can be known of a service. The comment is the unit."""

    TRAFFIC = "traffic"  # requests a second
    ERRORS = "errors"  # share of requests that failed, 0 to 1
    TYPICAL = "p50"  # seconds that half of the requests take at most
    LATENCY = "p95"  # seconds that 95 of 100 requests take at most
    CPU = "cpu"  # share of what the pods may use, 0 to 1
    MEMORY = "memory"  # the same
    THROTTLED = "throttled"  # share of periods in which pods had to wait for the processor, 0 to 1
    SATURATION = "saturation"  # 0 to 1, as the service itself says it


@dataclass(frozen=True, kw_only=True)
class Window:
    """From just after `start` up to and including `end`, measured every `step`; each measurement covers the step before it.

    So nothing within is counted twice, and nothing is missed.
    """

    start: datetime
    end: datetime
    step: timedelta

    @classmethod
    def latest(cls, now: datetime, length: timedelta, *, finest: timedelta, points: int = 120) -> "Window":
        """The last `length` in at most about `points` steps of whole seconds. It ends at a multiple of its step, not after `now`, so that
        asking again a moment later asks for the same moments.
        """
        least = max(finest.total_seconds(), length.total_seconds() / points, 1.0)
        step = timedelta(seconds=math.ceil(least))
        end = datetime.fromtimestamp(now.timestamp() // step.total_seconds() * step.total_seconds(), UTC)
        return cls(start=end - max(1, round(length / step)) * step, end=end, step=step)

    def moments(self) -> Iterator[datetime]:
        """The moments of the measurements, oldest first."""
        moment = self.start + self.step
        while moment <= self.end:
            yield moment
            moment += self.step

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Query:
    """One signal of one workload. `asked` are the ways to ask a metrics server for it, best first; the first that finds anything counts.

    In them, `$step` stands for the length of a step in the server's spelling, and `$scope` for label matchers (ending in a comma) that
    tell the environment from others on the same server.
    """

    signal: Signal
    place: Place
    asked: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One measurement for each moment of its window, in order. None is a gap: nothing was measured, or nothing that is a number."""

    points: tuple[tuple[datetime, float | None], ...]

    @classmethod
    def of(cls, points: Iterable[tuple[datetime, float | None]]) -> "Series":
        """The series of these points; whatever is no finite number becomes a gap."""
        return cls(
            points=tuple((at, value if value is not None and math.isfinite(value) else None) for at, value in points)
        )

    @property
    def values(self) -> tuple[float, ...]:
        """What was measured, without the gaps."""
        return tuple(value for _, value in self.points if value is not None)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is known of one signal: the series, the way of asking that found it, and sentences about what may be missing from it.

    `series` is None where there is no such metric at all, or none that can be used; `partial` then may say why.
    """

    query: Query
    series: Series | None = None
    asked: str = ""
    partial: tuple[str, ...] = ()


class Metrics(Protocol):
    """Where signals are measured."""

    def finest(self, environment: str) -> timedelta | None:
        """The shortest step that makes sense in an environment; None where nothing is measured."""

    def latest(self, environment: str, length: timedelta) -> Window | None:
        """The last `length` up to now; None where nothing is measured."""

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        """An answer to each query, in their order. All queries are of one environment, and something is measured there.

        Raises `Unavailable` when the server does not answer, or forbids.
        """
