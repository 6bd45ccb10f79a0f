"""Who could do what, by which rule."""

from dataclasses import replace
from datetime import timedelta

from bot.usecases.access import Access, review
from skills.core.actor import Actor
from skills.core.policy import Request
from skills.core.verdict import Outcome, Verdict
from tests.support.worlds import Office

CHANGES = ("deploy", "restart", "rightsize", "rollback", "scale")


class Owners:
    """A policy under which the owners of a service may do everything with it, and nobody else anything."""

    fingerprint = "-"

    async def judge(self, request: Request) -> Verdict:
        owns = bool(request.services) and all(service.owner in request.actor.teams for service in request.services)
        return Verdict(outcome=Outcome.ALLOW if owns else Outcome.DENY, reasons=(), rules=("owners",))

    def may_use(self, actor: Actor, skill: str) -> bool:
        return True


async def reviewed(office: Office, subject: str) -> list[Access]:
    world = office.world
    found = await review(world.policy, world.catalog, world.skills.values(), office.time())
    return [each for each in found if each.subject == subject]


async def test_what_a_person_may_change_stands_there_with_who_has_to_agree_and_by_which_rule(office: Office) -> None:
    rows = [each for each in await reviewed(office, "dev") if each.skills == CHANGES]
    second = "1 person other than the requester: platform-lead or sre"
    assert [(each.environment, each.services, each.risks, each.needs, each.rules) for each in rows] == [
        ("production", ("all",), ("low", "medium"), (second,), ("production-needs-a-second-person",)),
        ("production", ("all",), ("high",), (second,), ("production-needs-a-second-person", "high-risk-needs-operations")),
        ("staging", ("all",), ("any",), (), ("staging-is-free",)),
    ]  # fmt: skip


async def test_whose_approval_would_count_stands_there_too(office: Office) -> None:
    approving = [each for each in await reviewed(office, "sre") if each.approving]
    assert [(each.skills, each.environment, each.risks, each.rules) for each in approving] == [
        (CHANGES, "production", ("high",), ("high-risk-needs-operations",)),
        (CHANGES, "production", ("any",), ("production-needs-a-second-person",)),
    ]
    assert [each for each in await reviewed(office, "dev") if each.approving] == []


async def test_what_needs_no_place_is_told_once(office: Office) -> None:
    (deciding,) = [each for each in await reviewed(office, "lead") if "approve" in each.skills]
    assert deciding == Access(
        subject="lead", name="Platform Lead", skills=("approve", "cancel", "reject"), approving=False, environment="",
        rules=("everyone-may-decide",), needs=(),
    )  # fmt: skip


async def test_an_owner_is_told_which_services(office: Office) -> None:
    catalog = office.world.catalog
    first, *others = catalog.declared
    catalog.declared = (replace(first, owner="shop"), *(replace(each, owner="platform") for each in others))
    found = await review(Owners(), catalog, office.world.skills.values(), office.time())
    assert {each.services for each in found if each.subject == "dev"} == {(str(first.name),)}


async def test_guests_and_those_whom_nobody_confirmed_may_do_nothing(office: Office) -> None:
    assert await reviewed(office, "guest") == []
    office.world.catalog.membership = timedelta(days=90)
    assert await reviewed(office, "lead") == []
