"""What holds of every set of rules and every request, tried on many."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import Judge
from bot.usecases.judging import still_unmet
from skills.core.actor import Actor
from skills.core.calendar import Calendar
from skills.core.catalog import Catalog, Person, Service
from skills.core.names import Organization, ServiceName, Subject
from skills.core.plan import Risk
from skills.core.policy import Approvers, Request, Rule, Who
from skills.core.ports.rego import Evaluation
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Verdict
from tests.support.policies import NOBODY, judge
from tests.support.proposals import a_plan

ROLES, TEAMS = ("developer", "sre"), ("shop", "ops")
SKILLS, PLACES, NAMES = ("deploy", "scale"), ("staging", "production"), ("checkout", "search")
SERVICES = tuple(Service(name=ServiceName(name), owner=team) for name, team in zip(NAMES, TEAMS, strict=True))


def some(words: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(words), max_size=2)


WHO = st.builds(Who, roles=some(ROLES), teams=some(TEAMS), owner=st.booleans())
APPROVERS = st.builds(Approvers, who=WHO, each_owner=st.booleans(), outside_team=st.booleans())
RULE = st.builds(
    Rule,
    name=st.just("r"),
    because=st.just("So."),
    who=WHO,
    skills=some(SKILLS).map(lambda found: tuple(sorted(found))),
    environments=some(PLACES).map(lambda found: tuple(sorted(found))),
    services=some(NAMES).map(lambda found: tuple(sorted(found))),
    risks=st.sampled_from([(), (Risk.HIGH,), (Risk.LOW, Risk.MEDIUM)]),
    deny=st.booleans(),
    approvals=st.integers(min_value=0, max_value=2),
    approvers=APPROVERS,
).map(lambda rule: replace(rule, approvals=0) if rule.deny else rule)
RULES = st.lists(RULE, max_size=4).map(
    lambda rules: tuple(replace(rule, name=f"r{place}") for place, rule in enumerate(rules))
)
ACTOR = st.builds(
    Actor,
    subject=st.sampled_from(["ann", "bob", "cid"]).map(Subject),
    name=st.just("Somebody"),
    organization=st.just(Organization("acme")),
    roles=some(ROLES),
    teams=some(TEAMS),
)
REQUEST = st.builds(
    Request,
    actor=ACTOR,
    skill=st.sampled_from(SKILLS),
    kind=st.just(Kind.CHANGE),
    now=st.just(datetime(2026, 11, 23, 9, tzinfo=UTC)),
    services=st.sampled_from([(), SERVICES[:1], SERVICES[1:], SERVICES]),
    environments=st.sampled_from([(), PLACES[:1], PLACES[1:], PLACES]),
    risk=st.sampled_from(list(Risk)),
)


def decided(rules: tuple[Rule, ...], *requests: Request) -> list[Verdict]:
    policy = judge(*rules)

    async def judged() -> list[Verdict]:
        return [await policy.judge(request) for request in requests]

    return asyncio.run(judged())


def expected(rules: tuple[Rule, ...], request: Request) -> tuple[Outcome, list[str]]:
    """The rules in plain Python, which is how they were once applied."""

    def covers(rule: Rule) -> bool:
        names = {service.name for service in request.services}
        return (
            (not rule.skills or request.skill in rule.skills)
            and (
                not rule.environments
                or (bool(request.environments) and set(request.environments) <= set(rule.environments))
            )
            and (not rule.services or (bool(names) and names <= set(rule.services)))
            and (not rule.risks or request.risk in rule.risks)
        )

    matching = [rule for rule in rules if covers(rule) and rule.who.includes(request.actor, request.services)]
    matching = [
        rule for rule in matching
        if not (rule.approvals and rule.approvers.each_owner and not request.services)
    ]  # fmt: skip
    if any(rule.deny for rule in matching):
        return Outcome.DENY, [rule.name for rule in matching if rule.deny]
    if not matching:
        return Outcome.DENY, ["default:deny"]
    needs = any(rule.approvals for rule in matching)
    return Outcome.NEEDS if needs else Outcome.ALLOW, [rule.name for rule in matching]


@settings(max_examples=60)
@given(rules=RULES, request=REQUEST)
def test_rego_says_what_the_rules_say_and_says_it_again(rules: tuple[Rule, ...], request: Request) -> None:
    first, second = decided(rules, request, request)
    assert first == second == decided(rules, request)[0]
    assert (first.outcome, list(first.rules)) == expected(rules, request)


@settings(max_examples=40)
@given(rules=RULES, request=REQUEST, data=st.data())
def test_removing_a_rule_never_turns_the_denial_of_another_into_a_yes(
    rules: tuple[Rule, ...], request: Request, data: st.DataObject
) -> None:
    before = decided(rules, request)[0]
    gone = data.draw(st.sampled_from(rules)) if rules else None
    after = decided(tuple(rule for rule in rules if rule is not gone), request)[0]
    if before.outcome is Outcome.DENY and set(before.rules) != {gone.name if gone else ""}:
        assert after.outcome is Outcome.DENY


class Says:
    """Answers whatever it was given."""

    fingerprint = "f"

    def __init__(self, value: object) -> None:
        self.value = value

    async def evaluate(self, facts: object) -> Evaluation:
        return Evaluation(value=self.value, bundle="b")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["allow", "needs", "deny", "could", "rule", "because", "count", "sudo"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(value=JSON, request=REQUEST)
def test_nothing_but_a_whole_answer_with_an_allowance_and_no_denial_ever_allows(
    value: object, request: Request
) -> None:
    verdict = asyncio.run(Judge(rego=Says(value), rules=(), catalog=NOBODY, calendar=Calendar()).judge(request))
    if verdict.outcome is not Outcome.DENY:
        assert isinstance(value, dict)
        assert set(value) <= {"allow", "needs", "deny", "could"}
        assert value["allow"]
        assert not value["deny"]


@settings(max_examples=100)
@given(field=st.text(min_size=1, max_size=8), extra=JSON, request=REQUEST)
def test_a_field_that_nobody_knows_never_allows(field: str, extra: object, request: Request) -> None:
    known = {"allow": [{"rule": "r", "because": "B."}], "needs": [], "deny": []}
    if field in {*known, "could"}:
        return
    for answer in ({**known, field: extra}, {**known, "allow": [{**known["allow"][0], field: extra}]}):
        if field in ("rule", "because"):
            continue
        verdict = asyncio.run(Judge(rego=Says(answer), rules=(), catalog=NOBODY, calendar=Calendar()).judge(request))
        assert verdict.outcome is Outcome.DENY


NEED = st.fixed_dictionaries(
    {"rule": st.just("r"), "because": st.just("B."), "count": st.integers(min_value=1, max_value=3)},
    optional={
        "roles": st.lists(st.sampled_from(ROLES), max_size=2), "teams": st.lists(st.sampled_from(TEAMS), max_size=2),
        "owner": st.booleans(), "owner_of": st.sampled_from(["", *NAMES]),
        "outside": st.none() | st.lists(st.sampled_from(TEAMS), max_size=2),
    },
)  # fmt: skip


@settings(max_examples=200)
@given(needs=st.lists(NEED, min_size=1, max_size=3), request=REQUEST, others=st.lists(ACTOR, max_size=4))
def test_the_requester_never_counts_whatever_the_policy_asks_for(
    needs: list[object], request: Request, others: list[Actor]
) -> None:
    answer = {"allow": [{"rule": "r", "because": "B."}], "needs": needs, "deny": []}
    verdict = asyncio.run(Judge(rego=Says(answer), rules=(), catalog=NOBODY, calendar=Calendar()).judge(request))
    people = {actor.subject: actor for actor in [*others, request.actor]}
    catalog = Catalog(
        declared=SERVICES, environments=(), people=tuple(Person(actor=actor) for actor in people.values())
    )
    asked = request.actor.subject
    without = [subject for subject in people if subject != asked]

    def missing(approvers: list[Subject]) -> object:
        return still_unmet(verdict, a_plan(), catalog, approvers, asked)

    assert missing([*without, asked, asked]) == missing(without)
    assert missing([asked] * 5) == verdict.requirements
