"""What the golden queries find on a real Prometheus, whichever convention a service follows."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from integrations.prometheus import Access, Prometheus
from skills.core.catalog import Environment, MetricsHints, Service
from skills.core.names import EnvironmentName, ServiceName
from skills.core.ports.metrics import Measured, Signal, Window
from skills.signals.golden import golden
from tests.support.prometheus import SCRAPE, Family, counter, gauge, openmetrics, prometheus, requests

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRODUCTION = Environment(name=EnvironmentName("production"), namespace="shop")
COUNT = 120
WINDOW = Window(start=NOW - timedelta(minutes=20), end=NOW, step=timedelta(seconds=30))


def pod(service: str, namespace: str = "shop") -> dict[str, str]:
    return {"namespace": namespace, "pod": f"{service}-5d9c7b8f6-x2v4k"}


def histogram(service: str, name: str, status: str, seconds: float = 0.2, **labels: str) -> Family:
    return requests(COUNT, rate=20, failing=0.1, seconds=seconds, status=status, name=name, **(labels or pod(service)))


def plain_counter(service: str, status: str) -> list[Family]:
    both = [
        counter("http_requests", rate, COUNT, **{status: code}, **pod(service))
        for code, rate in (("200", 18.0), ("503", 2.0))
    ]
    return [Family(name="http_requests", kind="counter", samples=[*both[0].samples, *both[1].samples])]


def families() -> list[Family]:
    """Services that are all alike, and measured in every way."""
    istio = {"reporter": "destination", "destination_workload": "istio", "destination_workload_namespace": "shop"}
    resource = {"k8s_namespace_name": "shop", "k8s_deployment_name": "resource"}
    return [
        histogram("otel", "http_server_request_duration_seconds", "http_response_status_code"),
        histogram("resource", "http_server_request_duration_seconds", "http_response_status_code", **resource),
        histogram("old-otel", "http_server_duration_milliseconds", "http_status_code", seconds=200),
        histogram("red-code", "http_request_duration_seconds", "code"),
        *plain_counter("red-status", "status"),
        counter("http_requests", 18.0, COUNT, code="200", **pod("flawless")),
        counter("http_requests", 18.0, COUNT, method="GET", **pod("wordless")),
        *plain_counter("red-status-code", "status_code"),
        *(
            counter("istio_requests", rate, COUNT, response_code=code, **istio)
            for code, rate in (("200", 18.0), ("500", 2.0))
        ),
        histogram("istio", "istio_request_duration_milliseconds", "response_code", seconds=200, **istio),
        histogram("own", "basket_seconds", "code", job="baskets"),
        histogram(
            "neighbour", "http_server_request_duration_seconds", "http_response_status_code", **pod("otel-worker")
        ),
        histogram(
            "elsewhere", "http_server_request_duration_seconds", "http_response_status_code", **pod("otel", "staging")
        ),
        gauge("queue_fill", [0.25] * COUNT, COUNT, queue="a"),
        gauge("constant_nan", [float("nan")] * COUNT, COUNT),
        gauge("halves", [0.5 if index % 8 < 4 else None for index in range(COUNT)], COUNT),
    ]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    start = NOW - SCRAPE * (COUNT - 1)
    # One metric's families have to stand together in OpenMetrics.
    merged: dict[str, Family] = {}
    for each in families():
        known = merged.get(each.name)
        merged[each.name] = Family(
            name=each.name, kind=each.kind, samples=[*(known.samples if known else ()), *each.samples]
        )
    with prometheus(tmp_path_factory.mktemp("prometheus"), past=openmetrics(merged.values(), start=start)) as url:
        yield url


@pytest.fixture
async def server(url: str) -> AsyncIterator[Prometheus]:
    adapter = Prometheus(Access(url=url, scrape=SCRAPE), clock=lambda: NOW)
    yield adapter
    await adapter.close()


async def ask(server: Prometheus, service: str, **hints: str) -> dict[Signal, Measured]:
    described = Service(name=ServiceName(service), metrics=MetricsHints(**hints))
    return {each.query.signal: each for each in await server.measure(golden(described, PRODUCTION), WINDOW)}


def usual(measured: Measured) -> float | None:
    return median(measured.series.values) if measured.series and measured.series.values else None


@pytest.mark.parametrize(
    "service", ["otel", "resource", "old-otel", "istio", "red-code", "red-status", "red-status-code"]
)
async def test_traffic_and_errors_are_found_by_convention(server: Prometheus, service: str) -> None:
    found = await ask(server, service)
    assert usual(found[Signal.TRAFFIC]) == pytest.approx(20, rel=0.01)
    assert usual(found[Signal.ERRORS]) == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("service", ["otel", "resource", "old-otel", "istio", "red-code"])
async def test_latency_is_found_by_convention_and_is_in_seconds(server: Prometheus, service: str) -> None:
    found = await ask(server, service)
    assert usual(found[Signal.LATENCY]) == pytest.approx(0.195, rel=0.01)
    assert usual(found[Signal.TYPICAL]) == pytest.approx(0.15, rel=0.01)


async def test_what_found_it_is_told(server: Prometheus) -> None:
    asked = (await ask(server, "otel"))[Signal.TRAFFIC].asked
    assert asked == (
        'sum(rate(http_server_request_duration_seconds_count{namespace="shop",pod=~"otel-[a-z0-9]{1,10}-[a-z0-9]{5}"}[30000ms]))'
    )


async def test_a_service_that_never_failed_has_no_errors_rather_than_none_measured(server: Prometheus) -> None:
    found = (await ask(server, "flawless"))[Signal.ERRORS]
    assert usual(found) == 0.0


async def test_a_service_without_statuses_has_no_errors_measured_rather_than_none(server: Prometheus) -> None:
    found = await ask(server, "wordless")
    assert usual(found[Signal.TRAFFIC]) == pytest.approx(18, rel=0.01)
    assert found[Signal.ERRORS].series is None


async def test_annotations_say_how_else_it_is_measured(server: Prometheus) -> None:
    found = await ask(
        server,
        "own",
        traffic='sum(rate(basket_seconds_count{job="baskets"}[$step]))',
        errors='sum(rate(basket_seconds_count{code="500"}[$step])) / sum(rate(basket_seconds_count[$step]))',
        latency="histogram_quantile(0.99, sum by (le) (rate(basket_seconds_bucket[$step])))",
        saturation="max(queue_fill)",
    )
    assert set(found) == {Signal.TRAFFIC, Signal.ERRORS, Signal.LATENCY, Signal.SATURATION}
    assert usual(found[Signal.TRAFFIC]) == pytest.approx(20, rel=0.01)
    assert usual(found[Signal.ERRORS]) == pytest.approx(0.1, rel=0.01)
    assert usual(found[Signal.SATURATION]) == 0.25


async def test_a_selector_takes_the_place_of_namespace_and_pods(server: Prometheus) -> None:
    selector = 'namespace="$namespace",pod=~"otel-.*"'
    assert usual((await ask(server, "basket", selector=selector))[Signal.TRAFFIC]) == pytest.approx(40, rel=0.01)


async def test_a_scope_tells_the_environment_from_others_on_the_server(url: str) -> None:
    server = Prometheus(Access(url=url, scrape=SCRAPE, scope='namespace="staging"'), clock=lambda: NOW)
    staging = Environment(name=EnvironmentName("staging"), namespace="staging")
    for where, wanted in ((staging, pytest.approx(20, rel=0.01)), (PRODUCTION, None)):
        queries = [each for each in golden(Service(name=ServiceName("otel")), where) if each.signal is Signal.TRAFFIC]
        (found,) = await server.measure(queries, WINDOW)
        assert usual(found) == wanted
    await server.close()


async def test_not_a_number_is_a_gap(server: Prometheus) -> None:
    found = (await ask(server, "otel", traffic="max(constant_nan)", errors="max(constant_nan) / 0"))[Signal.TRAFFIC]
    assert found.series is not None
    assert {value for _, value in found.series.points} == {None}


async def test_what_was_not_scraped_is_a_gap_in_its_place(server: Prometheus) -> None:
    found = (await ask(server, "otel", traffic="sum(last_over_time(halves[$step]))"))[Signal.TRAFFIC]
    assert found.series is not None
    values: Sequence[float | None] = [value for _, value in found.series.points]
    assert len(values) == 40
    assert set(values) == {None, 0.5}


async def test_dividing_by_no_traffic_is_a_gap(server: Prometheus) -> None:
    found = (await ask(server, "otel", errors="vector(0) / vector(0)"))[Signal.ERRORS]
    assert found.series is not None
    assert found.series.values == ()


async def test_a_query_of_many_series_is_said_to_be_one(server: Prometheus) -> None:
    found = (await ask(server, "otel", traffic="http_server_request_duration_seconds_count"))[Signal.TRAFFIC]
    assert found.series is None
    assert found.partial == (
        "The query for traffic finds 8 series where one is wanted; take the sum or the maximum of them.",
    )


async def test_a_query_that_is_no_promql_spoils_nothing_but_its_own_signal(server: Prometheus) -> None:
    found = await ask(server, "otel", traffic="sum(rate(")
    assert found[Signal.TRAFFIC].series is None
    assert "does not understand a query" in found[Signal.TRAFFIC].partial[0]
    assert usual(found[Signal.ERRORS]) == pytest.approx(0.1, rel=0.01)


async def test_the_server_says_which_it_is(server: Prometheus, url: str) -> None:
    assert (await server.check()).endswith(url.removeprefix("http://"))
