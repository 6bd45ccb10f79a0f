"""How signals are asked for."""

from skills.core.catalog import Environment, MetricsHints, Service
from skills.core.names import EnvironmentName, ServiceName
from skills.core.ports.metrics import Signal
from skills.signals.golden import golden

SHOP = Environment(name=EnvironmentName("production"), namespace="shop")


def asked(**facts: object) -> dict[Signal, tuple[str, ...]]:
    service = Service(name=ServiceName("checkout"), **facts)  # type: ignore[arg-type]
    return {query.signal: query.asked for query in golden(service, SHOP)}


def test_each_way_is_tried_once_and_opentelemetry_first() -> None:
    ways = asked()
    assert set(ways) == set(Signal) - {Signal.SATURATION}
    for signal, each in ways.items():
        assert len(each) == len(set(each)), signal
    assert "http_server_request_duration_seconds" in ways[Signal.LATENCY][0]
    assert ways[Signal.TRAFFIC][0] == (
        'sum(rate(http_server_request_duration_seconds_count{$scopenamespace="shop",pod=~"checkout-[a-z0-9]{1,10}-[a-z0-9]{5}"}[$step]))'
    )


def test_the_names_of_the_workload_and_its_own_namespace_are_used() -> None:
    ways = asked(workload="shop-checkout", namespace="tills")
    assert 'namespace="tills",pod=~"shop-checkout-' in ways[Signal.CPU][0]
    assert not any("$namespace" in way or "$workload" in way for each in ways.values() for way in each)


def test_an_annotation_is_the_only_way_and_stands_for_what_it_replaces() -> None:
    ways = asked(metrics=MetricsHints(latency="max(own{env='$environment'})", saturation="fill"))
    assert ways[Signal.LATENCY] == ("max(own{env='production'})",)
    assert ways[Signal.SATURATION] == ("fill",)
    assert {Signal.TYPICAL, Signal.CPU, Signal.MEMORY} & set(ways) == set()


def test_a_selector_is_used_in_every_convention() -> None:
    ways = asked(metrics=MetricsHints(selector='job="till"'))
    assert len(ways[Signal.TRAFFIC]) == 5
    assert all('{$scopejob="till"}' in way for way in ways[Signal.TRAFFIC])
