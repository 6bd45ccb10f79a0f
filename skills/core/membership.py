"""A role or a team that somebody has, and what was revoked of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from skills.core.names import Subject


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A role, or a team, that somebody has."""

    kind: Literal["role", "team"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def words(self) -> str:
        return f"the {self.kind} {self.name}"

    @classmethod
    def read(cls, text: str) -> "Membership":
        kind, _, name = text.partition("/")
        return cls(kind="role" if kind == "role" else "team", name=name)


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """What was revoked: whoever had it does not have it until the configuration confirms them again, later than `at` (UTC)."""

    at: Mapping[Subject, Mapping[Membership, datetime]] = field(default_factory=dict)
