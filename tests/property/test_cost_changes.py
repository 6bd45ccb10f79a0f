"""Why costs changed: whatever the items are, the causes add up to the change, to the cent."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from skills.costing.changing import CENT, Cause, Item, explain

amounts = st.decimals(min_value=-1_000_000, max_value=1_000_000, allow_nan=False, allow_infinity=False, places=6)
quantities = st.none() | st.decimals(min_value=0, max_value=1_000_000, allow_nan=False, allow_infinity=False, places=3)
items = st.lists(
    st.builds(
        Item,
        name=st.sampled_from(["m5.large", "m5.xlarge", "gp3", "support", "credit"]),
        cost=amounts,
        unit=st.sampled_from(["", "core-hours", "GiB-hours"]),
        amount=quantities,
    ),
    max_size=8,
)
lengths = st.tuples(st.integers(1, 366), st.integers(1, 366))


@given(before=items, after=items, days=lengths, coin=st.sampled_from([CENT, Decimal(1), Decimal("0.001")]))
def test_causes_add_up_to_the_change_to_the_coin(
    before: list[Item], after: list[Item], days: tuple[int, int], coin: Decimal
) -> None:
    change = explain(before, after, days=days, coin=coin)
    assert sum((each.cost for each in change.effects), Decimal()) == change.after - change.before
    assert sum(change.by_cause.values(), Decimal()) == change.after - change.before
    assert sum(change.by_item.values(), Decimal()) == change.after - change.before
    assert all(each.cost % coin == 0 for each in change.effects)
    assert abs(change.after - sum((each.cost for each in after), Decimal())) <= coin / 2


@given(same=items, days=st.integers(1, 366))
def test_nothing_changed_has_no_cause(same: list[Item], days: int) -> None:
    assert explain(same, same, days=(days, days)).effects == ()


@given(before=items, after=items, days=lengths)
def test_the_way_back_is_the_opposite(before: list[Item], after: list[Item], days: tuple[int, int]) -> None:
    there, back = explain(before, after, days=days), explain(after, before, days=(days[1], days[0]))
    assert there.after - there.before == -(back.after - back.before)
    assert there.by_cause.get(Cause.NEW, 0) == -back.by_cause.get(Cause.GONE, 0)
