"""Whoever knows what is reserved and used: a bucket for each day, nothing for the future, whole hours of what stands still."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from skills.core.errors import UnknownName
from skills.core.periods import Period
from skills.core.ports.costs import Wanted
from skills.core.ports.past_changes import Done
from skills.core.ports.usage import Amounts, Consumption, Measure
from skills.core.ports.workloads import Place, ReplicasEdit
from tests.support.cost_worlds import NOW, TODAY, days, simulated


def only(found: Consumption, service: str, measure: Measure, environment: str = "production") -> Amounts:
    (each,) = [
        each
        for each in found.amounts
        if (each.whose.service, each.whose.environment, each.measure) == (service, environment, measure)
    ]
    return each


async def test_every_row_has_a_number_for_each_day_and_none_for_those_to_come() -> None:
    _, usage = simulated()
    found = await usage.consumption(Wanted(period=days(TODAY - timedelta(days=2), 5)))
    assert [bucket.start for bucket in found.buckets] == list(found.period.days())
    for each in found.amounts:
        assert len(each.amounts) == 5
        assert all(amount is not None and amount >= 0 for amount in each.amounts[:3]), each
        assert each.amounts[3:] == (None, None)
    reserved = only(found, "checkout", Measure.CPU_RESERVED).amounts
    assert reserved[:3] == (Decimal(36), Decimal(36), Decimal(18))  # today is half over


async def test_what_was_scaled_in_the_middle_of_a_day_counts_from_then_on() -> None:
    _, usage = simulated()
    (scaled,) = [each for each in await usage.changes("production") if each.at > NOW - timedelta(days=10)]
    assert (scaled.service, scaled.done, scaled.what) == ("checkout", Done.SCALING, "2 → 3 replicas")
    day = scaled.at.date()
    found = await usage.consumption(Wanted(period=days(day - timedelta(days=1), 3), environments=("production",)))
    before, then, after = only(found, "checkout", Measure.CPU_RESERVED).amounts
    assert (before, after) == (Decimal(24), Decimal(36))
    assert then == Decimal(24) + Decimal("0.5") * (24 - scaled.at.hour)


async def test_what_is_changed_now_counts_from_now_on() -> None:
    moment = [NOW]
    cluster, usage = simulated(lambda: moment[0])
    place = Place(environment="production", namespace="production", name="web")
    web = await cluster.get(place)
    moment[0] += timedelta(hours=6)
    await cluster.apply(place, ReplicasEdit(before=4, after=8), uid=web.uid)
    moment[0] += timedelta(days=1)
    found = await usage.consumption(Wanted(period=days(TODAY, 1), environments=("production",)))
    assert only(found, "web", Measure.CPU_RESERVED).amounts == (Decimal(18 * 2 + 6 * 4),)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
async def test_days_have_the_hours_that_clocks_give_them(day: str, hours: int) -> None:
    _, usage = simulated(zone="Europe/Berlin")
    found = await usage.consumption(Wanted(period=days(date.fromisoformat(day), 1), environments=("staging",)))
    assert found.zone == "Europe/Berlin"
    assert only(found, "web", Measure.CPU_RESERVED, "staging").amounts == (Decimal(hours),)


async def test_before_anything_is_known_there_is_nothing_and_before_a_service_was_born_it_had_none() -> None:
    _, usage = simulated()
    wanted = Wanted(period=Period(start=TODAY - timedelta(days=500), end=TODAY), environments=("production",))
    search = only(await usage.consumption(wanted), "search", Measure.CPU_RESERVED).amounts
    assert search[0] is None
    assert search[200] == 0
    assert search[-1] == 48


async def test_the_same_question_has_the_same_answer_whenever_it_is_asked() -> None:
    wanted = Wanted(period=days(date(2026, 9, 1), 30))
    answers = [await simulated()[1].consumption(wanted) for _ in range(2)]
    assert answers[0] == answers[1]


async def test_an_environment_that_is_not_there_is_named() -> None:
    _, usage = simulated()
    with pytest.raises(UnknownName, match=r"I know no environment called “prodution”. Did you mean production\?"):
        await usage.consumption(Wanted(period=days(TODAY, 1), environments=("prodution",)))


async def test_workloads_come_with_what_they_need_and_things_with_whether_they_are_used() -> None:
    _, usage = simulated()
    (checkout,) = [each for each in await usage.footprints("production") if each.whose.service == "checkout"]
    need = checkout.need(Measure.CPU_USED)
    assert need is not None
    assert checkout.replicas == 3
    assert need.p50 < need.p95 < need.p99 < need.most < Decimal(1)
    unused = [(each.kind, each.name) for each in await usage.things("staging") if each.used is False]
    assert unused == [("volume", "search-index-old")]
