"""The golden signals of a service, as PromQL.

Latency, traffic, errors and saturation are those of Google's “Site Reliability Engineering”, chapter 6. What is asked follows the
conventions in use, the most precise first: OpenTelemetry's for HTTP servers (stable, then the ones before), Istio's, and the rate, errors
and duration names that most client libraries have; cAdvisor and kube-state-metrics for saturation. A service that measures otherwise says
so in annotations of its catalog entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from skills.core.catalog import Environment, MetricsHints, Service
from skills.core.ports.metrics import Query, Signal
from skills.core.workload_change import place


@dataclass(frozen=True, kw_only=True)
class Convention:
    """How requests are measured by convention: a counter with a label of the status, and a histogram in `scale` parts of a second."""

    count: str
    status: str
    histogram: str
    scale: int = 1


CONVENTIONS = (
    Convention(
        count="http_server_request_duration_seconds_count",
        status="http_response_status_code",
        histogram="http_server_request_duration_seconds_bucket",
    ),
    Convention(
        count="http_server_duration_milliseconds_count",
        status="http_status_code",
        histogram="http_server_duration_milliseconds_bucket",
        scale=1000,
    ),
    Convention(
        count="istio_requests_total",
        status="response_code",
        histogram="istio_request_duration_milliseconds_bucket",
        scale=1000,
    ),
    Convention(count="http_requests_total", status="code", histogram="http_request_duration_seconds_bucket"),
    Convention(count="http_requests_total", status="status", histogram="http_request_duration_seconds_bucket"),
    Convention(count="http_requests_total", status="status_code", histogram="http_request_duration_seconds_bucket"),
    Convention(
        count="http_request_duration_seconds_count",
        status="code",
        histogram="http_request_duration_seconds_bucket",
    ),
)
_USED = (Signal.CPU, Signal.MEMORY, Signal.THROTTLED)
_PODS = '$scopenamespace="$namespace",pod=~"$workload-[a-z0-9]{1,10}-[a-z0-9]{5}"'
_RESOURCE = '$scopek8s_namespace_name="$namespace",k8s_deployment_name="$workload"'
_ISTIO = '$scopereporter="destination",destination_workload_namespace="$namespace",destination_workload="$workload"'
_CPU = f'sum(rate(container_cpu_usage_seconds_total{{{_PODS},container!="",container!="POD"}}[$step]))'
_MEMORY = f'sum(container_memory_working_set_bytes{{{_PODS},container!="",container!="POD"}})'
_PERIODS = f'{{{_PODS},container!=""}}[$step]'
_THROTTLED = f"sum(rate(container_cpu_cfs_throttled_periods_total{_PERIODS})) / sum(rate(container_cpu_cfs_periods_total{_PERIODS}))"


def golden(service: Service, environment: Environment) -> tuple[Query, ...]:
    """A query for each signal of a service in an environment, by its annotations where it has them, else by convention."""
    where = place(service, environment)
    names = {"$namespace": where.namespace, "$workload": where.name, "$environment": str(environment.name)}
    ways = {signal: _ways(signal, service.metrics) for signal in Signal}
    return tuple(
        Query(signal=signal, place=where, asked=tuple(_filled(each, names) for each in asked))
        for signal, asked in ways.items()
        if asked
    )


def _ways(signal: Signal, own: MetricsHints) -> tuple[str, ...]:
    """Every way to ask for a signal: what an annotation says, nothing where one has another signal in its place, else by convention."""
    said = {
        Signal.TRAFFIC: own.traffic, Signal.ERRORS: own.errors, Signal.LATENCY: own.latency, Signal.SATURATION: own.saturation,
    }.get(signal, "")  # fmt: skip
    if said:
        return (said,)
    replaced = own.latency if signal is Signal.TYPICAL else own.saturation if signal in _USED else ""
    if replaced or signal is Signal.SATURATION:
        return ()
    return _used(signal) if signal in _USED else tuple(dict.fromkeys(_requests(signal, own.selector)))


def _used(signal: Signal) -> tuple[str, ...]:
    """What the pods use of what they may. Who sets no limit on processors is measured by what was asked for, and never throttled."""
    if signal is Signal.THROTTLED:
        return (_THROTTLED,)
    used, kinds = (_CPU, ("limits", "requests")) if signal is Signal.CPU else (_MEMORY, ("limits",))
    return tuple(
        f'{used} / sum(kube_pod_container_resource_{kind}{{{_PODS},resource="{signal.value}"}})' for kind in kinds
    )


def _requests(signal: Signal, selector: str) -> Iterator[str]:
    for convention in CONVENTIONS:
        by_label = (_ISTIO,) if convention.count.startswith("istio") else (_PODS, _RESOURCE)
        for matchers in (f"$scope{selector}",) if selector else by_label:
            yield _expression(signal, convention, matchers)


def _expression(signal: Signal, convention: Convention, matchers: str) -> str:
    total = f"sum(rate({convention.count}{{{matchers}}}[$step]))"
    match signal:
        case Signal.TRAFFIC:
            return total
        case Signal.ERRORS:
            # Only where the label is: a service that names its statuses otherwise must not look as if it never failed.
            labelled = f'sum(rate({convention.count}{{{matchers},{convention.status}!=""}}[$step]))'
            failed = f'sum(rate({convention.count}{{{matchers},{convention.status}=~"5.."}}[$step]))'
            return f"({failed} or 0 * {labelled}) / {labelled}"
        case _:
            share = "0.5" if signal is Signal.TYPICAL else "0.95"
            quantile = f"histogram_quantile({share}, sum by (le) (rate({convention.histogram}{{{matchers}}}[$step])))"
            return quantile if convention.scale == 1 else f"{quantile} / {convention.scale}"


def _filled(expression: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        expression = expression.replace(name, value)
    return expression
