"""From “page checkout because …” to somebody who answers, and what an incident makes of it. The world's clock stands at Monday, 09:00 UTC."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.incidents import make_war_room
from bot.usecases.answers import Answer, Answered, Clarify, Failed, Refused
from skills.core.incident import Entry, IncidentId, Verb
from skills.core.notice import Person
from skills.core.ports.pager import PageState
from skills.core.report import Report
from tests.support.war_rooms import Outside
from tests.support.worlds import CONFIG, Office, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


async def told(office: Office, who: str, text: str, *, key: str | None = None) -> Report:
    answer = await office.say(who, text, key=key)
    assert isinstance(answer, Answered), answer
    return answer.report


def said(answer: Answer) -> str:
    if isinstance(answer, Answered):
        assert answer.report.title == "Nothing to do"
        return answer.report.summary
    assert isinstance(answer, Clarify | Refused | Failed), answer
    return answer.text


async def calls(office: Office) -> list[tuple[str, str]]:
    """Who was told what, oldest first."""
    notices = reversed(await office.world.store.notices.latest())
    return [(str(each.to), each.report.summary) for each in notices if each.report.title.startswith("Page ")]


async def go_on(office: Office, **span: float) -> None:
    office.time.pass_by(**span)
    await office.world.standby.paging.go_on()


async def timeline(office: Office, *verbs: Verb) -> list[Entry]:
    return list(await office.world.store.incidents.entries(IncidentId(1), verbs=verbs))


async def settle(office: Office, outside: Outside) -> None:
    look = make_war_room(office.world, rooms=outside, boards=outside)
    for _ in range(4):
        await look()
        office.time.pass_by(seconds=6)


async def test_who_is_on_call_is_told_with_the_end_of_the_shift_and_who_follows(office: Office) -> None:
    report = await told(office, "dev", "who is on call for payments-api?")
    assert report.summary == "Platform Lead is on call for payments-api until Tue 2026-11-24 08:00 UTC."
    rows = report.to_json()["parts"][0]["rows"]  # type: ignore[index,call-overload]
    assert rows[0] == ["1", "Platform Lead", "Tue 2026-11-24 08:00 UTC", "SRE"]  # type: ignore[index,call-overload]
    assert (await told(office, "dev", "oncall shop")).to_json()["parts"][0]["rows"][1][0] == "search"  # type: ignore[index,call-overload]


async def test_a_page_reaches_whoever_is_on_call_and_then_the_next_level(office: Office) -> None:
    report = await told(office, "lead", "page payments-api because refunds fail")
    assert report.summary == (
        "Called Platform Lead for payments-api: refunds fail. If nobody answers by 09:05 UTC, the next is called."
    )
    await go_on(office, minutes=4)
    assert len(await calls(office)) == 1
    await go_on(office, minutes=1)
    first = "Platform Lead calls you for payments-api: refunds fail."
    assert await calls(office) == [("lead", first), ("lead", f"{first} Platform Lead did not answer.")]


async def test_everybody_is_called_as_often_as_configured_and_then_that_is_said(office: Office) -> None:
    await told(office, "dev", "page checkout because it is down")
    for _ in range(8):
        await go_on(office, minutes=20)
    (page,) = await office.world.store.pages.open()
    assert [(each.step, each.level) for each in page.called] == [(0, 1), (1, 2), (2, 3), (3, 1), (4, 2), (5, 3)]
    assert page.due_at is None
    assert page.troubles == ("Everybody was called, and nobody answered.",)


async def test_an_answer_ends_the_calls_and_tells_the_others(office: Office) -> None:
    await told(office, "dev", "page sre because the node is full")
    await go_on(office, minutes=10)
    assert (
        await told(office, "lead", "ack")
    ).summary == "Platform Lead is on it: the node is full. Nobody else is called."
    await go_on(office, hours=1)
    assert [who for who, _ in await calls(office)] == ["sre", "sre", "sre"]
    assert (await calls(office))[-1] == ("sre", "Platform Lead is on it: the node is full.")


async def test_of_two_processes_one_calls_the_next_level(office: Office) -> None:
    await told(office, "dev", "page checkout because it is down")
    office.time.pass_by(minutes=5)
    await asyncio.gather(*(office.world.standby.paging.go_on() for _ in range(4)))
    (page,) = await office.world.store.pages.open()
    assert [each.step for each in page.called] == [0, 1]


async def test_the_same_delivery_twice_is_one_page(office: Office) -> None:
    await told(office, "dev", "page checkout because it is down", key="k")
    await told(office, "dev", "page checkout because it is down", key="k")
    assert len(await office.world.store.pages.open()) == 1
    assert len(await calls(office)) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("page checkout", "Whoever is called wants to know why. Say: page checkout because …"),
        ("page guest because x", "Guest cannot be called: they have left, or are a guest."),
        ("ack", "No page waits for an answer."),
        ("ack 7", "I know no open page called “7”. “pages” lists those that are open."),
        ("override checkout with guest for 4h", "Guest cannot be on call: they are a guest."),
        ("override checkout", "Say until when. For example: override checkout with ana from 18:00 to tomorrow 08:00"),
        ("override-cancel 7", "I know no override called “7”. “overrides” lists them."),
        ("override checkout from 2026-01-01 to 2026-01-02", "That is over already. Name a time that is still to come."),
        (
            "override checkout for 200d",
            "Somebody stands in for 92 days at most. oncall.yaml is the place for what lasts.",
        ),
    ],
)
async def test_what_cannot_be_is_said_and_changes_nothing(office: Office, words: str, sentence: str) -> None:
    assert said(await office.say("dev", words)) == sentence
    assert await office.world.store.pages.open() == []
    assert await office.world.store.stand_ins.after(office.time()) == []


async def test_whoever_stands_in_is_told_is_called_and_can_give_it_back(office: Office) -> None:
    report = await told(office, "dev", "override checkout with lead from 09:00 to 21:00")
    assert report.summary == (
        "Platform Lead is on call for shop (checkout, search, web) from Mon 2026-11-23 09:00 Europe/Berlin to Mon 2026-11-23 21:00 Europe/Berlin."
    )
    (notice,) = await office.world.store.notices.latest()
    assert notice.to == Person(subject=office.world.actor("lead").subject)
    who = await told(office, "dev", "oncall checkout")
    assert who.summary.startswith("Platform Lead, standing in, is on call for checkout until")
    await told(office, "dev", "page checkout because it is down")
    assert [each for each, _ in await calls(office)] == ["lead"]
    await told(office, "lead", "override-cancel 1")
    assert "standing in" not in (await told(office, "dev", "oncall checkout")).summary
    verbs = [each.verb for each in await office.world.store.audit.entries(subject="override/1")]
    assert sorted(verbs) == ["override:ended", "override:taken"]


async def test_an_incident_calls_who_is_on_call_and_brings_them_in(office: Office) -> None:
    outside = Outside()
    await told(office, "lead", "incident declare checkout returns 500s sev2")
    await settle(office, outside)
    paged = (await timeline(office, Verb.PAGE))[0]
    (page,) = await office.world.store.pages.open()
    name = page.called[0].responder.name
    assert paged.text == f"Paged {name}."
    assert page.called[0].responder.subject in outside.members
    assert [each.text for each in await timeline(office, Verb.JOINED)] == [f"{name} is in it, being on call."]


async def test_escalation_stands_in_the_time_line_and_in_the_room_and_stops_with_the_answer(office: Office) -> None:
    outside = Outside()
    await told(office, "lead", "incident declare checkout returns 500s sev2")
    await settle(office, outside)
    await go_on(office, minutes=5)
    await settle(office, outside)
    (page,) = await office.world.store.pages.open()
    second = page.called[1].responder
    text = f"Nobody answered: called {second.name} (level 2)."
    assert [each.text for each in await timeline(office, Verb.PAGE)][1:] == [text]
    assert outside.boards[f"incident/1/page:called:1:{second.subject}"].summary == text
    await told(office, "sre", "ack")
    await settle(office, outside)
    await go_on(office, hours=2)
    await settle(office, outside)
    assert [each.text for each in await timeline(office, Verb.ACKNOWLEDGED)] == ["SRE is on it."]
    assert len(await timeline(office, Verb.PAGE)) == 2
    await told(office, "sre", "incident resolve it was the pool")
    await settle(office, outside)
    assert await office.world.store.pages.open() == []


async def test_an_incident_that_somebody_is_on_calls_nobody_else(office: Office) -> None:
    outside = Outside()
    await told(office, "lead", "incident declare checkout returns 500s sev2")
    await settle(office, outside)
    await told(office, "lead", "incident ack")
    await settle(office, outside)
    await go_on(office, hours=1)
    (page,) = await office.world.store.pages.open()
    assert (page.state, page.answered_by, len(page.called)) == (PageState.ACKNOWLEDGED, "lead", 1)


async def test_what_can_wait_calls_in_the_morning_unless_it_gets_worse(office: Office) -> None:
    office.time.pass_by(hours=14)
    outside = Outside()
    await told(office, "lead", "incident declare checkout is slow sev3")
    await settle(office, outside)
    assert await calls(office) == []
    assert (await timeline(office, Verb.PAGE))[0].text == "Whoever is on call for checkout is paged at 07:00 UTC."
    await told(office, "lead", "incident severity sev1")
    await settle(office, outside)
    assert len(await calls(office)) == 1
    await go_on(office, minutes=6)
    assert len(await calls(office)) == 2


async def test_what_can_wait_calls_at_the_end_of_the_quiet_hours(office: Office) -> None:
    office.time.pass_by(hours=14)
    await told(office, "lead", "incident declare checkout is slow sev3")
    await settle(office, Outside())
    await go_on(office, hours=7)
    assert await calls(office) == []
    await go_on(office, hours=1)
    assert len(await calls(office)) == 1


async def test_a_confidential_incident_calls_nobody_by_itself(office: Office) -> None:
    await told(office, "lead", "incident declare checkout leaks cards, confidential, sev1")
    await settle(office, Outside())
    assert await office.world.store.pages.open() == []
    assert await timeline(office, Verb.PAGE) == []


async def test_a_service_that_nobody_is_on_call_for_is_said_in_the_time_line(tmp_path: Path) -> None:
    config = shutil.copytree(CONFIG, tmp_path / "config")
    (config / "oncall.yaml").unlink()
    async with open_office(tmp_path / "data", config=config) as office:
        await told(office, "lead", "incident declare checkout returns 500s sev2")
        await settle(office, Outside())
        notes = [each.text for each in await timeline(office, Verb.NOTE)]
        assert notes[0] == (
            "Page:high: Nobody is on call for checkout: no escalation in oncall.yaml covers it. It belongs to shop: Developer. Say “page NAME because …” to call somebody by name."
        )


async def test_when_it_began_counts_and_not_when_it_was_declared(office: Office) -> None:
    await told(office, "lead", "incident declare checkout returns 500s sev2 began 08:10")
    there = await office.world.store.incidents.incident(IncidentId(1))
    assert there
    assert there.title == "checkout returns 500s"
    assert f"{there.began_at:%Y-%m-%d %H:%M}" == "2026-11-23 08:10"
    rows = (await told(office, "lead", "incident status 1")).to_json()["parts"][0]["rows"]  # type: ignore[index,call-overload]
    assert ["began", "2026-11-23 08:10 UTC"] in rows  # type: ignore[operator]
