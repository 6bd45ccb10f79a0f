"""How a service does: its golden signals over time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.errors import BadInput, Unavailable
from skills.core.ports.ledger import Ledger
from skills.core.ports.metrics import Measured, Metrics, Series, Signal, Window
from skills.core.proposal import Proposal
from skills.core.report import Chart, Curve, Finding, Mark, Part, Report, Table, Text
from skills.core.skill import Query
from skills.signals.golden import golden
from skills.signals.wording import PER_SECOND, duration, percent, rate, span

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=14)

CHARTS: Mapping[str, tuple[str, tuple[Signal, ...]]] = {
    "Latency": ("s", (Signal.TYPICAL, Signal.LATENCY)),
    "Traffic": (PER_SECOND, (Signal.TRAFFIC,)),
    "Errors": ("%", (Signal.ERRORS,)),
    "Saturation": ("%", (Signal.CPU, Signal.MEMORY, Signal.SATURATION)),
}
"""One for each golden signal: its unit, and the curves in it."""


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
        "how slow|fast is|are", "how … slow", "is|are … slow|slower|fast", "traffic|throughput", "request per second|minute", "request rate|rates",
        "how much traffic|load|cpu|memory", "cpu|memory|resource|disk|network usage|use|utilization|utilisation|consumption", "metrics|latency|latencies|traffic of|for|from|in", "show|get|give|display|fetch|plot|graph … metrics|latency|traffic|usage|utilization|consumption|rate", "cpu|memory of|on|and", "top … by", "too much|little cpu|memory", "connection|query|message|call per second|minute", "packet|packets", "how many bytes", "current load", "load of|on", "talkers", "which|what … most|least|more|highest|lowest memory|cpu|traffic|load|latency {kind}", "who|which|what … most|least|more|highest|lowest memory|cpu|traffic|load|latency", "what is … traffic|latency|load like", "how close … limit|limits|maximum",
        "how much … use|uses|using|consume|consumes", "share|percentage|fraction|part … request|requests|calls", "network traffic|throughput|flow|flows", "flow record|records|log|logs", "traffic … by", "show|tell|see … how … traffic|latency|load|errors", "how is|are … metrics|signals|latency|traffic|numbers",
        "median|average response|latency", "saturation", "p95|p99|p50|percentiles", "5xx", "metrics", "graph|graphs|chart|charts|curve|curves",
        "performance", "how busy is|are",
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
        report = _report(f"{service.name} in {environment.name}", window, measured, _marks(past, window))
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
    charts = [chart for name in CHARTS if (chart := _chart(name, found, marks))]
    said = dict.fromkeys(text for each in measured for text in each.partial)
    warnings = tuple(Finding(text=text, severity="warning") for text in said)
    if not charts:
        summary = f"No signals of {where} were found in the last {span(window.length)}."
        return Report(title=where, summary=summary, parts=(*warnings, Text(text=_looked_for(measured))))
    parts: list[Part] = [_numbers(found, marks), *charts, *warnings]
    missing = [name.lower() for name, (_, signals) in CHARTS.items() if not any(each in found for each in signals)]
    if missing:
        parts.append(Text(text=f"Not measured, as far as I can see: {', '.join(missing)}."))
    return Report(title=where, summary=_summary(where, window, found), parts=tuple(parts))


def _summary(where: str, window: Window, found: Mapping[Signal, Series]) -> str:
    """The present, in one line."""
    said = [f"{_LABELS[signal]} {_spoken(signal, found[signal].values[-1])}" for signal in _TOLD if signal in found]
    return f"{where}, last {span(window.length)}: {', '.join(said)} now."


_LABELS = {signal: "CPU" if signal is Signal.CPU else signal.value for signal in Signal}
_TOLD = (Signal.ERRORS, Signal.LATENCY, Signal.TRAFFIC, Signal.CPU, Signal.MEMORY, Signal.SATURATION)


def _numbers(found: Mapping[Signal, Series], marks: Sequence[Mark]) -> Table:
    """What was usual, least, most and last; and, where something was deployed meanwhile, what was usual before and after the last time."""
    columns = ["signal", "now", "median", "least", "most"]
    if marks:
        columns += [f"median before {marks[-1].text}", "and after"]
    rows = []
    for signal, series in found.items():
        values = series.values
        cells = [values[-1], median(values), min(values), max(values)]
        row = [_LABELS[signal], *(_spoken(signal, value) for value in cells)]
        if marks:
            row += [_usual(signal, part) for part in _halves(series, marks[-1])]
        rows.append(tuple(row))
    return Table(columns=tuple(columns), rows=tuple(rows))


def _halves(series: Series, mark: Mark) -> Iterator[list[float]]:
    yield [value for at, value in series.points if value is not None and at <= mark.at]
    yield [value for at, value in series.points if value is not None and at > mark.at]


def _usual(signal: Signal, values: Sequence[float]) -> str:
    return _spoken(signal, median(values)) if values else "not measured"


def _chart(name: str, found: Mapping[Signal, Series], marks: tuple[Mark, ...]) -> Chart | None:
    unit, signals = CHARTS[name]
    curves = [(signal, found[signal]) for signal in signals if signal in found]
    if not curves:
        return None
    scale = 100 if unit == "%" else 1
    return Chart(
        title=name,
        unit=unit,
        curves=tuple(Curve(name=_LABELS[signal], points=_scaled(series, scale)) for signal, series in curves),
        marks=marks,
        table=_over_time(name, curves),
    )


def _scaled(series: Series, scale: int) -> tuple[tuple[datetime, float | None], ...]:
    return tuple((at, value if value is None else value * scale) for at, value in series.points)


def _over_time(name: str, curves: Sequence[tuple[Signal, Series]]) -> Table:
    """A handful of moments, for whoever cannot see the curve."""
    points = [series.points for _, series in curves]
    count = len(points[0])
    lasts = points[0][-1][0] - points[0][0][0]
    form = "%m-%d %H:%M" if lasts > timedelta(hours=20) else "%H:%M" if lasts > timedelta(minutes=20) else "%H:%M:%S"
    picked = sorted({round(index * (count - 1) / (_MOMENTS - 1)) for index in range(_MOMENTS)})
    rows = tuple(
        (
            points[0][index][0].strftime(form),
            *(
                "–" if (value := each[index][1]) is None else _spoken(signal, value)
                for (signal, _), each in zip(curves, points, strict=True)
            ),
        )
        for index in picked
    )
    return Table(title=name, columns=("UTC", *(_LABELS[signal] for signal, _ in curves)), rows=rows)


_MOMENTS = 7


def _spoken(signal: Signal, value: float) -> str:
    if signal in (Signal.TYPICAL, Signal.LATENCY):
        return duration(value)
    return rate(value) if signal is Signal.TRAFFIC else percent(value)


def _marks(past: Sequence[Proposal], window: Window) -> tuple[Mark, ...]:
    """Our own changes in the window, oldest first."""
    begun = [(proposal.started_at, proposal) for proposal in past if proposal.started_at]
    return tuple(
        Mark(at=at, text=f"#{proposal.id} {proposal.skill}")
        for at, proposal in sorted(begun, key=lambda pair: pair[0])
        if window.start < at <= window.end
    )


def _looked_for(measured: Sequence[Measured]) -> str:
    """What was asked, so that whoever knows how the service is measured can say what differs."""
    asked = next((each.query.asked[0] for each in measured if each.query.signal is Signal.TRAFFIC), "")
    return f"I asked for OpenTelemetry, Istio and common HTTP metrics, first for {asked}. If it is measured otherwise, say so in countersign.dev/metrics-… annotations of its catalog entry."
