"""people.yaml: who there is, and which Slack accounts are theirs."""

from collections.abc import Collection

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.problems import Problem
from bot.configuration.shapes import PeopleShape, PersonShape
from skills.core.actor import Actor
from skills.core.catalog import Person
from skills.core.names import Organization, Subject


def people(
    document: Document, *, organization: Organization, roles: Collection[str], problems: list[Problem]
) -> tuple[Person, ...]:
    """Everybody in the file. `roles` are those that exist; empty means that any may be named."""
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
    return tuple(_person(person, organization) for person in shape.root)


def _person(shape: PersonShape, organization: Organization) -> Person:
    actor = Actor(
        subject=Subject(shape.subject),
        name=shape.name,
        organization=organization,
        roles=frozenset(shape.roles),
        teams=frozenset(shape.teams),
        active=shape.active,
        guest=shape.guest,
    )
    return Person(actor=actor, slack=tuple(shape.slack), aliases=tuple(shape.aliases))
