"""A lock: one person's word that nobody else changes a service, an environment, or one in the other, for a while."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skills.core.canonical import Json
from skills.core.names import Subject


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is locked. An empty name stands for all of them, and at most one of the two is empty."""

    service: str = ""
    environment: str = ""

    def __str__(self) -> str:
        if not self.service:
            return f"everything in {self.environment}"
        return f"{self.service} in {self.environment}" if self.environment else self.service

    @property
    def words(self) -> str:
        """As it is typed in a request."""
        return " in ".join(name for name in (self.service, self.environment) if name)

    def covers(self, other: "Scope") -> bool:
        """Is all of the other within this one?"""
        return self.service in ("", other.service) and self.environment in ("", other.environment)

    def meets(self, other: "Scope") -> bool:
        """Have the two anything in common?"""
        return (not self.service or not other.service or self.service == other.service) and (
            not self.environment or not other.environment or self.environment == other.environment
        )


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Held by `owner` from `since` to just before `until` (UTC), unless it is let go or stolen earlier."""

    number: int
    scope: Scope
    owner: Subject
    owner_name: str
    reason: str
    since: datetime
    until: datetime

    def concerns(self, services: Collection[str], environments: Collection[str]) -> bool:
        """Does it stand in the way of changing any of these services in any of these environments?"""
        return (not self.scope.service or self.scope.service in services) and (
            not self.scope.environment or self.scope.environment in environments
        )

    @property
    def sentence(self) -> str:
        """Who holds it since when and why."""
        return f"{self.scope} is locked by {self.owner_name} since {self.since:%Y-%m-%d %H:%M} UTC: {self.reason}"

    def to_json(self) -> dict[str, Json]:
        return {
            "number": self.number, "service": self.scope.service, "environment": self.scope.environment,
            "owner": self.owner, "owner_name": self.owner_name, "reason": self.reason,
            "since": self.since.isoformat(), "until": self.until.isoformat(),
        }  # fmt: skip

    @property
    def facts(self) -> dict[str, Json]:
        """For the audit log, where people stand by their subject alone."""
        return {name: value for name, value in self.to_json().items() if name != "owner_name"}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Lock":
        return cls(
            number=value["number"],
            scope=Scope(service=value["service"], environment=value["environment"]),
            owner=Subject(value["owner"]),
            owner_name=value["owner_name"],
            reason=value["reason"],
            since=datetime.fromisoformat(value["since"]),
            until=datetime.fromisoformat(value["until"]),
        )
