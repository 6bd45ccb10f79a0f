"""What is counted, as Prometheus reads it."""

from datetime import UTC, datetime

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics, Snapshot
from bot.nl.model import Sent

NOTHING = Snapshot()


def values(metrics: Metrics, snapshot: Snapshot = NOTHING) -> dict[tuple[str, str], float]:
    """By name and labels, what a scrape reads."""
    families = text_string_to_metric_families(metrics.text(snapshot).decode())
    return {
        (sample.name, ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_deliveries_and_calls_are_counted_by_outcome() -> None:
    metrics = Metrics()
    metrics.acknowledged(0.012)
    metrics.delivery("accepted")
    metrics.delivery("accepted")
    metrics.delivery("duplicate")
    metrics.slack_call("chat.update", "ok")
    metrics.slack_call("chat.update", "429")
    metrics.settled("succeeded")
    read = values(metrics)
    assert read["countersign_ack_seconds_count", ""] == 1
    assert read["countersign_ack_seconds_bucket", "le=0.01"] == 0
    assert read["countersign_ack_seconds_bucket", "le=0.025"] == 1
    assert read["countersign_deliveries_total", "outcome=accepted"] == 2
    assert read["countersign_deliveries_total", "outcome=duplicate"] == 1
    assert read["countersign_slack_calls_total", "method=chat.update,status=429"] == 1
    assert read["countersign_slack_rate_limited_total", "method=chat.update"] == 1
    assert read["countersign_runs_total", "status=succeeded"] == 1


def test_what_the_store_says_is_as_of_the_scrape() -> None:
    metrics = Metrics()
    values(metrics, Snapshot(proposals={"pending": 3, "gone": 1}))
    read = values(
        metrics,
        Snapshot(
            proposals={"pending": 2},
            audit_size=17,
            audit_signed=15,
            safe_mode=True,
            anchors={"witness w": False},
            leases=1,
            engine_running=True,
        ),
    )
    assert read["countersign_proposals", "status=pending"] == 2
    assert ("countersign_proposals", "status=gone") not in read
    assert read["countersign_audit_entries", ""] == 17
    assert read["countersign_audit_signed_entries", ""] == 15
    assert read["countersign_safe_mode", ""] == 1
    assert read["countersign_audit_anchor_ok", "anchor=witness w"] == 0
    assert read["countersign_engine_running", ""] == 1


def test_two_of_them_do_not_share_anything_and_the_global_registry_stays_clean() -> None:
    one, other = Metrics(), Metrics()
    one.delivery("accepted")
    assert ("countersign_deliveries_total", "outcome=accepted") not in values(other)
    assert not [family.name for family in REGISTRY.collect() if family.name.startswith("countersign")]


def test_calls_to_the_model_are_counted_beside_their_limits() -> None:
    metrics = Metrics()
    at = datetime(2026, 11, 23, tzinfo=UTC)
    metrics.model_call(
        Sent(
            at=at,
            model="m",
            asker="dev",
            user="",
            outcome="answered",
            tokens_in=900,
            tokens_out=20,
            money=0.25,
            ms=1500,
        )
    )
    metrics.model_call(Sent(at=at, model="m", asker="dev", user="", outcome="slow", ms=4500))
    metrics.model_call(Sent(at=at, model="m", asker="dev", user="", outcome="answered", purpose="answering"))
    allowed = {("person", "calls"): 60.0, ("answering", "seconds"): 30.0}
    snapshot = Snapshot(
        model_used={"calls": 2}, model_allowed=allowed, model_refused={"tokens in one request": 3}, model_resting=True
    )
    read = values(metrics, snapshot)
    assert read["countersign_model_calls_total", "outcome=answered,purpose=reading"] == 1
    assert read["countersign_model_calls_total", "outcome=slow,purpose=reading"] == 1
    assert read["countersign_model_calls_total", "outcome=answered,purpose=answering"] == 1
    assert read["countersign_model_tokens_total", "direction=asked"] == 900
    assert read["countersign_model_money_total", ""] == 0.25
    assert read["countersign_model_seconds_sum", ""] == 6
    assert read["countersign_model_used", "what=calls"] == 2
    assert read["countersign_model_allowed", "of=person,what=calls"] == 60
    assert read["countersign_model_allowed", "of=answering,what=seconds"] == 30
    assert read["countersign_model_refused", "limit=tokens in one request"] == 3
    assert read["countersign_model_resting", ""] == 1
