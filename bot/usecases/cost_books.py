"""Every source of costs there is, behind one door: asked once for what many want to know, kept for a while, and missed when it is down."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from skills.core.errors import Unavailable
from skills.core.ports.costs import Accounts, Basis, Costs, Reconciled, Reconciliations, Statement, Wanted
from skills.costing.reconciling import error

FRESH = timedelta(minutes=10)
"""For so long an answer is as good as a new one, where the source itself sets no other time."""

_MOST = 64


@dataclass(frozen=True, kw_only=True)
class Book:
    """One source. `name` is what troubles call it; what it said is asked again after `fresh`, and serves for longer while it is down."""

    name: str
    costs: Costs
    fresh: timedelta = FRESH


@dataclass(kw_only=True)
class _Kept:
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    statement: Statement | None = None


class CostBooks:
    """Satisfies `Books`: the sources in the order in which they are to be believed."""

    def __init__(
        self,
        books: Sequence[Book],
        *,
        clock: Callable[[], datetime],
        reconciliations: Reconciliations | None = None,
    ) -> None:
        self._books = books
        self._clock = clock
        self._reconciliations = reconciliations
        self._kept: OrderedDict[tuple[str, Wanted], _Kept] = OrderedDict()

    async def accounts(self, wanted: Wanted) -> Accounts:
        """What all sources say. One that is down is named in `troubles`, and what was kept of it serves. Raises `Unavailable` where there is
        nothing at all.
        """
        answers = await asyncio.gather(*(self._of(book, wanted) for book in self._books))
        past = await self._past()
        statements = tuple(
            _measured(statement, past.get(book.name, ()))
            for book, (statement, _) in zip(self._books, answers, strict=True)
            if statement
        )
        troubles = tuple(problem for _, problem in answers if problem)
        if not statements:
            raise Unavailable(
                " ".join(troubles) or "No source of costs is configured.", hint=_HOW if not troubles else ""
            )
        return Accounts(
            statements=statements, troubles=troubles, past=tuple(each for found in past.values() for each in found)
        )

    async def _of(self, book: Book, wanted: Wanted) -> tuple[Statement | None, str]:
        """What a source says, or said, and the sentence on why it does not say more."""
        kept = self._keep(book, wanted)
        async with kept.asking:
            if kept.statement and self._clock() - kept.statement.source.read_at < book.fresh:
                return kept.statement, ""
            try:
                kept.statement = await book.costs.statement(wanted)
            except Unavailable as problem:
                return kept.statement, f"{book.name}: {problem}"
            return kept.statement, ""

    def _keep(self, book: Book, wanted: Wanted) -> _Kept:
        key = (book.name, wanted)
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return kept

    async def _past(self) -> dict[str, Sequence[Reconciled]]:
        """How each of the sources did before."""
        if self._reconciliations is None:
            return {}
        return {book.name: await self._reconciliations.past(book.name) for book in self._books}


def _measured(statement: Statement, past: Sequence[Reconciled]) -> Statement:
    """The same with the error that was measured, where it was: a bill needs none."""
    off = error(past)
    if off is None or statement.source.basis is Basis.BILL:
        return statement
    return replace(statement, source=replace(statement.source, error=off, reconciled=True))


_HOW = "Write prices down in prices.yaml, or name a source under costs in organization.yaml."
