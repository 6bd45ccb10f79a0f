"""Who made a service what it is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from skills.core.names import Digest, Organization, ProposalId, Subject
from skills.core.proposal import Effect, EffectState, Origin, Proposal, Status
from skills.status import _changed_by
from tests.support.proposals import ALLOWED, a_plan

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BACK = Effect(ordinal=1, compensating=True, index=0, state=EffectState.VERIFIED, intent_at=NOW)


def a_change(status: Status, *effects: Effect) -> Proposal:
    return Proposal(
        id=ProposalId(7), organization=Organization("acme"), handle="h7", requester=Subject("dev"), requester_name="Dev",
        reason="", origin=Origin(edge="cli"), plan=a_plan(), digest=Digest("00"), verdict=ALLOWED, status=status,
        created_at=NOW, expires_at=NOW, effects=effects,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("past", "told"),
    [
        ([], "somebody else"),
        ([a_change(Status.SUCCEEDED)], "Dev (#7)"),
        ([a_change(Status.FAILED, BACK)], "the way back of #7"),
        ([a_change(Status.FAILED, replace(BACK, state=EffectState.FAILED))], "somebody else"),
        ([a_change(Status.FAILED), a_change(Status.SUCCEEDED)], "Dev (#7)"),
    ],
)
def test_who_changed_it_last_is_who_took_effect(past: list[Proposal], told: str) -> None:
    assert _changed_by(past) == told
