"""What Rego says becomes a verdict, and whatever goes wrong becomes a no that says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.policy import Judge
from skills.core.actor import Actor
from skills.core.calendar import Calendar, Once, Period, Span
from skills.core.catalog import Service
from skills.core.cost_delta import CostDelta
from skills.core.errors import Unavailable
from skills.core.money import money
from skills.core.names import Organization, ServiceName, SkillName, Subject
from skills.core.plan import Plan, Risk
from skills.core.policy import UNREACHABLE, Approvers, Request, Rule, Who
from skills.core.ports.rego import Evaluation, Undecided
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Requirement
from tests.support.policies import NOBODY, judge
from tests.support.proposals import a_plan

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEV = Actor(
    subject=Subject("dev"), name="Dev", organization=Organization("acme"), roles=frozenset({"developer"}), teams=frozenset({"shop"})
)  # fmt: skip
CHECKOUT = Service(name=ServiceName("checkout"), owner="shop")
SEARCH = Service(name=ServiceName("search"), owner="finders")
FREE = Rule(name="free", because="Anybody may.", who=Who(roles=frozenset({"developer"})))
REQUEST = Request(
    actor=DEV, skill="deploy", kind=Kind.CHANGE, now=NOW, services=(CHECKOUT,), environments=("production",), plan=a_plan()
)  # fmt: skip
HEAD = "package countersign.policy\n\nimport rego.v1\n\n"


class Says:
    """Somebody who evaluates nothing and says what the test wants to hear."""

    fingerprint = "f"

    def __init__(self, value: object) -> None:
        self.value = value

    async def evaluate(self, facts: object) -> Evaluation:
        if isinstance(self.value, Exception):
            raise self.value
        return Evaluation(value=self.value, bundle="b7", decision="d1")


def judge_of(value: object) -> Judge:
    return Judge(rego=Says(value), rules=(), catalog=NOBODY, calendar=Calendar())


YES = {"rule": "r", "because": "Because."}


async def test_the_verdict_names_the_bundle_and_the_decision_that_said_it() -> None:
    verdict = await judge_of({"allow": [YES], "needs": [], "deny": []}).judge(REQUEST)
    assert (verdict.outcome, verdict.policy, verdict.decision) == (Outcome.ALLOW, "b7", "d1")
    assert type(verdict).from_json(verdict.to_json()) == verdict


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "decision: input should be a valid dictionary or instance of Answer"),
        (True, "decision: input should be a valid dictionary or instance of Answer"),
        ([], "decision: input should be a valid dictionary or instance of Answer"),
        ({}, "allow: field required"),
        ({"allow": True, "needs": [], "deny": []}, "allow: input should be a valid list"),
        ({"allow": ["yes"], "needs": [], "deny": []}, "allow.0: input should be a valid dictionary or instance of Said"),
        ({"allow": [YES], "needs": [], "deny": [], "sudo": True}, "sudo: extra inputs are not permitted"),
        ({"allow": [{**YES, "force": 1}], "needs": [], "deny": []}, "allow.0.force: extra inputs are not permitted"),
        ({"allow": [], "needs": [{**YES, "count": "1"}], "deny": []}, "needs.0.count: input should be a valid integer"),
        ({"allow": [], "needs": [{**YES, "count": 0}], "deny": []}, "needs.0.count: input should be greater than or equal to 1"),
        ({"allow": [], "needs": [YES], "deny": []}, "needs.0.count: field required"),
        ({"allow": [YES] * 201, "needs": [], "deny": []}, "allow: list should have at most 200 items after validation, not 201"),
    ],
)  # fmt: skip
async def test_an_answer_of_the_wrong_shape_is_a_no(answer: object, problem: str) -> None:
    verdict = await judge_of(answer).judge(REQUEST)
    assert (verdict.outcome, verdict.rules) == (Outcome.DENY, ("policy:undecided",))
    assert verdict.reasons == (
        f"The policies gave an answer that makes no sense ({problem}). Nothing is allowed until that is mended.",
    )


async def test_no_answer_is_a_no() -> None:
    verdict = await judge_of(Undecided("The policies gave no answer.")).judge(REQUEST)
    assert verdict.reasons == ("The policies gave no answer. Nothing is allowed until that is mended.",)
    verdict = await judge_of(Unavailable("The policy server is down.")).judge(REQUEST)
    assert verdict.reasons == ("The policy server is down. Nothing is allowed until it answers.",)
    assert verdict.rules == (UNREACHABLE,)


@pytest.mark.parametrize("change", [{"active": False}, {"guest": True}])
async def test_whoever_left_and_guests_are_refused_without_asking(change: dict[str, bool]) -> None:
    verdict = await judge_of(AssertionError("asked")).judge(replace(REQUEST, actor=replace(DEV, **change)))
    assert verdict.outcome is Outcome.DENY


async def test_what_is_too_large_is_a_no() -> None:
    huge = replace(a_plan(), notes=("x" * 600_000,))
    verdict = await judge(FREE).judge(replace(REQUEST, plan=huge))
    assert verdict.reasons == (
        "This is too large to be judged; 512 KiB of facts is the most. Nothing is allowed until that is mended.",
    )


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ('deny contains {"rule": "x", "because": "B."} if net.cidr_contains("10.0.0.0/8", input.plan.summary)\n', "there is no builtin and no function called net.cidr_contains here"),
        ('deny contains {"rule": "x", "because": "B."} if time.now_ns() > 5\n', "time.now_ns is not used here: the same question has to get the same answer. The time is input.request.at"),
        ('deny contains {"rule": "x", "because": "B."} if rol == 1\n', "nothing says what rol is; declare it with some or :="),
        ('deny contains {"rule": "x", "because": "B."} if "x" in input.actor.role\n', "there is no input.actor.role. Did you mean input.actor.roles?"),
        ('deny contains {"rule": "x" "because": "B."}\n', None),
        ("deny contains\n", None),
        ("deny := 7\n", "deny is a set that every rule adds to; write deny contains … if …."),
        ("deny if input.plan\n", "deny is a set that every rule adds to"),
        ("default allow := false\n", "allow is a set that every rule adds to"),
        ('needs["x"] := 1 if input.plan\n', "needs is a set that every rule adds to"),
        ("deny(x) := 1 if x\n", "deny is a set that every rule adds to"),
        ("_mine := 1\n_mine contains 2\n", "_mine is a set that every rule adds to"),
        ("_covering contains 1\n", "the name _covering is taken by countersign/rules.rego; choose another"),
    ],
)  # fmt: skip
async def test_a_module_with_a_mistake_is_a_no_to_everything(module: str, reason: str | None) -> None:
    verdict = await judge(FREE, modules={"policies/own.rego": HEAD + module}).judge(REQUEST)
    assert (verdict.outcome, verdict.rules) == (Outcome.DENY, ("policy:undecided",))
    assert verdict.reasons[0].startswith("The policies have a mistake: policies/own.rego, line 5: ")
    if reason:
        assert f"line 5: {reason}" in verdict.reasons[0]


async def test_a_module_under_another_name_would_be_asked_by_nobody_and_is_a_mistake() -> None:
    verdict = await judge(FREE, modules={"policies/own.rego": HEAD.replace("countersign", "counterfeit")}).judge(
        REQUEST
    )
    assert "the package is counterfeit.policy, so nobody would ask it" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ('deny contains {"rule": "x", "because": "B."} if to_number(input.plan.summary) > 1\n', "The policies could not be evaluated: "),
        ('_x := 1\n_x := 2\ndeny contains {"rule": "x", "because": "B."} if _x == 1\n', "The policies could not be evaluated: complete rules must not produce multiple outputs."),
        ('deny contains {"rule": "x", "because": "B."} if _a\n_a if _b\n_b if _a\n', "The policies could not be evaluated: a rule refers to itself or to nothing."),
        ("deny contains 1\n", "The policies gave an answer that makes no sense (deny.0: "),
        ('allow contains {"rule": "x"}\n', "The policies gave an answer that makes no sense (allow.1.because: field required)."),
    ],
)  # fmt: skip
async def test_a_policy_that_fails_when_it_is_asked_is_a_no(module: str, reason: str) -> None:
    verdict = await judge(FREE, modules={"policies/own.rego": HEAD + module}).judge(REQUEST)
    assert (verdict.outcome, verdict.rules) == (Outcome.DENY, ("policy:undecided",))
    assert verdict.reasons[0].startswith(reason)


LOOPS = """deny contains {"rule": "x", "because": "B."} if {
	some a, b in input.plan.notes
	some c, d in input.plan.notes
	some e, f in input.plan.notes
	some g, h in input.plan.notes
	some i, j in input.plan.notes
	concat("", [b, d, f, h, j, sprintf("%v%v%v%v%v", [a, c, e, g, i])]) == "never"
}
"""


async def test_a_policy_that_does_not_come_to_an_end_is_a_no_and_stays_one_while_it_runs() -> None:
    looping = judge(FREE, modules={"policies/own.rego": HEAD + LOOPS}, seconds=0.1)
    small = await looping.judge(replace(REQUEST, plan=replace(a_plan(), notes=("one",))))
    long = replace(a_plan(), notes=tuple(f"note {n}" for n in range(10)))
    first = await looping.judge(replace(REQUEST, plan=long))
    again = await looping.judge(REQUEST)
    assert first.reasons == again.reasons == (
        "The policies did not come to an end within 0.1 seconds. Nothing is allowed until that is mended.",
    )  # fmt: skip
    assert small.outcome in (Outcome.ALLOW, Outcome.DENY)


async def test_own_modules_add_to_the_rules_and_a_denial_of_theirs_counts() -> None:
    module = (
        HEAD
        + 'deny contains {"rule": "no-v42", "because": "v42 loses orders."} if input.plan.params.version == "v42"\n'
    )
    policy = judge(FREE, modules={"policies/own.rego": module})
    assert (await policy.judge(REQUEST)).reasons == ("v42 loses orders.",)
    assert (await policy.judge(replace(REQUEST, plan=a_plan(version="v43")))).outcome is Outcome.ALLOW


async def test_requirements_of_all_rules_come_together() -> None:
    who = Who(roles=frozenset({"developer"}))
    owners = Rule(name="owners", because="Owners agree.", who=who, approvals=1, approvers=Approvers(each_owner=True))
    outside = Rule(
        name="outside", because="Fresh eyes.", who=who, approvals=1,
        approvers=Approvers(who=Who(roles=frozenset({"sre"})), outside_team=True),
    )  # fmt: skip
    verdict = await judge(owners, outside).judge(replace(REQUEST, services=(CHECKOUT, SEARCH)))
    assert verdict.requirements == (
        Requirement(count=1, owner_of="checkout", rule="owners"),
        Requirement(count=1, owner_of="search", rule="owners"),
        Requirement(count=1, roles=("sre",), outside=("shop",), rule="outside"),
    )
    assert verdict.needed == "an owner of checkout and an owner of search and one from sre from outside of team shop"


async def test_changes_are_made_in_windows_where_there_are_any() -> None:
    hour = Span(start=NOW, end=NOW + timedelta(hours=1))
    window = Period(
        name="mornings", because="Changes are made in the morning.", times=Once(span=hour), environments=("production",),
        except_skills=("rollback",),
    )  # fmt: skip
    policy = judge(FREE, windows=(window,))
    assert (await policy.judge(REQUEST)).outcome is Outcome.ALLOW
    late = replace(REQUEST, now=hour.end)
    assert (await policy.judge(late)).reasons == (
        "Changes are made in the morning. No change window is open for production.",
    )
    assert (await policy.judge(replace(late, skill="rollback"))).outcome is Outcome.ALLOW
    assert (await policy.judge(replace(late, environments=("staging",)))).outcome is Outcome.ALLOW
    assert (await policy.judge(replace(late, kind=Kind.QUERY))).outcome is Outcome.ALLOW


async def test_a_module_may_look_at_the_whole_plan() -> None:
    module = (
        HEAD
        + """deny contains {"rule": "uid", "because": reason} if {
	some step in input.plan.steps
	step.target.uid == "uid-1"
	some service in input.services
	not service.owner in {"nobody"}
	input.request.risk == "medium"
	reason := sprintf("%s of %s is not touched on a %s.", [step.target.kind, service.name, input.calendar.weekday])
}
"""
    )
    policy = judge(FREE, modules={"policies/own.rego": module})
    verdict = await policy.judge(replace(REQUEST, risk=Risk.MEDIUM))
    assert verdict.reasons == ("Deployment of checkout is not touched on a monday.",)
    assert (await policy.judge(replace(REQUEST, plan=_without_steps()))).outcome is Outcome.ALLOW


def _without_steps() -> Plan:
    return Plan(skill=SkillName("deploy"), params={}, summary="Nothing", steps=(), risk=Risk.LOW)


ABOVE = Rule(
    name="dear", because="It costs more than €500 a month.", who=Who(roles=frozenset({"developer"})), skills=("deploy",),
    approvals=1, approvers=Approvers(who=Who(roles=frozenset({"lead"}))), monthly_cost_above=money("500", "EUR"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("cost", "asks"),
    [
        (None, False),
        (CostDelta(monthly=money("499.99", "EUR")), False),
        (CostDelta(monthly=money("500", "EUR")), False),
        (CostDelta(monthly=money("500.001", "EUR")), True),
        (CostDelta(monthly=money("-9000", "EUR")), False),
        (CostDelta(monthly=money("1", "USD")), True),
        (CostDelta(monthly=money("-1", "USD")), False),
        (CostDelta(why="nobody knows."), True),
    ],
)
async def test_a_rule_about_money_asks_for_more_above_its_amount_and_where_nobody_can_tell(
    cost: CostDelta | None, asks: bool
) -> None:
    verdict = await judge(FREE, ABOVE).judge(replace(REQUEST, cost=cost))
    assert verdict.outcome is (Outcome.NEEDS if asks else Outcome.ALLOW)
    assert [each.rule for each in verdict.requirements] == (["dear"] if asks else [])


async def test_a_rule_about_money_is_about_plans_alone() -> None:
    question = replace(REQUEST, kind=Kind.QUERY, plan=None, cost=CostDelta(why="nobody knows."))
    assert (await judge(FREE, ABOVE).judge(question)).outcome is Outcome.ALLOW


async def test_rego_is_told_what_a_plan_costs() -> None:
    module = (
        HEAD + 'deny contains {"rule": "dear", "because": because} if {\n\tinput.cost.monthly_cents > 100000\n'
        '\tbecause := sprintf("%d cents in %s, give or take %d %%", [input.cost.monthly_cents, input.cost.currency, input.cost.error_percent])\n}\n'
    )
    cost = CostDelta(monthly=money("1200", "EUR"), error=Decimal("0.15"))
    verdict = await judge(FREE, modules={"policies/dear.rego": module}).judge(replace(REQUEST, cost=cost))
    assert (verdict.outcome, verdict.reasons) == (Outcome.DENY, ("120000 cents in EUR, give or take 15 %",))
