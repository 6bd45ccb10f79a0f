"""What was sent to a model and what came of it: for administrators, redacted like what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skills.core.canonical import Json

READING, ANSWERING = "reading", "answering"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One try, of `purpose` "reading" (a request) or "answering" (a question that needs several reads). `outcome` is "answered" or why not; `calls` names the skills it answered with. `money` is in the unit of the price."""

    at: datetime
    model: str
    asker: str
    user: str
    outcome: str
    purpose: str = READING
    calls: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    ms: float = 0.0

    def to_json(self) -> dict[str, Json]:
        """For a line of JSON; the time is ISO 8601 in UTC. Money in millionths, since canonical JSON has no fractions."""
        return {
            "at": self.at.isoformat(), "model": self.model, "asker": self.asker, "user": self.user, "outcome": self.outcome,
            "purpose": self.purpose, "calls": list(self.calls), "tokens_in": self.tokens_in, "tokens_out": self.tokens_out,
            "micros": round(self.money * 1_000_000), "ms": round(self.ms),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Sent":
        """The opposite of `to_json`. Raises `KeyError`, `TypeError` or `ValueError` where it is none of ours."""
        return cls(
            at=datetime.fromisoformat(kept["at"]),
            model=str(kept["model"]),
            asker=str(kept["asker"]),
            user=str(kept["user"]),
            outcome=str(kept["outcome"]),
            purpose=str(kept.get("purpose", READING)),
            calls=tuple(str(each) for each in kept["calls"]),
            tokens_in=int(kept["tokens_in"]),
            tokens_out=int(kept["tokens_out"]),
            money=int(kept["micros"]) / 1_000_000,
            ms=float(kept["ms"]),
        )
