"""What was last sent to the model, kept in the data folder for administrators: `countersign model last`. Redacted before it comes here."""

import json
import os
from pathlib import Path

import structlog

from bot.nl.model import Sent

KEPT = 50
_NAME = "model-last.jsonl"

log = structlog.get_logger()


class ModelLog:
    """The last `KEPT` tries, a line of JSON each, in a file that only its owner reads. A replica has its own."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

    def note(self, sent: Sent) -> None:
        """Add one. A file that cannot be written is logged, and stops nobody."""
        line = json.dumps(sent.to_json())
        try:
            kept = self._lines()[-(KEPT - 1) :]
            fresh = self._path.with_suffix(".new")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write("\n".join([*kept, line]) + "\n")
            fresh.replace(self._path)
        except OSError as problem:
            log.warning("what was sent to the model could not be kept", problem=type(problem).__name__)

    def last(self, count: int) -> list[Sent]:
        """The last `count`, oldest first. Lines that are none of ours are left out."""
        found = []
        for line in self._lines():
            try:
                found.append(Sent.from_json(json.loads(line)))
            except (ValueError, KeyError, TypeError):
                log.debug("a line of the model's log makes no sense")
        return found[-count:]

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
