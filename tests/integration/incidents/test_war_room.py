"""An incident from its declaration to its post-mortem, and what happens outside because of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.incidents import make_war_room, war_room_beside
from bot.usecases.answers import Answered, Clarify, Proposed, Refused
from skills.core.incident import Incident, IncidentId, Phase, Verb
from skills.core.notice import Person
from skills.core.ports.pager import PageState
from skills.core.report import Report
from tests.support.war_rooms import Death, Outside
from tests.support.worlds import Office, open_office

DECLARE = "incident declare checkout returns 500s sev2"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


async def told(office: Office, who: str, text: str, *, key: str | None = None) -> Report:
    answer = await office.say(who, text, key=key)
    assert isinstance(answer, Answered), answer
    return answer.report


async def incident(office: Office, number: int = 1) -> Incident:
    found = await office.world.store.incidents.incident(IncidentId(number))
    assert found
    return found


async def settle(office: Office, outside: Outside | None = None) -> None:
    """Look after it until there is nothing left to do at this time."""
    look = make_war_room(office.world, rooms=outside, boards=outside, pager=outside)
    for _ in range(6):
        await look()
        office.time.pass_by(seconds=1)


async def test_one_sentence_opens_a_room_with_the_people_the_facts_and_the_page(office: Office) -> None:
    report = await told(office, "dev", DECLARE)
    assert report.summary.startswith("Incident #1 is declared: checkout returns 500s (sev2).")
    outside = Outside()
    await settle(office, outside)
    there = await incident(office)
    assert there.room
    assert there.room.name == "inc-20261123-checkout returns 500s"
    assert outside.topic == "sev2 · investigating · checkout returns 500s"
    assert {"incident/1/card", "incident/1/troubleshoot", "incident/1/history"} <= set(outside.boards)
    assert "dev" in outside.members
    assert list(outside.pages) == ["incident/1"]
    texts = [each.text for each in await office.world.store.incidents.entries(IncidentId(1))]
    assert "Paged SRE." in texts
    assert any(text.startswith("Troubleshoot of checkout:") for text in texts)
    notices = await office.world.store.notices.latest()
    assert [str(each.to) for each in notices if not isinstance(each.to, Person)] == ["#incidents"]


async def test_whoever_declares_the_same_again_is_offered_to_join(office: Office) -> None:
    await told(office, "dev", DECLARE)
    report = await told(office, "sre", "incident declare checkout is down, sev1")
    assert report.summary == "Incident #1 is about that already: checkout returns 500s (sev2, investigating)."
    assert report.to_json()["parts"][0]["text"] == "incident join #1"  # type: ignore[index]
    assert (await told(office, "sre", "incident declare another checkout loses carts")).title == "Incident #2"


async def test_the_same_delivery_twice_declares_once(office: Office) -> None:
    await told(office, "dev", DECLARE, key="k")
    await told(office, "dev", DECLARE, key="k")
    assert len(await office.world.store.incidents.open()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
async def test_dying_at_any_call_leaves_one_room_one_page_and_one_of_each_entry(tmp_path: Path, after: bool) -> None:
    for number in range(1, 30):
        async with open_office(tmp_path / f"{after}-{number}") as office:
            await told(office, "dev", DECLARE)
            outside = Outside()
            outside.dies_at, outside.dies_after = number, after
            try:
                await settle(office, outside)
            except Death:
                outside.dies_at = 0
                office.time.pass_by(minutes=2)
                await settle(office, outside)
                died = True
            else:
                died = False
            assert len(outside.rooms) == len(outside.pages) == 1
            entries = await office.world.store.incidents.entries(IncidentId(1))
            assert [each.verb for each in entries].count(Verb.ROOM) == 1
            assert [each.verb for each in entries].count(Verb.PAGE) == 1
            assert {"incident/1/card", "incident/1/troubleshoot"} <= set(outside.boards)
            if not died:
                return
    pytest.fail("there are more calls than were tried")


async def test_with_the_chat_down_it_goes_on_and_the_room_is_filled_in_later(office: Office) -> None:
    outside = Outside()
    outside.down = True
    await told(office, "dev", DECLARE)
    await settle(office, outside)
    await told(office, "sre", "incident ack")
    assert outside.rooms == {}
    assert (await incident(office)).acknowledged_by == "sre"
    outside.down = False
    for _ in range(4):
        office.time.pass_by(minutes=3)
        await settle(office, outside)
    assert (await incident(office)).room
    assert "incident/1/card" in outside.boards
    assert "sre" in outside.members


async def test_a_chat_that_refuses_is_told_once_and_is_no_reason_to_stop(office: Office) -> None:
    outside = Outside()
    outside.refuses = "I may not create channels here."
    await told(office, "dev", DECLARE)
    await settle(office, outside)
    await settle(office, outside)
    texts = [each.text for each in await office.world.store.incidents.entries(IncidentId(1))]
    assert texts.count("Room: I may not create channels here.") == 1
    assert any(text.startswith("Troubleshoot of checkout:") for text in texts)


async def test_nobody_on_it_is_said_once_by_however_many_processes_and_stops_with_the_word(office: Office) -> None:
    await told(office, "dev", DECLARE)
    await settle(office)
    office.time.pass_by(minutes=10)
    await settle(office)
    await settle(office)

    async def reminded() -> list[str]:
        entries = await office.world.store.incidents.entries(IncidentId(1))
        return [each.text for each in entries if each.verb is Verb.REMINDER]

    first = "Nobody is on incident #1 yet (checkout returns 500s, sev2). Say “incident ack #1”."
    assert await reminded() == [first]
    await told(office, "sre", "incident ack")
    await told(office, "sre", "incident update we are looking")
    office.time.pass_by(minutes=12)
    await settle(office)
    assert await reminded() == [first]
    await told(office, "sre", "incident resolve")
    office.time.pass_by(hours=5)
    await settle(office)
    assert await reminded() == [first]


async def test_the_pager_learns_that_somebody_is_there_and_that_it_is_over(office: Office) -> None:
    outside = Outside()
    await told(office, "dev", DECLARE)
    await settle(office, outside)
    await told(office, "sre", "incident ack")
    await settle(office, outside)
    await told(office, "sre", "incident resolve")
    await settle(office, outside)
    assert outside.states == [("incident/1", PageState.ACKNOWLEDGED), ("incident/1", PageState.RESOLVED)]
    assert outside.topic == "sev2 · resolved · checkout returns 500s"


async def test_a_team_is_pulled_in_by_its_name_or_by_its_service(office: Office) -> None:
    await told(office, "dev", DECLARE)
    report = await told(office, "dev", "incident pull platform")
    assert report.summary == "Developer pulled in platform: SRE, Platform Lead."
    assert set((await incident(office)).people) == {"dev", "sre", "lead"}
    assert isinstance(await office.say("dev", "incident pull nobody"), Clarify)


async def test_an_edge_with_rooms_is_where_the_room_is_made(office: Office) -> None:
    outside = Outside()
    edge = SimpleNamespace(rooms=outside, boards=outside)
    await told(office, "dev", DECLARE)
    await war_room_beside(office.world, edge)()
    assert list(outside.rooms) == ["incident/1"]


async def test_what_is_proposed_and_run_meanwhile_writes_itself_down(office: Office) -> None:
    await told(office, "dev", DECLARE)
    proposed = await office.say("dev", "rollback checkout in production")
    assert isinstance(proposed, Proposed)
    await office.say("sre", "approve 1")
    await office.run(1)
    await settle(office)
    entries = [
        each for each in await office.world.store.incidents.entries(IncidentId(1)) if each.source == "proposal/1"
    ]
    assert [each.verb for each in entries][:3] == [Verb.PROPOSAL, Verb.DECISION, Verb.RUN]
    assert entries[1].text == "SRE said approve to #1"


async def test_it_is_run_resolved_and_learned_from_by_typed_words_alone(office: Office) -> None:
    await told(office, "dev", DECLARE)
    for who, text, expected in (
        ("sre", "incident role commander", "SRE takes over as commander."),
        ("sre", "incident role commander @lead", "Platform Lead takes over as commander from SRE, says SRE."),
        (
            "sre",
            "incident severity sev1 everybody is hit",
            "SRE changed the severity from sev2 to sev1: everybody is hit.",
        ),
        ("dev", "incident suspect the pool is too small", "Hypothesis 1: the pool is too small."),
        ("dev", "incident settle 1 confirmed", "Hypothesis 1 is confirmed: the pool is too small."),
        ("dev", "incident task raise the limit @sre in 2h", "Task 1 (SRE): raise the limit, due 2026-11-23 11:00 UTC."),
        ("dev", "incident note correct 1: it began at 08:50", "Corrects entry 1: it began at 08:50"),
        ("dev", "incident mark monitoring", "Developer marked it as monitoring."),
        ("dev", "incident resolve the pool was too small", "Developer resolved it. Cause: the pool was too small"),
        ("dev", "incident done #1 1", "Task 1 is done: raise the limit."),
    ):
        assert (await told(office, who, text)).summary == expected
    assert (await incident(office)).phase is Phase.RESOLVED
    document = str((await told(office, "sre", "incident postmortem 1")).to_json())
    assert "# Incident #1: checkout returns 500s" in document
    assert "- [x] raise the limit (SRE, due 2026-11-23)" in document
    assert "1 declared since" in (await told(office, "sre", "incidents")).summary
    assert (await told(office, "sre", "dora")).title == "Delivery"


async def test_a_confidential_one_is_nowhere_for_those_who_are_not_in_it(office: Office) -> None:
    await told(office, "dev", "incident declare confidential: payments leaks card numbers, sev1")
    await settle(office, outside := Outside())
    assert all(room.private for room in outside.rooms.values())
    assert await office.world.store.notices.latest() == []
    assert (await told(office, "sre", "incident status")).summary == "No incident is open."
    assert isinstance(await office.say("sre", "incident status 1"), Clarify)
    assert isinstance(await office.say("sre", "incident note #1 hello"), Clarify)
    assert "card numbers" not in str((await told(office, "sre", "incidents")).to_json())
    assert "card numbers" in (await told(office, "dev", "incident status")).summary
    await told(office, "dev", "incident join #1 @sre")
    assert "card numbers" in (await told(office, "sre", "incident status")).summary


@pytest.mark.parametrize(("text", "expected"), [
    ("incident declare sev2", "Say what is wrong."),
    ("incident declare checkout is slow sev9", "There is no severity 9."),
    ("incident resolve", "There is no open incident."),
    ("incident note #7 hello", "I know no incident called “#7”."),
])  # fmt: skip
async def test_what_makes_no_sense_is_a_sentence_and_writes_nothing(office: Office, text: str, expected: str) -> None:
    answer = await office.say("dev", text)
    assert isinstance(answer, Clarify | Refused)
    assert answer.text.startswith(expected)
    assert await office.world.store.incidents.open() == ()


@pytest.mark.parametrize("title", ["🔥🔥🔥", "12345", "“quotes” and 'more'", "x" * 300, "a\u202eb"])
async def test_a_title_may_be_almost_anything(office: Office, title: str) -> None:
    answer = await office.say("dev", f"incident declare {title}")
    if isinstance(answer, Answered):
        await settle(office, Outside())
        assert len((await incident(office)).title) <= 200
    else:
        assert "cannot be seen" in answer.text


async def test_a_guest_declares_nothing(office: Office) -> None:
    assert isinstance(await office.say("guest", DECLARE), Refused)
