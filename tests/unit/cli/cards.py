"""Cards to render, without a world behind them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.usecases.card import Card, StepLine
from skills.core.plan import FieldChange
from skills.core.proposal import Status

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_step(**other: Any) -> StepLine:
    values: dict[str, Any] = {
        "action": "set image",
        "target": "checkout in production (Deployment production/checkout)",
        "before": "v41",
        "after": "v42",
        "diff": (FieldChange(path="spec.image", before="v41", after="v42"),),
    }
    return StepLine(**{**values, **other})


def a_card(**other: Any) -> Card:
    values: dict[str, Any] = {
        "id": 3,
        "handle": "opaque",
        "status": Status.PENDING,
        "mark": "⏳",
        "title": "Deploy checkout v42 to production",
        "sentence": "#3 Deploy checkout v42 to production: waiting for approval by SRE.",
        "requester": "Developer",
        "reason": "",
        "words": "deploy checkout v42 to production",
        "steps": (a_step(),),
        "on_failure": (a_step(action="set image back", before="v42", after="v41", diff=(), compensating=True),),
        "risk": "high: production is protected",
        "blast_radius": "web",
        "verdict": "needs 1 approval, has 0",
        "verdict_reasons": ("A second person looks at every change to production.",),
        "approvers": "SRE",
        "approver_subjects": (),
        "approved_by": (),
        "expires_at": NOW + timedelta(minutes=15),
        "notes": (),
        "outcome": "",
        "took": None,
        "digest": "5" * 64,
        "audit": "countersign audit list --subject proposal/3",
        "buttons": (),
        "version": 1,
    }
    return Card(**{**values, **other})
