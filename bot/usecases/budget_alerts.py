"""Telling that a budget is nearly spent, spent, or going to be: once each, whichever process looks, with who spent it and what was done."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store import Store
from skills.core.budget import Budget
from skills.core.notice import Place
from skills.core.periods import midnight
from skills.core.ports.budgets import Budgets
from skills.core.ports.costs import Books, Wanted
from skills.core.ports.days import Days
from skills.core.ports.forecasting import Forecaster
from skills.core.ports.past_changes import PastChange, PastChanges
from skills.core.report import Command, Finding, Report
from skills.costing.budgeting import Standing, history, sentence, stand, who
from skills.costing.picturing import said

WHERE = Place(purpose="costs")
_MOST_CHANGES = 5


@dataclass(frozen=True, kw_only=True)
class BudgetAlerts:
    """The use case; a ticker calls it in every replica, and it may be repeated: what was said is under a key of its own.

    Only the highest threshold that was crossed is told, so that nobody hears of 80 % when 100 % is what is the case.
    """

    store: Store
    budgets: Budgets
    books: Books
    past: PastChanges
    forecaster: Forecaster
    days: Days

    async def __call__(self) -> int:
        """Look at every budget; returns how many things were said. Raises `Unavailable` where costs or the store do not answer."""
        told = 0
        today = self.days.today()
        for budget in self.budgets.all():
            accounts = await self.books.accounts(Wanted(period=history(budget, today)))
            standing = await stand(budget, accounts, self.forecaster, today)
            for key, text in _due(standing):
                report = _report(standing, text, await self._changes(budget, standing))
                async with self.store.begin() as tx:
                    told += await tx.notify(key, to=WHERE, report=report)
        return told

    async def _changes(self, budget: Budget, standing: Standing) -> Sequence[PastChange]:
        services = [budget.service] if budget.service else [name for name, _ in standing.spenders]
        return await self.past.changes(
            since=midnight(standing.period.start, self.days.zone),
            until=self.days.now(),
            services=services,
            environments=[budget.environment] if budget.environment else (),
        )


def _due(standing: Standing) -> list[tuple[str, str]]:
    """What is worth telling, with the key under which it is told once in each period."""
    key = f"budget/{standing.budget.name}/{standing.period.spelled()}"
    reached = standing.reached
    due = (
        [(f"{key}/{reached}", f"Budget {standing.budget.name}: {reached} % is reached.")] if reached is not None else []
    )
    if standing.foreseen_beyond:
        due.append((f"{key}/forecast", f"Budget {standing.budget.name} is going to be exceeded."))
    return due


def _report(standing: Standing, text: str, changes: Sequence[PastChange]) -> Report:
    done = tuple(f"What was done: {said(each, named=True, placed=True)}" for each in list(changes)[-_MOST_CHANGES:])
    finding = Finding(text=sentence(standing), severity="warning", evidence=(who(standing), *done))
    return Report(
        title="Budget", summary=text, parts=(finding, Command(text="budgets", does="see how all budgets stand"))
    )
