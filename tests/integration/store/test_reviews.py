"""Access reviews as rows, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from bot.store import Database, Store
from bot.store.errors import Unaudited
from skills.core.campaign import Campaign, Question, Word
from skills.core.membership import Membership
from skills.core.names import Organization, Subject
from tests.support.databases import Clock

ROLE = Membership(kind="role", name="developer")


async def opened(store: Store, clock: Clock) -> int:
    """A campaign with one question; its number."""
    asked = Question(
        number=0, campaign=0, person=Subject("dev"), person_name="Dev", membership=ROLE, gives=("use deploy",)
    )
    async with store.begin() as tx:
        number = await tx.reviews.next_campaign()
        campaign = Campaign(
            number=number, opened_by="lead", reason="audit", opened_at=clock.now, due_at=clock.now + timedelta(days=14), unanswered="escalate",
        )  # fmt: skip
        (question,) = await tx.reviews.open(campaign, [asked])
        tx.record("access-review:opened", f"access-review/{number}", {}, actor="lead")
    return question.number


async def test_of_sixteen_answers_at_once_one_is_written_down(store: Store, clock: Clock) -> None:
    number = await opened(store, clock)

    async def answer(who: int) -> bool:
        async with store.begin() as tx:
            word = Word.KEEP if who % 2 else Word.REVOKE
            written = await tx.reviews.answer(number, word, by=f"p{who}", by_name=f"P{who}", reason="so", now=clock.now)
            if written:
                tx.record("access-review:answered", "access-review/1", {"answer": word.value}, actor=f"p{who}")
        return written

    assert sum(await asyncio.gather(*map(answer, range(16)))) == 1
    question = await store.reviews.question(number)
    assert question is not None
    assert (question.word is Word.REVOKE) is bool((await store.reviews.withdrawn()).at)
    assert len(await store.audit.entries(subject="access-review/1")) == 2


async def test_an_answer_without_an_entry_is_not_committed(store: Store, clock: Clock) -> None:
    number = await opened(store, clock)
    with pytest.raises(Unaudited):
        async with store.begin() as tx:
            await tx.reviews.answer(number, Word.REVOKE, by="lead", by_name="Lead", reason="so", now=clock.now)
    assert (await store.reviews.withdrawn()).at == {}


async def test_each_organization_has_its_own(store: Store, database: Database, clock: Clock) -> None:
    await opened(store, clock)
    other = database.store(Organization("other"))
    assert await other.reviews.latest() is None
    assert await opened(other, clock) == 1
    assert len(await store.reviews.questions(1)) == 1
