"""How a service does: its golden signals over time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.errors import BadInput, Unavailable
from skills.core.ports.ledger import Ledger
from skills.core.ports.metrics import Measured, Metrics, Series, Signal, Window
from skills.core.report import Finding, Mark, Part, Report, Text
from skills.core.skill import Query
from skills.signals.charts import CHARTS, LABELS, chart, marks_of, numbers, spoken
from skills.signals.golden import golden
from skills.signals.wording import span

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=14)


class Params(skill.Params):
    """Of what, where, and for how long back."""

    service: skill.Service = Field(description="The service whose signals are wanted")
    environment: skill.Environment | None = Field(
        default=None, description="The environment that it runs in; the first protected one if not given"
    )
    since: skill.Duration = Field(default=timedelta(hours=1), description="For how long back; an hour if not given")


class ServiceMetrics(Query[Params]):
    """Show latency, traffic, errors and saturation of a service over time."""

    name = "metrics"
    aliases = ("signals", "golden")
    examples = ("metrics checkout in production", "metrics checkout --since 3h")
    phrases = (
        "golden signals", "error|success|failure rate|rates|ratio", "how many errors|failures", "how many … error|errors|failures|5xx|4xx", "latency|latencies", "response time|times",
        "how slow|fast is|are", "how … slow", "is|are … slow|slower|fast", "has|have|did|got … slower|faster|slow", "traffic|throughput", "request per second|minute", "rps|qps|tps", "request rate|rates",
        "how much traffic|load|cpu|memory", "cpu|memory|resource|disk|network usage|use|utilization|utilisation|consumption", "metrics|latency|latencies|traffic of|for|from|in", "show|get|give|display|fetch|plot|graph … metrics|latency|traffic|usage|utilization|consumption|rate", "cpu|memory of|on|and", "top … by", "too much|little cpu|memory", "connection|query|message|call per second|minute", "packet|packets", "how many bytes", "current load", "load of|on", "talkers", "which|what … most|least|more|highest|lowest memory|cpu|traffic|load|latency {kind}", "who|which|what … most|least|more|highest|lowest memory|cpu|traffic|load|latency", "what is … traffic|latency|load like", "how close … limit|limits|maximum",
        "how much … use|uses|using|consume|consumes", "share|percentage|fraction|part … request|requests|calls", "network traffic|throughput|flow|flows", "flow record|records|log|logs", "traffic … by", "show|tell|see … how … traffic|latency|load|errors", "how is|are … metrics|signals|latency|traffic|numbers",
        "median|average response|latency", "saturation", "p95|p99|p50|percentiles", "5xx", "metrics", "graph|graphs|chart|charts|curve|curves",
        "performance", "how busy is|are", "plot|graph|chart|draw … errors|failures|requests|cpu|memory|load", "out of memory|cpu|disk", "which|what … have|has|use|uses|using|consume|consumes|consuming … highest|most|lowest|least cpu|memory|load|traffic", "show|get|give|display|fetch … request|error|success rate|rates",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, metrics: Metrics, ledger: Ledger) -> None:
        self._catalog = catalog
        self._metrics = metrics
        self._ledger = ledger

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service, environment = self._catalog.service(params.service), self._environment(params.environment)
        if not SHORTEST <= params.since <= LONGEST:
            raise BadInput(
                f"{span(params.since)} is not from {span(SHORTEST)} to 14 days.", hint="Say for example --since 3h."
            )
        title = f"Metrics of {service.name} in {environment.name}"
        window = self._metrics.latest(environment.name, params.since)
        if window is None:
            summary = f"Nothing is measured in {environment.name}: no metrics server is configured for it."
            return Report(title=title, summary=summary, parts=(Text(text=_HOW_TO_CONFIGURE),))
        try:
            measured = await self._metrics.measure(golden(service, environment), window)
        except Unavailable as problem:
            return Report(title=title, summary=f"The signals of {service.name} cannot be had: {problem}")
        past = await self._ledger.changes(service=service.name, environment=environment.name)
        report = _report(f"{service.name} in {environment.name}", window, measured, marks_of(past, window))
        return replace(report, title=title)

    def _environment(self, word: str | None) -> Environment:
        """The one named; else the one where it matters most."""
        known = self._catalog.environments
        return self._catalog.environment(word) if word else max(known, key=lambda each: each.protected)


_HOW_TO_CONFIGURE = (
    "Give the environment a Prometheus server under metrics in environments.yaml, and its signals are shown here."
)


def _report(where: str, window: Window, measured: Sequence[Measured], marks: tuple[Mark, ...]) -> Report:
    found = {each.query.signal: each.series for each in measured if each.series and each.series.values}
    charts = [drawn for name in CHARTS if (drawn := chart(name, found, marks))]
    said = dict.fromkeys(text for each in measured for text in each.partial)
    warnings = tuple(Finding(text=text, severity="warning") for text in said)
    if not charts:
        summary = f"No signals of {where} were found in the last {span(window.length)}."
        return Report(title=where, summary=summary, parts=(*warnings, Text(text=_looked_for(measured))))
    parts: list[Part] = [numbers(found, marks), *charts, *warnings]
    missing = [name.lower() for name, (_, signals) in CHARTS.items() if not any(each in found for each in signals)]
    if missing:
        parts.append(Text(text=f"Not measured, as far as I can see: {', '.join(missing)}."))
    return Report(title=where, summary=_summary(where, window, found), parts=tuple(parts))


def _summary(where: str, window: Window, found: Mapping[Signal, Series]) -> str:
    """The present, in one line."""
    said = [f"{LABELS[signal]} {spoken(signal, found[signal].values[-1])}" for signal in _TOLD if signal in found]
    return f"{where}, last {span(window.length)}: {', '.join(said)} now."


_TOLD = (Signal.ERRORS, Signal.LATENCY, Signal.TRAFFIC, Signal.CPU, Signal.MEMORY, Signal.SATURATION)


def _looked_for(measured: Sequence[Measured]) -> str:
    """What was asked, so that whoever knows how the service is measured can say what differs."""
    asked = next((each.query.asked[0] for each in measured if each.query.signal is Signal.TRAFFIC), "")
    return f"I asked for OpenTelemetry, Istio and common HTTP metrics, first for {asked}. If it is measured otherwise, say so in countersign.dev/metrics-… annotations of its catalog entry."
