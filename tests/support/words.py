"""A catalog and the real skills, for what turns words into requests: the skills are read, and never run."""

from typing import Any, cast

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Person, Service
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.registry import Skills, discover
from skills.core.skill import Skill


def catalog() -> Catalog:
    """The services and environments of the demo."""
    return Catalog(
        declared=(
            service("checkout", "shop-checkout"),
            service("payments-api", "payments"),
            service("search"),
            service("web"),
        ),
        environments=(
            environment("staging", "stage", "stg"),
            environment("production", "prod", "live"),
        ),
        people=(Person(actor=Actor(subject=Subject("dev"), name="Developer", organization=Organization("acme"))),),
    )


def service(name: str, *aliases: str, environments: tuple[str, ...] = ()) -> Service:
    return Service(
        name=ServiceName(name), aliases=aliases, environments=tuple(EnvironmentName(each) for each in environments)
    )


def environment(name: str, *aliases: str) -> Environment:
    return Environment(name=EnvironmentName(name), namespace=name, aliases=aliases)


def skills() -> Skills:
    """Every skill there is, without its ports: enough to be named and described."""
    return Skills(_unconnected(each) for each in discover())


def _unconnected(skill: type[Skill[Any]]) -> Skill[Any]:
    return cast("Skill[Any]", object.__new__(skill))
