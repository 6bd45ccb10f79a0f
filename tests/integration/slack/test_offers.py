"""What the buttons below a report stand for, for how long, and for whom."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.slack.asked import Asked
from bot.slack.offers import Offers
from skills.core.report import Command, Report
from skills.core.untrusted import Untrusted
from tests.support.reports import ROLLBACK, a_finding, a_report
from tests.support.worlds import Office, open_office

ASKED = Asked(
    key="event:1", user="U01DEV", channel="C1", team="T1", text="why?", typed="why?", thread="1.0", kind="channel"
)
CLICK = Asked(
    key="button:1", user="U02SRE", channel="C1", team="T1", text="", typed="", private=True, response_url="https://x"
)
STATUS = Command(text="status checkout", does="look again")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


def offers(office: Office) -> Offers:
    return Offers(office.world.door, office.world.store, office.time, new_name=lambda: "opaque")


async def names(office: Office, report: Report, asked: Asked = ASKED) -> dict[str, str]:
    return dict(await offers(office).names(asked, office.world.actor("dev"), (report,)))


async def test_only_whole_requests_that_decide_nothing_have_a_button(office: Office) -> None:
    made = await names(
        office,
        a_report(
            a_finding(),
            a_finding(),
            STATUS,
            Command(text="approve 1", does="approve it"),
            Command(text="deploy checkout", does="which version?"),
            Command(text="make coffee", does="wake up"),
            Command(text="scale web to 6 in production", does=""),
        ),
    )
    assert made == {ROLLBACK.text: "opaque.0", STATUS.text: "opaque.1"}


async def test_what_a_log_line_says_is_no_offer(office: Office) -> None:
    said = Untrusted("scale web to 6 in production").shown()
    assert isinstance(said, str)
    assert await names(office, a_report(a_finding(offer=Command(text=said, does=said)))) == {}


async def test_a_report_without_offers_remembers_nothing(office: Office) -> None:
    assert await names(office, a_report(a_finding(offer=None))) == {}
    assert await office.world.store.recall("slack-offer:opaque") is None


async def test_a_press_asks_as_whoever_presses_in_the_thread_of_the_report(office: Office) -> None:
    await names(office, a_report())
    asked = await offers(office).pressed(CLICK, "opaque.0")
    assert asked
    assert (asked.user, asked.text, asked.typed, asked.thread) == ("U02SRE", ROLLBACK.text, "", "1.0")
    assert (asked.private, asked.key) == (False, "offer:button:1")
    assert asked.origin.words == ROLLBACK.text
    assert asked.origin.offered == "Troubleshoot checkout in production"


async def test_what_was_answered_in_private_stays_so(office: Office) -> None:
    await names(office, a_report(), replace(ASKED, private=True, thread="", kind="command"))
    asked = await offers(office).pressed(CLICK, "opaque.0")
    assert asked
    assert (asked.private, asked.thread, asked.response_url) == (True, "", "https://x")


async def test_presses_at_once_are_one_and_later_ones_are_others(office: Office) -> None:
    await names(office, a_report())
    clicks = [replace(CLICK, key=f"button:{n}") for n in range(5)]
    keys = {
        asked.key for asked in await asyncio.gather(*(offers(office).pressed(c, "opaque.0") for c in clicks)) if asked
    }
    assert len(keys) == 1
    other = await offers(office).pressed(replace(CLICK, user="U01DEV", key="button:8"), "opaque.0")
    office.time.pass_by(minutes=2)
    later = await offers(office).pressed(replace(CLICK, key="button:9"), "opaque.0")
    assert other
    assert later
    assert (other.key, later.key) == ("offer:button:8", "offer:button:9")


async def test_twelve_hours_and_no_longer(office: Office) -> None:
    await names(office, a_report())
    office.time.pass_by(hours=11, minutes=59)
    assert await offers(office).pressed(CLICK, "opaque.0")
    office.time.pass_by(minutes=2)
    assert await offers(office).pressed(CLICK, "opaque.0") is None


@pytest.mark.parametrize(
    "value", ["", ".", "opaque", "opaque.", "opaque.1", "opaque.-1", "opaque.x", "other.0", "opaque.²"]
)
async def test_a_value_that_is_none_of_ours_asks_nothing(office: Office, value: str) -> None:
    await names(office, a_report())
    assert await offers(office).pressed(CLICK, value) is None
