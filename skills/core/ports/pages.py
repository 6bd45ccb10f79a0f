"""What skills need to call people themselves: a page is our own record, whatever reaches the people."""

from collections.abc import Sequence
from typing import Protocol

from skills.core.names import ServiceName, Subject
from skills.core.ports.pager import Paged
from skills.core.skill import Asked


class Pages(Protocol):
    """The organization's pages. Each call that writes is one transaction with its audit entry, and happens once for each `asked.key`."""

    async def open(self) -> Sequence[Paged]:
        """Those that are not resolved, newest first."""

    async def call(self, *, service: ServiceName | None, person: Subject | None, asked: Asked) -> Paged:
        """Call whoever is on call for the service, or this person, because of `asked.reason`. Raises `NotAllowed` where nobody can be called."""

    async def answer(self, number: int | None, *, asked: Asked) -> Paged:
        """The asker is there: nobody else has to be called. Without a number, by the page that called them, or the only one that waits.

        Raises `UnknownName`, `Ambiguous`, and `NothingToDo` where somebody was there before.
        """
