"""`countersign policy`: test the policies, explain a verdict, simulate a change of them. Nothing is decided or recorded here."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.bootstrap import World, open_world
from bot.cli import loop
from bot.cli.screen import Screen, reads_plainly
from bot.configuration import Configuration, load
from bot.rule_engine import facts_used, try_policies, write_bundle
from bot.usecases.answers import Answered, Exit, glass_json
from bot.usecases.rejudging import Rejudged, Rejudging
from bot.usecases.surroundings import StoredSurroundings
from skills.core import durations
from skills.core.errors import BadInput
from skills.core.names import ProposalId
from skills.core.registry import discover
from skills.core.report import Part, Report, Table, Text
from skills.core.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from bot.settings import Settings

_DIFFERENT = 1
"""The exit code where a test fails, or something would be decided differently."""


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Test, explain or simulate."""
    if arguments.verb == "test":
        return _test(arguments, settings)
    if arguments.verb == "bundle":
        return _bundle(arguments, settings)
    return loop.run(_explain(arguments, settings) if arguments.verb == "explain" else _simulate(arguments, settings))


def _test(arguments: argparse.Namespace, settings: "Settings") -> int:
    found = try_policies(_configuration(settings))
    failed = [test for test in found if not test.passed]
    if arguments.json:
        tests = [
            {"file": test.file, "line": test.line, "name": test.name, "passed": test.passed, "problem": test.problem}
            for test in found
        ]
        print(json.dumps({"ok": not failed, "tests": tests}))
    else:
        for test in failed:
            print(f"✗ {test.file}, line {test.line}: {test.name} {test.problem}")
        verb = "passes" if len(found) - len(failed) == 1 else "pass"
        print(f"{len(found) - len(failed)} of {len(found)} tests {verb}.")
    return _DIFFERENT if failed else Exit.DONE


def _bundle(arguments: argparse.Namespace, settings: "Settings") -> int:
    for path in write_bundle(_configuration(settings), Path(arguments.folder)):
        print(path)
    return Exit.DONE


def _configuration(settings: "Settings") -> Configuration:
    environ = {**settings.environ, "COUNTERSIGN_DATA": str(settings.data)}
    return load(settings.config, environ, skills=[each.name for each in discover()])


async def _explain(arguments: argparse.Namespace, settings: "Settings") -> int:
    async with open_world(settings) as world:
        explained = await _rejudging(world).explain(ProposalId(arguments.proposal))
        if arguments.json:
            print(json.dumps({**_json(explained), "facts": explained.facts}))
        else:
            _show(world, _explained(explained, facts_used(world.configuration)))
    return Exit.DONE


async def _simulate(arguments: argparse.Namespace, settings: "Settings") -> int:
    try:
        length = durations.parse(arguments.since)
    except ValueError as error:
        raise BadInput(str(error), hint="For example --since 30d.") from None
    async with open_world(settings) as world:
        found = await _rejudging(world).since(world.clock() - length)
        different = [each for each in found if each.different]
        if arguments.json:
            print(json.dumps({"judged": len(found), "different": [_json(each) for each in different]}))
        else:
            _show(world, _simulated(found, different, arguments.since))
    return _DIFFERENT if different else Exit.DONE


def _rejudging(world: World) -> Rejudging:
    return Rejudging(
        catalog=world.catalog,
        policy=world.policy,
        calendar=world.configuration.policy.calendar,
        store=world.store,
        surroundings=StoredSurroundings(world.store, zone=world.configuration.organization.timezone),
    )


def _explained(found: Rejudged, used: Sequence[str]) -> Report:
    proposal = found.proposal
    assert proposal is not None
    then = "the same policies" if found.same_policies else "other policies"
    changed = "" if not found.different else f" Recorded, by {then}: {_said(found.recorded)}."
    rules = tuple(zip(found.verdict.rules, found.verdict.reasons, strict=False))
    parts: list[Part] = [Table(title="What the policies say", columns=("rule", "because"), rows=rules)]
    needs = tuple((each.rule, str(each)) for each in found.verdict.requirements)
    if needs:
        parts.append(Table(title="What has to come together", columns=("rule", "who"), rows=needs))
    if proposal.glass:
        parts.append(Text(text=f"{proposal.glass.sentence} It is {proposal.glass.reviewed}."))
    seen = tuple((path, _value(found.facts, path)) for path in used)
    parts.append(Table(title="The facts that they look at", columns=("input.…", "value"), rows=seen))
    parts.append(
        Text(
            text=f"Policies {found.verdict.policy[:12]}; as of {proposal.created_at:%Y-%m-%d %H:%M} UTC, people and catalog as now."
        )
    )
    summary = f"{_said(found.verdict)[:1].upper()}{_said(found.verdict)[1:]}.{changed}"
    return Report(title=f"#{proposal.id} {proposal.plan.summary}", summary=summary, parts=tuple(parts))


def _simulated(found: Sequence[Rejudged], different: Sequence[Rejudged], since: str) -> Report:
    rows = tuple(
        (
            each.name,
            each.summary,
            _said(each.recorded),
            _said(each.verdict),
            "; ".join(each.verdict.reasons)[:200],
        )
        for each in different
    )
    summary = f"{len(different)} of {len(found)} requests since {since} would be decided differently."
    table = Table(columns=("proposal", "what", "then", "now", "because"), rows=rows)
    note = Text(
        text="Judged as of when they were asked for, with people and catalog as they are now. What was refused before there was a plan has none to judge."
    )
    return Report(title="Simulation", summary=summary, parts=(*([table] if rows else []), note))


def _said(verdict: Verdict) -> str:
    return f"needs {verdict.needed}" if verdict.outcome is Outcome.NEEDS else verdict.outcome.value


def _value(facts: Mapping[str, Any], path: str) -> str:
    """One fact in a line; "" where this request has none."""
    value: Any = facts
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value is None else json.dumps(value, ensure_ascii=False)[:160]


def _json(found: Rejudged) -> dict[str, Any]:
    return {
        "proposal": found.proposal.id if found.proposal else None,
        "name": found.name,
        "summary": found.summary,
        "different": found.different,
        "recorded": found.recorded.to_json(),
        "glass": glass_json(found.proposal.glass) if found.proposal and found.proposal.glass else None,
        "now": found.verdict.to_json(),
    }


def _show(world: World, report: Report) -> None:
    Screen(plain=reads_plainly(sys.stdout), clock=world.clock).answer(Answered(report=report))
