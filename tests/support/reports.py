"""Reports as troubleshooting makes them: findings with everything, and charts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from skills.core.report import Chart, Command, Curve, Finding, Mark, Report, Table

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROLLBACK = Command(text="rollback checkout in production", does="go back to v41")


def a_finding(**other: Any) -> Finding:
    values: dict[str, Any] = {
        "text": "The image registry.example/checkout:v43 does not exist.",
        "severity": "error",
        "confidence": "certain",
        "since": NOON - timedelta(minutes=25),
        "chain": ("image missing", "pods cannot start", "rollout stuck", "no endpoints"),
        "evidence": tuple(f"Pod checkout-{n}: ImagePullBackOff, manifest unknown" for n in range(8)),
        "remedy": "Go back to v41, which is known to be good.",
        "offer": ROLLBACK,
    }
    return Finding(**{**values, **other})


def a_chart(**other: Any) -> Chart:
    """An hour of latencies with a hole in it, and a deploy after which they are bad."""

    def points(low: float, high: float) -> tuple[tuple[datetime, float | None], ...]:
        return tuple(
            (NOON + timedelta(minutes=n), None if 20 <= n < 25 else high if n > 40 else low) for n in range(60)
        )

    values: dict[str, Any] = {
        "title": "Latency of checkout",
        "unit": "ms",
        "curves": (Curve(name="p50", points=points(40, 60)), Curve(name="p99", points=points(250, 1200))),
        "marks": (Mark(at=NOON + timedelta(minutes=40), text="deploy v43"),),
        "table": Table(columns=("", "before", "now"), rows=(("p50", "40 ms", "60 ms"), ("p99", "250 ms", "1.2 s"))),
    }
    return Chart(**{**values, **other})


def a_report(*parts: Any) -> Report:
    return Report(
        title="Troubleshoot checkout in production",
        summary="checkout is down: its image does not exist.",
        parts=parts or (a_finding(), a_chart()),
    )
