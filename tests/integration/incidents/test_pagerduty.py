"""An incident with PagerDuty: one incident there, whatever happens on the way, and people called directly while it does not answer."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.incidents import make_war_room
from bot.usecases.answers import Answered, Failed
from skills.core.incident import IncidentId, Verb
from skills.core.report import Report
from tests.support.pagerduty_api import ROUTING_KEY, SENDER, TOKEN, Account, oncall, pagerduty
from tests.support.war_rooms import Outside
from tests.support.worlds import CONFIG, Office, open_office


@pytest.fixture
def account() -> Account:
    oncalls = [
        oncall("SCHECKOUT", 1, "sre", "2026-11-20T09:00:00Z", "2026-11-27T09:00:00Z", "shop"),
        oncall("SCHECKOUT", 2, "lead", None, None),
    ]
    return Account(services={"SCHECKOUT": "checkout"}, oncalls=oncalls)


@pytest.fixture(params=["rest", "events"])
async def office(
    request: pytest.FixtureRequest, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    with pagerduty(account, tmp_path) as (url, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        config = shutil.copytree(CONFIG, tmp_path / "config")
        key = ", routing_key: CHECKOUT_KEY" if request.param == "events" else ""
        with (config / "oncall.yaml").open("a") as file:
            file.write(
                f"pagerduty:\n  sender: {SENDER}\n  api_url: {url}\n  events_url: {url}\n"
                f"  services: [{{service: checkout, id: SCHECKOUT{key}}}]\n  people: {{sre: PSRE, lead: PLEAD}}\n"
            )
        environ = {"PAGERDUTY_TOKEN": TOKEN, "CHECKOUT_KEY": ROUTING_KEY}
        async with open_office(tmp_path / "data", config=config, environ=environ) as office:
            there = office.world.standby.pagerduty
            assert there
            there._account = replace(there._account, pause=0.01, tries=1)
            yield office


async def told(office: Office, who: str, text: str) -> Report:
    answer = await office.say(who, text)
    assert isinstance(answer, Answered), answer
    return answer.report


async def settle(office: Office, outside: Outside, rounds: int = 4) -> None:
    look = make_war_room(office.world, rooms=outside, boards=outside)
    for _ in range(rounds):
        await look()
        await office.world.standby.paging.go_on()
        office.time.pass_by(seconds=16)


async def texts(office: Office, *verbs: Verb) -> list[str]:
    return [each.text for each in await office.world.store.incidents.entries(IncidentId(1), verbs=verbs)]


async def calls(office: Office) -> list[str]:
    notices = reversed(await office.world.store.notices.latest())
    return [str(each.to) for each in notices if each.report.title.startswith("Page ")]


async def test_who_is_on_call_is_what_pagerduty_says(office: Office) -> None:
    report = await told(office, "dev", "who is on call for checkout?")
    assert report.summary == "SRE is on call for checkout until Fri 2026-11-27 09:00 UTC."
    assert (await told(office, "dev", "oncall payments-api")).summary.startswith("Platform Lead is on call")


async def test_an_incident_opens_one_there_and_its_end_is_told_there(office: Office, account: Account) -> None:
    outside = Outside()
    await told(office, "dev", "incident declare checkout returns 500s sev2")
    await settle(office, outside)
    (incident,) = account.incidents
    assert (incident["incident_key"], incident["title"]) == ("incident/1", "sev2: checkout returns 500s")
    assert "sre" in outside.members
    assert await calls(office) == []
    await told(office, "sre", "incident ack")
    await settle(office, outside)
    assert account.incidents[0]["status"] == "acknowledged"
    await told(office, "sre", "incident resolve it was the pool")
    await settle(office, outside)
    assert [each["status"] for each in account.incidents] == ["resolved"]


async def test_who_answers_there_is_on_it_here(office: Office, account: Account) -> None:
    outside = Outside()
    await told(office, "dev", "incident declare checkout returns 500s sev2")
    await settle(office, outside)
    account.incidents[0]["status"] = "acknowledged"
    account.incidents[0]["acknowledgements"] = [{"at": "2026-11-23T09:02:00Z", "acknowledger": {"id": "PLEAD", "type": "user_reference", "summary": "Lead"}}]  # fmt: skip
    await settle(office, outside)
    assert await texts(office, Verb.ACKNOWLEDGED) == ["Platform Lead is on it."]


async def test_who_is_called_next_there_stands_in_the_time_line(office: Office, account: Account) -> None:
    outside = Outside()
    await told(office, "dev", "incident declare checkout returns 500s sev2")
    await settle(office, outside)
    account.incidents[0]["assignments"] = [{"at": "2026-11-23T09:05:00Z", "assignee": {"id": "PLEAD", "type": "user_reference", "summary": "Lead"}}]  # fmt: skip
    await settle(office, outside)
    assert (await texts(office, Verb.PAGE))[1:] == ["Nobody answered: called Platform Lead (level 2)."]


async def test_while_it_does_not_answer_people_are_called_directly_the_room_is_told_and_it_is_tried_again(
    office: Office, account: Account
) -> None:
    outside = Outside()
    account.failing = [503] * 4
    await told(office, "dev", "incident declare checkout returns 500s sev2")
    await settle(office, outside, rounds=2)
    assert account.incidents == []
    assert len(await calls(office)) == 1
    trouble = "Page: PagerDuty has trouble of its own (503). It is tried again; until then people are called directly."
    assert trouble in await texts(office, Verb.NOTE)
    account.failing = []
    await settle(office, outside, rounds=8)
    assert len(account.incidents) == 1
    assert len(await calls(office)) == 1


async def test_with_pagerduty_down_who_is_on_call_is_not_guessed(office: Office, account: Account) -> None:
    account.failing = [503] * 4
    answer = await office.say("dev", "oncall checkout")
    assert isinstance(answer, Failed), answer
    assert answer.text.startswith("PagerDuty has trouble of its own (503).")


async def test_a_process_that_dies_after_sending_sends_the_same_again_and_there_is_one(
    office: Office, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        """The process ends here."""

    async def dies(*_: object) -> None:
        raise Death

    await told(office, "dev", "page checkout because it is down")
    relay = office.world.standby.paging._relay
    with monkeypatch.context() as patch:
        patch.setattr(relay, "_note", dies)
        with pytest.raises(Death):
            await office.world.standby.paging.go_on()
    assert len(account.incidents) == 1
    office.time.pass_by(minutes=2)
    await office.world.standby.paging.go_on()
    assert len(account.incidents) == 1
    (page,) = await office.world.store.pages.open()
    assert (page.told, page.outside) == ("triggered", "Q0000000000001")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "PagerDuty does not accept our key."),
        (403, "PagerDuty's key may not do that."),
        (429, "PagerDuty has had too many requests from this account."),
        (500, "PagerDuty has trouble of its own (500)."),
    ],
)
async def test_doctor_says_what_is_wrong_and_never_the_key(
    office: Office, account: Account, status: int, sentence: str
) -> None:
    account.failing = [status] * 4
    checks = {each.what: each for each in await office.world.check()}
    assert checks["PagerDuty"].ok is False
    assert checks["PagerDuty"].text.startswith(sentence)
    assert TOKEN not in checks["PagerDuty"].text
    account.failing = []
    assert (await office.world.standby.check() or (False, ""))[1].endswith("knows 1 service of ours")
