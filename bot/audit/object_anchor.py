"""An anchor of objects that cannot be changed: one object for each signed head."""

from typing import Protocol

from bot.audit.anchors import compare
from bot.audit.verify_audit import Bad, Checkpoint, read_checkpoint
from bot.store import Tree
from skills.core.errors import Unavailable

_HIGHEST = 10**15
"""More entries than there will be. Keys count down from it, so that the greatest head is the first in the list."""


class Objects(Protocol):
    """Where objects are kept, first come, first kept."""

    @property
    def name(self) -> str: ...

    async def first(self, prefix: str) -> bytes | None:
        """What was first kept under the first key with this prefix. Raises `Unavailable`."""

    async def keep(self, key: str, content: bytes) -> None:
        """Keep it. Raises `Unavailable`."""


class ObjectAnchor:
    """Signed heads under a prefix, the greatest first."""

    def __init__(self, objects: Objects, *, prefix: str) -> None:
        self._objects = objects
        self._prefix = prefix
        self.name = objects.name

    async def publish(self, note: str, checkpoint: Checkpoint, tree: Tree, *, whatever: bool) -> str:
        """Keep the note as an object, unless the newest there is the same head."""
        held = self._read(await self._objects.first(self._prefix))
        if held and not whatever:
            await compare(held, checkpoint, tree)
        if held is None or (held.size, held.root) != (checkpoint.size, checkpoint.root):
            key = f"{self._prefix}{_HIGHEST - checkpoint.size:015d}-{checkpoint.size}-{checkpoint.root.hex()[:16]}"
            await self._objects.keep(key, note.encode())
        return note

    def _read(self, content: bytes | None) -> Checkpoint | None:
        try:
            return None if content is None else read_checkpoint(content.decode())
        except (Bad, ValueError):
            raise Unavailable(
                f"The {self.name} begins under {self._prefix} with something that is no checkpoint.",
                hint="Keep it, and name another prefix.",
            ) from None
