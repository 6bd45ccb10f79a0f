"""How well strangers' wording is understood, names included: `python -m tests.evals.strangers [--show GROUP] [--batch NUMBER]`.

Two sets have other companies' services, namespaces and kinds in them, which the demo's catalog does not know: requests.jsonl beside the
repository, where there is one, and strangers.jsonl, which is ours and grew in batches. Each batch was written before anybody saw how
it is understood; `FIRST_SIGHT` keeps what was measured then.

What counts as right, for both:

* The skill is right where it is one that the row names, whether the request is complete or asked back about.
* A hint (“service”: “cart”) is met by a parameter of that sort, or by the words in `unresolved` for one: a name that nobody here knows
  cannot be more than that. A namespace may be understood as the environment, and a service as an object or a container, because the hints
  do not tell them apart. Words around a name (“cart deployment”) do no harm.
* A hint counts only where the skill has such a parameter: nobody can tell `metrics` a kind.
* Lengths of time and kinds are compared by what they mean: “10m”, “600s” and the moment ten minutes ago, “pods” and “pod”.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.nl import Interpretation
from bot.nl.fields import Field, fields_of
from bot.nl.kinds import kind_of
from skills.core import durations
from skills.core.catalog import Catalog
from skills.core.names import SkillName
from skills.core.skill import Slot
from tests.evals import routing
from tests.support.words import catalog, skills

FIRST_SIGHT: Mapping[int, tuple[float, float]] = {
    1: (0.957, 0.857),
    2: (0.948, 0.818),
    3: (0.869, 0.820),
    4: (0.962, 0.906),
    5: (0.808, 0.788),
    6: (0.971, 0.971),
    7: (0.902, 0.805),
    8: (0.857, 0.833),
}
"""Right skill, and all arguments, of each batch before anything was changed for its sake: batch 1 before there was any of this, the last one as it stands."""
OWN = Path(__file__).parent / "strangers.jsonl"
_PLACED: Mapping[str, tuple[Slot, ...]] = {
    "service": (Slot.SERVICE, Slot.OBJECT, Slot.CONTAINER),
    "namespace": (Slot.NAMESPACE, Slot.ENVIRONMENT),
    "env": (Slot.ENVIRONMENT, Slot.NAMESPACE),
    "replicas": (Slot.REPLICAS,),
    "version": (Slot.RELEASE, Slot.REVISION),
    "revision": (Slot.REVISION, Slot.RELEASE),
    "window": (Slot.DURATION, Slot.SINCE),
    "tail": (Slot.COUNT,),
    "kind": (Slot.KIND,),
    "pattern": (Slot.PATTERN,),
}
"""Which parameters a hint may land in. Hints of other names are remarks."""
_NO_NAMES = frozenset(
    {"keeps", "generating", "specifically", "names", "real-time", "identity-related", "workload-level", "not-ready"}
)
"""Words that hints of requests.jsonl take for names, and that name nothing."""
_OUTSIDE = {"knowledge": "scope", "out_of_scope": "scope", "clarify": "clarify"}
"""What else requests.jsonl has, by its intent."""
_NAMING = (Slot.SERVICE, Slot.OBJECT, Slot.NAMESPACE, Slot.ENVIRONMENT)


def _beginning(*starts: str) -> tuple[str, ...]:
    """The skills whose names begin so."""
    return tuple(str(each.name) for each in skills().values() if each.name.startswith(starts))


INTENTS: Mapping[str, tuple[str, ...]] = {
    **{intent: (skill,) for intent, skill in routing.INTENTS.items()},
    "oncall": ("oncall", "schedule", "override", "overrides", "override-cancel", "page", "pages"),
    "cost": _beginning("cost", "budget", "rightsize", "saving", "forecast", "spend", "anomal"),
    "deploy_lock": ("lock", "unlock", "locks"),
    "incident": _beginning("incident", "ack"),
}
"""The skills that a row of requests.jsonl may mean, by its intent; some of them may not be there."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One sentence. `skills` are those that would be right, none where no skill is; `hints` what else is to be understood."""

    text: str
    group: str
    skills: tuple[str, ...] = ()
    hints: Mapping[str, Any]
    batch: int = 0
    writes: bool = False

    @property
    def in_scope(self) -> bool:
        return self.group in ("natural", "command")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A sentence and what was made of it; `lost` are the hints that were not met, `invented` the names that nobody meant."""

    row: Row
    found: Interpretation
    lost: tuple[str, ...]
    invented: tuple[str, ...]

    @property
    def right_skill(self) -> bool:
        return self.found.skill in self.row.skills and self.found.kind not in ("none", "chat")

    @property
    def right(self) -> bool:
        """What is expected of a sentence in that group."""
        match self.row.group:
            case "natural" | "command":
                return self.right_skill and not self.lost
            case "clarify":
                return self.found.kind == "clarify"
            case "chatter":
                return self.found.kind == "none"
            case "scope":
                return self.found.kind in ("none", "chat")
            case _:
                return self.found.kind not in ("change", "decision")


def own_rows() -> list[Row]:
    """The sentences of this folder."""
    return [
        Row(**json.loads(line) | {"skills": tuple(json.loads(line)["skills"])})
        for line in OWN.read_text(encoding="utf-8").splitlines()
    ]


def outside_rows() -> list[Row] | None:
    """Those of requests.jsonl that there is a skill for, or None where the file is missing."""
    rows = routing.outside("requests.jsonl")
    if rows is None:
        return None
    return [
        Row(
            text=row["text"],
            group=row["style"] if _known(row["intent_guess"]) else _OUTSIDE.get(row["intent_guess"], "other"),
            skills=INTENTS.get(row["intent_guess"], ()),
            hints=row["args_guess"],
            writes=row["write"],
        )
        for row in rows
    ]


def judge(rows: Iterable[Row]) -> list[Judged]:
    """Every row, understood by the embedded interpreter."""
    interpreter, names = routing.embedded(), catalog()
    return [_judged(row, interpreter.interpret(row.text), names) for row in rows]


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """The figures of a set; a share of a group that it does not have is left out."""
    groups: dict[str, list[Judged]] = {}
    for each in judged:
        groups.setdefault(each.row.group, []).append(each)
    natural = groups.get("natural", [])
    found = {
        "natural, in scope": float(len(natural)),
        "right skill": routing.share(each.right_skill for each in natural),
        "and all arguments": routing.share(each.right for each in natural),
        "and no name besides": routing.share(each.right and not each.invented for each in natural),
    }
    for name, words in {
        "command": "commands, all right",
        "chatter": "chatter let be",
        "clarify": "ambiguous asked back",
        "scope": "out of scope, nothing done or shown",
    }.items():
        if name in groups:
            found[words] = routing.share(each.right for each in groups[name])
    asked = [each for each in judged if each.found.kind in ("change", "decision")]
    found["changes not asked for"] = float(sum(not _asked(each.row) for each in asked))
    return found


def _asked(row: Row) -> bool:
    return row.writes or (row.in_scope and bool(set(row.skills) & {str(each.name) for each in _changing()}))


def _changing() -> list[Any]:
    return [each for each in skills().values() if each.kind.value != "query"]


def _known(intent: str) -> bool:
    return any(SkillName(name) in skills() for name in INTENTS.get(intent, ()))


def _judged(row: Row, found: Interpretation, names: Catalog) -> Judged:
    fields = fields_of(skills()[SkillName(found.skill)]) if found.skill else ()
    wanted = {key: str(value) for key, value in row.hints.items() if key in _PLACED and str(value) not in _NO_NAMES}
    lost = tuple(key for key, value in wanted.items() if not _met(key, value, fields, found, names))
    meant = {_same(key, value, names) for key, value in wanted.items()} | {*wanted.values()}
    named = [said for each in fields if each.slot in _NAMING for said in _said(each, found)]
    invented = tuple(said for said in named if said.lower() not in meant and not _among(said, meant))
    return Judged(row=row, found=found, lost=lost, invented=invented)


def _met(key: str, value: str, fields: Sequence[Field], found: Interpretation, names: Catalog) -> bool:
    """Is a hint met, or can this skill not be told it?"""
    there = [each for each in fields if each.slot in _PLACED[key]]
    wanted = _same(key, value, names)
    said = [text for each in there for text in _said(each, found)]
    return not there or any(_same(key, text, names) == wanted or _among(wanted, [text.lower()]) for text in said)


def _said(each: Field, found: Interpretation) -> list[str]:
    values = [found.params.get(each.name), found.unresolved.get(each.name)]
    return [str(value) for value in values if value is not None]


def _among(name: str, phrases: Iterable[str]) -> bool:
    """Is a name one of the words of a phrase?"""
    return any(name in re.split(r"[\s'/:@]+", phrase) for phrase in phrases)


def _same(key: str, value: str, names: Catalog) -> str:
    """A value in one spelling."""
    text = value.lower().strip("'\"`")
    if key == "kind":
        return kind_of(value, expected=True) or text
    if key == "window":
        return _length(text)
    known = {str(word): str(each.name) for each in names.services for word in (each.name, *each.aliases)}
    known |= {str(word): str(each.name) for each in names.environments for word in (each.name, *each.aliases)}
    return known.get(text, text)


def _length(text: str) -> str:
    """How long a time is, or how long ago a moment was."""
    try:
        return durations.spelled(durations.parse(text))
    except (ValueError, OverflowError):
        pass
    try:
        return durations.spelled(routing.NOW - datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError, TypeError):
        return text


def _show(judged: Iterable[Judged], group: str) -> None:
    for each in judged:
        if each.row.group == group and (not each.right or each.invented):
            found = each.found
            print(
                f"[{group}] {' '.join(each.row.text.split())[:400]}\n    want {each.row.skills} {dict(each.row.hints)}"
            )
            print(
                f"    got  {found.kind} {found.skill} {dict(found.params)} unresolved={dict(found.unresolved)}"
                f" lost={each.lost} invented={each.invented}"
            )


def table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Figures side by side; a dash where a set has none."""
    labels = dict.fromkeys(label for each in columns.values() for label in each)
    lines = [f"{'':38}" + "".join(f"{name:>16}" for name in columns)]
    for label in labels:
        cells = [_cell(label, each[label]) if label in each else "-" for each in columns.values()]
        lines.append(f"{label:38}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def compared(rows: Sequence[Row], outside: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The figures of each batch, with those of first sight, of all, and of requests.jsonl."""
    columns: dict[str, dict[str, float]] = {}
    for number in sorted({row.batch for row in rows}):
        skill, arguments = FIRST_SIGHT[number]
        first = {"right skill, at first sight": skill, "and all arguments, at first sight": arguments}
        columns[f"batch {number}"] = figures(judge(row for row in rows if row.batch == number)) | first
    columns["all of ours"] = figures(judge(rows))
    return columns | ({"requests.jsonl": figures(judge(outside))} if outside else {})


def _cell(label: str, value: float) -> str:
    return f"{value:.0f}" if label in ("natural, in scope", "changes not asked for") else f"{value:.1%}"


def main(arguments: Sequence[str]) -> None:
    """Print the tables; with `--show`, what went wrong in a group of the batches chosen by `--batch` (0: requests.jsonl)."""
    rows = own_rows()
    chosen = int(arguments[arguments.index("--batch") + 1]) if "--batch" in arguments else None
    outside = outside_rows() or []
    if "--show" in arguments:
        shown = outside if chosen == 0 else [row for row in rows if chosen is None or row.batch == chosen]
        _show(judge(shown), arguments[arguments.index("--show") + 1])
    print(table(compared(rows, outside)))


if __name__ == "__main__":
    main(sys.argv[1:])
