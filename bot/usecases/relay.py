"""Handing pages to a pager outside, and reading back what becomes of them.

That a page is there is written down before the pager is asked, and everything is sent under its key, so a process that dies in between sends the same
again and it is the same page. While the pager does not answer it is asked again, and people are called directly.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.store import Store, Transaction
from bot.store.pages import REFUSED, StoredPage
from skills.core.canonical import Json
from skills.core.errors import NotAllowed, Unavailable
from skills.core.names import Subject
from skills.core.ports.pager import Called, Paged, Pager, PageState
from skills.core.ports.stand_ins import Override

_CLAIM = timedelta(seconds=60)
_LOOK_EVERY = timedelta(seconds=15)
_ENOUGH = timedelta(days=1)
"""When people are called again whom nobody answered for."""
_FIRST_WAIT, _LONGEST_WAIT = 5, 60
"""Seconds, after the first and after many failures."""
_ORDER = (PageState.TRIGGERED, PageState.ACKNOWLEDGED, PageState.RESOLVED)

Ring = Callable[[Transaction, StoredPage, Sequence[Override]], Awaitable[StoredPage]]


class Outside(Pager, Protocol):
    """A pager that knows some services."""

    def covers(self, service: str) -> bool:
        """Is this one of them?"""


class Relay:
    """Sees to one page at a time. `ring` calls the next level directly."""

    def __init__(self, *, store: Store, outside: Outside, ring: Ring, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._outside = outside
        self._ring = ring
        self._clock = clock

    async def __call__(self, page: StoredPage, overrides: Sequence[Override]) -> None:
        """Send it, tell what has become of it here, or look what has become of it there; unless another process does."""
        if not await self._store.pages.claim(page, self._clock() + _CLAIM):
            return
        try:
            seen = await self._exchange(page)
        except NotAllowed as refused:
            await self._directly(page, overrides, f"{refused.text} So people are called directly.", told=REFUSED)
        except Unavailable as down:
            await self._directly(
                page, overrides, f"{down.text} It is tried again; until then people are called directly."
            )
        else:
            await self._note(page, seen)

    async def _exchange(self, page: StoredPage) -> Paged | None:
        key = page.page.key
        if not page.told:
            return await self._outside.page(page.page) if page.state is not PageState.RESOLVED else None
        if page.state is PageState.ACKNOWLEDGED and page.told == PageState.TRIGGERED and page.answered_by:
            return await self._outside.acknowledge(key, by=_subject(page))
        if page.state is PageState.RESOLVED and page.told != PageState.RESOLVED:
            return await self._outside.resolve(key, by=None)
        return await self._outside.look(key)

    async def _note(self, before: StoredPage, seen: Paged | None) -> None:
        now = self._clock()
        page = await self._store.pages.by_number(before.number)
        if page and page.told and (seen is None or _same(page, self._after(page, seen, now))):
            await self._store.pages.claim(page, now + _LOOK_EVERY)
            return
        async with self._store.begin() as tx:
            page = await tx.pages.by_number(before.number)
            assert page
            after = self._after(page, seen, now) if seen else replace(page, due_at=None)
            await tx.pages.put(after)
            facts = {"service": page.page.service, "incident": after.outside, "state": after.state.value}
            tx.record("page:outside", f"page/{page.number}", facts, actor="countersign")

    def _after(self, page: StoredPage, seen: Paged, now: datetime) -> StoredPage:
        state = max(page.state, seen.state, key=_ORDER.index)
        answered = seen.acknowledged_by[0] if seen.acknowledged_by and not page.answered_by_name else None
        settled = state is not PageState.TRIGGERED and seen.state is state
        soon = now if seen.state is not state else now + _LOOK_EVERY
        return replace(
            page,
            state=state,
            told=seen.state.value,
            called=(*page.called, *_new(page, seen)),
            answered_by=(answered.subject or "") if answered else page.answered_by,
            answered_by_name=answered.name if answered else page.answered_by_name,
            outside=seen.incident or page.outside,
            outside_url=seen.url or page.outside_url,
            attempts=0,
            ring_at=None,
            due_at=None if settled else soon,
        )

    async def _directly(
        self, before: StoredPage, overrides: Sequence[Override], trouble: str, *, told: str | None = None
    ) -> None:
        """Call people ourselves, one level after another, and ask the pager again unless it refused for good."""
        async with self._store.begin() as tx:
            page = await tx.pages.by_number(before.number)
            assert page
            now = self._clock()
            again = now + timedelta(seconds=min(_FIRST_WAIT * 2 ** min(page.attempts, 8), _LONGEST_WAIT))
            page = replace(
                page,
                told=page.told if told is None else told,
                attempts=page.attempts + 1,
                troubles=tuple(dict.fromkeys([*page.troubles, trouble])),
            )
            waits = page.state is PageState.TRIGGERED and (page.ring_at is None or page.ring_at <= now)
            if waits and not page.told:
                page = await self._ring(tx, page, overrides)
                page = replace(page, ring_at=page.due_at or now + _ENOUGH)
            elif waits and told == REFUSED:
                await self._ring(tx, page, overrides)
                return
            over = page.state is not PageState.TRIGGERED and told == REFUSED
            await tx.pages.put(replace(page, due_at=None if over else again))
            facts: dict[str, Json] = {"service": page.page.service, "attempts": page.attempts, "why": trouble}
            tx.record("page:outside-failed", f"page/{page.number}", facts, actor="countersign")


def _new(page: StoredPage, seen: Paged) -> tuple[Called, ...]:
    """Whom it reached there since the last look: the next step, as seen from here."""
    known = {each.responder.name for each in page.called}
    step = max((each.step for each in page.called), default=-1) + 1
    return tuple(replace(each, step=step, level=step + 1) for each in seen.called if each.responder.name not in known)


def _same(before: StoredPage, after: StoredPage) -> bool:
    return (before.state, before.called, before.told, before.outside) == (
        after.state,
        after.called,
        after.told,
        after.outside,
    )


def _subject(page: StoredPage) -> Subject:
    return Subject(page.answered_by)
