"""Budgets that are nearly spent, or going to be, are told once each, whichever process looks, on both databases."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.store import Store
from bot.usecases.budget_alerts import BudgetAlerts
from integrations.memory.forecasts import SeasonalNaive
from skills.core.budget import Budget
from skills.core.errors import Unavailable
from skills.core.money import money
from skills.core.periods import Unit
from skills.core.ports.costs import Category, Whose
from skills.core.ports.past_changes import Done, PastChange
from skills.core.report import Finding
from tests.support.books import TheBooks, TheDays, ThePast, line, statement

WEB = Whose(service="web", environment="production", team="shop")
SCALED = PastChange(
    at=datetime(2026, 11, 20, 9, tzinfo=UTC), service="web", environment="production", done=Done.SCALING, what="2 → 6 replicas"
)  # fmt: skip


class Written:
    def __init__(self, *budgets: Budget) -> None:
        self._budgets = budgets

    def all(self) -> tuple[Budget, ...]:
        return self._budgets


def alerts(store: Store, amount: str, *, books: TheBooks | None = None) -> BudgetAlerts:
    """For a budget of the fourth quarter, of which 600 are spent and 910 are foreseen."""
    sixty = statement(
        date(2026, 12, 1) - timedelta(days=60), line(WEB, Category.COMPUTE, *["10"] * 60), final_until=date(2026, 12, 1)
    )
    budget = Budget(name="all", amount=money(amount, "EUR"), per=Unit.QUARTER, alerts=(50, 80, 100))
    return BudgetAlerts(
        store=store, budgets=Written(budget), books=books or TheBooks(sixty), past=ThePast(SCALED), forecaster=SeasonalNaive(), days=TheDays()
    )  # fmt: skip


async def said(store: Store) -> list[str]:
    return [each.report.summary for each in await store.notices.after(0)]


async def test_the_highest_threshold_and_the_forecast_are_told_with_who_and_what(store: Store) -> None:
    assert await alerts(store, "700")() == 2
    assert await said(store) == ["Budget all: 80 % is reached.", "Budget all is going to be exceeded."]
    notice = (await store.notices.after(0))[0]
    assert str(notice.to) == "#costs"
    (finding,) = [part for part in notice.report.parts if isinstance(part, Finding)]
    assert finding.evidence == (
        "Most of it was spent by web (€600).",
        "What was done: web 2 → 6 replicas in production",
    )


async def test_what_was_told_is_not_told_again_and_more_is(store: Store) -> None:
    assert [await alerts(store, "700")() for _ in range(3)] == [2, 0, 0]
    assert await alerts(store, "590")() == 1
    assert (await said(store))[-1] == "Budget all: 100 % is reached."


async def test_several_processes_at_once_tell_it_once(store: Store) -> None:
    told = await asyncio.gather(*(alerts(store, "700")() for _ in range(4)))
    assert sum(told) == 2
    assert len(await said(store)) == 2


async def test_what_is_well_within_is_not_worth_a_word(store: Store) -> None:
    assert await alerts(store, "5000")() == 0
    assert await said(store) == []


async def test_a_source_that_is_down_says_nothing_wrong(store: Store) -> None:
    with pytest.raises(Unavailable):
        await alerts(store, "700", books=TheBooks(down="The bill does not answer."))()
    assert await said(store) == []
