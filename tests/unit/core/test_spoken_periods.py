"""Periods as people say them, on the second day of December 2026, a Wednesday."""

from datetime import date

import pytest

from skills.core.errors import BadInput
from skills.core.spoken_periods import resolved, said

TODAY = date(2026, 12, 2)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", "2026-12-02/2026-12-03"),
        ("yesterday", "2026-12-01/2026-12-02"),
        ("this week", "2026-11-30/2026-12-07"),
        ("last week", "2026-11-23/2026-11-30"),
        ("last month", "2026-11-01/2026-12-01"),
        ("last-month", "2026-11-01/2026-12-01"),
        ("month to date", "2026-12-01/2026-12-03"),
        ("this quarter", "2026-10-01/2027-01-01"),
        ("last quarter", "2026-07-01/2026-10-01"),
        ("last year", "2025-01-01/2026-01-01"),
        ("last 30 days", "2026-11-02/2026-12-02"),
        ("the past three months", "2026-09-01/2026-12-01"),
        ("last 2 weeks", "2026-11-16/2026-11-30"),
        ("october", "2026-10-01/2026-11-01"),
        ("in december", "2026-12-01/2027-01-01"),
        ("feb", "2026-02-01/2026-03-01"),
        ("feb 2024", "2024-02-01/2024-03-01"),
        ("q3", "2026-07-01/2026-10-01"),
        ("q4 2025", "2025-10-01/2026-01-01"),
        ("2025", "2025-01-01/2026-01-01"),
        ("since monday", "2026-11-30/2026-12-03"),
        ("since wednesday", "2026-12-02/2026-12-03"),
        ("since october", "2026-10-01/2026-12-03"),
        ("since forever", "2006-01-01/2026-12-03"),
        ("first half of october", "2026-10-01/2026-10-16"),
        ("second half of february", "2026-02-16/2026-03-01"),
        ("2026-10", "2026-10-01/2026-11-01"),
        ("2026-10-03", "2026-10-03/2026-10-04"),
        ("2026-10-01/2026-10-15", "2026-10-01/2026-10-15"),
        ("2026-10-01..2026-10-15", "2026-10-01/2026-10-16"),
        ("from august to october", "2026-08-01/2026-11-01"),
        ("between 2026-10-01 and 2026-10-03", "2026-10-01/2026-10-04"),
    ],
)
def test_what_is_said_are_these_days(text: str, days: str) -> None:
    assert resolved(text, TODAY).spelled() == days
    count, words = said(text.split()) or (0, "")
    assert count == len(text.split())
    assert resolved(words, TODAY).spelled() == days


@pytest.mark.parametrize(
    "text", ["", "soon", "last", "may", "march on", "2026-13", "2026-02-30", "2026-10-15..2026-10-01", "last 0 days", "q5", "half"]
)  # fmt: skip
def test_what_is_no_period_is_none(text: str) -> None:
    assert said(text.split()) is None


@pytest.mark.parametrize("text", ["next month", "tomorrow", "2027", "q1 2027", "january 2027", "since 2027-01-01"])
def test_the_future_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"has not begun, so nothing was paid for it\. Say for instance last month"):
        resolved(text, TODAY)


def test_a_number_of_years_without_sense_stays_within_reason() -> None:
    assert resolved("last 999 years", TODAY).start.year == 2006


def test_only_the_words_of_the_period_are_taken() -> None:
    assert said(["last", "month", "in", "staging"]) == (2, "last month")
    assert said(["in", "may", "by", "team"]) == (2, "may")
