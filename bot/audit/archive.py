"""Archives of the log: an export that is verified, and after that the entries in it may leave the database."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.audit.anchoring import Anchoring
from bot.audit.export import Export, Exported
from bot.audit.keeper import Keeper
from bot.audit.verify_audit import Bad, CannotTell, verify_export
from bot.store import Store
from skills.core.canonical import Json
from skills.core.errors import NotAllowed, NothingToDo


@dataclass(frozen=True, kw_only=True)
class Archived:
    """What is in the archive, and how many entries left the database; `upto` is the last of them, 0 where none did."""

    exported: Exported
    upto: int = 0
    dropped: int = 0
    kept_because: str = ""


@dataclass(frozen=True, kw_only=True)
class Archiving:
    """One archive. Nothing leaves the database that is not in it, verified, under a head that every anchor has."""

    store: Store
    keeper: Keeper
    anchoring: Anchoring
    keep: timedelta | None

    async def __call__(self, before: datetime, folder: Path, *, by: str, now: datetime) -> Archived:
        """The entries from before this moment. `folder` is new, or the archive of before, which grows.

        Raises `NothingToDo` where there are none, and `NotAllowed` for those that have to stay, or that an anchor does not have.
        """
        if self.keep is not None and before > now - self.keep:
            days = self.keep.days
            raise NotAllowed(
                f"Entries stay in the database for {days} day{'s' if days != 1 else ''} (audit.retention.keep_days).",
                hint=f"Name a day up to {now - self.keep:%Y-%m-%d}.",
            )
        gone, upto = await self.store.audit.archived(), await self.store.audit.before(before)
        if upto <= gone:
            raise NothingToDo(f"No entry that is here is from before {before:%Y-%m-%d}.")
        exported = await Export(store=self.store, keeper=self.keeper, folder=folder, archive=folder if gone else None)()
        await self._check(exported, upto)
        if self.keep is None:
            because = "Nothing left the database, because audit.retention.keep_days in organization.yaml is not set."
            return Archived(exported=exported, kept_because=because)
        async with self.store.begin() as tx:
            dropped, erasures = await tx.archive(upto)
            checkpoint = exported.checkpoint
            facts: dict[str, Json] = {
                "upto": upto, "entries": dropped, "before": f"{before:%Y-%m-%dT%H:%M:%SZ}", "size": checkpoint.size,
                "root": checkpoint.root.hex(), "erasures": erasures,
            }  # fmt: skip
            tx.record("audit:archived", "audit/log", facts, actor=by)
        return Archived(exported=exported, upto=upto, dropped=dropped)

    async def _check(self, exported: Exported, upto: int) -> None:
        """Read what was written as an auditor would, and ask every anchor whether it has the head over it. Raises `NotAllowed`."""
        if exported.checkpoint.size < upto:
            raise NotAllowed(f"Only entries 1 to {exported.checkpoint.size} are signed, so nothing left the database.")
        try:
            await asyncio.to_thread(verify_export, exported.folder, self.keeper.keyring.trusted())
        except (Bad, CannotTell) as bad:
            raise NotAllowed(f"What was exported does not verify, so nothing left the database: {bad}") from bad
        await self.anchoring.publish()
        behind = [
            anchor
            for anchor in self.anchoring.anchors
            if anchor.name in self.anchoring.trouble or self.anchoring.published(anchor) < upto
        ]
        if behind:
            why = self.anchoring.trouble.get(behind[0].name, "It takes a head only so often; try again later.")
            raise NotAllowed(
                f"The {behind[0].name} does not have a head over them, so nothing left the database. {why}"
            )
