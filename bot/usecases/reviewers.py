"""Who is asked whether somebody may keep a role or a team: never they themselves."""

from collections.abc import Collection

from bot.configuration import ReviewSettings
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.membership import Membership
from skills.core.names import Subject


def reviewers(membership: Membership, person: Subject, catalog: Catalog, plan: ReviewSettings) -> tuple[Actor, ...]:
    """Who may answer, as people are now; nobody where the configuration leaves nobody else."""
    named = (plan.roles if membership.kind == "role" else plan.teams).get(membership.name, ())
    found = _fit(named, person, catalog)
    if not found and membership.kind == "team":
        found = _fit(_leads(membership.name, catalog, plan), person, catalog)
    return found or last_resort(person, catalog, plan)


def last_resort(person: Subject, catalog: Catalog, plan: ReviewSettings) -> tuple[Actor, ...]:
    """Who answers for what nobody answered in time."""
    bearing = [each.actor.subject for each in catalog.everybody if each.actor.roles & set(plan.otherwise)]
    return _fit(bearing, person, catalog)


def _leads(team: str, catalog: Catalog, plan: ReviewSettings) -> list[Subject]:
    actors = [each.actor for each in catalog.everybody]
    return [actor.subject for actor in actors if team in actor.teams and actor.roles & set(plan.leads)]


def _fit(subjects: Collection[Subject], person: Subject, catalog: Catalog) -> tuple[Actor, ...]:
    actors = [each.actor for each in catalog.everybody if each.actor.subject in subjects]
    return tuple(actor for actor in actors if actor.active and not actor.guest and actor.subject != person)
