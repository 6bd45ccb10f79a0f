"""Days that cost unusually much, and the change that is suspected."""

from datetime import UTC, date, datetime, timedelta

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.costs import Category, Whose
from skills.core.ports.past_changes import Done, PastChange
from skills.core.report import Finding, Report
from skills.cost_anomalies import CostAnomalies, Params
from tests.support.books import TheBooks, TheDays, ThePast, line, statement

CATALOG = Catalog(
    declared=(Service(name=ServiceName("web"), owner="shop"), Service(name=ServiceName("pay"), owner="money")),
    environments=(Environment(name=EnvironmentName("production"), namespace="prod"),),
    people=(),
)
WEB = Whose(service="web", environment="production", team="shop")
PAY = Whose(service="pay", environment="production", team="money")
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))
USUAL = ["10", "11", "10", "12", "11", "8", "8"] * 14
START = date(2026, 12, 1) - timedelta(days=len(USUAL))


def change(day: int, done: Done, what: str, service: str = "web", hour: int = 9) -> PastChange:
    at = datetime(2026, 11, day, hour, tzinfo=UTC)
    return PastChange(at=at, service=service, environment="production", done=done, what=what, by="dev")


async def ask(web: list[str], *changes: PastChange, **params: str) -> Report:
    books = TheBooks(
        statement(
            START, line(WEB, Category.COMPUTE, *web), line(PAY, Category.COMPUTE, *USUAL), final_until=date(2026, 12, 1)
        )
    )
    return await CostAnomalies(CATALOG, books, ThePast(*changes), TheDays()).answer(Params(**params), asker=ASKER)


def surged() -> list[str]:
    """Three days from 20 November on at three times the usual."""
    days = list(USUAL)
    for index in range(87, 90):
        days[index] = "33"
    return days


async def test_a_jump_is_told_with_what_was_scaled_before_it() -> None:
    report = await ask(
        surged(),
        change(19, Done.DEPLOY, "v40 → v41", hour=15),
        change(19, Done.SCALING, "2 → 6 replicas"),
        change(10, Done.SCALING, "1 → 2 replicas"),
        change(20, Done.SCALING, "5 → 9 replicas", service="pay"),
    )
    (finding,) = [part for part in report.parts if isinstance(part, Finding)]
    first = START + timedelta(days=87)
    assert report.summary == "1 thing about the cost of everything was unusual in November 2026."
    assert finding.text.startswith("web in production cost €")
    assert f"{first.day} to" in finding.text
    assert finding.evidence == (
        "Suspect: 2 → 6 replicas in production, by dev, on 19 November 2026",
        "Suspect: v40 → v41 in production, by dev, on 19 November 2026",
    )
    assert finding.confidence == "likely"
    assert finding.offer is not None
    assert finding.offer.text.startswith(f"cost-change web in production {first}..")


async def test_a_jump_without_a_change_says_that_none_is_known() -> None:
    report = await ask(surged(), service="web")
    (finding,) = [part for part in report.parts if isinstance(part, Finding)]
    assert finding.evidence == ("Nothing that was done just before is known.",)
    assert finding.confidence == ""


async def test_usual_days_are_nothing_to_tell() -> None:
    report = await ask(USUAL)
    assert report.summary.startswith("Nothing about the cost of everything was unusual in ")
    assert (await ask(surged(), service="pay")).summary.startswith("Nothing about the cost of pay was unusual")


async def test_a_day_that_is_not_over_is_not_judged() -> None:
    assert (await ask(surged(), period="today")).summary == "Nothing is known of 1 December 2026 yet."
