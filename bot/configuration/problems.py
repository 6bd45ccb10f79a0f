"""Mistakes in the configuration: each names its file, line and field, and all of them are told at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from skills.core.errors import Anticipated

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a document: keys and positions, outermost first."""


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One mistake. `file` is relative to the configuration folder (or “environment”); `line` counts from 1, 0 where there is none."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.field}: {self.text}" if self.field else f"{where}: {self.text}"


class ConfigurationError(Anticipated):
    """The configuration has mistakes; nothing was started."""

    def __init__(self, folder: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = "a mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"The configuration in {folder} has {count}; nothing was started.\n{listed}")


def spelled(path: Path) -> str:
    """A path as a person would write it: `limits.max_replicas`, `[2].slack[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
