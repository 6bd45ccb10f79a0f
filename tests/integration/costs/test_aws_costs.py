"""AWS Cost Explorer: moto's server is the peer. Questions are counted, kept and limited, since each costs a cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.store import Store
from integrations.aws_costs import Account, CostExplorer
from skills.core.errors import Unavailable
from skills.core.periods import Period
from skills.core.ports.costs import Basis, Category, Granularity, Statement, Wanted
from tests.support.moto_bills import Bills, bills, group, moto_endpoint, page

__all__ = ["bills", "moto_endpoint"]

EC2, EBS, EKS = (
    "Amazon Elastic Compute Cloud - Compute",
    "Amazon Elastic Block Store",
    "Amazon Elastic Container Service for Kubernetes",
)
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))


class Desk:
    """Cost Explorer behind the port, with a clock to be turned."""

    def __init__(self, store: Store, bills: Bills, **account: Any) -> None:
        self.now = datetime(2026, 11, 4, 12, tzinfo=UTC)
        self.costs = CostExplorer(
            Account(endpoint=bills.endpoint, **account), keep=store.kept_statements, team_of=lambda name: {"checkout": "shop"}.get(name, ""),
            clock=lambda: self.now,
        )  # fmt: skip

    async def ask(self, period: Period = NOVEMBER, **more: Any) -> Statement:
        return await self.costs.statement(Wanted(period=period, **more))


def first_days(*, amount: str = "2.50") -> dict[str, Any]:
    day = [
        group("service$checkout", EC2, amount=amount, quantity=("24", "Hrs")),
        group("service$checkout", EBS, amount="0.30", quantity=("1", "N/A")),
        group("service$", EC2, amount="1.00"),
        group("service$", EKS, amount="2.40"),
    ]
    return page(NOVEMBER.start, [day, day, day], estimated_from=date(2026, 11, 3))


APART = page(
    NOVEMBER.start, [[group("Credit", amount="-5"), group("Tax", amount="0.95")], [group("Refund", amount="-0.10")], []], estimated_from=None
)  # fmt: skip


async def test_a_bill_is_read_by_service_with_credits_refunds_and_tax_apart(store: Store, bills: Bills) -> None:
    bills.queue(first_days(), APART)
    found = await Desk(store, bills).ask()
    seen = {(line.whose.service, line.whose.team, line.category): line.amounts[:4] for line in found.lines}
    assert seen == {
        ("checkout", "shop", Category.COMPUTE): (Decimal("2.50"), Decimal("2.50"), Decimal("2.50"), 0),
        ("checkout", "shop", Category.STORAGE): (Decimal("0.30"), Decimal("0.30"), Decimal("0.30"), 0),
        ("", "", Category.UNALLOCATED): (Decimal("1.00"), Decimal("1.00"), Decimal("1.00"), 0),
        ("", "", Category.SHARED): (Decimal("2.40"), Decimal("2.40"), Decimal("2.40"), 0),
        ("", "", Category.CREDIT): (Decimal(-5), 0, 0, 0),
        ("", "", Category.TAX): (Decimal("0.95"), 0, 0, 0),
        ("", "", Category.REFUND): (0, Decimal("-0.10"), 0, 0),
    }
    assert all(line.amounts[4:] == (None,) * 26 for line in found.lines)
    assert (found.source.basis, found.source.amortized, found.final_until) == (Basis.BILL, True, date(2026, 11, 2))
    compute = next(line for line in found.lines if line.category is Category.COMPUTE)
    assert (compute.unit, compute.quantities[0], compute.currency) == ("Hrs", Decimal(24), "USD")


async def test_a_month_is_asked_for_once_and_kept_over_a_restart(store: Store, bills: Bills) -> None:
    bills.queue(first_days(), APART)
    desk = Desk(store, bills)
    first = await desk.ask()
    assert await desk.costs.asked_today() == 2
    again = Desk(store, bills)
    days = await again.ask(Period(start=date(2026, 11, 2), end=date(2026, 11, 4)))
    assert await again.costs.asked_today() == 2
    assert sum(line.known for line in days.lines if line.category is Category.COMPUTE) == Decimal(5)
    months = await again.ask(granularity=Granularity.MONTH)
    assert [line.amounts for line in months.lines if line.category is Category.COMPUTE] == [(Decimal("7.50"),)]
    assert months.source.read_at == first.source.read_at


async def test_what_may_still_change_is_asked_again_after_half_a_day(store: Store, bills: Bills) -> None:
    bills.queue(first_days(), APART)
    desk = Desk(store, bills)
    await desk.ask()
    bills.reset()
    bills.queue(first_days(amount="3.00"), APART)
    desk.now += timedelta(hours=11)
    assert await desk.costs.asked_today() == 2
    await desk.ask()
    desk.now += timedelta(hours=2)
    found = await desk.ask()
    assert next(line.amounts[0] for line in found.lines if line.category is Category.COMPUTE) == Decimal("3.00")


async def test_there_is_a_limit_to_what_questions_may_cost(store: Store, bills: Bills) -> None:
    bills.queue(first_days(), APART)
    desk = Desk(store, bills, per_day=2)
    await desk.ask()
    with pytest.raises(Unavailable, match="AWS was asked 2 times today, and each question costs a cent"):
        await desk.ask(Period(start=date(2026, 10, 1), end=date(2026, 11, 1)))
    desk.now += timedelta(hours=13)  # the next day
    await desk.ask()
    desk.now += timedelta(hours=6)
    assert await desk.costs.asked_today() == 2


async def test_what_was_kept_serves_while_it_may_not_be_asked(store: Store, bills: Bills) -> None:
    bills.queue(first_days(), APART)
    desk = Desk(store, bills, per_day=2)
    await desk.ask()
    desk.now = datetime(2026, 11, 5, 1, tzinfo=UTC)
    await desk.ask()
    desk.now += timedelta(hours=13)
    (said,) = (await desk.ask()).partial
    assert (
        said
        == "AWS was asked 2 times today, and each question costs a cent. What is told of November 2026 was read on 05 November."
    )


async def test_environments_are_told_by_a_tag_and_what_is_in_none_is_not_lost(store: Store, bills: Bills) -> None:
    one = page(NOVEMBER.start, [[group("service$checkout", EC2, amount="2")]])
    two = page(NOVEMBER.start, [[group("service$checkout", EC2, amount="1")]])
    rest = page(NOVEMBER.start, [[group("service$", EC2, amount="9")]])
    bills.queue(one, two, rest, page(NOVEMBER.start, [[]]))
    desk = Desk(store, bills, environment_tag="stage", environments={"production": "prod", "staging": "test"})
    found = await desk.ask()
    assert {(line.whose.environment, line.amounts[0]) for line in found.lines} == {
        ("production", Decimal(2)), ("staging", Decimal(1)), ("", Decimal(9))
    }  # fmt: skip
    narrowed = await desk.ask(environments=("staging",))
    assert [line.amounts[0] for line in narrowed.lines] == [Decimal(1)]
    assert await desk.costs.asked_today() == 4


async def test_pages_are_followed_and_odd_amounts_are_said(store: Store, bills: Bills) -> None:
    first = page(
        NOVEMBER.start,
        [[group("service$checkout", EC2, amount="1"), group("service$checkout", "Odd", amount="NaN")]],
        token="more",
    )
    second = page(
        NOVEMBER.start,
        [[group("service$web", EC2, amount="2"), group("service$web", "Points", amount="3", unit="credits")]],
    )
    bills.queue(first, second, page(NOVEMBER.start, [[]]))
    found = await Desk(store, bills).ask()
    assert {line.whose.service for line in found.lines} == {"checkout", "web"}
    assert found.partial == (
        "AWS gave no amount for Odd, so it is in no sum.",
        "AWS gave no amount for Points, so it is in no sum.",
    )


async def test_the_metric_is_the_one_that_is_configured(store: Store, bills: Bills) -> None:
    bills.queue(
        page(NOVEMBER.start, [[group("service$checkout", EC2, amount="4", metric="UnblendedCost")]]),
        page(NOVEMBER.start, [[]]),
    )
    found = await Desk(store, bills, amortized=False).ask()
    assert (found.source.amortized, found.lines[0].amounts[0]) == (False, Decimal(4))


async def test_farther_back_than_aws_knows_is_a_sentence(store: Store, bills: Bills) -> None:
    with pytest.raises(Unavailable, match="AWS knows nothing by day of January 2024: it keeps 14 months"):
        await Desk(store, bills).ask(Period(start=date(2024, 1, 1), end=date(2024, 2, 1)))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ThrottlingException", "AWS Cost Explorer throttles. Try again in some minutes"),
        ("LimitExceededException", "AWS Cost Explorer throttles."),
        ("AccessDeniedException", "Its credentials need ce:GetCostAndUsage"),
        ("DataUnavailableException", "AWS prepares the data for up to a day"),
    ],
)
async def test_a_refusal_is_a_sentence_and_was_counted(
    store: Store, bills: Bills, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    from botocore import exceptions

    desk = Desk(store, bills)

    class Refusing:
        def get_cost_and_usage(self, **_question: Any) -> Any:
            raise exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, "GetCostAndUsage")

    monkeypatch.setattr(desk.costs, "_client", lambda: (Refusing(), exceptions))
    with pytest.raises(Unavailable, match=said):
        await desk.ask()
    assert await desk.costs.asked_today() == 1


async def test_nobody_at_the_other_end_is_a_sentence(store: Store, bills: Bills) -> None:
    nowhere = Bills("http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="Check the credentials, the region and the network"):
        await Desk(store, nowhere).ask()
