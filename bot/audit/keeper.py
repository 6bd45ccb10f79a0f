"""Keeps the audit log honest: remembers its last head outside the database, signs heads, and sounds the alarm where one does not follow."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from bot.audit.keyring import Keyring, NotSigned
from bot.audit.remembered import Head, Remembered, Unreadable
from bot.audit.verify_audit import Bad, Checkpoint, Key, consistent, read_checkpoint
from bot.store import Signed, Store
from skills.core.canonical import Json
from skills.core.errors import Anticipated, NotAllowed

LOOK_EVERY = 0.5
"""Seconds between two looks at the log."""

SIGN_EVERY = 60.0
"""Seconds after which a log that grew is signed at the latest; the end of a run is signed at once."""

RETRY_AFTER = 10.0
"""Seconds between two tries to sign, where the signer does not."""

UNREADABLE = "unreadable"
"""Stands for the root of a remembered head that cannot be read."""

log = structlog.get_logger()


class Keeper:
    """One a process. Every method may be repeated, and used by many processes at once.

    `trouble` says why the log is not signed or looked at as it should be; empty while all is well. `elapsed` counts seconds and is not a
    clock that somebody can set back.
    """

    def __init__(
        self,
        *,
        store: Store,
        origin: str,
        keyring: Keyring,
        remembered: Remembered,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.origin = origin
        self.keyring = keyring
        self.trouble = ""
        self._store = store
        self._remembered = remembered
        self._elapsed = elapsed
        self._signed_size: int | None = None
        self._sign_by = elapsed() + SIGN_EVERY
        self._not_before = elapsed()

    async def look(self) -> Head:
        """Compare the log with the remembered head. Where it does not continue that, safe mode begins; otherwise its head is remembered.

        Raises `Unavailable` for a database, or a file of the remembered head, that is out of reach.
        """
        # In this order: a head that another process remembers meanwhile is in the database already.
        try:
            remembered = await asyncio.to_thread(self._remembered.read)
        except Unreadable:
            head = await self._head()
            await self._alarm(
                Head(size=0, root=UNREADABLE), f"the remembered head in {self._remembered.path} cannot be read."
            )
            return head
        base = remembered or await self._last_signed()
        head = await self._head()
        problem = await self._difference(base, head) if base and base != head else ""
        if problem and base:
            await self._alarm(base, problem)
        elif head != remembered and head.size:
            await asyncio.to_thread(self._remembered.grow, head)
        return head

    async def sign(self) -> Signed | None:
        """Sign the log as it is, unless it is signed already; returns the latest checkpoint. Not in safe mode.

        Raises `Anticipated` where there is no key, or none that signs now.
        """
        head = await self.look()
        last = await self._store.checkpoints.latest()
        if await self._store.alarms.open() or not head.size or (last and last.size >= head.size):
            return last
        from bot.audit.checkpoint import signed  # noqa: PLC0415 - loads cryptography

        signer = await asyncio.to_thread(self.keyring.signer)
        note = await signed(self.origin, head.size, bytes.fromhex(head.root), signer)
        if await self._store.checkpoints.add(head.size, note):
            log.info("audit log signed", size=head.size, key=signer.key.id.hex())
        self._signed_size = head.size
        self._sign_by = self._elapsed() + SIGN_EVERY
        return await self._store.checkpoints.latest()

    async def signed_heads(self) -> list[tuple[int, str]]:
        """Size and root of every checkpoint and of the remembered head, for verifying. Raises `NotAllowed` for one that nobody signed."""
        keys = await asyncio.to_thread(self._trusted)
        heads: list[tuple[int, str]] = []
        size = 0
        while found := await self._store.checkpoints.after(size):
            size = found[-1].size
            heads.extend(self._trustworthy(each, keys) for each in found)
        try:
            remembered = await asyncio.to_thread(self._remembered.read)
        except Unreadable:
            remembered = None
        return [*heads, *([(remembered.size, remembered.root)] if remembered else [])]

    async def acknowledge(self, actor: str, reason: str) -> Head:
        """A person has looked: end safe mode, write down who and why, and go on from the log as it is. Raises `NotAllowed` outside of it."""
        open_ = await self._store.alarms.open()
        if not open_:
            raise NotAllowed("There is nothing to acknowledge: this is not safe mode.")
        alarms: list[Json] = [{"size": each.size, "root": each.root, "problem": each.problem} for each in open_]
        head = await self._head()
        facts: dict[str, Json] = {"reason": reason, "alarms": alarms, "size": head.size, "root": head.root}
        async with self._store.begin(in_safe_mode=True) as tx:
            await tx.acknowledge_alarms()
            tx.record("audit:acknowledged", "audit/log", facts, actor=actor)
        # After the commit: were it before, a crash between the two would have forgotten why the alarm was sounded.
        now = await self._head()
        await asyncio.to_thread(self._remembered.replace, now, [(each.size, each.root) for each in open_])
        return now

    async def run(self) -> None:
        """Look and sign until cancelled."""
        while True:
            try:
                await self.tick()
                self._say("")
            except NotSigned as problem:
                self._say(str(problem))
            except Anticipated as problem:
                self._say(str(problem))
                self._not_before = self._elapsed() + RETRY_AFTER
            except Exception:
                # A bug here must not end the watch; it is in the log, and what is not signed shows in doctor and metrics.
                log.exception("keeping the audit log failed")
                self._not_before = self._elapsed() + RETRY_AFTER
            await asyncio.sleep(LOOK_EVERY)

    async def tick(self) -> None:
        """One look, and a signature where one is due. Raises what `look` and `sign` raise."""
        head = await self.look()
        if self._signed_size is None:
            last = await self._store.checkpoints.latest()
            self._signed_size = last.size if last else 0
        if self._elapsed() >= self._not_before and head.size > self._signed_size and await self._due():
            await self.sign()

    async def _due(self) -> bool:
        return self._elapsed() >= self._sign_by or await self._store.audit.run_ended(after=self._signed_size or 0)

    async def _head(self) -> Head:
        size, root = await self._store.audit.head()
        return Head(size=size, root=root)

    async def _last_signed(self) -> Head | None:
        """What to begin with where nothing was remembered yet: the newest head that a trusted key signed."""
        last = await self._store.checkpoints.latest()
        if last is None:
            return None
        try:
            size, root = self._trustworthy(last, await asyncio.to_thread(self._trusted))
        except NotAllowed as problem:
            log.warning(
                "nothing is remembered of the audit log, and its last checkpoint is not to be trusted",
                problem=str(problem),
            )
            return None
        return Head(size=size, root=root)

    async def _difference(self, base: Head, head: Head) -> str:
        """Why the log does not continue a head that it had; empty if it does."""
        if head.size < base.size:
            return (
                f"it counts {head.size} entries, and {base.size} were there before. The database was restored from an older copy, or a fail-over lost"
                " the last of them."
            )
        try:
            proof = await self._store.tree.consistency(base.size, head.size)
            fits = consistent(base.size, bytes.fromhex(base.root), head.size, bytes.fromhex(head.root), proof)
        except (Anticipated, ValueError):
            fits = False
        return "" if fits else f"its first {base.size} entries are not those that were there before."

    async def _alarm(self, base: Head, problem: str) -> None:
        if await self._store.alarms.sound(base.size, base.root, problem):
            log.error("safe mode", problem=problem, remembered_size=base.size, remembered_root=base.root)

    def _trusted(self) -> Sequence[Key]:
        try:
            return self.keyring.trusted()
        except NotSigned:
            return ()

    def _trustworthy(self, each: Signed, keys: Sequence[Key]) -> tuple[int, str]:
        try:
            checkpoint: Checkpoint = read_checkpoint(each.note)
            checkpoint.signer(keys)
        except Bad as bad:
            raise NotAllowed(f"A stored checkpoint is not to be trusted: {bad}") from None
        if (checkpoint.origin, checkpoint.size) != (self.origin, each.size):
            raise NotAllowed(f"The checkpoint over {each.size} entries is of another log or size.")
        return checkpoint.size, checkpoint.root.hex()

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("the audit log is not kept as it should be", problem=trouble)
        self.trouble = trouble
