"""Deliveries as Alertmanager makes them."""

import json
from datetime import UTC, datetime
from typing import Any

FIRED = datetime(2026, 11, 23, 8, 50, tzinfo=UTC)
_NEVER = "0001-01-01T00:00:00Z"


def told(
    name: str = "HighErrorRate",
    *,
    fingerprint: str = "a1",
    ended: datetime | None = None,
    fired: datetime = FIRED,
    **labels: str,
) -> dict[str, Any]:
    """One alert of a delivery, about checkout in production unless other labels are given."""
    about = labels or {"deployment": "checkout", "namespace": "production", "severity": "critical"}
    return {
        "status": "resolved" if ended else "firing",
        "labels": {"alertname": name, **about},
        "annotations": {"summary": f"{name} is too high"},
        "startsAt": fired.isoformat(),
        "endsAt": ended.isoformat() if ended else _NEVER,
        "generatorURL": "https://prometheus.example/graph?g0.expr=up",
        "fingerprint": fingerprint,
    }


def delivery(*alerts: dict[str, Any]) -> bytes:
    """What is posted."""
    return json.dumps({
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing", "receiver": "countersign", "groupLabels": {},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "https://alertmanager.example", "alerts": list(alerts),
    }).encode()  # fmt: skip
