"""Places elsewhere that keep signed heads of the log, so that whoever rewrites the database has to rewrite those, too."""

import asyncio
import base64
import json
import os
from pathlib import Path
from typing import Protocol

from bot.audit.verify_audit import Bad, Checkpoint, Key, read_checkpoint
from bot.store import Tree
from skills.core.errors import Unavailable

PATIENCE = 10.0
"""Seconds that a witness may take to answer."""

_LONGEST_LINE = 64 * 1024


class Different(Exception):
    """An anchor holds a head of another history, or of more entries than there are. `root` is empty where it does not tell."""

    def __init__(self, size: int, root: str = "") -> None:
        super().__init__(f"another history of {size} entries")
        self.size = size
        self.root = root


class NotYet(Exception):
    """An anchor takes a head only so often. All is well; it is worth coming again in so many seconds, with the head of then."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not for {seconds:.0f} seconds")
        self.seconds = seconds


class Anchor(Protocol):
    """One such place. `name` is what people are told."""

    @property
    def name(self) -> str: ...

    async def publish(self, note: str, checkpoint: Checkpoint, tree: Tree, *, whatever: bool) -> str:
        """Keep this signed head; returns the note, perhaps with more signatures. May be repeated.

        Raises `Unavailable` where it cannot, `NotYet` where it is too soon, and `Different` where it holds what the log does not continue. With `whatever`, a person
        acknowledged that, and the head is kept beside it where that is possible.
        """


class FileAnchor:
    """A file that only grows, one JSON object with a note a line: on another disk, a share that keeps versions, a tape."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"file {path}"

    async def publish(self, note: str, checkpoint: Checkpoint, tree: Tree, *, whatever: bool) -> str:
        """Append the note, unless it is there."""
        try:
            held = await asyncio.to_thread(self._last)
            if held and not whatever:
                await compare(held, checkpoint, tree)
            if held is None or (held.size, held.root) != (checkpoint.size, checkpoint.root):
                await asyncio.to_thread(self._append, note)
        except OSError as error:
            raise Unavailable(f"The {self.name} cannot be written: {(error.strerror or '').lower()}.") from error
        return note

    def _last(self) -> Checkpoint | None:
        if not self._path.exists():
            return None
        with self._path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_LINE))
            lines = file.read(_LONGEST_LINE).decode(errors="replace").splitlines()
        try:
            return read_checkpoint(json.loads(lines[-1])["note"]) if lines else None
        except (Bad, ValueError, KeyError, TypeError, AttributeError):
            raise Unavailable(
                f"The {self.name} ends in something that is no checkpoint.", hint="Keep it, and name another file."
            ) from None

    def _append(self, note: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"note": note}) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


class Witness:
    """A witness by HTTP (c2sp.org/tlog-witness): it signs what continues the head that it signed last, and nothing else."""

    def __init__(self, url: str, key: Key) -> None:
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._key = key
        self._old = 0
        self.name = f"witness {key.name}"

    async def publish(self, note: str, checkpoint: Checkpoint, tree: Tree, *, whatever: bool) -> str:
        """The note with the witness's signature. A witness cannot be told that another history is as it should be."""
        if checkpoint.cosigned([self._key]):
            return note
        for _ in range(3):
            if self._old > checkpoint.size:
                raise Different(self._old)
            status, body = await self._post(note, checkpoint, tree)
            if status == 409 and body.strip().isdecimal():
                self._old = int(body)
                if self._old == checkpoint.size and await self._same_refused(note, checkpoint, tree):
                    raise Different(self._old)
                continue
            if status in (409, 422):
                raise Different(self._old)
            if status != 200:
                raise Unavailable(
                    f"The {self.name} answered {status}.", hint=_HINTS.get(status, "Ask whoever runs it.")
                )
            return self._cosigned(note, body, checkpoint)
        raise Unavailable(
            f"The {self.name} has another size each time it is asked.", hint="Is something else signing for it?"
        )

    async def _same_refused(self, note: str, checkpoint: Checkpoint, tree: Tree) -> bool:
        """Does it refuse a head of the very size that it knows? Then its root is another."""
        status, _ = await self._post(note, checkpoint, tree)
        return status == 409

    async def _post(self, note: str, checkpoint: Checkpoint, tree: Tree) -> tuple[int, str]:
        import aiohttp  # noqa: PLC0415 - a fifth of a second that only a world with a witness pays

        proof = await tree.consistency(self._old, checkpoint.size)
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
        body = f"old {self._old}\n{lines}\n{note}".encode()
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
                session.post(self._url, data=body) as answer,
            ):
                return answer.status, (await answer.content.read(_LONGEST_LINE)).decode(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(
                f"The {self.name} did not answer.", hint="Check that its URL can be reached from here."
            ) from error

    def _cosigned(self, note: str, lines: str, checkpoint: Checkpoint) -> str:
        """Only what this witness signed is taken over."""
        for line in lines.splitlines():
            try:
                if read_checkpoint(f"{note}{line}\n").cosigned([self._key]):
                    self._old = checkpoint.size
                    return f"{note}{line}\n"
            except Bad:
                continue
        raise Unavailable(
            f"The {self.name} did not sign with its key.",
            hint="Compare audit.anchors in organization.yaml with its public key.",
        )


_HINTS = {
    403: "It has to be told the log's public key (“countersign audit keys”).",
    404: "It has to be told of this log (audit.origin in organization.yaml).",
}


async def compare(held: Checkpoint, checkpoint: Checkpoint, tree: Tree) -> None:
    """Raises `Different` unless the log continues what is held."""
    if held.origin != checkpoint.origin or held.size > checkpoint.size or await tree.root(held.size) != held.root:
        raise Different(held.size, held.root.hex())
