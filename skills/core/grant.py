"""A standing approval: one person's word, given in advance, on what somebody else will ask for within bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skills.core.canonical import Json
from skills.core.names import Subject
from skills.core.plan import Plan, Risk

_ORDER = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is approved in advance: one skill for one service in one environment, up to a risk and, where it counts them, replicas."""

    grantee: Subject
    skill: str
    service: str
    environment: str
    risk: Risk = Risk.MEDIUM
    replicas: int | None = None

    def hold(self, plan: Plan, requester: Subject) -> bool:
        """Is this plan, asked for by them, within what was approved?"""
        return (
            (requester, plan.skill, plan.services, plan.environments)
            == (self.grantee, self.skill, (self.service,), (self.environment,))
            and _ORDER.index(plan.risk) <= _ORDER.index(self.risk)
            and all(self._few_enough(step.edit) for step in plan.steps)
        )

    def _few_enough(self, edit: Mapping[str, Json]) -> bool:
        """Where replicas are limited, a step has to say how many there will be, if it sets them."""
        if self.replicas is None or edit.get("op") != "replicas":
            return True
        after = edit.get("after")
        return isinstance(after, int) and after <= self.replicas

    def __str__(self) -> str:
        few = f" to {self.replicas} replicas at most" if self.replicas is not None else ""
        return f"{self.skill} {self.service} in {self.environment}{few}, risk up to {self.risk.value}"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Given by `granter` from `since` to just before `until` (UTC), unless it is revoked or used up earlier.

    `uses` counts how often it was used, `most` how often it may be.
    """

    number: int
    bounds: Bounds
    granter: Subject
    granter_name: str
    grantee_name: str
    reason: str
    since: datetime
    until: datetime
    most: int
    uses: int = 0

    def to_json(self) -> dict[str, Json]:
        bounds = self.bounds
        return {
            "number": self.number, "grantee": bounds.grantee, "skill": bounds.skill, "service": bounds.service,
            "environment": bounds.environment, "risk": bounds.risk.value, "replicas": bounds.replicas,
            "granter": self.granter, "granter_name": self.granter_name, "grantee_name": self.grantee_name, "reason": self.reason,
            "since": self.since.isoformat(), "until": self.until.isoformat(), "most": self.most, "uses": self.uses,
        }  # fmt: skip

    @property
    def facts(self) -> dict[str, Json]:
        """For the audit log, where people stand by their subject alone."""
        return {name: value for name, value in self.to_json().items() if name not in ("granter_name", "grantee_name")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Grant":
        return cls(
            number=value["number"],
            bounds=Bounds(
                grantee=Subject(value["grantee"]),
                skill=value["skill"],
                service=value["service"],
                environment=value["environment"],
                risk=Risk(value["risk"]),
                replicas=value["replicas"],
            ),
            granter=Subject(value["granter"]),
            granter_name=value["granter_name"],
            grantee_name=value["grantee_name"],
            reason=value["reason"],
            since=datetime.fromisoformat(value["since"]),
            until=datetime.fromisoformat(value["until"]),
            most=value["most"],
            uses=value["uses"],
        )
