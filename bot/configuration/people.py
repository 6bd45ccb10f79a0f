"""people.yaml: who there is, and which Slack accounts are theirs."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, tzinfo

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.problems import Problem
from bot.configuration.shapes import PeopleShape, PersonShape
from skills.core.actor import Actor
from skills.core.catalog import Person, shown
from skills.core.names import Organization, Subject


def people(
    document: Document,
    *,
    organization: Organization,
    roles: Collection[str],
    timezone: tzinfo,
    problems: list[Problem],
) -> tuple[Person, ...]:
    """Everybody in the file. `roles` are those that exist; empty means that any may be named. A day begins in `timezone`."""
    shape = check(document, PeopleShape, problems)
    if shape is None:
        return ()
    subjects, accounts = Claims(kind="name", problems=problems), Claims(kind="Slack id", problems=problems)
    for index, person in enumerate(shape.root):
        subjects.claim(person.subject, person.subject, document, (index, "subject"))
        for position, alias in enumerate(person.aliases):
            subjects.claim(alias, person.subject, document, (index, "aliases", position))
        for position, account in enumerate(person.slack):
            accounts.claim(account, person.subject, document, (index, "slack", position))
        for position, role in enumerate(person.roles):
            if roles and role not in roles:
                path = (index, "roles", position)
                problems.append(document.problem(path, unknown("role", role, sorted(roles))))
        if person.confirmed and _day(person.confirmed, timezone) is None:
            text = f"“{shown(person.confirmed)}” is not a day; write it like 2026-11-01."
            problems.append(document.problem((index, "confirmed"), text))
    return tuple(_person(person, organization, timezone) for person in shape.root)


def _day(text: str, timezone: tzinfo) -> datetime | None:
    """The beginning of a day, in UTC; None if that is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), tzinfo=timezone).astimezone(UTC)


def _person(shape: PersonShape, organization: Organization, timezone: tzinfo) -> Person:
    actor = Actor(
        subject=Subject(shape.subject),
        name=shape.name,
        organization=organization,
        roles=frozenset(shape.roles),
        teams=frozenset(shape.teams),
        active=shape.active,
        guest=shape.guest,
    )
    return Person(
        actor=actor, slack=tuple(shape.slack), aliases=tuple(shape.aliases), confirmed=_day(shape.confirmed, timezone)
    )
