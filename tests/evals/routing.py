"""How well sentences are understood, measured beside two baselines: `python -m tests.evals.routing [--show GROUP] [--all]`.

A sentence is in scope where its row says which parameters are right. “Right skill” allows for a question back about that skill;
“and all arguments” does not.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.nl import EmbeddedInterpreter, Interpretation, Turn
from tests.bench.figures import percentile
from tests.evals.baselines import Keywords, NearestExample
from tests.support.words import catalog, skills

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning."""
OWN = Path(__file__).parent / "sentences.jsonl"
Interpret = Callable[[Mapping[str, Any]], Interpretation]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One sentence and what was made of it. `milliseconds` is how much of a processor that took."""

    row: Mapping[str, Any]
    found: Interpretation
    milliseconds: float

    @property
    def in_scope(self) -> bool:
        return "params" in self.row

    @property
    def right_skill(self) -> bool:
        skilled = self.found.skill in self.row["skills"] if self.row.get("skills") else True
        return skilled and (self.found.kind in self.row["kinds"] or self.found.kind == "clarify")

    @property
    def right(self) -> bool:
        if self.found.kind not in self.row["kinds"]:
            return False
        if self.row.get("skills") and self.found.kind != "none" and self.found.skill not in self.row["skills"]:
            return False
        for what in ("missing", "unresolved"):
            if self.row.get(what) and self.row[what] not in getattr(self.found, what):
                return False
        return not self.in_scope or dict(self.found.params) == self.row["params"]

    @property
    def unasked(self) -> bool:
        """Something would be changed or decided, and nobody had asked for that."""
        return self.found.kind in ("change", "decision") and self.found.kind not in self.row["kinds"]


def own_rows() -> list[dict[str, Any]]:
    """The sentences of this folder."""
    return [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]


def outside(name: str) -> list[dict[str, Any]] | None:
    """A file of the evaluation data that lies beside the repository, or None where there is none."""
    folder = Path(os.environ.get("COUNTERSIGN_EVAL") or Path(__file__).parents[2].parent / "shared" / "eval")
    path = folder / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else None


def embedded() -> EmbeddedInterpreter:
    """The interpreter with the demo's names."""
    return EmbeddedInterpreter(skills(), catalog(), clock=lambda: NOW)


def by_embedded() -> Interpret:
    """What is measured."""
    interpreter = embedded()

    def interpret(row: Mapping[str, Any]) -> Interpretation:
        thread = [Turn(**turn) for turn in row.get("thread", ())]
        return interpreter.interpret(row["text"], thread=thread, asker=row.get("as", ""))

    return interpret


def judge(rows: Iterable[Mapping[str, Any]], interpret: Interpret) -> list[Judged]:
    """Every row, interpreted and timed."""
    judged = []
    for row in rows:
        begun = time.thread_time()
        found = interpret(row)
        judged.append(Judged(row=row, found=found, milliseconds=(time.thread_time() - begun) * 1000))
    return judged


def share(judged: Iterable[bool]) -> float:
    """The part that holds, from 0 to 1; 1 of nothing."""
    held = list(judged)
    return sum(held) / len(held) if held else 1.0


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """The figures of one interpreter over one set."""
    scope = [each for each in judged if each.in_scope]
    group = lambda *names: [each for each in judged if each.row["group"] in names]  # noqa: E731 - a word for the next lines
    times = [each.milliseconds for each in judged]
    return {
        "right skill": share(each.right_skill for each in scope),
        "and all arguments": share(each.right for each in scope),
        "changes not asked for": sum(each.unasked for each in judged),
        "chatter answered": share(each.found.kind != "none" for each in group("chatter")),
        "ambiguous asked back": share(each.found.kind == "clarify" for each in group("clarify")),
        "ambiguous, right question": share(each.right for each in group("clarify")),
        "talk about changes": share(each.right for each in group("about")),
        "p50 ms": percentile(times, 0.5),
        "p99 ms": percentile(times, 0.99),
    }


def table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Figures side by side."""
    lines = [f"{'':28}" + "".join(f"{name:>18}" for name in columns)]
    for name in next(iter(columns.values())):
        cells = [_cell(name, each[name]) for each in columns.values()]
        lines.append(f"{name:28}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def compared(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The embedded interpreter and both baselines over one set."""
    ways: dict[str, Interpret] = {
        "embedded": by_embedded(),
        "keywords": Keywords(skills(), catalog()).interpret,
        "nearest example": NearestExample(skills(), catalog()).interpret,
    }
    return {name: figures(judge(rows, interpret)) for name, interpret in ways.items()}


INTENTS = {
    "deploy": "deploy",
    "rollback": "rollback",
    "restart": "restart",
    "scale": "scale",
    "status": "status",
    "changes": "history",
    "help": "help",
    "troubleshoot": "troubleshoot",
    "resource_read": "resources",
    "events": "events",
    "logs": "logs",
    "metrics": "metrics",
}
"""Those of the outside data that there are skills for, by skill."""


def outside_figures(rows: Sequence[Mapping[str, Any]], interpret: Interpret) -> dict[str, float]:
    """Skill figures over natural sentences in scope; names there are not the demo's, so that a question about them is right."""
    judged = judge(rows, interpret)
    natural = [each for each in judged if each.row["style"] == "natural" and each.row["intent_guess"] in INTENTS]
    writes = [each for each in judged if not each.row["write"]]
    return {
        "in scope": len(natural),
        "right skill": share(each.found.skill == INTENTS[each.row["intent_guess"]] for each in natural),
        "changes not asked for": sum(each.found.kind in ("change", "decision") for each in writes),
        "changes, out of scope": sum(
            each.found.kind == "change" and each.row["intent_guess"] not in INTENTS for each in judged
        ),
        "p50 ms": percentile([each.milliseconds for each in judged], 0.5),
        "p99 ms": percentile([each.milliseconds for each in judged], 0.99),
    }


def _cell(name: str, value: float) -> str:
    if name.endswith("ms"):
        return f"{value:.2f}"
    return f"{value:.0f}" if name in ("changes not asked for", "in scope", "changes, out of scope") else f"{value:.1%}"


def _show(rows: Sequence[Mapping[str, Any]], wanted: str) -> None:
    for each in judge(rows, by_embedded()):
        if (wanted in ("all", each.row["group"])) and not each.right:
            found = each.found
            print(
                f"[{each.row['group']}] {each.row['text']}\n    want {each.row['kinds']} {each.row.get('skills')} {each.row.get('params')} {each.row.get('missing', '')} {each.row.get('unresolved', '')}"
            )
            print(
                f"    got  {found.kind} {found.skill} {dict(found.params)} missing={found.missing} unresolved={dict(found.unresolved)} {found.interpreter}"
            )


def main(arguments: Sequence[str]) -> None:
    """Print the tables; with `--show`, what went wrong among the sentences that may be looked at."""
    rows = own_rows()
    seen = [row for row in rows if not row["held_out"]]
    if "--show" in arguments:
        _show(seen, arguments[arguments.index("--show") + 1])
    for name, chosen in {"seen": seen, "held out": [row for row in rows if row["held_out"]]}.items():
        print(f"\nown sentences, {name}: {len(chosen)}\n{table(compared(chosen))}")
    if (requests := outside("requests.jsonl")) is not None:
        ways = {
            "embedded": by_embedded(),
            "keywords": Keywords(skills(), catalog()).interpret,
            "nearest example": NearestExample(skills(), catalog()).interpret,
        }
        print(
            f"\nrequests.jsonl: {len(requests)}\n{table({name: outside_figures(requests, way) for name, way in ways.items()})}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
