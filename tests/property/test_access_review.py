"""The quick access review says what the slow one says, which asks about everything."""

import asyncio
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.usecases.access import review
from bot.usecases.alike import Alike
from integrations.rego import mentioned
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Person, Service
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.plan import Risk
from skills.core.policy import Approvers, Rule, Who
from skills.core.registry import Skills, discover
from tests.support.policies import judge

SKILLS = ("deploy", "scale", "status", "approve")
ROLES, TEAMS = ("developer", "sre"), ("shop", "platform")
SERVICES, ENVIRONMENTS = ("checkout", "search", "web"), ("staging", "production")
MODULES = (
    "",
    'deny contains {"rule": "x", "because": "No."} if {\n\tinput.actor.subject == "p1"\n\tinput.request.skill == "scale"\n}\n',
    'deny contains {"rule": "x", "because": "No."} if {\n\tsome service in input.services\n\tservice.name == "search"\n}\n',
)


def some(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True).map(lambda found: tuple(sorted(found)))


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            name=f"rule-{number}",
            because="So.",
            who=Who(roles=frozenset(draw(some(ROLES))), teams=frozenset(draw(some(TEAMS))), owner=draw(st.booleans())),
            skills=draw(some(SKILLS)),
            environments=draw(some(ENVIRONMENTS)),
            services=draw(some(SERVICES)),
            risks=draw(st.sampled_from([(), (Risk.HIGH,)])),
            deny=draw(st.integers(0, 4)) == 0,
            approvals=draw(st.integers(0, 1)),
            approvers=draw(
                st.sampled_from([Approvers(who=Who(roles=frozenset({"sre"}))), Approvers(each_owner=True), Approvers(outside_team=True)])
            ),
        )
        for number in range(draw(st.integers(1, 5)))
    )  # fmt: skip


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    people = tuple(
        Person(
            actor=Actor(
                subject=Subject(f"p{number}"), name=f"P{number}", organization=Organization("acme"),
                roles=frozenset(draw(some(ROLES))), teams=frozenset(draw(some(TEAMS))), guest=draw(st.integers(0, 5)) == 0,
            )
        )
        for number in range(draw(st.integers(1, 4)))
    )  # fmt: skip
    services = tuple(Service(name=ServiceName(name), owner=draw(st.sampled_from(TEAMS))) for name in SERVICES)
    places = tuple(Environment(name=EnvironmentName(name), namespace=name) for name in ENVIRONMENTS)
    return Catalog(declared=services, environments=places, people=people)


@settings(max_examples=25, deadline=None)
@given(rules=rules(), catalog=catalogs(), module=st.sampled_from(MODULES))
def test_what_policies_cannot_tell_apart_may_be_asked_once(
    rules: tuple[Rule, ...], catalog: Catalog, module: str
) -> None:
    modules = {"policies/own.rego": f"package countersign.policy\n\nimport rego.v1\n\n{module}"} if module else {}
    policy = judge(*rules, catalog=catalog, modules=modules)
    skills = [each for each in Skills.described(discover()).values() if each.name in SKILLS]
    now = datetime(2026, 12, 1, tzinfo=UTC)

    async def both() -> tuple[object, object]:
        alike = Alike(rules=rules, mentioned=mentioned(modules))
        return await review(policy, catalog, skills, now), await review(policy, catalog, skills, now, alike=alike)

    slow, quick = asyncio.run(both())
    assert quick == slow
