"""Incidents: where one stands follows from its entries alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skills.core.actor import Actor
from skills.core.incident import Entry, Incident, IncidentId, Phase, Role, Severity, Verb, fold
from skills.core.names import Organization, Subject

ACME = Organization("acme")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def said(verb: Verb, minutes: int = 0, *, by: str = "dev", **facts: Any) -> Entry:
    return Entry(seq=minutes + 1, at=NOON + timedelta(minutes=minutes), verb=verb, text="…", by=by, facts=facts)


DECLARED = said(Verb.DECLARED, title="checkout returns 500s", severity="sev2", service="checkout")


def standing(*entries: Entry) -> Incident:
    found = fold(IncidentId(1), ACME, (DECLARED, *entries))
    assert found
    return found


def test_an_incident_begins_with_its_declaration_and_with_nothing_else() -> None:
    assert fold(IncidentId(1), ACME, ()) is None
    assert fold(IncidentId(1), ACME, (said(Verb.RESOLVED),)) is None
    there = standing()
    assert (there.title, there.severity, there.phase, there.people) == (
        "checkout returns 500s",
        Severity.SEV2,
        Phase.INVESTIGATING,
        ("dev",),
    )


def test_the_first_acknowledgement_is_the_one_that_counts() -> None:
    there = standing(said(Verb.ACKNOWLEDGED, 2, by="sre"), said(Verb.ACKNOWLEDGED, 5, by="lead"))
    assert there.acknowledged_at == NOON + timedelta(minutes=2)
    assert there.acknowledged_by == "sre"


def test_monitoring_is_when_it_was_mitigated_and_going_back_takes_that_back() -> None:
    there = standing(said(Verb.PHASE, 10, to="monitoring"))
    assert there.mitigated_at == NOON + timedelta(minutes=10)
    assert standing(said(Verb.PHASE, 10, to="monitoring"), said(Verb.PHASE, 20, to="identified")).mitigated_at is None


def test_what_is_resolved_can_be_reopened_and_a_second_resolve_changes_nothing() -> None:
    twice = standing(said(Verb.RESOLVED, 30, cause="pool too small"), said(Verb.RESOLVED, 40, cause="no"))
    assert (twice.phase, twice.resolved_at, twice.cause) == (
        Phase.RESOLVED,
        NOON + timedelta(minutes=30),
        "pool too small",
    )
    again = standing(said(Verb.RESOLVED, 30), said(Verb.REOPENED, 50))
    assert (again.phase, again.open, again.resolved_at) == (Phase.INVESTIGATING, True, None)


def test_what_is_over_has_no_phase_to_change() -> None:
    assert standing(said(Verb.RESOLVED, 30), said(Verb.PHASE, 31, to="identified")).phase is Phase.RESOLVED


def test_roles_are_handed_over_and_whoever_has_one_is_in_it() -> None:
    there = standing(
        said(Verb.ROLE, 1, role="commander", person="sre", name="SRE"),
        said(Verb.ROLE, 2, role="commander", person="lead", name="Lead"),
    )
    assert dict(there.roles) == {Role.COMMANDER: ("lead", "Lead")}
    assert there.people == ("dev", "sre", "lead")


def test_tasks_and_hypotheses_are_numbered_as_they_come() -> None:
    there = standing(
        said(Verb.TASK, 1, what="look at the pool", owner="sre", owner_name="SRE"),
        said(Verb.TASK, 2, what="tell support"),
        said(Verb.TASK_DONE, 3, number=1),
        said(Verb.HYPOTHESIS, 4, what="the pool is too small"),
        said(Verb.HYPOTHESIS_SETTLED, 5, number=1, holds=False),
    )
    assert [(task.number, task.what, task.done_at is not None) for task in there.tasks] == [
        (1, "look at the pool", True),
        (2, "tell support", False),
    ]
    assert [(each.number, each.holds) for each in there.hypotheses] == [(1, False)]


def test_notes_and_corrections_change_nothing_of_where_it_stands() -> None:
    assert standing(said(Verb.NOTE, 3), said(Verb.CORRECTION, 4, of=2)) == standing()


def test_a_confidential_one_is_seen_by_those_in_it_and_by_nobody_else() -> None:
    secret = fold(
        IncidentId(1), ACME, [said(Verb.DECLARED, title="leak", severity="sev1", confidential=True)]
    )  # fmt: skip
    assert secret
    dev, sre = (Actor(subject=Subject(name), name=name, organization=ACME) for name in ("dev", "sre"))
    other = Actor(subject=Subject("dev"), name="dev", organization=Organization("other"))
    assert secret.seen_by(dev)
    assert not secret.seen_by(sre)
    assert not secret.seen_by(other)


_ANY = st.sampled_from([
    said(Verb.ACKNOWLEDGED, 1), said(Verb.PHASE, 2, to="monitoring"), said(Verb.PHASE, 2, to="resolved"), said(Verb.RESOLVED, 3),
    said(Verb.REOPENED, 4), said(Verb.MERGED, 5, into=7), said(Verb.SEVERITY, 6, to="sev1"), said(Verb.NOTE, 7),
    said(Verb.TASK_DONE, 8, number=9), said(Verb.HYPOTHESIS_SETTLED, 9, number=4, holds=True),
])  # fmt: skip


@given(st.lists(_ANY, max_size=12))
def test_in_whatever_order_things_happen_what_is_over_has_an_end_and_what_is_open_has_none(
    entries: list[Entry],
) -> None:
    there = standing(*entries)
    assert there.open == (there.resolved_at is None)
    assert (there.phase is Phase.MERGED) == (there.merged_into is not None)
