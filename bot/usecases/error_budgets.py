"""How much of a service's error budget is left, for policies: measured, kept for some minutes, and unknown rather than guessed.

A service says in the catalog which share of requests has to succeed within how many days (`countersign.dev/slo: 99.9 over 30d`). What may fail
is the rest; what did fail is measured as errors and traffic over that time.
"""

import asyncio
import math
import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from bot.policy.circumstances import Budget
from skills.core.catalog import Catalog, Environment, Objective, Service
from skills.core.errors import Anticipated
from skills.core.ports.metrics import Measured, Metrics, Query, Series, Signal
from skills.signals.golden import golden

KEPT_SECONDS = 300.0
PATIENCE_SECONDS = 1.5
"""What a judgement waits for a measurement. Then it is unknown, and looked at again with the next one."""
_LEAST_COVERED = 0.8
"""Of the time of an objective; with less, what was not measured could be all that failed."""


class Unmeasured:
    """Where no policy looks at error budgets, nothing is measured for them."""

    async def of(self, services: Collection[str], environments: Collection[str]) -> tuple[Budget, ...]:
        return ()


class ErrorBudgets:
    """Measured when they are asked for. `now` is monotonic, in seconds."""

    def __init__(self, *, metrics: Metrics, catalog: Catalog, now: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._catalog = catalog
        self._now = now
        self._kept: dict[tuple[str, str], tuple[float, Budget]] = {}

    async def of(self, services: Collection[str], environments: Collection[str]) -> tuple[Budget, ...]:
        """One for each service in each environment, by name. Raises nothing: what is not known says why."""
        wanted = [(service, environment) for service in sorted(services) for environment in sorted(environments)]
        return tuple(await asyncio.gather(*(self._one(*each) for each in wanted)))

    async def _one(self, service: str, environment: str) -> Budget:
        until, budget = self._kept.get((service, environment), (0.0, None))
        if budget is not None and self._now() < until:
            return budget
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._measured(service, environment)
        except TimeoutError:
            return _unknown(service, environment, "The measurements took too long.")
        except Anticipated as problem:
            return _unknown(service, environment, str(problem))
        self._kept[service, environment] = (self._now() + KEPT_SECONDS, found)
        return found

    async def _measured(self, name: str, place: str) -> Budget:
        service = next((each for each in self._catalog.services if each.name == name), None)
        environment = next((each for each in self._catalog.environments if each.name == place), None)
        if service is None or environment is None or service.objective is None:
            return _unknown(name, place, "The catalog has no objective for it.")
        objective = service.objective
        window = self._metrics.latest(place, timedelta(days=objective.days))
        if window is None:
            return _unknown(name, place, "Nothing is measured there.", objective)
        measured = await self._metrics.measure(_queries(service, environment), window)
        share = failed(measured)
        if isinstance(share, str):
            return _unknown(name, place, share, objective)
        left = math.floor(100 * (1 - share / objective.may_fail))
        return Budget(service=name, environment=place, left=max(left, -1_000_000), objective=str(objective))


def failed(measured: Sequence[Measured]) -> float | str:
    """The share of all requests that failed, or why nobody can tell."""
    series = {each.query.signal: each.series for each in measured}
    errors, traffic = series.get(Signal.ERRORS), series.get(Signal.TRAFFIC)
    if errors is None or traffic is None:
        return "Its errors and its traffic are not both measured."
    if partial := next((each.partial[0] for each in measured if each.partial), ""):
        return f"It is measured in part: {partial}"
    return _share(errors, traffic)


def _share(errors: Series, traffic: Series) -> float | str:
    """Weighted by traffic: an error at night is one request, and not an hour. A moment without requests has no failures, whatever is said of them."""
    shares = dict(errors.points)
    covered, total, bad = 0, 0.0, 0.0
    for at, requests in traffic.points:
        share = shares.get(at)
        if requests is None or (share is None and requests > 0):
            continue
        covered += 1
        total += max(requests, 0.0)
        bad += max(requests, 0.0) * min(max(share or 0.0, 0.0), 1.0)
    if not traffic.points or covered < _LEAST_COVERED * len(traffic.points):
        return f"Only {covered} of {len(traffic.points)} parts of the time were measured."
    return bad / total if total else "It had no traffic."


def _queries(service: Service, environment: Environment) -> list[Query]:
    return [each for each in golden(service, environment) if each.signal in (Signal.ERRORS, Signal.TRAFFIC)]


def _unknown(service: str, environment: str, because: str, objective: Objective | None = None) -> Budget:
    said = str(objective) if objective else ""
    return Budget(service=service, environment=environment, objective=said, because=because)
