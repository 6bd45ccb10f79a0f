"""What is counted, for /metrics. Made by `Metrics()`, in a registry of its own; nothing is counted in the library's global one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.nl.model import Sent

_ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 3.0)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What the store says at the moment of a scrape. `proposals` are counted by status, `model_allowed` is by whose limit it is and of what."""

    proposals: Mapping[str, int] = field(default_factory=dict)
    audit_size: int = 0
    audit_signed: int = 0
    safe_mode: bool = False
    anchors: Mapping[str, bool] = field(default_factory=dict)
    leases: int = 0
    engine_running: bool = False
    slack_healthy: bool | None = None
    model_used: Mapping[str, float] = field(default_factory=dict)
    model_allowed: Mapping[tuple[str, str], float] = field(default_factory=dict)
    model_refused: Mapping[str, float] = field(default_factory=dict)
    model_resting: bool = False


class Metrics:
    """One process's counters. Edges call the verbs; `text` is what Prometheus reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ack = Histogram(
            "countersign_ack_seconds",
            "From the arrival of a Slack delivery to its acknowledgement",
            buckets=_ACK_SECONDS,
            registry=self.registry,
        )
        self._deliveries = self._counter(
            "countersign_deliveries", "Slack deliveries, by what became of them", "outcome"
        )
        self._slack_calls = self._counter("countersign_slack_calls", "Calls to Slack, by result", "method", "status")
        self._limited = self._counter("countersign_slack_rate_limited", "Answers 429 by Slack", "method")
        self._settled = self._counter(
            "countersign_runs", "Runs that came to their end while this process served, by outcome", "status"
        )
        self._model_calls = self._counter(
            "countersign_model_calls",
            "Calls to the model, by what they were for and what came of them",
            "purpose",
            "outcome",
        )
        self._model_tokens = self._counter("countersign_model_tokens", "Tokens, asked and answered", "direction")
        self._model_money = self._counter("countersign_model_money", "What the model cost, in the unit of its price")
        self._model_seconds = Histogram(
            "countersign_model_seconds", "How long a call to the model took", registry=self.registry
        )
        self._model_used = self._gauge(
            "countersign_model_used", "Used by everybody: calls in an hour, tokens and money in a day", "what"
        )
        self._model_allowed = self._gauge(
            "countersign_model_allowed",
            "The limits: of everybody and of a person in an hour and a day, of reading and of answering one request",
            "of",
            "what",
        )
        self._model_refused = self._gauge(
            "countersign_model_refused", "Calls that a limit has prevented since the start, by the limit", "limit"
        )
        self._model_resting = self._gauge("countersign_model_resting", "1 while a failing model is left alone")
        self._proposals = self._gauge("countersign_proposals", "Proposals, by status", "status")
        self._audit = self._gauge("countersign_audit_entries", "Entries in the audit log")
        self._signed = self._gauge(
            "countersign_audit_signed_entries", "Entries of the audit log under a signed checkpoint"
        )
        self._safe_mode = self._gauge("countersign_safe_mode", "1 while nothing may change until a person acknowledges")
        self._anchors = self._gauge(
            "countersign_audit_anchor_ok", "1 unless an anchor failed to take a signed head", "anchor"
        )
        self._leases = self._gauge("countersign_engine_leases", "Engines alive on this database")
        self._engine = self._gauge("countersign_engine_running", "1 while this process runs approved proposals")
        self._slack = self._gauge("countersign_slack_healthy", "1 while Slack reaches us, 0 without Slack too")

    def acknowledged(self, seconds: float) -> None:
        """A delivery was acknowledged this long after it came."""
        self._ack.observe(seconds)

    def delivery(self, outcome: str) -> None:
        """A delivery was "accepted", "duplicate" or "refused"."""
        self._deliveries.labels(outcome).inc()

    def slack_call(self, method: str, status: str) -> None:
        """A call to Slack ended with "ok", an error of Slack's, or "429"."""
        self._slack_calls.labels(method, status).inc()
        if status == "429":
            self._limited.labels(method).inc()

    def settled(self, status: str) -> None:
        """A run came to its end."""
        self._settled.labels(status).inc()

    def model_call(self, sent: Sent) -> None:
        """The model was asked once."""
        self._model_calls.labels(sent.purpose, sent.outcome).inc()
        self._model_tokens.labels("asked").inc(sent.tokens_in)
        self._model_tokens.labels("answered").inc(sent.tokens_out)
        self._model_money.inc(sent.money)
        self._model_seconds.observe(sent.ms / 1000)

    def text(self, snapshot: Snapshot) -> bytes:
        """Everything, in the text format of Prometheus."""
        self._proposals.clear()
        for status, count in snapshot.proposals.items():
            self._proposals.labels(status).set(count)
        self._audit.set(snapshot.audit_size)
        self._signed.set(snapshot.audit_signed)
        self._safe_mode.set(snapshot.safe_mode)
        for anchor, ok in snapshot.anchors.items():
            self._anchors.labels(anchor).set(ok)
        self._leases.set(snapshot.leases)
        self._engine.set(snapshot.engine_running)
        self._slack.set(bool(snapshot.slack_healthy))
        for gauge, figures in (
            (self._model_used, snapshot.model_used),
            (self._model_refused, snapshot.model_refused),
        ):
            for what, figure in figures.items():
                gauge.labels(what).set(figure)
        for (whose, what), figure in snapshot.model_allowed.items():
            self._model_allowed.labels(whose, what).set(figure)
        self._model_resting.set(snapshot.model_resting)
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)
