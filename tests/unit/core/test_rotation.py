"""Taking turns: hand-overs by the clock on the wall, layers, and whoever stands in."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.core.names import Subject
from skills.core.rotation import Duty, Escalation, Hours, Layer, Level, Quiet, Rotation, StandIn

BERLIN = ZoneInfo("Europe/Berlin")
ANA, BEN, CAI = Subject("ana"), Subject("ben"), Subject("cai")


def weekly(*layers: Layer) -> Rotation:
    first = Layer(people=(ANA, BEN), start=date(2026, 10, 19), handover=time(9))
    return Rotation(name="shop", zone=BERLIN, zone_name="Europe/Berlin", layers=(first, *layers))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_turn_ends_at_the_hand_over_and_the_next_one_follows() -> None:
    rotation = weekly()
    now = rotation.at(at("2026-10-21 12:00"))
    assert now
    assert (now.subject, now.start, now.end) == (ANA, at("2026-10-19 07:00"), at("2026-10-26 08:00"))
    then = rotation.after(at("2026-10-21 12:00"))
    assert then
    assert (then.subject, then.start) == (BEN, at("2026-10-26 08:00"))


def test_over_the_end_of_daylight_saving_a_week_is_an_hour_longer_and_the_clock_on_the_wall_the_same() -> None:
    now = weekly().at(at("2026-10-24 12:00"))
    assert now
    assert now.end
    assert now.end - now.start == timedelta(days=7, hours=1)
    assert {each.astimezone(BERLIN).time() for each in (now.start, now.end)} == {time(9)}


def test_a_hand_over_at_a_time_that_daylight_saving_skips_still_happens() -> None:
    layer = Layer(people=(ANA, BEN), start=date(2026, 3, 28), handover=time(2, 30), days=1)
    rotation = Rotation(name="n", zone=BERLIN, zone_name="Europe/Berlin", layers=(layer,))
    now = rotation.at(at("2026-03-29 12:00"))
    assert now
    assert (now.subject, now.start) == (BEN, at("2026-03-29 01:30"))


def test_before_the_beginning_nobody_is_on_call_and_the_first_comes_next() -> None:
    rotation = weekly()
    before = at("2026-10-18 12:00")
    assert rotation.at(before) is None
    then = rotation.after(before)
    assert then
    assert (then.subject, then.start) == (ANA, at("2026-10-19 07:00"))


def test_a_later_layer_stands_before_an_earlier_one_in_its_hours() -> None:
    weekend = Layer(people=(CAI,), start=date(2026, 10, 1), handover=time(), days=1, hours=Hours(weekdays=frozenset({5, 6}), start=time(8), end=time(20)))  # fmt: skip
    rotation = weekly(weekend)
    saturday = rotation.at(at("2026-10-24 10:00"))
    assert saturday
    assert (saturday.subject, saturday.start, saturday.end) == (CAI, at("2026-10-24 06:00"), at("2026-10-24 18:00"))
    night = rotation.at(at("2026-10-24 19:00"))
    assert night
    assert night.subject == ANA


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    nights = Layer(people=(CAI,), start=date(2026, 10, 1), handover=time(12), days=1, hours=Hours(weekdays=frozenset({4}), start=time(22), end=time(6)))  # fmt: skip
    rotation = weekly(nights)
    who = [rotation.at(at(f"2026-10-{moment}")) for moment in ("23 21:00", "24 03:00", "24 05:00", "22 21:00")]
    assert [each.subject for each in who if each] == [CAI, CAI, ANA, ANA]


def test_who_stands_in_stands_before_all_and_of_two_the_one_who_said_so_last() -> None:
    rotation = weekly()
    span = (at("2026-10-20 16:00"), at("2026-10-21 06:00"))
    first = StandIn(number=1, subject=BEN, start=span[0], end=span[1])
    later = StandIn(number=2, subject=CAI, start=at("2026-10-20 20:00"), end=at("2026-10-20 22:00"))
    evening = rotation.at(at("2026-10-20 17:00"), (first, later))
    assert evening
    assert (evening.subject, evening.instead, evening.end) == (BEN, True, at("2026-10-20 20:00"))
    night = rotation.at(at("2026-10-20 21:00"), (first, later))
    assert night
    assert night.subject == CAI
    after = rotation.at(at("2026-10-21 07:00"), (first, later))
    assert after
    assert (after.subject, after.start) == (ANA, at("2026-10-21 06:00"))


def test_one_person_alone_is_on_call_without_an_end() -> None:
    layer = Layer(people=(ANA,), start=date(2026, 10, 19), handover=time(9))
    now = Rotation(name="n", zone=UTC, zone_name="UTC", layers=(layer,)).at(at("2026-11-01 00:00"))
    assert now
    assert (now.subject, now.end) == (ANA, None)


MOMENTS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1))  # noqa: DTZ001 - gets its zone below


@given(moment=MOMENTS, days=st.integers(1, 30), clock=st.times(), people=st.integers(1, 5), zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]))  # fmt: skip
def test_whoever_it_is_it_is_until_the_end_and_somebody_else_after_it(
    moment: datetime, days: int, clock: time, people: int, zone: str
) -> None:
    names = tuple(Subject(f"p{number}") for number in range(people))
    handover = clock.replace(second=0, microsecond=0)
    layer = Layer(people=names, start=date(2025, 12, 1), handover=handover, days=days)
    rotation = Rotation(name="n", zone=ZoneInfo(zone), zone_name=zone, layers=(layer,))
    when = moment.replace(tzinfo=UTC)
    turn = rotation.at(when)
    assert turn
    assert turn.start <= when
    if turn.end is None:
        assert people == 1
        return
    assert when < turn.end
    last, first = rotation.at(turn.end - timedelta(microseconds=1)), rotation.at(turn.end)
    assert last
    assert first
    assert last.subject == turn.subject
    assert first.subject != turn.subject


def test_levels_follow_one_another_and_begin_again_as_often_as_wanted() -> None:
    levels = tuple(Level(within=timedelta(minutes=number), people=(ANA,)) for number in (1, 2))
    escalation = Escalation(name="shop", services=("checkout",), levels=levels, repeat=1)
    assert [escalation.level(step) for step in range(5)] == [*levels, *levels, None]
    assert Duty(escalations=(escalation,)).of("checkout") is escalation
    assert Duty(escalations=(escalation,)).of("search") is None


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        ("2026-11-23 20:59", "2026-11-23 20:59"),
        ("2026-11-23 21:00", "2026-11-24 06:00"),
        ("2026-11-24 03:00", "2026-11-24 06:00"),
        ("2026-11-24 06:00", "2026-11-24 06:00"),
    ],
)
def test_what_can_wait_waits_for_the_morning_of_the_zone(moment: str, over: str) -> None:
    assert Quiet(start=time(22), end=time(7), zone=BERLIN).over(at(moment)) == at(over)


def test_without_quiet_hours_nothing_waits() -> None:
    assert Quiet(start=time(), end=time(), zone=BERLIN).over(at("2026-11-24 03:00")) == at("2026-11-24 03:00")
