"""Names that may be borne once only: a second bearer is a mistake that names the first."""

from dataclasses import dataclass, field

from bot.configuration.documents import Document
from bot.configuration.problems import Path, Problem
from skills.core.catalog import shown


@dataclass(kw_only=True)
class Claims:
    """Which word belongs to what, within one kind of name."""

    kind: str
    problems: list[Problem]
    _owners: dict[str, tuple[str, str]] = field(default_factory=dict)

    def claim(self, word: str, owner: str, document: Document, path: Path) -> None:
        """Take `word` for `owner`; notes a problem if it is taken already, by the same owner or another."""
        here = document.problem(path, "")
        if word not in self._owners:
            self._owners[word] = (owner, f"{here.file}, line {here.line}")
            return
        holder, where = self._owners[word]
        self.problems.append(
            document.problem(path, f"the {self.kind} “{shown(word)}” is taken by {shown(holder)} ({where}).")
        )

    def holder(self, word: str) -> str | None:
        """Who bears this word."""
        return self._owners[word][0] if word in self._owners else None
