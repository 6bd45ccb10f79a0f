"""Who may do what where, and who must countersign."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from skills.core.actor import Actor
from skills.core.calendar import Once, Period, Span
from skills.core.catalog import Service
from skills.core.names import Organization, ServiceName, Subject
from skills.core.plan import Risk
from skills.core.policy import Approvers, Request, Rule, Who, unmet
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Requirement
from tests.support.policies import judge as policy

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = Span(start=NOW, end=NOW + timedelta(hours=1))
CHECKOUT = Service(name=ServiceName("checkout"), owner="shop")


def person(subject: str, *roles: str, teams: tuple[str, ...] = ()) -> Actor:
    return Actor(
        subject=Subject(subject), name=subject.title(), organization=Organization("acme"),
        roles=frozenset(roles), teams=frozenset(teams),
    )  # fmt: skip


DEV, SRE, OTHER = person("dev", "developer", teams=("shop",)), person("sre", "sre"), person("other", "sre")
DEVELOPERS, OPERATIONS = Who(roles=frozenset({"developer"})), Who(roles=frozenset({"sre"}))


def rule(name: str, **changes: object) -> Rule:
    return replace(Rule(name=name, because=f"{name}.", who=DEVELOPERS), **changes)  # type: ignore[arg-type]


def request(actor: Actor = DEV, **changes: object) -> Request:
    base = Request(
        actor=actor, skill="deploy", kind=Kind.CHANGE, now=NOW, services=(CHECKOUT,), environments=("production",)
    )
    return replace(base, **changes)  # type: ignore[arg-type]


async def test_no_matching_rule_is_a_no_with_the_roles_that_could() -> None:
    verdict = await policy(rule("operations", who=OPERATIONS)).judge(request())
    assert verdict.outcome is Outcome.DENY
    assert verdict.reasons == ("No policy lets Dev use deploy in production. These roles may: sre.",)
    assert verdict.rules == ("default:deny",)


async def test_one_matching_deny_beats_every_allow() -> None:
    verdict = await policy(rule("yes"), rule("no", deny=True)).judge(request())
    assert (verdict.outcome, verdict.rules) == (Outcome.DENY, ("no",))


async def test_all_matching_rules_add_their_requirements() -> None:
    verdict = await policy(
        rule("two eyes", approvals=1, approvers=Approvers(who=OPERATIONS)),
        rule("owners", approvals=1, approvers=Approvers(who=Who(owner=True))),
    ).judge(request())
    assert verdict.outcome is Outcome.NEEDS
    assert [requirement.rule for requirement in verdict.requirements] == ["two eyes", "owners"]


@pytest.mark.parametrize("change", [{"active": False}, {"guest": True}])
async def test_deactivated_people_and_guests_are_refused_whatever_the_rules_say(change: dict[str, bool]) -> None:
    assert (await policy(rule("yes")).judge(request(replace(DEV, **change)))).outcome is Outcome.DENY


async def test_a_rule_for_an_environment_does_not_speak_of_a_plan_that_reaches_beyond_it() -> None:
    staging = policy(rule("staging", environments=("staging",)))
    assert (await staging.judge(request(environments=("staging", "production")))).outcome is Outcome.DENY
    assert (await staging.judge(request(environments=("staging",)))).outcome is Outcome.ALLOW


async def test_a_rule_may_be_for_some_risks_only() -> None:
    low = policy(rule("low risk", risks=(Risk.LOW,)))
    assert (await low.judge(request(risk=Risk.LOW))).outcome is Outcome.ALLOW
    assert (await low.judge(request(risk=Risk.HIGH))).outcome is Outcome.DENY


async def test_a_freeze_refuses_changes_while_it_lasts_and_lets_rollbacks_pass() -> None:
    freeze = Period(name="sale", because="The sale is on.", times=Once(span=HOUR), except_skills=("rollback",))
    frozen = policy(rule("yes"), freezes=(freeze,))
    assert (await frozen.judge(request())).reasons == ("The sale is on. No changes until 2026-11-23 10:00 UTC.",)
    assert (await frozen.judge(request(skill="rollback"))).outcome is Outcome.ALLOW
    assert (await frozen.judge(request(now=HOUR.end))).outcome is Outcome.ALLOW
    assert (await frozen.judge(request(kind=Kind.QUERY))).outcome is Outcome.ALLOW


def test_one_subject_is_one_vote() -> None:
    two = (Requirement(count=2, roles=("sre",)),)
    assert unmet(two, [SRE, SRE], (CHECKOUT,)) == two
    assert unmet(two, [SRE, OTHER], (CHECKOUT,)) == ()


def test_an_owner_owns_every_touched_service_or_does_not_count() -> None:
    owner = (Requirement(count=1, owner=True),)
    assert unmet(owner, [DEV], (CHECKOUT,)) == ()
    assert unmet(owner, [DEV], (CHECKOUT, Service(name=ServiceName("search"), owner="search"))) == owner


def test_a_requirement_that_names_nobody_is_never_met() -> None:
    nobody = (Requirement(count=1),)
    assert unmet(nobody, [SRE, DEV], (CHECKOUT,)) == nobody


def test_an_approver_who_was_deactivated_counts_for_nothing() -> None:
    one = (Requirement(count=1, roles=("sre",)),)
    assert unmet(one, [replace(SRE, active=False)], (CHECKOUT,)) == one
