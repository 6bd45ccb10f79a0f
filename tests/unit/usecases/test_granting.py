"""Standing approvals: given in advance, within bounds, and worth no more than their giver's word when they are used."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.usecases.answers import Answer, Answered, Clarify, Proposed, Refused
from bot.usecases.run import Runner
from skills.core.notice import Person
from skills.core.proposal import Status
from tests.support.worlds import Office, open_office

GRANT = "grant dev scale web to 8 in production because the sale is on"
SCALE = "scale web to 6 in production"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


def status(answer: Answer) -> Status:
    assert isinstance(answer, Proposed), answer.text
    return answer.proposal.status


async def entries(office: Office, number: int) -> list[str]:
    return [each.verb for each in await office.world.store.audit.entries(subject=f"grant/{number}")]


async def test_what_was_approved_in_advance_starts_at_once_and_says_by_whom(office: Office) -> None:
    given = await office.say("sre", GRANT)
    assert given.text == (
        "You approve scale web in production to 8 replicas at most, risk up to medium for Developer, 5 times at most, "
        "until 2026-11-23 17:00 UTC, as long as you could approve it yourself."
    )
    answer = await office.say("dev", SCALE)
    assert status(answer) is Status.APPROVED
    assert isinstance(answer, Proposed)
    assert answer.card.approved_by == (
        "SRE at 09:00 UTC, in advance, by standing approval 1 until 2026-11-23 17:00 UTC",
    )
    assert (await office.run(1)).status is Status.SUCCEEDED
    assert await office.verbs(1) == [
        "proposal:created", "proposal:approve", "proposal:approved", *(await office.verbs(1))[3:]
    ]  # fmt: skip
    assert await entries(office, 1) == ["grant:given", "grant:used"]


async def test_whoever_gets_one_is_told(office: Office) -> None:
    await office.say("sre", GRANT)
    (notice,) = await office.world.store.notices.latest()
    assert notice.to == Person(subject=office.world.actor("dev").subject)
    assert notice.report.summary.startswith("SRE approves in advance: scale web in production to 8 replicas at most")


@pytest.mark.parametrize(
    "text",
    ["scale web to 9 in production", "scale search to 4 in production", "restart web in production"],
)
async def test_anything_beyond_the_bounds_waits_as_ever(office: Office, text: str) -> None:
    await office.say("sre", GRANT)
    assert status(await office.say("dev", text)) is Status.PENDING


async def test_it_is_for_nobody_else(office: Office) -> None:
    await office.say("sre", GRANT)
    assert status(await office.say("lead", SCALE)) is Status.PENDING


async def test_a_risk_above_the_bound_waits(office: Office) -> None:
    await office.say("sre", "grant dev deploy checkout in production because of the migration")
    answer = await office.say("dev", "deploy checkout v42 to production")
    assert isinstance(answer, Proposed)
    assert answer.proposal.plan.risk.value == "high"
    assert status(answer) is Status.PENDING


async def test_it_ends_by_time_by_use_and_by_being_taken_back(office: Office) -> None:
    await office.say("sre", "grant dev scale web to 8 in production --uses 1 because of the sale")
    assert status(await office.say("dev", SCALE)) is Status.APPROVED
    assert status(await office.say("dev", "scale web to 5 in production")) is Status.PENDING
    await office.say("sre", "grant dev restart web in production for 1h because of the sale")
    office.time.pass_by(hours=1)
    assert status(await office.say("dev", "restart web in production")) is Status.PENDING
    await office.say("sre", "grant dev restart search in production because of the sale")
    taken = await office.say("dev", "revoke 3")
    assert taken.text == (
        "Developer has to ask again: restart search in production, risk up to medium. It was not used."
    )
    assert status(await office.say("dev", "restart search in production")) is Status.PENDING
    assert await entries(office, 3) == ["grant:given", "grant:revoked"]


async def test_nobody_gives_one_to_themselves_nor_what_they_could_not_approve(office: Office) -> None:
    own = await office.say("sre", GRANT.replace("dev", "sre", 1))
    assert isinstance(own, Refused)
    assert "Nobody approves their own requests" in own.text
    assert isinstance(await office.say("dev", GRANT.replace("dev", "lead", 1)), Refused)
    assert isinstance(await office.say("sre", GRANT.replace("dev", "guest", 1)), Refused)
    free = await office.say("sre", GRANT.replace("production", "staging"))
    assert isinstance(free, Clarify)
    assert free.text == "Developer needs no approval for that."
    assert await office.world.store.grants.live(office.time()) == []


async def test_it_is_worth_nothing_once_its_giver_could_not_approve_any_more(office: Office) -> None:
    await office.say("sre", GRANT)
    _change(office, "sre", active=False)
    assert status(await office.say("dev", SCALE)) is Status.PENDING


async def test_a_giver_who_leaves_after_it_was_used_stops_the_run(office: Office) -> None:
    await office.say("sre", GRANT)
    assert status(await office.say("dev", SCALE)) is Status.APPROVED
    _change(office, "sre", active=False)
    runner: Runner = office.runner()
    assert (await office.run(1, runner)).status is Status.VOID
    assert office.cluster.effects == ()


async def test_what_makes_no_sense_is_said(office: Office) -> None:
    for text, said in {
        "grant dev scale web in production": "Whoever reads this later wants to know why.",
        "grant dev scale web in production for 30d because of it": "A standing approval holds for 1w at most.",
        "grant dev scale web in production --uses 900 because of it": "A standing approval can be used 100 times at most.",
        "grant dev status web in production because of it": "“status” changes nothing, so there is nothing to approve in advance.",
        "grant dev restart web to 3 in production because of it": "A number of replicas is a bound on scale only.",
        "grant nobody scale web in production because of it": "nobody",
        "revoke 7": "I know no standing approval called “7”.",
    }.items():
        answer = await office.say("sre", text)
        assert isinstance(answer, Clarify), f"{text}: {answer.text}"
        assert said in answer.text, text


async def test_the_same_request_delivered_twice_is_one(office: Office) -> None:
    texts = {(await office.say("sre", GRANT, key="delivery-1")).text for _ in range(2)}
    assert len(texts) == 1
    assert len(await office.world.store.grants.live(office.time())) == 1


async def test_they_are_listed_with_their_use(office: Office) -> None:
    assert (await office.say("dev", "grants")).text == "Nothing is approved in advance."
    await office.say("sre", GRANT)
    await office.say("dev", SCALE)
    answer = await office.say("dev", "grants in production")
    assert isinstance(answer, Answered)
    assert answer.report.summary == "One standing approval."
    assert "1 of 5" in str(answer.report.to_json())


def _change(office: Office, subject: str, *, active: bool) -> None:
    catalog = office.world.catalog
    people = tuple(
        replace(each, actor=replace(each.actor, active=active)) if each.actor.subject == subject else each
        for each in catalog.people
    )
    object.__setattr__(catalog, "people", people)


async def test_a_delivery_that_comes_again_writes_nothing_more(office: Office) -> None:
    await office.say("sre", GRANT, key="given")
    texts = {(await office.say("sre", "revoke 1", key="taken back")).text for _ in range(2)}
    assert len(texts) == 1
    assert "has ended" in (await office.say("sre", GRANT, key="given")).text
    assert await entries(office, 1) == ["grant:given", "grant:revoked"]
    assert await office.world.store.grants.live(office.time()) == []
