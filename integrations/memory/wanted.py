"""What was wanted of simulated services on each day of the past: replicas and sizes, as they were described and as they were changed since."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from integrations.memory.economy import DAYS
from integrations.memory.past import Past
from integrations.memory.simulation import SimulatedService
from skills.core.ports.past_changes import Done, PastChange
from skills.core.ports.workloads import Size

T = TypeVar("T")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Steps(Generic[T]):
    """A value that changes at moments, oldest first; the first of them is the beginning of all that is known."""

    values: tuple[tuple[datetime, T], ...]

    def spans(self, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime, T]]:
        """The value over every part of a stretch of time for which it is known."""
        for index, (since, value) in enumerate(self.values):
            until = self.values[index + 1][0] if index + 1 < len(self.values) else end
            if max(since, start) < min(until, end):
                yield max(since, start), min(until, end), value


@dataclass(frozen=True, kw_only=True)
class Wish:
    """So many replicas of this size."""

    replicas: int
    size: Size

    @property
    def cpu(self) -> Decimal:
        return self.replicas * (self.size.cpu or Decimal())

    @property
    def memory(self) -> Decimal:
        return self.replicas * (self.size.memory or Decimal())


def wishes(
    service: SimulatedService, environment: str, past: Sequence[Past], size: Size, *, founded: datetime
) -> Steps[Wish]:  # fmt: skip
    """What was wanted in an environment since the service was born there. `past` is what really happened, `size` what it is now."""
    born = founded - timedelta(days=service.past.born or DAYS)
    replicas = _replicas(service, environment, past, founded=founded)
    sizes = _sizes(service, size, founded=founded)
    moments = sorted({born, *(at for at, _ in (*replicas, *sizes) if at > born)})
    return Steps(values=tuple((at, Wish(replicas=_held(replicas, at), size=_held(sizes, at))) for at in moments))


def described_changes(
    name: str, service: SimulatedService, environment: str, *, founded: datetime
) -> Iterable[PastChange]:  # fmt: skip
    """What the description says was scaled and resized before the world was made."""
    scaled = sorted(
        (each for each in service.past.scaled if each.environment == environment), key=lambda each: -each.days
    )
    counts = [*(each.replicas for each in scaled), service.replicas.get(environment, 0)]
    for each, before, after in zip(scaled, counts, counts[1:], strict=False):
        yield PastChange(
            at=_moment(founded, each.days), service=name, environment=environment, done=Done.SCALING,
            what=f"{before} → {after} replicas", by="kubectl",
        )  # fmt: skip
    for was in service.past.resized:
        yield PastChange(
            at=_moment(founded, was.days), service=name, environment=environment, done=Done.RESIZING,
            what=f"requests changed from {was.cpu:g} cores, {was.memory:g} GiB", by="kubectl",
        )  # fmt: skip


def _replicas(
    service: SimulatedService, environment: str, past: Sequence[Past], *, founded: datetime
) -> list[tuple[datetime, int]]:  # fmt: skip
    scaled = sorted(
        (each for each in service.past.scaled if each.environment == environment), key=lambda each: -each.days
    )
    begun = founded - timedelta(days=DAYS)
    moments = [begun, *(_moment(founded, each.days) for each in scaled)]
    before_all = past[-1].replicas
    counts = [*(each.replicas for each in scaled), before_all]
    return [*zip(moments, counts, strict=True), *((each.since, each.replicas) for each in reversed(past[:-1]))]


def _sizes(service: SimulatedService, size: Size, *, founded: datetime) -> list[tuple[datetime, Size]]:
    resized = sorted(service.past.resized, key=lambda each: -each.days)
    moments = [founded - timedelta(days=DAYS), *(_moment(founded, each.days) for each in resized)]
    sizes = [*(Size(cpu=Decimal(str(each.cpu)), memory=Decimal(str(each.memory))) for each in resized), size]
    return list(zip(moments, sizes, strict=True))


def _held(steps: Sequence[tuple[datetime, T]], at: datetime) -> T:
    return next((value for since, value in reversed(steps) if since <= at), steps[0][1])


def _moment(founded: datetime, days: int) -> datetime:
    """Some working hour of that day, to the hour."""
    day = (founded - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    return day.replace(hour=9 + days % 8)


def hours_of(
    steps: Steps[Wish], start: datetime, end: datetime, amount: Callable[[Wish], Decimal]
) -> Decimal:  # fmt: skip
    """The amount times the hours for which it was wanted."""
    parts = (amount(wish) * Decimal((until - since) / _HOUR) for since, until, wish in steps.spans(start, end))
    return sum(parts, Decimal())
