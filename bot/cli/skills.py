"""`countersign skills`: what can be asked for."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.cli.screen import Screen, reads_plainly
from bot.usecases.answers import Answered
from skills.core.registry import AnySkill, discover
from skills.core.report import Report, Table
from skills.core.skill import Kind

if TYPE_CHECKING:
    from bot.settings import Settings

_TITLES = {Kind.QUERY: "Questions", Kind.CHANGE: "Changes", Kind.RECORD: "Records", Kind.DECISION: "Decisions"}


def run(arguments: argparse.Namespace, _settings: "Settings") -> int:
    """List every skill there is; needs no configuration and no database."""
    found = discover()
    if arguments.json:
        print(json.dumps({"skills": [_skill_json(skill) for skill in found]}))
        return 0
    tables = tuple(
        Table(
            title=_TITLES[kind],
            columns=("skill", "does", "for example"),
            rows=tuple((skill.name, skill.sentence(), skill.examples[0]) for skill in found if skill.kind is kind),
        )
        for kind in Kind
    )
    report = Report(title="Skills", summary=f"{len(found)} skills.", parts=tables)
    Screen(plain=reads_plainly(sys.stdout), clock=lambda: datetime.now(UTC)).answer(Answered(report=report))
    return 0


def _skill_json(skill: type[AnySkill]) -> dict[str, Any]:
    return {
        "name": skill.name, "kind": skill.kind.value, "aliases": list(skill.aliases), "sentence": skill.sentence(),
        "examples": list(skill.examples), "params": skill.Params.model_json_schema(),
    }  # fmt: skip
