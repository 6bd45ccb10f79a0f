"""What everything behind the ports `Pager` and `OnCall` promises. One suite for the twin, for the pages of our own, and for PagerDuty."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.store import Database
from bot.usecases.on_duty import OnDuty
from bot.usecases.paging import Paging
from integrations.memory.pager import MemoryPager
from integrations.pagerduty import PagerDuty, PagerDutyAccount, PagerDutyService
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Person, Service
from skills.core.errors import NotAllowed, UnknownName
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.pager import OnCall, Page, Pager, PageState, Urgency
from skills.core.rotation import Duty, Escalation, Layer, Level, Rotation
from tests.support.pagerduty_api import ROUTING_KEY, SENDER, TOKEN, Account, oncall, pagerduty

ACME = Organization("acme")
ANA, BEN = Subject("ana"), Subject("ben")
CHECKOUT, SEARCH, WEB = ServiceName("checkout"), ServiceName("search"), ServiceName("web")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WANTED = Page(key="incident/17", service=CHECKOUT, summary="sev2: checkout returns 500s", urgency=Urgency.HIGH)


@dataclass(kw_only=True)
class Desk:
    """A pager for `checkout` (ana, then ben) and `search` (nobody), and nothing for `web`. PagerDuty calls nobody `by_name`, and an answer there is in
    the name of the account: it does not tell `names_who`.
    """

    oncall: OnCall
    pager: Pager
    by_name: bool = True
    names_who: bool = True


def catalog() -> Catalog:
    people = tuple(
        Person(actor=Actor(subject=each, name=each, organization=ACME), slack=(f"U{each.upper()}",))
        for each in (ANA, BEN)
    )
    return Catalog(
        declared=tuple(Service(name=each) for each in (CHECKOUT, SEARCH, WEB)),
        environments=(Environment(name=EnvironmentName("production"), namespace="p"),),
        people=people,
    )


def duty() -> Duty:
    layer = Layer(people=(ANA,), start=date(2026, 11, 2), handover=time(9))
    later = Layer(people=(ANA,), start=date(2027, 1, 1), handover=time(9))
    rotations = (
        Rotation(name="shop", zone=UTC, zone_name="UTC", layers=(layer,)),
        Rotation(name="later", zone=UTC, zone_name="UTC", layers=(later,)),
    )
    within = timedelta(minutes=5)
    shop = (Level(within=within, rotations=("shop",)), Level(within=within, people=(BEN,)))
    nobody = (Level(within=within, rotations=("later",)),)
    return Duty(
        rotations=rotations,
        escalations=(
            Escalation(name="shop", services=("checkout",), levels=shop),
            Escalation(name="search", services=("search",), levels=nobody),
        ),
    )


def account() -> Account:
    """The same in PagerDuty; two answers to a page of its lists, so that they have to be turned."""
    oncalls = [
        oncall("SCHECKOUT", 1, "ana", "2026-11-20T09:00:00Z", "2026-11-27T09:00:00Z", "shop"),
        oncall("SCHECKOUT", 1, "ben", "2026-11-27T09:00:00Z", "2026-12-04T09:00:00Z", "shop"),
        oncall("SCHECKOUT", 2, "ben", None, None),
    ]
    return Account(services={"SCHECKOUT": "checkout", "SSEARCH": "search"}, oncalls=oncalls, page_size=2)


@pytest.fixture(params=["twin", "ours", "pagerduty", "pagerduty by events"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    if request.param.startswith("pagerduty"):
        with pagerduty(account(), tmp_path) as (url, certificate):
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            key = ROUTING_KEY if request.param.endswith("events") else ""
            services = {
                "checkout": PagerDutyService(id="SCHECKOUT", routing_key=key),
                "search": PagerDutyService(id="SSEARCH"),
            }
            people = {"ana": "PANA", "ben": "PBEN"}
            settings = PagerDutyAccount(token=TOKEN, sender=SENDER, services=services, people=people, api_url=url, events_url=url, pause=0.01)  # fmt: skip
            outside = PagerDuty(settings, names={"ana": "ana", "ben": "ben"}, clock=lambda: NOW)
            yield Desk(oncall=outside, pager=outside, by_name=False, names_who=False)
            await outside.close()
        return
    if request.param == "twin":
        twin = MemoryPager(levels={"checkout": [[ANA], [BEN]], "search": [[]]}, clock=lambda: NOW)
        yield Desk(oncall=twin, pager=twin)
        return
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'pages.sqlite3'}", clock=lambda: NOW)
    store = database.store(ACME)
    on_duty = OnDuty(store=store, catalog=catalog(), duty=duty(), clock=lambda: NOW)
    paging = Paging(store=store, catalog=catalog(), duty=on_duty, clock=lambda: NOW)
    yield Desk(oncall=on_duty, pager=paging)
    await database.close()


async def test_it_says_who_is_on_call_level_by_level(desk: Desk) -> None:
    rota = await desk.oncall.rota(CHECKOUT, at=NOW)
    assert [(each.level, each.responder.subject) for each in rota.now] == [(1, ANA), (2, BEN)]
    assert rota.first
    assert rota.first.responder.subject == ANA


async def test_a_service_without_anybody_now_is_covered_all_the_same(desk: Desk) -> None:
    assert await desk.oncall.covered() == [CHECKOUT, SEARCH]
    assert (await desk.oncall.rota(SEARCH, at=NOW)).first is None


async def test_a_service_that_nobody_is_ever_on_call_for_is_refused(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="Nobody is on call for web"):
        await desk.oncall.rota(WEB, at=NOW)
    with pytest.raises(NotAllowed, match="Nobody is on call for web"):
        await desk.pager.page(Page(key="x", service=WEB, summary="s"))
    assert await desk.pager.look("x") is None


async def test_a_page_to_nobody_on_call_is_refused_and_leaves_nothing_behind(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="Nobody is on call"):
        await desk.pager.page(Page(key="x", service=SEARCH, summary="s"))
    assert await desk.pager.look("x") is None


async def test_a_page_reaches_the_first_level(desk: Desk) -> None:
    paged = await desk.pager.page(WANTED)
    assert (paged.state, [each.subject for each in paged.reached]) == (PageState.TRIGGERED, [ANA])


async def test_a_page_can_be_for_somebody_by_name(desk: Desk) -> None:
    wanted = Page(key="x", service=CHECKOUT, summary="s", subjects=(BEN,))
    if not desk.by_name:
        with pytest.raises(NotAllowed):
            await desk.pager.page(wanted)
        return
    paged = await desk.pager.page(wanted)
    assert [each.subject for each in paged.reached] == [BEN]


async def test_the_same_key_is_the_same_page(desk: Desk) -> None:
    first = await desk.pager.page(WANTED)
    assert await desk.pager.page(WANTED) == first
    assert await desk.pager.look(WANTED.key) == first


async def test_an_answer_is_kept_and_the_first_one_counts(desk: Desk) -> None:
    await desk.pager.page(WANTED)
    answered = await desk.pager.acknowledge(WANTED.key, by=BEN)
    assert answered.state is PageState.ACKNOWLEDGED
    again = await desk.pager.acknowledge(WANTED.key, by=ANA)
    assert again.acknowledged_by == answered.acknowledged_by
    assert not desk.names_who or [each.subject for each in again.acknowledged_by] == [BEN]


async def test_what_is_over_stays_over(desk: Desk) -> None:
    await desk.pager.page(WANTED)
    assert (await desk.pager.resolve(WANTED.key, by=None)).state is PageState.RESOLVED
    assert (await desk.pager.acknowledge(WANTED.key, by=ANA)).state is PageState.RESOLVED
    assert (await desk.pager.resolve(WANTED.key, by=ANA)).state is PageState.RESOLVED


async def test_a_page_that_was_never_made_is_unknown(desk: Desk) -> None:
    assert await desk.pager.look("incident/99") is None
    with pytest.raises(UnknownName):
        await desk.pager.acknowledge("incident/99", by=ANA)
    with pytest.raises(UnknownName):
        await desk.pager.resolve("incident/99", by=None)
