"""What policies are told of the moment besides the catalog and the calendar: what people and runs have brought about.

What can be looked up again as it was (locks) is; the rest is kept with the proposal, as it was told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.canonical import Json
from skills.core.lock import Lock
from skills.core.policy import Request


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    """An incident of a service that is touched. `here` says that the request was made in its room. Confidential ones are told to nobody."""

    number: int
    service: str
    severity: str
    phase: str
    declared_at: datetime
    here: bool


@dataclass(frozen=True, kw_only=True)
class Past:
    """Our changes of one service in one environment: the last one, if there was any, and how many failed or were made lately.

    `outcome` is a proposal's status; `failures` are those of 24 hours, `today` is the organization's day.
    """

    service: str
    environment: str
    proposal: int | None = None
    outcome: str = ""
    ended_at: datetime | None = None
    failures: int = 0
    today: int = 0


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much of what may fail has not failed yet, in whole percent: 100 of an untouched one, less than 0 where it is overdrawn.

    `left` is None where nobody knows, and `because` says why.
    """

    service: str
    environment: str
    left: int | None = None
    objective: str = ""
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """As of the moment of the request. `locks` are those that concern what it touches."""

    locks: tuple[Lock, ...] = ()
    incidents: tuple[OpenIncident, ...] = ()
    history: tuple[Past, ...] = ()
    budgets: tuple[Budget, ...] = ()

    def told(self, now: datetime) -> dict[str, Json]:
        """As policies see it, except for locks. Ages are whole minutes, rounded down."""
        return {
            "incident": _incidents(self.incidents, now),
            "history": [_past(each, now) for each in self.history],
            "error_budget": [_budget(each) for each in self.budgets],
        }


class Surroundings(Protocol):
    """Where circumstances are known."""

    async def around(self, request: Request) -> Circumstances:
        """Those of a request, as of its moment. Raises `Unavailable`; then nothing is allowed."""


class Nowhere:
    """Nothing is known, as in tests of what does not depend on it."""

    async def around(self, request: Request) -> Circumstances:
        return Circumstances()


def kept(request: Request, around: Circumstances) -> Mapping[str, Json]:
    """What was told when the request was first judged, where that is on record, and else what is the case."""
    return around.told(request.now) if request.told is None else request.told


def _incidents(found: tuple[OpenIncident, ...], now: datetime) -> dict[str, Json]:
    """`worst` is "" where there is none, and the least number is the worst."""
    return {
        "open": [
            {
                "number": each.number,
                "service": each.service,
                "severity": each.severity,
                "phase": each.phase,
                "minutes": _minutes(now, each.declared_at),
                "here": each.here,
            }
            for each in found
        ],
        "worst": min((each.severity for each in found), default=""),
        "here": any(each.here for each in found),
    }


def _past(past: Past, now: datetime) -> dict[str, Json]:
    last: dict[str, Json] | None = None
    if past.proposal is not None:
        ended = past.ended_at or now
        last = {"proposal": past.proposal, "outcome": past.outcome, "minutes": _minutes(now, ended)}
    return {
        "service": past.service,
        "environment": past.environment,
        "last": last,
        "failures_in_24h": past.failures,
        "changes_today": past.today,
    }


def _budget(budget: Budget) -> dict[str, Json]:
    return {
        "service": budget.service,
        "environment": budget.environment,
        "known": budget.left is not None,
        "left_percent": budget.left,
        "objective": budget.objective,
        "because": budget.because,
    }


def _minutes(now: datetime, then: datetime) -> int:
    return max(0, int((now - then).total_seconds() // 60))
