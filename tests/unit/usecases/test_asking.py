"""A question is judged for what it looks into: the service and the environment that it names, or every environment."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import Field

from bot.usecases.ask import Ask
from bot.usecases.propose import Denied
from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.policy import Rule, Who
from skills.core.report import Report
from skills.core.skill import Query
from tests.support.policies import judge

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEV = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"), roles=frozenset({"developer"}))
ANYBODY = Who(roles=frozenset({"developer"}))
CATALOG = Catalog(
    declared=(Service(name=ServiceName("checkout")), Service(name=ServiceName("payroll"))),
    environments=tuple(
        Environment(name=EnvironmentName(name), namespace=name, aliases=(name[:4],))
        for name in ("staging", "production")
    ),
    people=(),
)


class Params(skill.Params):
    """Of what and where."""

    service: skill.Service | None = Field(default=None, description="Which service")
    environment: skill.Environment | None = Field(default=None, description="Where")


class Peek(Query[Params]):
    """Look at something."""

    name = "peek"

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        return Report(title="Peek", summary="Seen.")


def asks(*rules: Rule) -> Any:
    ask = Ask(catalog=CATALOG, policy=judge(*rules, catalog=CATALOG), clock=lambda: NOW)
    return lambda **params: ask(DEV, Peek(), params)


LOOK = Rule(name="look", because="Look.", who=ANYBODY, skills=("peek",))


async def test_a_rule_for_one_environment_allows_questions_about_that_one() -> None:
    ask = asks(
        Rule(name="staging", because="Staging is free.", who=ANYBODY, skills=("peek",), environments=("staging",))
    )
    assert (await ask(environment="staging")).summary == "Seen."
    assert (await ask(environment="stag")).summary == "Seen."
    for params in ({"environment": "production"}, {}):
        with pytest.raises(Denied):
            await ask(**params)


async def test_a_denial_for_one_environment_holds_for_questions_that_look_into_all() -> None:
    hidden = Rule(
        name="hidden", because="Not production.", who=ANYBODY, skills=("peek",), environments=("production",), deny=True
    )
    ask = asks(LOOK, hidden)
    assert (await ask(environment="staging")).summary == "Seen."
    for params in ({"environment": "production"}, {}):
        with pytest.raises(Denied) as denied:
            await ask(**params)
        assert "Not production." in " ".join(denied.value.verdict.reasons)


async def test_a_denial_for_one_service_holds_for_that_one() -> None:
    ask = asks(
        LOOK,
        Rule(
            name="secret", because="Payroll is secret.", who=ANYBODY, skills=("peek",), services=("payroll",), deny=True
        ),
    )
    assert (await ask(service="checkout")).summary == "Seen."
    with pytest.raises(Denied):
        await ask(service="payroll", environment="staging")
