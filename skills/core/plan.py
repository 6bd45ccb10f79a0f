"""What is intended, as data: it can be shown, compared, fingerprinted, approved, stored and replayed.

A plan holds nothing volatile. Two plans made at different moments from an unchanged world are the same
bytes, which is what lets a run plan again and compare digests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from skills.core.canonical import Json, digest
from skills.core.names import Digest, SkillName

FORMAT = 1
"""Part of every digest: a plan stored by a release that meant something else by these fields never matches."""


class Risk(StrEnum):
    """How bad it is if this goes wrong."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One object that a step touches. `uid` makes a deleted and re-created namesake another target."""

    service: str
    environment: str
    kind: str
    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        return f"{self.service} in {self.environment} ({self.kind} {self.namespace}/{self.name})"

    def to_json(self) -> dict[str, Json]:
        return {
            "service": self.service, "environment": self.environment, "kind": self.kind,
            "namespace": self.namespace, "name": self.name, "uid": self.uid,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Target":
        return cls(**value)


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field that would differ, secrets redacted. `None` means the field is absent."""

    path: str
    before: str | None
    after: str | None

    def to_json(self) -> dict[str, Json]:
        return {"path": self.path, "before": self.before, "after": self.after}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FieldChange":
        return cls(**value)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One effect on one target.

    `before` and `after` are what a person reads; `edit` is the exact instruction that the skill that planned it carries out,
    preconditions included.
    """

    action: str
    target: Target
    before: str
    after: str
    edit: Mapping[str, Json]
    diff: tuple[FieldChange, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "action": self.action, "target": self.target.to_json(), "before": self.before, "after": self.after,
            "edit": dict(self.edit), "diff": [change.to_json() for change in self.diff],
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Step":
        return cls(
            action=value["action"],
            target=Target.from_json(value["target"]),
            before=value["before"],
            after=value["after"],
            edit=value["edit"],
            diff=tuple(FieldChange.from_json(change) for change in value["diff"]),
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Ordered steps, what they risk, whom they touch, and what is undone if one of them fails.

    `on_failure` is approved together with the steps. `notes` are facts worth reading before
    approving (for example that Helm's next upgrade would undo this).
    """

    skill: SkillName
    params: Mapping[str, Json]
    summary: str
    steps: tuple[Step, ...]
    risk: Risk
    risk_reasons: tuple[str, ...] = ()
    blast_radius: tuple[str, ...] = ()
    on_failure: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    format: int = field(default=FORMAT)

    @cached_property
    def digest(self) -> Digest:
        return digest(self.to_json())

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.target.service for step in self.steps))

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.target.environment for step in self.steps))

    def to_json(self) -> dict[str, Json]:
        return {
            "format": self.format, "skill": self.skill, "params": dict(self.params), "summary": self.summary,
            "steps": [step.to_json() for step in self.steps], "risk": self.risk.value,
            "risk_reasons": list(self.risk_reasons), "blast_radius": list(self.blast_radius),
            "on_failure": [step.to_json() for step in self.on_failure], "notes": list(self.notes),
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Plan":
        return cls(
            skill=value["skill"],
            params=value["params"],
            summary=value["summary"],
            steps=tuple(Step.from_json(step) for step in value["steps"]),
            risk=Risk(value["risk"]),
            risk_reasons=tuple(value["risk_reasons"]),
            blast_radius=tuple(value["blast_radius"]),
            on_failure=tuple(Step.from_json(step) for step in value["on_failure"]),
            notes=tuple(value["notes"]),
            format=value["format"],
        )
