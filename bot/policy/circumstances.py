"""What policies are told of the moment besides the catalog and the calendar: what people and runs have brought about."""

from dataclasses import dataclass
from typing import Protocol

from skills.core.lock import Lock
from skills.core.policy import Request


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """As of the moment of the request. `locks` are those that concern what it touches."""

    locks: tuple[Lock, ...] = ()


class Surroundings(Protocol):
    """Where circumstances are known."""

    async def around(self, request: Request) -> Circumstances:
        """Those of a request, as of its moment. Raises `Unavailable`; then nothing is allowed."""


class Nowhere:
    """Nothing is known, as in tests of what does not depend on it."""

    async def around(self, request: Request) -> Circumstances:
        return Circumstances()
