"""Votes on answers, in both databases."""

from bot.store import Database, Store, Vote
from skills.core.names import Organization, Subject
from tests.support.databases import NOON, Clock

DEV, SRE = Subject("dev"), Subject("sre")


async def test_a_vote_says_what_was_asked_and_what_it_was_taken_for(store: Store) -> None:
    await store.votes.cast("answer-1", DEV, vote="helpful", text="is checkout ok?", skill="status")
    expected = Vote(key="answer-1", subject=DEV, vote="helpful", at=NOON, text="is checkout ok?", skill="status")
    assert await store.votes.latest() == [expected]


async def test_the_last_vote_of_a_person_on_an_answer_is_the_one_that_counts(store: Store, clock: Clock) -> None:
    await store.votes.cast("answer-1", DEV, vote="helpful", text="x", skill=None)
    clock.forward(seconds=1)
    await store.votes.cast("answer-1", SRE, vote="helpful", text="x", skill=None)
    clock.forward(seconds=1)
    await store.votes.cast("answer-1", DEV, vote="unhelpful", text="x", skill=None)
    assert [(vote.subject, vote.vote) for vote in await store.votes.latest()] == [
        (DEV, "unhelpful"),
        (SRE, "helpful"),
    ]
    assert len(await store.votes.latest(limit=1)) == 1


async def test_no_secret_and_nothing_unstorable_is_kept(store: Store) -> None:
    await store.votes.cast("answer-1", DEV, vote="helpful", text="use xoxb-123456789012-abc\0", skill=None)
    assert [vote.text for vote in await store.votes.latest()] == ["use (redacted)\ufffd"]


async def test_votes_of_another_organization_are_not_seen(database: Database, store: Store) -> None:
    await store.votes.cast("answer-1", DEV, vote="helpful", text="x", skill=None)
    assert await database.store(Organization("other")).votes.latest() == []
