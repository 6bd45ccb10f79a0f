"""The golden signals of a service as a report: curves, numbers, and honest sentences where there is nothing to show."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.errors import BadInput, Unavailable
from skills.core.names import EnvironmentName, Organization, Subject
from skills.core.ports.ledger import Ledger
from skills.core.ports.metrics import Measured, Query, Series, Signal, Window
from skills.core.proposal import Proposal
from skills.core.report import Chart, Finding, Report, Table, Text
from skills.metrics import Params, ServiceMetrics
from tests.support.proposals import a_plan

ADA = Actor(subject=Subject("ada"), name="Ada", organization=Organization("acme"))
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEVELS = {
    Signal.TRAFFIC: 40.0, Signal.ERRORS: 0.002, Signal.TYPICAL: 0.05, Signal.LATENCY: 0.18, Signal.CPU: 0.4, Signal.MEMORY: 0.6,
    Signal.THROTTLED: 0.03,
}  # fmt: skip


class Measuring:
    """A metrics server that always measures the same; `lacking` it does not know, `partial` it says of each."""

    def __init__(
        self, *, known: bool = True, lacking: Sequence[Signal] = (), partial: Sequence[str] = (), down: str = ""
    ) -> None:
        self.known, self.lacking, self.partial, self.down = known, lacking, tuple(partial), down

    def finest(self, environment: str) -> timedelta | None:
        return timedelta(minutes=1) if self.known else None

    def latest(self, environment: str, length: timedelta) -> Window | None:
        return Window.latest(NOON, length, finest=timedelta(minutes=1)) if self.known else None

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        if self.down:
            raise Unavailable(self.down)
        return [Measured(query=each, series=self._series(each, window), partial=self.partial) for each in queries]

    def _series(self, query: Query, window: Window) -> Series | None:
        level = None if query.signal in self.lacking else LEVELS[query.signal]
        points = ((at, level if index % 7 else None) for index, at in enumerate(window.moments(), 1))
        return Series.of(points) if level else None


class NoPast(Ledger):
    """An organization in which nothing was ever proposed."""

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> list[Proposal]:
        return []

    async def open(self) -> list[Proposal]:
        return []


class Past(NoPast):
    """One deploy, begun at half past eleven."""

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> list[Proposal]:
        made: Any = Proposal.__new__(Proposal)
        for name, value in {"id": 7, "plan": a_plan(), "started_at": NOON - timedelta(minutes=30)}.items():
            object.__setattr__(made, name, value)
        return [made]


async def report(catalog: Catalog, measuring: Measuring, *, past: NoPast | None = None, **params: Any) -> Report:
    skill = ServiceMetrics(catalog, measuring, past or NoPast())
    return await skill.answer(Params(service="checkout", **params), asker=ADA)


@pytest.fixture
def catalog(catalog_of: Callable[..., Catalog]) -> Catalog:
    return catalog_of()


async def test_the_present_is_said_in_one_line_and_each_signal_has_a_chart(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring())
    assert shown.title == "Metrics of checkout in production"
    assert shown.summary == (
        "checkout in production, last 1 h: errors 0.2 %, p95 180 ms, traffic 40 requests/s, CPU 40 %, memory 60 % now."
    )
    charts = [part for part in shown.parts if isinstance(part, Chart)]
    assert [(chart.title, chart.unit, [curve.name for curve in chart.curves]) for chart in charts] == [
        ("Latency", "s", ["p50", "p95"]),
        ("Traffic", "requests/s", ["traffic"]),
        ("Errors", "%", ["errors"]),
        ("Saturation", "%", ["CPU", "memory", "throttled"]),
    ]


async def test_gaps_stay_gaps_and_are_dashes_in_the_table(catalog: Catalog) -> None:
    errors = next(p for p in (await report(catalog, Measuring())).parts if isinstance(p, Chart) and p.title == "Errors")
    values = [value for _, value in errors.curves[0].points]
    assert len(values) == 60
    assert values[6] is None
    assert values[7] == pytest.approx(0.2)
    assert [row[0] for row in errors.table.rows] == ["11:01", "11:11", "11:21", "11:31", "11:40", "11:50", "12:00"]
    assert errors.table.rows[2] == ("11:21", "–")


async def test_a_deploy_is_marked_and_parts_the_numbers_into_before_and_after(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(), past=Past())
    chart = next(part for part in shown.parts if isinstance(part, Chart))
    assert [(mark.at, mark.text) for mark in chart.marks] == [(NOON - timedelta(minutes=30), "#7 deploy")]
    numbers = next(part for part in shown.parts if isinstance(part, Table))
    assert numbers.columns == ("signal", "now", "median", "least", "most", "median before #7 deploy", "and after")
    assert numbers.rows[1] == ("errors", "0.2 %", "0.2 %", "0.2 %", "0.2 %", "0.2 %", "0.2 %")


async def test_a_deploy_before_the_window_is_not_marked(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(), past=Past(), since=timedelta(minutes=20))
    assert all(part.marks == () for part in shown.parts if isinstance(part, Chart))


async def test_without_an_environment_it_is_the_protected_one(catalog: Catalog) -> None:
    staging = Environment(name=EnvironmentName("staging"), namespace="staging")
    both = replace(catalog, environments=(staging, *catalog.environments))
    assert (await report(both, Measuring())).title == "Metrics of checkout in production"
    assert (await report(both, Measuring(), environment="staging")).title == "Metrics of checkout in staging"


async def test_no_metrics_server_is_said_with_what_to_do(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(known=False))
    assert shown.summary == "Nothing is measured in production: no metrics server is configured for it."
    assert shown.parts == (
        Text(text="Give the environment a Prometheus server under metrics in environments.yaml, and its signals are shown here."),
    )  # fmt: skip


async def test_a_server_that_does_not_answer_is_said(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(down="The metrics server p did not answer within 10 s."))
    assert shown.summary == ("The signals of checkout cannot be had: The metrics server p did not answer within 10 s.")


async def test_a_service_that_is_not_measured_is_said_with_what_was_looked_for(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(lacking=tuple(LEVELS)))
    assert shown.summary == "No signals of checkout in production were found in the last 1 h."
    (hint,) = shown.parts
    assert isinstance(hint, Text)
    assert "http_server_request_duration_seconds_count" in hint.text
    assert "countersign.dev/metrics-…" in hint.text


async def test_a_signal_that_is_not_measured_is_named(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(lacking=(Signal.CPU, Signal.MEMORY, Signal.THROTTLED, Signal.ERRORS)))
    assert shown.parts[-1] == Text(text="Not measured, as far as I can see: errors, saturation.")


async def test_what_may_be_missing_is_said_once(catalog: Catalog) -> None:
    shown = await report(catalog, Measuring(partial=("The metrics server warns: a store is down.",)))
    assert [part.text for part in shown.parts if isinstance(part, Finding)] == [
        "The metrics server warns: a store is down."
    ]


@pytest.mark.parametrize("since", [timedelta(seconds=5), timedelta(days=15), timedelta(0)])
async def test_a_time_that_makes_no_sense_is_refused(catalog: Catalog, since: timedelta) -> None:
    with pytest.raises(BadInput, match=r"not from 1 min to 14 days. Say for example --since 3h."):
        await report(catalog, Measuring(), since=since)
