"""Pictures on their way to Slack: once each, found again after a crash, and never in the way of an answer."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from bot.charts.drawing import Pictures
from bot.slack.asked import Asked
from bot.slack.client import Slack
from bot.slack.illustrations import MOST, Illustrations
from bot.slack.outbox import Outbox, Spot
from bot.slack.pace import Pace
from bot.slack.views.answers import Picture
from bot.store import Database, Store
from skills.core.errors import Unavailable, Unclear
from skills.core.names import Organization
from skills.core.report import Chart
from tests.support.reports import NOON, a_chart, a_finding, a_report
from tests.support.slack_wire import Wire, error, wire

SPOT = Spot(channel="C1", thread="1.0")
PICTURE = Picture(png=b"\x89PNG...", title="Latency", alt="Latency: it is high.")
ASKED = Asked(
    key="event:1", user="U1", channel="C1", team="T1", text="why?", typed="why?", thread="1.0", kind="channel"
)
ROOM, UPLOAD, COMPLETE = "files.getUploadURLExternal", "upload", "files.completeUploadExternal"


@pytest.fixture
async def slack_wire() -> AsyncIterator[Wire]:
    async with wire() as made:
        room = {"ok": True, "upload_url": f"http://127.0.0.1:{made.port}/{UPLOAD}", "file_id": "F1"}
        made.prepared[ROOM] = [room] * 10
        yield made


@pytest.fixture
def slack(slack_wire: Wire) -> Slack:
    return Slack(slack_wire.client, pace=Pace(now=lambda: 0.0))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=lambda: NOON)
    yield database.store(Organization("acme"))
    await database.close()


def an_outbox(slack: Slack, store: Store) -> Outbox:
    return Outbox(slack, store.messages, now=lambda: 0.0, patience=0.0)


def illustrations(slack: Slack, store: Store, folder: Path, png: bytes = b"\x89PNG") -> Illustrations:
    def paint(_: Chart) -> bytes:
        if not png:
            raise ZeroDivisionError
        return png

    return Illustrations(Pictures(folder, paint=paint), an_outbox(slack, store))


async def test_a_picture_goes_up_in_three_calls(slack: Slack, slack_wire: Wire, store: Store) -> None:
    sent = await an_outbox(slack, store).upload("picture:1", SPOT, PICTURE)
    assert sent.state == "sent"
    assert slack_wire.methods() == [ROOM, UPLOAD, COMPLETE]
    asked, completed = slack_wire.calls[0][1], slack_wire.calls[2][1]
    assert (asked["length"], asked["alt_txt"]) == ("7", "Latency: it is high.")
    assert (completed["channel_id"], completed["thread_ts"]) == ("C1", "1.0")
    assert completed["files"] == '[{"id": "F1", "title": "Latency"}]'


async def test_the_same_picture_is_not_shared_twice(slack: Slack, slack_wire: Wire, store: Store) -> None:
    outbox = an_outbox(slack, store)
    for _ in range(3):
        await outbox.upload("picture:1", SPOT, PICTURE)
    assert slack_wire.methods() == [ROOM, UPLOAD, COMPLETE]


async def test_after_a_crash_it_is_looked_for_by_its_name(slack: Slack, slack_wire: Wire, store: Store) -> None:
    slack_wire.prepared[COMPLETE] = ["cut"]
    with pytest.raises(Unclear):
        await an_outbox(slack, store).upload("picture:1", SPOT, PICTURE)
    name = slack_wire.calls[0][1]["filename"]
    there = {"ts": "7.7", "files": [{"name": name}]}
    slack_wire.prepared["conversations.replies"] = [{"ok": True, "messages": [there]}]

    found = await an_outbox(slack, store).upload("picture:1", SPOT, PICTURE)

    assert (found.state, found.ts) == ("sent", "7.7")
    assert slack_wire.methods().count(COMPLETE) == 1


async def test_one_that_certainly_did_not_arrive_may_be_tried_again(
    slack: Slack, slack_wire: Wire, store: Store
) -> None:
    slack_wire.prepared[ROOM] = [error("missing_scope"), *slack_wire.prepared[ROOM]]
    with pytest.raises(Unavailable):
        await an_outbox(slack, store).upload("picture:1", SPOT, PICTURE)
    assert (await an_outbox(slack, store).upload("picture:1", SPOT, PICTURE)).state == "sent"


async def test_each_chart_of_a_report_up_to_a_few(slack: Slack, slack_wire: Wire, store: Store, tmp_path: Path) -> None:
    report = a_report(*[a_chart()] * 9, a_finding())
    for _ in range(2):
        await illustrations(slack, store, tmp_path).post(ASKED, (report,))
    assert slack_wire.methods().count(COMPLETE) == MOST
    assert slack_wire.calls[0][1]["alt_txt"] == (
        "Latency of checkout: checkout is down: its image does not exist. The numbers are in the table above."
    )


async def test_what_one_person_alone_sees_has_no_picture(
    slack: Slack, slack_wire: Wire, store: Store, tmp_path: Path
) -> None:
    private = Asked(key="command:1", user="U1", channel="C1", team="T1", text="t", typed="t", private=True)
    await illustrations(slack, store, tmp_path).post(private, (a_report(),))
    assert slack_wire.calls == []


async def test_pictures_that_take_too_long_hold_up_nothing(
    slack: Slack, slack_wire: Wire, store: Store, tmp_path: Path
) -> None:
    leave = threading.Event()

    def slow(_: Chart) -> bytes:
        leave.wait(30)
        return b""

    with structlog.testing.capture_logs() as logged:
        slow_ones = Illustrations(Pictures(tmp_path, paint=slow), an_outbox(slack, store), patience=0.01)
        await slow_ones.post(ASKED, (a_report(),))
    leave.set()
    assert [entry["event"] for entry in logged] == ["pictures took too long"]
    assert slack_wire.calls == []


@pytest.mark.parametrize("trouble", ["no drawing", "missing_scope", "not_in_channel", "cut", "bytes refused"])
async def test_trouble_is_one_line_in_the_log(
    slack: Slack, slack_wire: Wire, store: Store, tmp_path: Path, trouble: str
) -> None:
    slack_wire.prepared[COMPLETE] = [{"cut": "cut"}.get(trouble, error(trouble))]
    if trouble == "bytes refused":
        slack_wire.prepared[ROOM] = [{"ok": True, "upload_url": "http://127.0.0.1:9/none", "file_id": "F1"}]
    png = b"" if trouble == "no drawing" else b"\x89PNG"
    with structlog.testing.capture_logs() as logged:
        await illustrations(slack, store, tmp_path, png).post(ASKED, (a_report(),))
    said = [entry["event"] for entry in logged if entry["log_level"] == "warning" and entry["event"].startswith("a ")]
    assert said == ["a chart was not drawn" if trouble == "no drawing" else "a picture was not posted"]
