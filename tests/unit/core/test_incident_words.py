"""What people type about incidents, taken apart; and how long incidents took."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from skills.core import incident_words
from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, IncidentId, Severity, Verb, fold
from skills.core.incident_figures import length, percentile
from skills.core.incident_reminders import reminders
from skills.core.incident_told import markdown
from skills.core.names import Organization

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("said", "severity", "rest"), [
    ("checkout returns 500s sev2", Severity.SEV2, "checkout returns 500s"),
    ("SEV-1 all is down", Severity.SEV1, "all is down"),
    ("p3: search is slow", Severity.SEV3, "search is slow"),
    ("uploads to s3 fail", None, "uploads to s3 fail"),
    ("p95 is up", None, "p95 is up"),
    ("500", None, "500"),
])  # fmt: skip
def test_a_severity_is_found_wherever_it_stands(said: str, severity: Severity | None, rest: str) -> None:
    assert incident_words.severity(said) == (severity, rest)


@pytest.mark.parametrize(("said", "title", "confidential", "another"), [
    ("checkout is down", "checkout is down", False, False),
    ("an incident for checkout", "checkout", False, False),
    ("“it's  broken”", "it's broken", False, False),
    ("confidential: salaries leaked", "salaries leaked", True, False),
    ("salaries leaked (confidential)", "salaries leaked", True, False),
    ("another checkout is down", "checkout is down", False, True),
    ("🔥", "🔥", False, False),
])  # fmt: skip
def test_a_title_is_what_is_left(said: str, title: str, confidential: bool, another: bool) -> None:
    assert incident_words.title(said) == (title, confidential, another)


@pytest.mark.parametrize(("said", "began", "rest"), [
    ("checkout is down began 02:10", "2026-11-23 02:10", "checkout is down"),
    ("checkout is down, it started at 23:50, sadly", "2026-11-22 23:50", "checkout is down, sadly"),
    ("checkout is down (began 2026-11-21 2:10 UTC)", "2026-11-21 02:10", "checkout is down"),
    ("the trouble began yesterday", None, "the trouble began yesterday"),
])  # fmt: skip
def test_when_it_began_is_a_time_before_now(said: str, began: str | None, rest: str) -> None:
    found, left = incident_words.began(said, NOON)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None, left) == (began, rest)


@pytest.mark.parametrize(("said", "sentence"), [
    ("down, began 25:10", "“began 25:10” is no time."),
    ("down, began 2026-12-24 10:00", "It cannot have begun in the future."),
])  # fmt: skip
def test_a_beginning_that_cannot_be_is_said(said: str, sentence: str) -> None:
    with pytest.raises(BadInput) as problem:
        incident_words.began(said, NOON)
    assert problem.value.text == sentence


@pytest.mark.parametrize("said", ["", "  ", "an incident", "“”", "confidential"])
def test_without_a_title_there_is_no_incident(said: str) -> None:
    with pytest.raises(BadInput, match="Say what is wrong"):
        incident_words.title(said)


@pytest.mark.parametrize(("said", "due", "rest"), [
    ("look at it in 2h", NOON + timedelta(hours=2), "look at it"),
    ("look at it by 14:30", NOON.replace(hour=14, minute=30), "look at it"),
    ("look at it by 11:00", NOON + timedelta(hours=23), "look at it"),
    ("write it up by 2026-12-01", datetime(2026, 12, 1, 23, 59, tzinfo=UTC), "write it up"),
    ("roll out in production", None, "roll out in production"),
])  # fmt: skip
def test_a_time_at_the_end_is_when_it_is_due(said: str, due: datetime | None, rest: str) -> None:
    assert incident_words.due(said, NOON) == (due, rest)


def test_a_day_that_there_is_not_is_told() -> None:
    with pytest.raises(BadInput, match="no day or time"):
        incident_words.due("write it up by 2026-13-45", NOON)


def test_median_and_p90_are_lengths_that_there_were() -> None:
    lengths = [timedelta(minutes=n) for n in (5, 1, 9, 3)]
    assert percentile(lengths, 0.5) == timedelta(minutes=3)
    assert percentile(lengths, 0.9) == timedelta(minutes=9)
    assert percentile([], 0.5) is None
    assert [length(each) for each in (None, timedelta(minutes=5), timedelta(hours=2), timedelta(days=3))] == [
        "—",
        "5 min",
        "2 h",
        "3 d 0 h",
    ]


def test_nobodys_words_are_markup_in_a_document() -> None:
    assert markdown("# [x](y) *b*\n`c`") == "\\# \\[x\\](y) \\*b\\* \\`c\\`"


def of(severity: str, at: datetime) -> Incident:
    facts = {"title": "slow", "severity": severity}
    found = fold(
        IncidentId(1), Organization("acme"), [Entry(seq=1, at=at, verb=Verb.DECLARED, text="", by="dev", facts=facts)]
    )
    assert found
    return found


def test_what_wakes_people_is_said_at_night_and_what_does_not_waits_for_the_morning() -> None:
    night = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # 22:30 in Berlin
    assert reminders(of("sev2", night), zone=BERLIN)[0].at == night + timedelta(minutes=10)
    assert [each.at for each in reminders(of("sev3", night), zone=BERLIN)] == [datetime(2026, 11, 24, 6, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("said", "title", "secret"),
    [
        ("confidential: cards leak", "cards leak", True),
        ("cards leak, confidential,", "cards leak", True),
        ("cards leak (confidential) since noon", "cards leak since noon", True),
        ("a confidential incident: cards leak", "incident: cards leak", True),
        ("private: cards leak", "cards leak", True),
        ("cards leak, private", "cards leak", True),
        ("private registry is down", "private registry is down", False),
        ("pulls from the private registry fail", "pulls from the private registry fail", False),
    ],
)
def test_confidential_is_heard_wherever_it_stands(said: str, title: str, secret: bool) -> None:
    assert incident_words.title(said)[:2] == (title, secret)
