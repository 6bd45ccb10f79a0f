"""A plausible plan, and a proposal of it in a store."""

from datetime import timedelta
from typing import Any

from bot.store import Store
from skills.core.names import SkillName, Subject
from skills.core.plan import Plan, Risk, Step, Target
from skills.core.proposal import Origin, Proposal, Status
from skills.core.verdict import Outcome, Verdict
from tests.support.databases import NOON


def a_plan(service: str = "checkout", environment: str = "production", *, version: str = "v42") -> Plan:
    target = Target(
        service=service, environment=environment, kind="Deployment", namespace="shop", name=service, uid="uid-1"
    )
    step = Step(
        action="set image",
        target=target,
        before="v41",
        after=version,
        edit={"kind": "image", "container": "app", "before": "v41", "after": version},
    )
    return Plan(
        skill=SkillName("deploy"),
        params={"service": service, "version": version},
        summary=f"Deploy {service} {version} to {environment}",
        steps=(step,),
        risk=Risk.MEDIUM,
    )


ALLOWED = Verdict(outcome=Outcome.ALLOW, reasons=("a test may",))


async def propose(store: Store, number: int | str = 1, *, plan: Plan | None = None, **other: Any) -> Proposal:
    """Add a pending proposal with its audit entry; `number` makes handle and request key unique."""
    values: dict[str, Any] = {
        "handle": f"handle-{number}", "request_key": f"request-{number}", "requester": Subject("dev@example.com"),
        "requester_name": "Dev", "reason": "because", "origin": Origin(edge="cli", words="deploy it"),
        "verdict": ALLOWED, "status": Status.PENDING, "expires_at": NOON + timedelta(minutes=15),
    }  # fmt: skip
    async with store.begin() as tx:
        proposal = await tx.add_proposal(plan=plan or a_plan(), **{**values, **other})
        tx.record("proposal:created", f"proposal/{proposal.id}", {"digest": proposal.digest}, actor="dev@example.com")
    return proposal
