"""Locks: one person holds others off for a while, in the open."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy

from bot.usecases.answers import Answer, Answered, Clarify, Proposed, Refused
from skills.core.notice import Person
from skills.core.proposal import Status
from tests.support.worlds import Office, open_office

LOCK = "lock checkout in production because the database is being migrated"
DEPLOY = "deploy checkout v42 to production"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


def told(answer: Answer) -> str:
    return answer.text


async def entries(office: Office, number: int) -> list[str]:
    return [each.verb for each in await office.world.store.audit.entries(subject=f"lock/{number}")]


async def test_a_lock_holds_off_everybody_else_and_says_whose_it_is(office: Office) -> None:
    taken = await office.say("sre", LOCK)
    assert told(taken) == "checkout in production is yours until 2026-11-23 13:00 UTC: the database is being migrated"
    refused = await office.say("dev", DEPLOY)
    assert isinstance(refused, Refused)
    assert refused.text == (
        "checkout in production is locked by SRE since 2026-11-23 09:00 UTC: the database is being migrated. "
        "Ask SRE to unlock it, or say: steal checkout in production because …"
    )
    assert refused.rules == ("lock",)
    assert isinstance(await office.say("dev", "deploy checkout v42 to staging"), Proposed)
    assert isinstance(await office.say("sre", DEPLOY), Proposed)
    assert await entries(office, 1) == ["lock:taken"]


async def test_a_lock_on_a_service_holds_everywhere_and_one_on_an_environment_for_everything(office: Office) -> None:
    await office.say("sre", "lock checkout for 2h because I am looking for a leak")
    await office.say("sre", "lock staging because of the load test")
    for text in ("deploy checkout v42 to production", "deploy search v42 to staging", "scale web to 3 in staging"):
        assert isinstance(await office.say("dev", text), Refused), text
    assert isinstance(await office.say("dev", "deploy search v42 to production"), Proposed)


async def test_it_ends_by_itself_or_when_it_is_let_go(office: Office) -> None:
    await office.say("sre", "lock checkout for 30m because of a test")
    assert isinstance(await office.say("dev", DEPLOY), Refused)
    office.time.pass_by(minutes=30)
    assert isinstance(await office.say("dev", DEPLOY), Proposed)
    await office.say("sre", LOCK)
    assert told(await office.say("sre", "unlock checkout")) == "checkout in production can be changed by others again."
    assert isinstance(await office.say("dev", "deploy checkout v43 to production"), Proposed)
    assert await entries(office, 2) == ["lock:taken", "lock:released"]


async def test_whoever_waits_can_steal_it_and_its_owner_is_told(office: Office) -> None:
    await office.say("sre", LOCK)
    stolen = await office.say("dev", "steal checkout in production because the migration is over")
    assert isinstance(stolen, Answered)
    assert told(stolen).startswith("checkout in production is yours until")
    (notice,) = await office.world.store.notices.latest()
    assert notice.to == Person(subject=office.world.actor("sre").subject)
    assert notice.report.summary == (
        "Developer has taken it over: the migration is over. You held it for: the database is being migrated."
    )
    assert isinstance(await office.say("dev", DEPLOY), Proposed)
    assert isinstance(await office.say("sre", DEPLOY), Refused)
    assert await entries(office, 1) == ["lock:taken", "lock:stolen"]


async def test_nobody_lets_go_of_anothers_lock_nor_locks_over_it(office: Office) -> None:
    await office.say("sre", LOCK)
    for text in ("unlock checkout in production", "unlock checkout", "lock checkout because I want to"):
        answer = await office.say("dev", text)
        assert isinstance(answer, Refused), text
        assert "is locked by SRE since 2026-11-23 09:00 UTC" in answer.text


async def test_what_makes_no_sense_is_said_and_locks_nothing(office: Office) -> None:
    for text, said in {
        "lock checkout": "Others want to know why they have to wait. Say: lock checkout because …",
        "lock because of a test": "Say which service or which environment.",
        "lock checkout for 30d because of a test": "A lock holds for 1w at most. Take it for less; it can be taken again.",
        "steal checkout because of a test": "Nobody else holds a lock on checkout. Say: lock checkout because …",
    }.items():
        answer = await office.say("dev", text)
        assert isinstance(answer, Clarify), text
        assert said in answer.text
    assert told(await office.say("dev", "unlock checkout")) == "Nobody holds a lock on checkout."
    assert told(await office.say("dev", "locks")) == "Nobody holds a lock."


async def test_of_many_who_lock_at_the_same_moment_one_does(office: Office) -> None:
    people = ["dev", "sre", "lead"] * 3
    answers = await asyncio.gather(*(office.say(who, LOCK, key=f"{who}") for who in people))
    held = await office.world.store.locks.at(office.time())
    assert len({lock.owner for lock in held}) == 1
    assert {type(answer) for answer in answers} == {Answered, Refused}


async def test_the_same_request_delivered_twice_is_one_lock(office: Office) -> None:
    first, second = [await office.say("sre", LOCK, key="delivery-1") for _ in range(2)]
    assert told(first) == told(second)
    assert [lock.number for lock in await office.world.store.locks.at(office.time())] == [1]


async def test_taking_it_again_is_a_longer_lock_and_not_a_second(office: Office) -> None:
    await office.say("sre", LOCK)
    office.time.pass_by(hours=3)
    await office.say("sre", "lock checkout in production because it takes longer")
    (lock,) = await office.world.store.locks.at(office.time())
    assert (lock.number, lock.reason) == (2, "it takes longer")


async def test_a_lock_that_is_taken_after_the_approval_stops_the_run(office: Office) -> None:
    await office.say("dev", DEPLOY)
    await office.say("lead", "approve 1")
    await office.say("sre", LOCK)
    proposal = await office.run(1)
    assert proposal.status in (Status.VOID, Status.EXPIRED, Status.FAILED)
    assert "locked by SRE" in proposal.outcome
    assert office.cluster.effects == ()


async def test_status_and_locks_show_what_is_held(office: Office) -> None:
    await office.say("sre", LOCK)
    for text in ("status checkout", "locks"):
        answer = await office.say("dev", text)
        assert isinstance(answer, Answered)
        assert "SRE" in str(answer.report.to_json())
    listed = await office.say("sre", "who has locked checkout?")
    assert isinstance(listed, Answered)
    assert listed.report.summary == "One lock on checkout."
    assert listed.report.to_json()["parts"][-1] == {  # type: ignore[index]
        "type": "command",
        "text": "unlock checkout in production",
        "does": "let it go",
    }


async def test_a_secret_in_the_reason_is_not_kept(office: Office) -> None:
    await office.say("sre", "lock checkout because of xoxb-123456789012-abc")
    (lock,) = await office.world.store.locks.at(office.time())
    assert lock.reason == "(redacted)"


async def test_who_and_why_stand_in_the_audit_log_so_that_they_can_be_erased(office: Office) -> None:
    await office.say("sre", LOCK)
    await office.say("dev", "steal checkout in production because the migration is over")
    async with office.world.database.reading() as connection:
        bodies = " ".join(
            row.body
            for row in await connection.execute(
                sqlalchemy.text("SELECT body FROM audit_entries WHERE subject LIKE 'lock/%'")
            )
        )
    for personal in ("sre", "SRE", "Developer", "the database is being migrated", "the migration is over"):
        assert personal not in bodies, personal
