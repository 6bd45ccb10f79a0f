"""What every skill promises, whichever there are."""

import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from bot.nl.commands import CommandInterpreter
from bot.nl.embedded import EmbeddedInterpreter
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated
from skills.core.names import Organization, Subject
from skills.core.ports.access import AccessReviews
from skills.core.ports.alerts import Alerts
from skills.core.ports.costs import Books
from skills.core.ports.days import Days
from skills.core.ports.glasses import Glasses
from skills.core.ports.grants import Grants
from skills.core.ports.guide import Guide
from skills.core.ports.incidents import IncidentBook, Incidents
from skills.core.ports.ledger import Ledger
from skills.core.ports.locks import Locks
from skills.core.ports.logs import Logs
from skills.core.ports.metrics import Metrics
from skills.core.ports.pager import OnCall
from skills.core.ports.pages import Pages
from skills.core.ports.past_changes import PastChanges
from skills.core.ports.prices import Prices
from skills.core.ports.releases import Releases
from skills.core.ports.snapshots import Snapshots
from skills.core.ports.stand_ins import StandIns
from skills.core.ports.traces import Traces
from skills.core.ports.trail import Trail
from skills.core.ports.workloads import Edits, Rollouts, Workloads
from skills.core.registry import discover
from skills.core.report import Report
from skills.core.skill import Change, Kind, Query, Skill, Slot
from tests.support.worlds import Office, open_office

SKILLS = discover()
PORTS = (
    Catalog,
    Books,
    Days,
    PastChanges,
    Workloads,
    Edits,
    Rollouts,
    Releases,
    Ledger,
    Guide,
    Snapshots,
    Locks,
    Glasses,
    AccessReviews,
    Grants,
    Logs,
    Metrics,
    Alerts,
    Traces,
    Incidents,
    IncidentBook,
    Trail,
    Prices,
    OnCall,
    Pages,
    StandIns,
)
ANYBODY = Actor(subject=Subject("x"), name="X", organization=Organization("acme"), roles=frozenset({"developer"}))

every_skill = pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


@every_skill
def test_says_in_one_sentence_what_it_does(skill: type[Skill[Any]]) -> None:
    sentence = skill.sentence()
    assert sentence.endswith(".")
    assert 10 < len(sentence) <= 120
    assert sentence[0].isupper()


@every_skill
def test_explains_every_parameter_and_gives_it_a_slot(skill: type[Skill[Any]]) -> None:
    hints = get_type_hints(skill.Params, include_extras=True)
    for name, field in skill.Params.model_fields.items():
        assert field.description, f"{name} is not described"
        assert any(slot.value in repr(hints[name]).lower() for slot in Slot), f"{name} has no slot"


@every_skill
def test_is_built_from_ports_and_nothing_else(skill: type[Skill[Any]]) -> None:
    if skill.__init__ is object.__init__:
        return
    hints = get_type_hints(skill.__init__)
    hints.pop("return", None)
    assert set(hints.values()) <= set(PORTS)


@every_skill
def test_lives_alone_in_a_module_of_its_name(skill: type[Skill[Any]]) -> None:
    assert skill.__module__ == f"skills.{skill.name.replace('-', '_')}"


@every_skill
def test_touches_no_clock_and_no_outside_world(skill: type[Skill[Any]]) -> None:
    source = inspect.getsource(inspect.getmodule(skill))  # type: ignore[arg-type]
    for word in (
        "datetime.now",
        "time.time",
        "os.environ",
        " open(",
        "random",
        "uuid",
        "import requests",
        "httpx",
        "import logging",
    ):
        assert word not in source


@every_skill
async def test_its_examples_are_understood_as_itself(skill: type[Skill[Any]], office: Office) -> None:
    interpreter = EmbeddedInterpreter(office.world.skills, office.world.catalog)
    assert skill.examples
    for example in skill.examples:
        understood = interpreter.interpret(example)
        assert (understood.skill, understood.kind) == (skill.name, skill.kind.meaning), understood.question


@pytest.mark.parametrize("skill", [s for s in SKILLS if s.kind is Kind.CHANGE], ids=lambda skill: skill.name)
async def test_planning_twice_gives_the_same_digest_and_changes_nothing(
    skill: type[Change[Any]], office: Office
) -> None:
    interpreter = CommandInterpreter(office.world.skills, office.world.catalog)
    planned = 0
    for example in skill.examples:
        params = skill.Params.model_validate(dict(interpreter.interpret(example).params))
        instance = office.world.skills[skill.name]  # type: ignore[index]
        assert isinstance(instance, Change)
        try:
            first = await instance.plan(params)
        except Anticipated:
            continue
        office.time.pass_by(seconds=90)
        again = await instance.plan(skill.Params.model_validate(dict(first.params)))
        assert first.digest == again.digest
        assert first.steps
        assert first.on_failure, "what happens when it fails is approved with it"
        planned += 1
    assert planned
    assert office.cluster.effects == ()


@pytest.mark.parametrize("skill", [s for s in SKILLS if s.kind is Kind.QUERY], ids=lambda skill: skill.name)
async def test_a_query_answers_its_examples_with_a_report(skill: type[Query[Any]], office: Office) -> None:
    interpreter = CommandInterpreter(office.world.skills, office.world.catalog)
    for example in skill.examples:
        instance = office.world.skills[skill.name]  # type: ignore[index]
        assert isinstance(instance, Query)
        params = skill.Params.model_validate(dict(interpreter.interpret(example).params))
        report = await instance.answer(params, asker=ANYBODY)
        assert isinstance(report, Report)
        assert report.summary.endswith((".", ":"))
