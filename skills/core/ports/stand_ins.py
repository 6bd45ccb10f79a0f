"""What skills need to let one person be on call instead of another for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.names import Subject
from skills.core.rotation import Duty
from skills.core.skill import Asked


@dataclass(frozen=True, kw_only=True)
class Override:
    """`subject` is on call in a rotation instead of whoever it would be, from `start` to just before `end` (UTC)."""

    number: int
    rotation: str
    subject: Subject
    name: str
    start: datetime
    end: datetime
    by: Subject
    by_name: str


class StandIns(Protocol):
    """The organization's overrides. What writes is one transaction with its audit entry, and happens once for each `asked.key`."""

    @property
    def duty(self) -> Duty:
        """The rotations and escalations that there are."""

    def now(self) -> datetime:
        """The time, in UTC."""

    async def planned(self) -> Sequence[Override]:
        """Those that hold now or will, by their beginning."""

    async def take(self, rotation: str, subject: Subject, *, start: datetime, end: datetime, asked: Asked) -> Override:
        """Let somebody stand in. Raises `BadInput` for a person who left or times that make no sense."""

    async def give_back(self, number: int, *, asked: Asked) -> Override:
        """End one, or take it back before it begins. Raises `UnknownName`."""
