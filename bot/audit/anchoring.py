"""Publishes every signed head to every anchor, and sounds the alarm where one holds another history."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from bot.audit.anchors import Anchor, Different, NotYet
from bot.audit.remembered import Remembered, Unreadable
from bot.audit.verify_audit import Checkpoint, read_checkpoint
from bot.store import Signed, Store
from skills.core.errors import Anticipated

LOOK_EVERY = 1.0
"""Seconds between two looks for a head that is not published yet."""

RETRY_AFTER = 30.0
"""Seconds until an anchor that failed is tried again."""

log = structlog.get_logger()


class Anchoring:
    """One a process. `trouble` has a sentence for each anchor that does not hold the latest head, by the anchor's name."""

    def __init__(
        self,
        *,
        store: Store,
        anchors: Sequence[Anchor],
        remembered: Remembered,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.anchors = tuple(anchors)
        self.trouble: dict[str, str] = {}
        self._store = store
        self._remembered = remembered
        self._elapsed = elapsed
        self._published: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def published(self, anchor: Anchor) -> int:
        """How many entries the last head counts that this process knows the anchor to have."""
        return self._published.get(anchor.name, 0)

    async def run(self) -> None:
        """Publish until cancelled; each anchor by itself, so that one that hangs holds up no other."""
        await asyncio.gather(*(self._keep_publishing(anchor) for anchor in self.anchors))

    async def publish(self) -> None:
        """Publish the latest head once, to every anchor that does not have it."""
        last = await self._store.checkpoints.latest()
        if last:
            await asyncio.gather(*(self._publish(anchor, last) for anchor in self.anchors))

    async def _keep_publishing(self, anchor: Anchor) -> None:
        while True:
            try:
                last = await self._store.checkpoints.latest()
                due = self._elapsed() >= self._not_before.get(anchor.name, 0)
                if last and due and last.size > self._published.get(anchor.name, 0):
                    await self._publish(anchor, last)
            except Anticipated as problem:
                log.warning("not published", anchor=anchor.name, problem=str(problem))
            except Exception:
                # A bug here must not end the watch; it is in the log.
                log.exception("publishing failed", anchor=anchor.name)
                self._not_before[anchor.name] = self._elapsed() + RETRY_AFTER
            await asyncio.sleep(LOOK_EVERY)

    async def _publish(self, anchor: Anchor, last: Signed) -> None:
        checkpoint = read_checkpoint(last.note)
        try:
            note = await self._kept(anchor, last.note, checkpoint)
        except Different as different:
            problem = (
                f"the {anchor.name} holds {different}, and the log of {checkpoint.size} entries does not continue that."
            )
            forgiven = (different.size, _root(anchor, different)) in self._forgiven()
            if not forgiven and await self._store.alarms.sound(different.size, _root(anchor, different), problem):
                log.error("safe mode", problem=problem)  # noqa: TRY400 - no bug of ours that a traceback would find
            self._failed(
                anchor, f"{problem[:1].upper()}{problem[1:]}" + (" That was acknowledged." if forgiven else "")
            )
        except NotYet as early:
            self._not_before[anchor.name] = self._elapsed() + early.seconds
        except Anticipated as problem:
            self._failed(anchor, str(problem))
        else:
            if note != last.note:
                await self._store.checkpoints.cosign(last.size, note)
            self._published[anchor.name] = last.size
            self.trouble.pop(anchor.name, None)

    async def _kept(self, anchor: Anchor, note: str, checkpoint: Checkpoint) -> str:
        try:
            return await anchor.publish(note, checkpoint, self._store.tree, whatever=False)
        except Different as different:
            if (different.size, _root(anchor, different)) not in self._forgiven():
                raise
            return await anchor.publish(note, checkpoint, self._store.tree, whatever=True)

    def _forgiven(self) -> Sequence[tuple[int, str]]:
        try:
            return self._remembered.forgiven()
        except Unreadable:
            return ()

    def _failed(self, anchor: Anchor, problem: str) -> None:
        if self.trouble.get(anchor.name) != problem:
            log.warning("not published", anchor=anchor.name, problem=problem)
        self.trouble[anchor.name] = problem
        self._not_before[anchor.name] = self._elapsed() + RETRY_AFTER


def _root(anchor: Anchor, different: Different) -> str:
    """What an alarm about it is known by."""
    return different.root or anchor.name[:64]
