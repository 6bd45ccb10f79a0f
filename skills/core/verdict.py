"""What policy says about a request: allow, needs somebody, or deny, always with reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from skills.core.canonical import Json


class Outcome(StrEnum):
    """The three things that policy can say."""

    ALLOW = "allow"
    NEEDS = "needs"
    DENY = "deny"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """So many distinct people who bear one of these roles, or belong to one of these teams, or own the service."""

    count: int
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    owner: bool = False
    rule: str = ""

    def __str__(self) -> str:
        who = [
            *self.roles,
            *(f"team {team}" for team in self.teams),
            *(["an owner of the service"] if self.owner else []),
        ]
        people = "1 person" if self.count == 1 else f"{self.count} people"
        return f"{people} other than the requester: {' or '.join(who) or 'nobody is named'}"

    def to_json(self) -> dict[str, Json]:
        return {
            "count": self.count,
            "roles": list(self.roles),
            "teams": list(self.teams),
            "owner": self.owner,
            "rule": self.rule,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Requirement":
        return cls(
            count=value["count"],
            roles=tuple(value["roles"]),
            teams=tuple(value["teams"]),
            owner=value["owner"],
            rule=value["rule"],
        )


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Outcome, why, which rules said so, and, for `needs`, every requirement that has to be met."""

    outcome: Outcome
    reasons: tuple[str, ...]
    rules: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    @property
    def approvals_needed(self) -> int:
        """The least number of people that could satisfy every requirement."""
        return max((requirement.count for requirement in self.requirements), default=0)

    def to_json(self) -> dict[str, Json]:
        return {
            "outcome": self.outcome.value, "reasons": list(self.reasons), "rules": list(self.rules),
            "requirements": [requirement.to_json() for requirement in self.requirements],
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Verdict":
        return cls(
            outcome=Outcome(value["outcome"]),
            reasons=tuple(value["reasons"]),
            rules=tuple(value["rules"]),
            requirements=tuple(Requirement.from_json(requirement) for requirement in value["requirements"]),
        )
