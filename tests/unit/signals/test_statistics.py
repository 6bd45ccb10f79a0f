"""The formulas, against figures that others computed."""

import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.signals.statistics import chance, enough, rise, scatter, wilson


def test_wilson_gives_the_published_intervals() -> None:
    # Newcombe 1998 (Two-sided confidence intervals for the single proportion), table I, method 3.
    for failed, total, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(failed, total)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_where_nothing_happened_everything_is_possible() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert (wilson(7, 7).low, wilson(7, 7).high) == (pytest.approx(0.6457, abs=5e-5), 1.0)


def test_the_rise_gives_the_published_intervals() -> None:
    # Newcombe 1998 (Interval estimation for the difference), table II, method 10: 56/70 - 48/80, and 9/10 - 3/10.
    for after, before, low, high in (
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ):
        found = rise(before, after)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_scatter_of_nothing_is_nothing_and_one_wild_value_does_not_move_it() -> None:
    assert scatter(()) == 0.0
    assert scatter((5.0, 5.0, 5.0)) == 0.0
    assert scatter((1.0, 2.0, 3.0, 4.0, 5.0)) == pytest.approx(1.4826)
    assert scatter((1.0, 2.0, 3.0, 4.0, 1e9)) == pytest.approx(1.4826)


def test_the_rank_sum_test_gives_exact_chances() -> None:
    # Hollander and Wolfe, table A.6: of C(9, 4) = 126 orders, one has all four above all five.
    assert chance((1, 2, 3, 4, 5), (6, 7, 8, 9)) == pytest.approx(1 / 126)
    assert chance((6, 7, 8, 9), (1, 2, 3, 4, 5)) == 1.0
    # scipy.stats.mannwhitneyu([19, 22, 16, 29, 24], [20, 11, 17, 12]) of its documentation: U = 17, one-sided exact p = 0.0556 (two: 0.1111).
    assert chance((20, 11, 17, 12), (19, 22, 16, 29, 24)) == pytest.approx(0.05556, abs=5e-6)


def test_ties_are_corrected_for() -> None:
    assert chance((1.0,) * 5, (1.0,) * 5) == 1.0
    assert chance((1.0,) * 15, (2.0,) * 4) < 0.001
    # By hand: U = 14, mean 8, variance 4*4/12 * (9 - 2*(2**3-2)/(8*7)) = 11.714, z = (14-8-0.5)/3.4226 = 1.607.
    assert chance((1, 2, 3, 4), (3, 4, 5, 6)) == pytest.approx(0.0540, abs=5e-5)


def test_an_empty_side_tells_nothing() -> None:
    assert chance((), (1.0,)) == chance((1.0,), ()) == 1.0


def test_enough_is_where_the_test_could_find_something() -> None:
    assert [enough(m, n) for m, n in ((7, 3), (6, 3), (5, 4), (300, 2), (0, 9))] == [True, False, True, False, False]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9), st.lists(st.integers(0, 30), min_size=1, max_size=9))
def test_a_chance_is_a_chance_and_shifting_both_changes_nothing(before: list[int], after: list[int]) -> None:
    found = chance(before, after)
    assert 0 <= found <= 1
    assert chance([7 + 3 * each for each in before], [7 + 3 * each for each in after]) == pytest.approx(found)


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 500), st.integers(1, 500))
def test_the_rise_is_around_what_was_seen_and_turns_with_its_sides(a: int, m: int, b: int, n: int) -> None:
    then, now = (min(a, m), m), (min(b, n), n)
    found, back = rise(then, now), rise(now, then)
    assert -1 - 1e-9 <= found.low <= now[0] / n - then[0] / m <= found.high <= 1 + 1e-9
    assert (back.low, back.high) == (pytest.approx(-found.high), pytest.approx(-found.low))


def test_chance_alone_is_rarely_taken_for_a_difference() -> None:
    draw = random.Random(1)
    found = [chance([draw.gauss(0, 1) for _ in range(15)], [draw.gauss(0, 1) for _ in range(5)]) for _ in range(2000)]
    assert 0.005 <= sum(each < 0.01 for each in found) / len(found) <= 0.015
    assert 0.45 <= median(found) <= 0.55
