"""Runs tests of policies in a process of its own: what the engine does not survive is then told, and not shared.

Reads one JSON object (`modules`, `tests`, `data`, `shipped`, `fields`) from standard input and writes JSON lines: `{"faults": [...]}` once, and
then `{"file": …, "line": …, "name": …, "problem": …}` for each test, the problem being "" where it passed.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.rego.check import PACKAGE, Module, check
from integrations.rego.engine import load
from integrations.rego.replacing import Case, Part, Replacement, tests
from skills.core.ports.rego import Undecided

_ENTRY = f"{PACKAGE.replace('.', '/')}/__asked"


class _Failed(Exception):
    """A test that is not true, or cannot be evaluated; the sentence says which."""


def main() -> None:
    """Answer line by line: a line that is missing is where the process ended."""
    asked = json.load(sys.stdin)
    modules, sources = asked["modules"], asked["tests"]
    from regopy import Interpreter  # noqa: PLC0415 - as in the engine

    faults = check(
        {**modules, **sources}, shipped=asked["shipped"], fields=asked["fields"], is_builtin=Interpreter().is_builtin
    )
    _say({"faults": [{"file": fault.file, "line": fault.line, "text": fault.text} for fault in faults]})
    for file, source in () if faults else sorted(sources.items()):
        if Module.read(file, source).package != PACKAGE:
            continue
        found, rest = tests(source)
        helped = {**modules, file: rest}
        for test in found:
            _say({"file": file, "line": test.line, "name": test.name, "problem": _problem(test, helped, asked["data"])})


def _problem(test: Case, modules: Mapping[str, str], data: Mapping[str, Any]) -> str:
    try:
        for part in test.parts or (Part(replacements=(), statements=()),):
            _run(test, part, modules, data)
    except _Failed as failed:
        return str(failed)
    return ""


def _run(test: Case, part: Part, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
    """Raises `_Failed` unless every statement of this part holds."""
    place: dict[str, Any] = {"input": {}, "data": data}
    for replacement in part.replacements:
        value = _value(replacement.term, test.before, modules, data)
        place = _put(place, replacement, value)
    statements = [*test.before, *part.statements]
    if _asked(f"__asked if {{\n{_lines(statements)}\n}}", modules, place["data"], place["input"]) is not True:
        raise _Failed("is not true.")


def _value(term: str, before: tuple[str, ...], modules: Mapping[str, str], data: Mapping[str, Any]) -> Any:
    rule = f"__asked := __term if {{\n{_lines([*before, f'__term := {term}'])}\n}}"
    try:
        return _asked(rule, modules, data, {})
    except _Failed as failed:
        raise _Failed(f"has a “with … as {term}” that has no value: {failed}") from None


def _asked(rule: str, modules: Mapping[str, str], data: Mapping[str, Any], told: Any) -> Any:
    """What a rule is worth beside the modules. Raises `_Failed`."""
    asked = {**modules, "__asked.rego": f"package {PACKAGE}\n\nimport rego.v1\n\n{rule}\n"}
    try:
        loaded = load(asked, data, entries=[_ENTRY], checked=True)
        if loaded.faults:
            raise _Failed(loaded.faults[0].text)
        return loaded.value(_ENTRY, json.dumps(told))
    except Undecided as problem:
        raise _Failed("is not true." if "no answer" in str(problem) else str(problem)) from None


def _put(place: Mapping[str, Any], replacement: Replacement, value: Any) -> dict[str, Any]:
    """The same with `value` at the path; nothing of the old is changed."""

    def put(old: Any, path: Iterator[str]) -> Any:
        key = next(path, None)
        if key is None:
            return value
        return {
            **(old if isinstance(old, dict) else {}),
            key: put(old.get(key) if isinstance(old, dict) else None, path),
        }

    if replacement.path[0] not in ("input", "data"):
        raise _Failed(f"replaces {'.'.join(replacement.path)}; only input and data can be replaced here.")
    return dict(put(place, iter(replacement.path)))


def _lines(statements: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"\t{statement}" for statement in statements) or "\ttrue"


def _say(line: object) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
