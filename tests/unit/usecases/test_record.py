"""Records: written down where policy allows it, and never where it would have to be approved first."""

from collections.abc import Collection
from datetime import UTC, datetime

import pytest
from pydantic import Field

from bot.usecases.propose import Denied
from bot.usecases.record import Record
from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.errors import BadInput
from skills.core.names import EnvironmentName, Organization, Subject
from skills.core.policy import Request
from skills.core.proposal import Origin
from skills.core.report import Report
from skills.core.skill import Asked, Kind
from skills.core.skill import Record as RecordSkill
from skills.core.verdict import Outcome, Requirement, Verdict

DEV = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"), roles=frozenset({"developer"}))
ASKED = Asked(actor=DEV, origin=Origin(edge="cli", words="note it"), key="k1")


class Params(skill.Params):
    """Where."""

    environment: skill.Environment | None = Field(default=None, description="Where")


class Note(RecordSkill[Params]):
    """Write a line into the book."""

    name = "note"
    examples = ("note staging",)

    def __init__(self) -> None:
        self.book: list[str] = []

    async def record(self, params: Params, *, asked: Asked) -> Report:
        self.book.append(f"{asked.actor.subject}: {params.environment}")
        return Report(title="Note", summary="It is written down.")


class Rules:
    """Answers by environment."""

    fingerprint = "rules"

    def __init__(self, outcome: Outcome, *, except_in: Collection[str] = ()) -> None:
        self.outcome, self.except_in, self.asked = outcome, except_in, list[Request]()

    async def judge(self, request: Request) -> Verdict:
        self.asked.append(request)
        outcome = Outcome.DENY if set(request.environments) & set(self.except_in) else self.outcome
        needs = (Requirement(count=1, roles=("sre",), rule="two"),) if outcome is Outcome.NEEDS else ()
        return Verdict(outcome=outcome, reasons=("So it is.",), rules=("two",), requirements=needs)

    def may_use(self, actor: Actor, skill: str) -> bool:
        return True


def recording(rules: Rules) -> Record:
    environments = tuple(Environment(name=EnvironmentName(name), namespace=name) for name in ("staging", "production"))
    catalog = Catalog(declared=(), environments=environments, people=())
    return Record(catalog=catalog, policy=rules, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC))


async def test_what_is_allowed_is_written_down() -> None:
    note, rules = Note(), Rules(Outcome.ALLOW)
    report = await recording(rules)(note, {"environment": "staging"}, asked=ASKED)
    assert report.summary == "It is written down."
    assert note.book == ["dev: staging"]
    assert [(each.kind, each.skill, each.environments, each.edge) for each in rules.asked] == [
        (Kind.RECORD, "note", ("staging",), "cli")
    ]


async def test_without_an_environment_it_has_to_be_allowed_in_each() -> None:
    note = Note()
    with pytest.raises(Denied, match="So it is"):
        await recording(Rules(Outcome.ALLOW, except_in=["production"]))(note, {}, asked=ASKED)
    assert note.book == []


async def test_a_policy_that_wants_an_approval_for_a_record_is_a_refusal() -> None:
    note = Note()
    with pytest.raises(Denied, match="there is nothing to approve"):
        await recording(Rules(Outcome.NEEDS))(note, {"environment": "staging"}, asked=ASKED)
    assert note.book == []


async def test_what_makes_no_sense_is_not_judged_at_all() -> None:
    rules = Rules(Outcome.ALLOW)
    with pytest.raises(BadInput, match="nonsense"):
        await recording(rules)(Note(), {"nonsense": 1}, asked=ASKED)
    assert rules.asked == []
