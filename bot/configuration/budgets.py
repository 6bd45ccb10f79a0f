"""budgets.yaml: what is meant to be spent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, model_validator

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.price_shapes import CurrencyCode, Price
from bot.configuration.problems import Problem
from bot.configuration.shapes import Name, Shape
from skills.core.budget import Budget
from skills.core.money import Money, currency
from skills.core.periods import Unit


def _rising(given: list[int]) -> list[int]:
    if sorted(set(given)) != given:
        raise ValueError("should rise, each per cent once, such as [80, 100].")
    return given


Alerts = Annotated[list[Annotated[int, Field(ge=1, le=1000)]], AfterValidator(_rising)]


class BudgetShape(Shape):
    """One budget: for a service, a team, an environment, a service in an environment, or, without any of these, for everything."""

    name: Name
    amount: Price
    currency: CurrencyCode
    per: Literal["month", "quarter", "year"] = "month"
    service: Name | None = None
    environment: Name | None = None
    team: Name | None = None
    alerts: Alerts = Field(default=[80, 100])

    @model_validator(mode="after")
    def _makes_sense(self) -> "BudgetShape":
        if self.service and self.team:
            raise ValueError("a budget is for a service or for a team, not for both.")
        if self.amount == Decimal():
            raise ValueError("a budget of nothing is always exceeded; leave it out, or deny what costs.")
        return self


class BudgetsShape(Shape):
    """budgets.yaml."""

    budgets: list[BudgetShape] = Field(default=[])


class Known(Protocol):
    """Names that a budget may be for; None where the file that says so has mistakes of its own."""

    @property
    def services(self) -> Collection[str] | None: ...
    @property
    def environments(self) -> Collection[str] | None: ...
    @property
    def teams(self) -> Collection[str] | None: ...


def budgets(document: Document, known: Known, *, problems: list[Problem]) -> tuple[Budget, ...]:
    """All of them; none, with a problem noted for each mistake, where they make no sense."""
    shape = check(document, BudgetsShape, problems)
    if shape is None:
        return ()
    names: set[str] = set()
    for index, each in enumerate(shape.budgets):
        if each.name in names:
            problems.append(document.problem(("budgets", index, "name"), f"there are two budgets called {each.name}."))
        names.add(each.name)
        for field, allowed in (("service", known.services), ("environment", known.environments), ("team", known.teams)):
            value = getattr(each, field)
            if value and allowed is not None and value not in allowed:
                problems.append(document.problem(("budgets", index, field), unknown(field, value, sorted(allowed))))
    return tuple(_budget(each) for each in shape.budgets)


def _budget(shape: BudgetShape) -> Budget:
    return Budget(
        name=shape.name,
        amount=Money(amount=shape.amount, currency=currency(shape.currency)),
        per=Unit(shape.per),
        service=shape.service or "",
        environment=shape.environment or "",
        team=shape.team or "",
        alerts=tuple(shape.alerts),
    )


@dataclass(frozen=True)
class WrittenBudgets:
    """Satisfies `Budgets` with what stands in the configuration."""

    written: Sequence[Budget]

    def all(self) -> Sequence[Budget]:
        return self.written
