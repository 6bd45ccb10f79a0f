"""Alerts that are sent here: to the time line of the incident that they are about, to a card that counts, and to whoever asks."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.hooks import alertmanager
from bot.usecases.alert_desk import MOST_CARDS, AlertDesk
from bot.usecases.answers import Answered
from integrations.memory.rooms import MemoryRooms
from skills.core.errors import BadInput
from skills.core.incident import IncidentId, Verb
from skills.core.ports.rooms import RoomWanted
from skills.core.report import Report
from tests.support.alertmanager import FIRED, delivery, told
from tests.support.worlds import Office, open_office

ENDED = FIRED + timedelta(minutes=7)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


@pytest.fixture
async def chat() -> MemoryRooms:
    chat = MemoryRooms()
    await chat.open(RoomWanted(key="alerts", name="alerts"))
    return chat


def desk(office: Office, chat: MemoryRooms | None = None) -> AlertDesk:
    return AlertDesk(store=office.world.store, clock=office.world.clock, boards=chat, channel="room-1")


async def deliver(office: Office, *alerts: dict[str, Any]) -> None:
    await office.world.store.alerts.receive(alertmanager.read(delivery(*alerts), office.world.catalog))


async def asked(office: Office, words: str) -> Report:
    answer = await office.say("dev", words)
    assert isinstance(answer, Answered), answer
    return answer.report


def cards(chat: MemoryRooms) -> dict[str, str]:
    return {key: report.summary for key, report in chat.rooms["room-1"].boards.items()}


async def time_line(office: Office) -> Sequence[str]:
    entries = await office.world.store.incidents.entries(IncidentId(1), verbs=[Verb.ALERT])
    return [each.text for each in entries]


async def test_whoever_asks_sees_what_fires_and_what_ended(office: Office) -> None:
    assert "Nobody sends me alerts" in (await asked(office, "alerts")).summary
    await deliver(office, told(), told("SlowAnswers", fingerprint="b2"), told("DiskFull", fingerprint="c3", node="n1"))
    report = await asked(office, "alerts checkout")
    assert report.summary == "2 alerts fire about checkout. None ended in the last 24 hours."
    assert "HighErrorRate" in str(report.to_json())
    await deliver(office, told(ended=ENDED))
    assert (await asked(office, "which alerts are firing?")).summary == "2 alerts fire. 1 ended in the last 24 hours."


async def test_a_card_for_each_service_counts_and_says_when_it_is_over(office: Office, chat: MemoryRooms) -> None:
    look = desk(office, chat)
    await deliver(office, told(), told("SlowAnswers", fingerprint="b2"))
    await look()
    assert cards(chat) == {"alerts/checkout/1": "2 alerts fire since 2026-11-23 08:50 UTC."}
    await deliver(office, told(ended=ENDED))
    await look()
    assert cards(chat) == {"alerts/checkout/1": "2 alerts fire since 2026-11-23 08:50 UTC."}, (
        "not yet, it was just written"
    )
    office.time.pass_by(seconds=11)
    await look()
    assert cards(chat)["alerts/checkout/1"].startswith("1 alert fires since")
    await deliver(office, told("SlowAnswers", fingerprint="b2", ended=ENDED))
    office.time.pass_by(seconds=11)
    await desk(office, chat)()
    assert cards(chat)["alerts/checkout/1"].startswith("Over: ")
    await deliver(office, told(fired=FIRED + timedelta(hours=1)))
    office.time.pass_by(seconds=11)
    await look()
    assert set(cards(chat)) == {"alerts/checkout/1", "alerts/checkout/2"}, "the next time has a card of its own"


async def test_an_incident_has_them_in_its_time_line_once_whoever_writes_them(office: Office) -> None:
    await asked(office, "incident declare checkout returns 500s sev2")
    await deliver(office, told())
    await desk(office)()
    await deliver(office, told())
    await desk(office)()
    await deliver(office, told(ended=ENDED), told("DiskFull", fingerprint="c3", node="n1"))
    await desk(office)()
    assert await time_line(office) == [
        "The alert HighErrorRate fires in production.",
        "The alert HighErrorRate ended in production.",
    ]


async def test_many_at_once_are_one_entry_that_counts(office: Office) -> None:
    await asked(office, "incident declare checkout returns 500s sev2")
    await deliver(office, *(told(fingerprint=f"f{number}") for number in range(40)))
    await desk(office)()
    assert await time_line(office) == ["40 alerts fire (HighErrorRate 40×)."]


async def test_a_storm_makes_one_card_for_everything(
    office: Office, chat: MemoryRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.usecases.alert_desk.MOST_CARDS", 1)
    assert MOST_CARDS > 1
    look = desk(office, chat)
    storm = [
        told(fingerprint=f"f{number}", deployment=("checkout", "web", "payments")[number % 3]) for number in range(300)
    ]
    await deliver(office, *storm)
    await look()
    assert list(cards(chat)) == ["alerts/everything/1"]
    assert cards(chat)["alerts/everything/1"].startswith("300 alerts fire since")


async def test_text_of_rules_is_shown_without_what_could_act(office: Office) -> None:
    await deliver(office, told("<!channel> *approve 17*\u202e", deployment="checkout"))
    report = await asked(office, "alerts checkout")
    assert "\u202e" not in str(report.to_json())


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "is no delivery of Alertmanager, version 4: "),
        (b"[]", "is no delivery of Alertmanager, version 4: "),
        (b'{"version": "3", "alerts": []}', "version: input should be '4'"),
        (b'{"version": "4", "alerts": [{"status": "firing", "labels": {"a": 1}, "startsAt": "2026-11-23T08:50:00Z"}]}', "alerts.0.labels.a"),
        (b'{"version": "4", "alerts": [{"status": "firing", "labels": {}, "startsAt": "yesterday"}]}', "alerts.0.startsAt"),
        (b'{"version": "4", "alerts": "\xff"}', "is no delivery of Alertmanager, version 4: "),
    ],
)  # fmt: skip
async def test_what_is_no_delivery_is_refused_with_what_is_wrong(office: Office, body: bytes, wrong: str) -> None:
    with pytest.raises(BadInput) as refused:
        alertmanager.read(body, office.world.catalog)
    assert wrong in refused.value.text


async def test_an_alert_without_a_name_a_fingerprint_or_a_fit_link_is_still_one(office: Office) -> None:
    bare = told(deployment="checkout") | {"fingerprint": "", "generatorURL": "https://user:secret@prometheus.example/"}
    del bare["labels"]["alertname"]
    (read,) = alertmanager.read(delivery(bare), office.world.catalog)
    assert (read.name, read.link, len(read.fingerprint), read.service) == (
        "an alert without a name",
        "",
        16,
        "checkout",
    )
