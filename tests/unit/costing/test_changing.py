"""Why costs changed, cause by cause, in numbers that anybody can check by hand."""

from decimal import Decimal

import pytest

from skills.costing.changing import Cause, Effect, Item, explain


def item(name: str, cost: str, amount: str | None = None, unit: str = "core-hours") -> Item:
    counted = None if amount is None else Decimal(amount)
    return Item(name=name, cost=Decimal(cost), unit=unit if counted is not None else "", amount=counted)


def causes(before: list[Item], after: list[Item], days: tuple[int, int] = (30, 30)) -> dict[str, str]:
    return {cause.value: str(cost) for cause, cost in explain(before, after, days=days).by_cause.items()}


def test_more_of_the_same_at_the_same_price_is_the_amount() -> None:
    assert causes([item("cpu", "100", "1000")], [item("cpu", "150", "1500")]) == {"amount": "50.00"}


def test_the_same_amount_at_another_price_is_the_price() -> None:
    assert causes([item("cpu", "100", "1000")], [item("cpu", "120", "1000")]) == {"price": "20.00"}


def test_a_longer_month_is_the_length_of_the_period() -> None:
    february, march = [item("cpu", "280", "2800")], [item("cpu", "310", "3100")]
    assert causes(february, march, days=(28, 31)) == {"length of the period": "30.00"}


def test_the_same_amount_of_dearer_things_is_the_mix() -> None:
    before = [item("small", "100", "1000"), item("large", "300", "1000")]
    after = [item("small", "50", "500"), item("large", "450", "1500")]
    assert causes(before, after) == {"mix": "100.00"}


def test_amount_mix_and_price_are_told_apart() -> None:
    """From 2,000 hours at 0.20 on average to 3,000: 200 for the amount; at the old prices 700 instead of 600: 100 for the mix; the rest is the price."""
    before = [item("small", "100", "1000"), item("large", "300", "1000")]
    after = [item("small", "100", "1000"), item("large", "660", "2000")]
    assert causes(before, after) == {"amount": "200.00", "mix": "100.00", "price": "60.00"}


def test_units_are_not_added_up_with_each_other() -> None:
    before = [item("cpu", "100", "1000"), item("ram", "50", "4000", unit="GiB-hours")]
    after = [item("cpu", "200", "2000"), item("ram", "25", "2000", unit="GiB-hours")]
    change = explain(before, after, days=(30, 30))
    assert change.effects == (
        Effect(item="cpu", cause=Cause.AMOUNT, cost=Decimal("100.00")),
        Effect(item="ram", cause=Cause.AMOUNT, cost=Decimal("-25.00")),
    )


def test_what_is_new_gone_or_a_fee_stands_for_itself() -> None:
    before = [item("old", "40", "400"), item("support", "10")]
    after = [item("new", "70", "700"), item("support", "25")]
    assert causes(before, after) == {"new": "70.00", "gone": "-40.00", "not counted in units": "15.00"}


def test_credits_are_negative_and_add_up_like_anything_else() -> None:
    change = explain([item("credit", "-100")], [item("credit", "-30")], days=(31, 30))
    assert (change.before, change.after) == (Decimal("-100.00"), Decimal("-30.00"))
    assert change.effects == (Effect(item="credit", cause=Cause.OTHER, cost=Decimal("70.00")),)


def test_what_was_free_has_no_price_to_compare_with() -> None:
    assert causes([item("cpu", "0", "1000")], [item("cpu", "50", "1000")]) == {"price": "50.00"}


def test_what_rounding_leaves_over_goes_to_what_lost_most_by_it() -> None:
    before = [item(f"thing-{index}", "0") for index in range(3)]
    after = [item(f"thing-{index}", "0.003333") for index in range(3)]
    change = explain(before, after, days=(30, 30))
    assert change.after == Decimal("0.01")
    assert [str(each.cost) for each in change.effects] == ["0.01"]


def test_a_yen_has_no_cents() -> None:
    change = explain([item("cpu", "100.4", "1")], [item("cpu", "201.4", "2")], days=(30, 30), coin=Decimal(1))
    assert sum(each.cost for each in change.effects) == change.after - change.before == Decimal(101)


def test_a_period_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        explain([], [], days=(0, 30))
