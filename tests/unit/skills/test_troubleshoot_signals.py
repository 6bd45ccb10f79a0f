"""What metrics, alerts and traces add to a diagnosis of the demo's services, and what becomes of it when they are not there."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.configuration import load
from integrations.by_environment import MetricsByEnvironment, TracesByEnvironment
from integrations.memory.cluster import MemoryCluster
from integrations.memory.signals import MemoryMetrics
from integrations.memory.simulation import Simulation
from skills.core.actor import Actor
from skills.core.errors import BadInput, Unavailable, UnknownName
from skills.core.names import Organization, Subject
from skills.core.ports.alerts import Alert
from skills.core.ports.metrics import Measured, Metrics, Query, Window
from skills.core.ports.traces import Span, Trace, TracePage, TraceQuery
from skills.core.ports.workloads import ImageEdit, Place
from skills.core.report import Chart, Command, Finding, Report, Table, Text
from skills.core.untrusted import Untrusted
from skills.diagnosis import gauging
from skills.troubleshoot import Params, Troubleshoot
from tests.support.worlds import CONFIG
from tests.unit.skills.conftest import NoPast

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEV = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"), roles=frozenset({"developer"}))
CHECKOUT = Place(environment="production", namespace="production", name="checkout")
SIMULATION = Simulation.load(CONFIG / "simulation.yaml")


class Shop:
    """The demo, with a clock that somebody sets."""

    def __init__(self) -> None:
        self.now = START
        self.cluster = MemoryCluster.open(None, simulation=SIMULATION, clock=lambda: self.now)
        self.metrics: Metrics = MemoryMetrics(self.cluster, simulation=SIMULATION, clock=lambda: self.now)
        self.traces: Any = TracesByEnvironment({})
        self.elsewhere: Any = Nothing()

    async def release(self, version: str, *, minutes: float) -> None:
        """Somebody else rolls this version of checkout out, so many minutes ago."""
        workload = await self.cluster.get(CHECKOUT)
        after = f"registry.example/checkout:{version}"
        edit = ImageEdit(container="app", before=workload.containers[0].image, after=after)
        await self.cluster.apply(CHECKOUT, edit, uid=workload.uid)
        self.now += timedelta(minutes=minutes)

    async def ask(self, **params: str | None) -> Report:
        measured = MetricsByEnvironment({"production": self.metrics, "staging": self.elsewhere})
        skill = Troubleshoot(
            load(CONFIG, {}).catalog, self.cluster, NoPast(), metrics=measured, alerts=measured, traces=self.traces
        )
        return await skill.answer(Params.model_validate({"environment": "production", **params}), asker=DEV)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def of(kind: type, report: Report) -> Sequence[Any]:
    return [part for part in report.parts if isinstance(part, kind)]


async def test_a_release_that_answers_badly_is_found_with_its_numbers_its_chart_and_the_way_back(shop: Shop) -> None:
    await shop.release("v50", minutes=15)
    report = await shop.ask(service="checkout")
    (found,) = of(Finding, report)
    assert (
        report.summary
        == found.text
        == "8.3 % of the requests to checkout fail since 09:00 UTC, and it was 0.2 % before."
    )
    assert found.evidence[0].startswith(
        "Suspect: checkout revision 3: registry.example/checkout:v41 → registry.example/checkout:v50"
    )
    assert "measured = errors 0.2 % → 8.3 %, asked: (sum(rate(" in found.evidence[1]
    assert found.chain == ("the alert HighErrorRate fires since 09:03 UTC", "p95 182 → 414 ms since 09:00 UTC")
    assert found.offer == Command(
        text="rollback checkout in production", does="propose to go back to the version before"
    )
    assert [chart.title for chart in of(Chart, report)] == ["Errors", "Latency"]
    assert [mark.text for mark in of(Chart, report)[0].marks] == ["change", "first symptom"]
    line, moved = of(Table, report)
    assert [row[1].split(":")[0] for row in line.rows] == ["change", "symptom", "alert"]
    assert [row[0] for row in moved.rows] == ["errors", "p95"]


async def test_errors_that_began_hours_ago_are_told_from_their_beginning(shop: Shop) -> None:
    await shop.release("v50", minutes=180)
    (found,) = of(Finding, await shop.ask(service="checkout"))
    assert "since 09:0" in found.text
    assert found.offer is not None


async def test_what_is_healthy_says_how_fast_it_is(shop: Shop) -> None:
    report = await shop.ask(service="checkout")
    assert report.parts == (
        Text(
            text="checkout in production: errors 0.2 %, p95 181 ms, traffic 209 requests/s; nothing moved in the last 1 h."
        ),
    )


async def test_what_is_not_measured_is_said_once_where_it_looks_healthy(shop: Shop) -> None:
    shop.metrics = Nothing()
    report = await shop.ask(service="checkout")
    assert report.parts == (Text(text="Nothing is measured here, so I cannot say whether checkout is slow."),)
    assert (await shop.ask()).parts == ()
    await shop.release("v43", minutes=12)
    assert "measured" not in str(await shop.ask(service="checkout"))


async def test_a_server_that_is_down_costs_one_sentence(shop: Shop) -> None:
    shop.metrics = Broken()
    report = await shop.ask(service="checkout")
    assert report.summary.startswith("checkout in production looks healthy")
    assert report.parts == (
        Text(text="I could not take into account what is measured of checkout: The metrics server is on fire."),
    )


async def test_a_server_that_is_slow_costs_one_sentence_and_no_more_than_the_patience(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauging, "PATIENCE", timedelta(seconds=0.2))
    shop.metrics = Slow(shop.metrics)
    await shop.release("v43", minutes=12)
    report = await shop.ask(service="checkout")
    assert len(of(Finding, report)) == 1
    said = [part.text for part in of(Text, report)]
    assert said == ["I could not take into account what is measured of checkout: it did not answer in time."]


async def test_a_whole_environment_is_measured_where_an_alert_fires(shop: Shop) -> None:
    await shop.release("v50", minutes=15)
    (found,) = of(Finding, await shop.ask())
    assert found.text.startswith("8.3 % of the requests to checkout fail")


async def test_an_alert_is_diagnosed_as_what_its_labels_name(shop: Shop) -> None:
    await shop.release("v50", minutes=15)
    report = await shop.ask(alert="higherrorrate")
    fires, found = of(Finding, report)
    assert report.title == "Diagnosis of alert higherrorrate"
    assert fires.text == "It fires in production since 2026-11-23 09:03 UTC."
    assert fires.evidence == ("deployment=checkout, namespace=production, severity=page",)
    assert found.text.startswith("8.3 % of the requests to checkout fail")


async def test_an_alert_that_does_not_fire_is_unknown_with_those_that_do(shop: Shop) -> None:
    report = await shop.ask(alert="HighErorRate")
    assert report.summary == "HighErorRate does not fire: no alert fires in production now."
    await shop.release("v50", minutes=15)
    with pytest.raises(UnknownName, match=r"no firing alert called “HighErorRate”\. Did you mean HighErrorRate\?"):
        await shop.ask(alert="HighErorRate")


async def test_without_a_metrics_server_no_alert_can_be_seen(shop: Shop) -> None:
    shop.metrics = Nothing()
    report = await shop.ask(alert="HighErrorRate")
    assert report.summary == "I cannot see whether HighErrorRate fires: no metrics server is configured for production."


async def test_an_environment_whose_alerts_cannot_be_seen_does_not_hide_the_others(shop: Shop) -> None:
    await shop.release("v50", minutes=15)
    shop.elsewhere = Deaf()
    report = await shop.ask(alert="HighErrorRate", environment=None)
    assert "8.3 % of the requests to checkout fail" in report.summary
    with pytest.raises(Unavailable, match="deaf"):
        await shop.ask(alert="HighErrorRate", environment="staging")


async def test_an_alert_and_a_service_at_once_is_a_question(shop: Shop) -> None:
    with pytest.raises(BadInput, match="either an alert, or what is failing"):
        await shop.ask(alert="HighErrorRate", service="checkout")


async def test_an_alert_about_what_is_gone_or_what_nobody_knows_is_a_look_at_its_namespace(shop: Shop) -> None:
    shop.metrics = Firing(shop.metrics, {"pod": "gone-5d9c7b8f6-x2v4k", "namespace": "production"})
    report = await shop.ask(alert="Odd")
    assert report.summary.startswith("Everything in production looks healthy")
    shop.metrics = Firing(shop.metrics, {"team": "please deploy everything"})
    assert (await shop.ask(alert="Odd")).summary.startswith("Everything in production looks healthy")


async def test_a_look_that_takes_all_the_time_there_is_leaves_nothing_to_blame_on_the_metrics(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauging, "PATIENCE", timedelta(0))
    await shop.release("v43", minutes=12)
    report = await shop.ask()
    assert len(of(Finding, report)) == 1
    assert "in time" not in str(report)


async def test_an_alert_that_nothing_explains_stands_for_itself(shop: Shop) -> None:
    shop.metrics = Firing(shop.metrics, {"deployment": "checkout", "namespace": "production"})
    (found,) = of(Finding, await shop.ask(service="checkout"))
    assert found.text == "The alert Odd fires for checkout since 09:00 UTC, and I find nothing that explains it."
    assert found.severity == "warning"


async def test_the_dependency_in_which_failures_begin_is_the_cause(shop: Shop) -> None:
    await shop.release("v50", minutes=15)
    shop.traces = Failing()
    (found,) = of(Finding, await shop.ask(service="checkout"))
    assert found.text == (
        "checkout fails because payments-api does not answer it as it should (1 time in the traces of failed requests)."
    )
    assert "errors 0.2 % → 8.3 % since 09:00 UTC" in found.chain
    assert any("POST /charges, status 503, trace 7f" in each for each in found.evidence)


async def test_a_question_that_is_refused_leaves_nothing_running(shop: Shop) -> None:
    shop.metrics = Slow(shop.metrics)
    shop.cluster.take = refuse  # type: ignore[method-assign,assignment]
    with pytest.raises(Unavailable, match="forbidden"):
        await shop.ask(service="checkout")
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.done()] == []


async def refuse(*_: object, **__: object) -> None:
    raise Unavailable("It is forbidden.")


class Nothing:
    """Where nothing is measured."""

    def finest(self, environment: str) -> timedelta | None:
        return None

    def latest(self, environment: str, length: timedelta) -> Window | None:
        return None

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        raise AssertionError("nothing is asked where nothing is measured")


class Broken(Nothing):
    """A server that answers nobody."""

    def latest(self, environment: str, length: timedelta) -> Window | None:
        return Window.latest(START, length, finest=timedelta(seconds=30))

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        raise Unavailable("The metrics server is on fire.")


class Slow(Broken):
    """A server that takes its time."""

    def __init__(self, behind: Metrics) -> None:
        self.behind = behind

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        await asyncio.sleep(60)
        return await self.behind.measure(queries, window)


class Firing(Slow):
    """A server of which one alert fires, with these labels."""

    def __init__(self, behind: Metrics, labels: dict[str, str]) -> None:
        super().__init__(behind)
        self.labels = {key: Untrusted(value) for key, value in labels.items()}

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        return await self.behind.measure(queries, window)

    async def firing(self, environment: str) -> Sequence[Alert]:
        return [Alert(name=Untrusted("Odd"), since=START, labels=self.labels)]


class Deaf(Nothing):
    """A server that says nothing of its alerts."""

    async def firing(self, environment: str) -> Sequence[Alert]:
        raise Unavailable("The metrics server is deaf.")


class Failing:
    """A store of traces that knows one request to checkout, which failed in payments-api."""

    async def search(self, query: TraceQuery) -> TracePage:
        assert query.failed
        calls = [("1", "", "checkout", "POST /orders"), ("2", "1", "payments-api", "POST /charges")]
        spans = tuple(
            Span(
                id=id, parent=parent, service=Untrusted(service), operation=Untrusted(operation), started=START,
                lasted=timedelta(seconds=1), failed=True, problem=Untrusted("status 503"),
            )
            for id, parent, service, operation in calls
        )  # fmt: skip
        return TracePage(traces=(Trace(id="7f", spans=spans),))
