"""The look at a service some time after a run: how it does, compared with before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from skills.core.canonical import Json
from skills.core.report import Command


class Condition(StrEnum):
    """How a service does."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNCLEAR = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Health:
    """A condition and what it rests on. `text` is one line of numbers; `reasons` are sentences, and there is one at least unless healthy.

    `worse` says that it does worse than before, so that going back would help.
    """

    condition: Condition
    text: str
    reasons: tuple[str, ...] = ()
    worse: bool = False

    def to_json(self) -> dict[str, Json]:
        return {
            "condition": self.condition.value,
            "text": self.text,
            "reasons": list(self.reasons),
            "worse": self.worse,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Health":
        return cls(
            condition=Condition(value["condition"]),
            text=value["text"],
            reasons=tuple(value["reasons"]),
            worse=value["worse"],
        )


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """What is to be found out about the service of a run at `due_at` (UTC), and what was: `health` is None until then.

    `offer` is the request that would put things right, where there is one.
    """

    due_at: datetime
    health: Health | None = None
    offer: Command | None = None

    def to_json(self) -> dict[str, Json]:
        """What was found, as it is kept."""
        if self.health is None:
            return {}
        offer: Json = {"text": self.offer.text, "does": self.offer.does} if self.offer else None
        return {**self.health.to_json(), "offer": offer}

    @classmethod
    def from_json(cls, found: Mapping[str, Any], *, due_at: datetime) -> "Checkup":
        if not found:
            return cls(due_at=due_at)
        offer = Command(**found["offer"]) if found["offer"] else None
        return cls(due_at=due_at, health=Health.from_json(found), offer=offer)
