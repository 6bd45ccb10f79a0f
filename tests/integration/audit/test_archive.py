"""Archives: what is in one, verified and under a head that others have, may leave the database; everything still verifies."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.audit.anchoring import Anchoring
from bot.audit.anchors import Anchor, FileAnchor
from bot.audit.archive import Archived, Archiving
from bot.audit.evidence import evidence
from bot.audit.export import Export
from bot.audit.keeper import Keeper
from bot.audit.remembered import Remembered
from bot.audit.report import make_report
from bot.audit.verify_audit import verify_evidence
from bot.store import Database, Store
from skills.core.errors import Anticipated, NotAllowed, NothingToDo, UnknownName
from skills.core.names import ProposalId
from tests.integration.audit.test_export import KEY, verified
from tests.support.audit import ORIGIN, a_keeper, a_public_key, note
from tests.support.databases import Clock

YEAR = timedelta(days=365)


class Yard:
    """A log of two years: entries 1 to 300 of the first, 301 to 310 of now."""

    def __init__(self, store: Store, database: Database, folder: Path, clock: Clock) -> None:
        self.store = store
        self.database = database
        self.folder = folder
        self.clock = clock
        self.keeper: Keeper = a_keeper(store, folder)
        self.anchors: list[Anchor] = []

    async def fill(self) -> None:
        async with self.store.begin() as tx:
            for number in range(1, 301):
                tx.record("proposal:noted", f"proposal/{number}", {"words": f"as I said {number}"}, actor="dev")
        self.clock.now += 2 * YEAR
        await note(self.store, 10, first=301)

    async def archive(self, before: datetime | None = None, *, keep: timedelta | None = YEAR) -> Archived:
        remembered = Remembered(self.folder / "head.json", origin=ORIGIN)
        anchoring = Anchoring(store=self.store, anchors=self.anchors, remembered=remembered)
        archiving = Archiving(store=self.store, keeper=self.keeper, anchoring=anchoring, keep=keep)
        now = self.clock.now
        return await archiving(before or now - YEAR, self.folder / "archive", by="lead", now=now)

    async def sound(self) -> bool:
        heads = await self.keeper.signed_heads()
        return (await self.store.audit.verify(expect=heads)).ok


@pytest.fixture
async def yard(store: Store, database: Database, tmp_path: Path, clock: Clock) -> Yard:
    yard = Yard(store, database, tmp_path, clock)
    await yard.fill()
    return yard


async def test_what_is_archived_leaves_the_database_and_both_verify(yard: Yard) -> None:
    done = await yard.archive()
    assert (done.upto, done.dropped, done.exported.checkpoint.size) == (300, 300, 310)
    code, out, _ = verified(yard.folder / "archive", "--key", KEY)
    assert (code, "310 entries of example.com/audit" in out, "300 texts fit their hashes" in out) == (0, True, True)
    assert await yard.sound()
    assert await yard.store.audit.archived() == 300
    entries = await yard.store.audit.entries(limit=1000)
    assert [each.seq for each in entries] == list(range(301, 312))
    assert (entries[-1].verb, entries[-1].actor, entries[-1].facts["upto"]) == ("audit:archived", "lead", 300)
    async with yard.database.reading() as connection:
        left = (await connection.execute(text("SELECT count(*) FROM audit_texts WHERE seq <= 300"))).scalar()
    assert left == 0


async def test_the_log_goes_on_and_a_second_archive_continues_the_first(yard: Yard) -> None:
    await yard.archive()
    yard.clock.now += 2 * YEAR
    await note(yard.store, 5, first=400)
    done = await yard.archive()
    assert (done.upto, done.dropped) == (311, 11)
    assert verified(yard.folder / "archive", "--key", KEY)[0] == 0
    assert await yard.sound()
    export = await Export(
        store=yard.store, keeper=yard.keeper, folder=yard.folder / "export", archive=yard.folder / "archive"
    )()
    assert export.checkpoint.size == 317
    assert verified(yard.folder / "export", "--key", KEY)[0] == 0


async def test_what_is_elsewhere_is_said(yard: Yard) -> None:
    await yard.archive()
    with pytest.raises(NotAllowed) as refused:
        await Export(store=yard.store, keeper=yard.keeper, folder=yard.folder / "export")()
    assert str(refused.value) == (
        "Entries 1 to 300 are no longer in the database, but in an archive. Name it: --archive DIR"
    )
    with pytest.raises(UnknownName, match=r"Entries 1 to 300 are in an archive\."):
        await evidence(yard.store, yard.keeper, ProposalId(17))
    with pytest.raises(NotAllowed, match="Entries 1 to 300, in an archive, reach into the time"):
        await make_report(yard.store, yard.keeper, datetime(2020, 1, 1, tzinfo=UTC), yard.clock.now + YEAR)


async def test_a_report_of_what_is_here_is_as_ever(yard: Yard) -> None:
    await yard.archive()
    yard.clock.now += timedelta(days=2)
    await note(yard.store, 3, first=500)
    start = yard.clock.now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = await make_report(yard.store, yard.keeper, start, start + timedelta(days=1))
    assert "none left out" in verify_evidence(found.pack, [a_public_key()])


async def test_without_retention_nothing_leaves(yard: Yard) -> None:
    done = await yard.archive(keep=None)
    assert (done.dropped, done.kept_because) == (
        0, "Nothing left the database, because audit.retention.keep_days in organization.yaml is not set."
    )  # fmt: skip
    assert await yard.store.audit.archived() == 0
    assert len(await yard.store.audit.entries(limit=1000)) == 310


async def test_what_has_to_stay_stays_and_nothing_old_is_nothing_to_do(yard: Yard) -> None:
    with pytest.raises(NotAllowed, match=r"Entries stay in the database for 365 days"):
        await yard.archive(yard.clock.now - timedelta(days=364))
    with pytest.raises(NothingToDo):
        await yard.archive(yard.clock.now - 10 * YEAR)
    await yard.archive()
    with pytest.raises(NothingToDo):
        await yard.archive()


async def test_an_anchor_that_does_not_have_it_holds_it_up(yard: Yard) -> None:
    (yard.folder / "anchor").mkdir()
    yard.anchors = [FileAnchor(yard.folder / "anchor")]
    with pytest.raises(NotAllowed, match=r"does not have a head over them, so nothing left the database\. The file"):
        await yard.archive()
    assert await yard.store.audit.archived() == 0
    (yard.folder / "anchor").rmdir()
    assert (await yard.archive()).dropped == 300


async def test_a_log_that_was_edited_is_not_archived(yard: Yard) -> None:
    async with yard.database.writing() as connection:
        await connection.execute(text("UPDATE audit_entries SET body = replace(body, '17', '18') WHERE seq = 17"))
    with pytest.raises(Anticipated, match="not as it was when it was signed"):
        await yard.archive()
    assert len(await yard.store.audit.entries(after=299, limit=1000)) == 11


async def test_an_archive_that_was_spoiled_or_is_another_logs_is_not_continued(yard: Yard) -> None:
    await yard.archive()
    yard.clock.now += 2 * YEAR
    await note(yard.store, 5, first=400)
    bundle = yard.folder / "archive" / "tile" / "entries" / "000"
    spoiled = bundle.read_bytes().replace(b"noted", b"nodet", 1)
    bundle.write_bytes(spoiled)
    with pytest.raises(Anticipated):
        await yard.archive()
    assert await yard.store.audit.archived() == 300
    shutil.rmtree(yard.folder / "archive")
    with pytest.raises(NotAllowed, match="is no archive of this log that can be read"):
        await yard.archive()


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("DELETE FROM audit_entries WHERE seq <= 302", 1),
        ("UPDATE audit_nodes SET hash = replace(hash, 'a', 'b') WHERE position = 20", None),
        ("DELETE FROM audit_nodes WHERE position = 20", None),
    ],
)
async def test_more_than_was_archived_and_touched_hashes_are_found(
    yard: Yard, statement: str, first_bad: int | None
) -> None:
    await yard.archive()
    async with yard.database.writing() as connection:
        await connection.execute(text(statement))
    found = await yard.store.audit.verify()
    assert not found.ok
    assert first_bad is None or found.first_bad == first_bad


async def test_what_was_erased_before_it_was_archived_stays_erased_and_accounted_for(yard: Yard) -> None:
    async with yard.store.begin() as tx:
        erased = await tx.erase("proposal/17")
        tx.record("audit:erased", "audit/log", {**erased.facts, "reason": "asked for"}, actor="lead")
    await yard.archive()
    assert await yard.sound()
    assert b'as I said 17"' not in (yard.folder / "archive" / "texts").read_bytes()
    yard.clock.now += 2 * YEAR
    await yard.archive()
    assert verified(yard.folder / "archive", "--key", KEY)[0] == 0
    assert await yard.sound()
