"""Roles and teams count for so long after somebody confirmed them, and not at all where that is unknown."""

from datetime import UTC, datetime, timedelta

import pytest

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Person
from skills.core.names import Organization, Subject

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DEV = Actor(
    subject=Subject("dev"), name="Developer", organization=Organization("acme"),
    roles=frozenset({"developer"}), teams=frozenset({"shop"}),
)  # fmt: skip


def catalog(confirmed: datetime | None, *, days: int | None = 90) -> Catalog:
    person = Person(actor=DEV, slack=("U01DEV",), aliases=("d",), confirmed=confirmed)
    membership = timedelta(days=days) if days else None
    return Catalog(declared=(), environments=(), people=(person,), membership=membership, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("confirmed", "counts"),
    [
        (NOW, True),
        (NOW - timedelta(days=89), True),
        (NOW - timedelta(days=90), False),
        (NOW + timedelta(seconds=1), False),
        (None, False),
    ],
)
def test_what_was_not_confirmed_lately_does_not_count(confirmed: datetime | None, counts: bool) -> None:
    names = catalog(confirmed)
    found = [names.person("dev"), names.person("d"), names.by_slack("U01DEV"), names.by_subject(DEV.subject)]
    for person in [*found, *names.everybody]:
        assert person is not None
        assert (person.actor.roles, person.actor.teams) == ((DEV.roles, DEV.teams) if counts else (set(), set()))
        assert (person.actor.subject, person.actor.active) == (DEV.subject, True)


def test_without_a_limit_what_stands_in_the_configuration_counts() -> None:
    assert catalog(None, days=None).person("dev").actor == DEV


def test_without_a_clock_nobody_can_tell_so_nothing_counts() -> None:
    names = catalog(NOW)
    names.clock = None
    assert names.person("dev").actor.roles == set()
