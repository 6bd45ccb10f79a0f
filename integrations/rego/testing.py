"""Runs the tests of policies: every rule in a `_test.rego` file whose name begins with `test_` has to be true."""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from integrations.rego.replacing import tests as tests_of
from skills.core.canonical import Json

SECONDS = 60.0
"""For all tests together."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One test and how it went; `problem` says what was wrong. `line` is where it stands."""

    file: str
    line: int
    name: str
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem


def run_tests(
    modules: Mapping[str, str],
    tests: Mapping[str, str],
    data: Mapping[str, Json],
    *,
    shipped: Collection[str],
    fields: Collection[str],
) -> tuple[Outcome, ...]:
    """Every test, in the order of files and lines. Where a file has a mistake, nothing is run, and each mistake is a failure."""
    asked = {"modules": modules, "tests": tests, "data": data, "shipped": sorted(shipped), "fields": sorted(fields)}
    faults, *said = list(_answers(json.dumps(asked))) or [{"faults": []}]
    if faults["faults"]:
        return tuple(_tested(fault, name="(mistake)", problem=fault["text"]) for fault in faults["faults"])
    answers = {(line["file"], line["name"]): line["problem"] for line in said}
    found = [
        Outcome(file=file, line=test.line, name=test.name)
        for file, source in sorted(tests.items())
        for test in tests_of(source)[0]
    ]
    return tuple(_judged(test, found, answers) for test in found)


def _tested(fault: Mapping[str, Any], *, name: str, problem: str) -> Outcome:
    return Outcome(file=fault["file"], line=fault["line"], name=name, problem=problem)


def _answers(asked: str) -> Iterator[dict[str, Any]]:
    """What the child says before it ends, in whatever way."""
    command = [sys.executable, "-m", "integrations.rego.child"]
    home = Path(__file__).resolve().parents[2]
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and our own module
            command, input=asked, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=home
        )
        out = ended.stdout
    except subprocess.TimeoutExpired as late:
        out = late.stdout.decode() if isinstance(late.stdout, bytes) else late.stdout or ""
    for line in out.splitlines():
        yield json.loads(line)


def _judged(test: Outcome, found: Collection[Outcome], answers: Mapping[tuple[str, str], str]) -> Outcome:
    if sum((other.file, other.name) == (test.file, test.name) for other in found) > 1:
        return replace(test, problem="stands here twice; give each test a name of its own.")
    unsaid = "was not evaluated: the engine did not survive it or one before it, or took too long."
    return replace(test, problem=answers.get((test.file, test.name), unsaid))
