"""Asking for what only metrics, alerts and traces know, beside the look at the cluster: whatever is late or down is left out, and said."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Anticipated, Unavailable
from skills.core.ports.alerts import Alert, Alerts
from skills.core.ports.metrics import Measured, Metrics, Query, Series, Signal, Window
from skills.core.ports.traces import TraceQuery, Traces
from skills.core.untrusted import Untrusted
from skills.diagnosis.traces import Failure, study
from skills.signals.compared import Side
from skills.signals.golden import golden

PATIENCE = timedelta(seconds=0.9)
"""An answer takes a second at most."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was measured of a service. Without a window, nothing is measured there; `missing` are sentences about what could not be had."""

    window: Window | None = None
    measured: tuple[Measured, ...] = ()
    alerts: tuple[Alert, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def series(self) -> dict[Signal, Series]:
        """The signals of which there is any number."""
        return {each.query.signal: each.series for each in self.measured if each.series and each.series.values}

    def side(self, window: Window) -> Side:
        """The same, to be judged."""
        return Side(series=self.series, length=window.length, step=window.step)

    @property
    def asked(self) -> dict[Signal, str]:
        return {each.query.signal: each.asked for each in self.measured}


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long there is time, by the loop's own clock."""

    until: float

    @classmethod
    def from_now(cls) -> "Patience":
        return cls(until=asyncio.get_running_loop().time() + PATIENCE.total_seconds())

    @property
    def over(self) -> bool:
        """Is the time up?"""
        return asyncio.get_running_loop().time() >= self.until

    async def of(self, asked: Awaitable[T]) -> T:
        """The answer, if it comes in time. Raises `Unavailable` if not, and whatever the other side raises."""
        try:
            async with asyncio.timeout_at(self.until):
                return await asked
        except TimeoutError:
            raise Unavailable("it did not answer in time.") from None


async def gauge(
    metrics: Metrics,
    alerts: Alerts,
    service: Service,
    environment: Environment,
    *,
    length: timedelta,
    patience: Patience,
) -> Taken:
    """The signals of a service over the last `length`, and everything that fires in its environment. Raises nothing that was thought of."""
    window = metrics.latest(environment.name, length)
    if window is None:
        return Taken()
    queries = golden(service, environment)
    firing = asyncio.ensure_future(_firing(alerts, environment, patience))
    answers = await asyncio.gather(*(_measured(metrics, query, window, patience) for query in queries))
    problems = [each for each in answers if isinstance(each, str)]
    fires, problem = await firing
    return Taken(
        window=window,
        measured=tuple(each for each in answers if isinstance(each, Measured)),
        alerts=fires,
        missing=tuple(_sentences(service, problems, problem, len(queries))),
    )


async def failing(
    traces: Traces, catalog: Catalog, service: Service, environment: Environment, *, back: timedelta, patience: Patience
) -> tuple[Service, Failure] | None:
    """The other service in which most failed requests of this one begin to fail, as its traces have it; None without any, and without traces."""
    query = TraceQuery(environment=environment.name, service=service.name, back=back, failed=True)
    try:
        page = await patience.of(traces.search(query))
    except Anticipated:
        return None
    for failure in study(page.traces).failures[:1]:
        for said in (failure.peer, failure.service):
            name = Untrusted(said.partition(".")[0]).as_catalog_name(catalog) if said else None
            if name and name != service.name:
                return catalog.service(name), failure
    return None


async def _measured(metrics: Metrics, query: Query, window: Window, patience: Patience) -> Measured | str:
    try:
        (answer,) = await patience.of(metrics.measure((query,), window))
    except Anticipated as problem:
        return problem.text
    if answer.series is None and answer.partial:
        return answer.partial[0]
    return answer


async def _firing(alerts: Alerts, environment: Environment, patience: Patience) -> tuple[tuple[Alert, ...], str]:
    try:
        return tuple(await patience.of(alerts.firing(environment.name))), ""
    except Anticipated as problem:
        return (), problem.text


def _sentences(service: Service, problems: Sequence[str], alerts: str, queries: int) -> list[str]:
    """One for the signals, and one for the alerts where only they are missing."""
    if problems:
        what = "what is measured" if len(problems) == queries else "some of what is measured"
        return [f"I could not take into account {what} of {service.name}: {problems[0]}"]
    return [f"I could not see which alerts fire for {service.name}: {alerts}"] if alerts else []
