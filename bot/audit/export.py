"""The whole log as a directory of tiles (C2SP tlog-tiles) that anybody can serve or verify, with the program that verifies it."""

import asyncio
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.audit import verify_audit
from bot.audit.disclosing import line, person_json, text_json
from bot.audit.keeper import Keeper
from bot.audit.verify_audit import TILE, Bad, Checkpoint, Frontier, leaf_hash, read_checkpoint, tile_path
from bot.store import Signed, Store
from bot.store.sealing import Kept
from skills.core.errors import Anticipated, BadInput, NotAllowed

OURS = {"checkpoint", "checkpoints", "keys", "people", "texts", "tile", "verify_audit.py"}
"""Everything that an export consists of; a directory with anything else in it is somebody else's."""

_LARGEST_ENTRY = 65_535


@dataclass(frozen=True, kw_only=True)
class Exported:
    """So many entries are in `folder`, under `checkpoint`."""

    folder: Path
    checkpoint: Checkpoint


class Tiles:
    """Writes entries, and the hashes over them, a tile at a time; holds no more than an unfinished tile of each level."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frontier = Frontier()
        self._entries: list[bytes] = []
        self._levels: dict[int, list[bytes]] = {}

    def add(self, entry: bytes) -> None:
        """The next entry. Raises `NotAllowed` for one that no bundle can hold."""
        if len(entry) > _LARGEST_ENTRY:
            raise NotAllowed(
                f"Entry {self._frontier.size + 1} has {len(entry)} bytes; an export holds none over {_LARGEST_ENTRY}."
            )
        self._entries.append(len(entry).to_bytes(2, "big") + entry)
        for height, node in enumerate(self._frontier.append(leaf_hash(entry))):
            if height % 8 == 0:
                self._levels.setdefault(height // 8, []).append(node)
        if len(self._entries) == TILE:
            self._flush(full=True)

    def finish(self) -> bytes:
        """Write what is unfinished; returns the root over everything."""
        self._flush(full=False)
        return self._frontier.root()

    def _flush(self, *, full: bool) -> None:
        size = self._frontier.size
        if self._entries:
            self._write("entries", (size - 1) // TILE, len(self._entries), b"".join(self._entries))
            self._entries.clear()
        for level, nodes in self._levels.items():
            if nodes and (len(nodes) == TILE or not full):
                self._write(level, (size // TILE**level - 1) // TILE, len(nodes), b"".join(nodes))
                nodes.clear()

    def _write(self, level: int | str, index: int, width: int, content: bytes) -> None:
        path = self._folder / tile_path(level, index, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@dataclass(kw_only=True)
class Export:
    """One export of one log. Repeating it replaces the earlier one; a failure leaves that as it was.

    Entries that are no longer in the database are taken from `archive`, an earlier export that has them; it may be `folder` itself.
    """

    store: Store
    keeper: Keeper
    folder: Path
    archive: Path | None = None
    _new: Path = field(init=False)

    async def __call__(self) -> Exported:
        """Raises `BadInput` for a directory that is not ours to replace, and `Anticipated` where the log is not signed or not as it was written."""
        await asyncio.to_thread(self._check_folder)
        signed, checkpoint = await self._newest()
        await self._check_earlier(checkpoint)
        self._new = self.folder.with_name(f".{self.folder.name}.{os.getpid()}")
        try:
            await self._write(checkpoint)
            (self._new / "checkpoint").write_text(signed.note, encoding="utf-8")
            await asyncio.to_thread(self._put_in_place)
        except OSError as error:
            raise NotAllowed(f"{self.folder} cannot be written: {(error.strerror or '').lower()}.") from error
        finally:
            await asyncio.to_thread(shutil.rmtree, self._new, ignore_errors=True)
        return Exported(folder=self.folder, checkpoint=checkpoint)

    async def _newest(self) -> tuple[Signed, Checkpoint]:
        """The log as it is now, signed; in safe mode, as it was signed last."""
        signed = await self.keeper.sign()
        if signed is None:
            raise NotAllowed("There is nothing to export: the audit log is empty, or was never signed.")
        return signed, read_checkpoint(signed.note)

    async def _write(self, checkpoint: Checkpoint) -> None:
        tiles = Tiles(self._new)
        self._new.mkdir(parents=True)
        gone = await self.store.audit.archived()
        if gone:
            await asyncio.to_thread(self._from_archive, tiles, gone)
        async for bodies in self.store.audit.bodies(checkpoint.size, after=gone):
            await asyncio.to_thread(_add_all, tiles, bodies)
        if tiles.finish() != checkpoint.root:
            raise Anticipated(
                "The audit log is not as it was when it was signed, so nothing was exported.",
                hint="Run `countersign audit verify` to see from where on it cannot be trusted.",
            )
        await self._disclose(checkpoint.size, gone)
        keys = "".join(f"{key}\n" for key in self.keeper.keyring.trusted())
        (self._new / "keys").write_text(keys, encoding="utf-8")
        shutil.copyfile(verify_audit.__file__, self._new / "verify_audit.py")
        with (self._new / "checkpoints").open("w", encoding="utf-8") as file:
            last = 0
            while found := await self.store.checkpoints.after(last):
                last = found[-1].size
                file.writelines(
                    json.dumps({"note": each.note}) + "\n" for each in found if each.size <= checkpoint.size
                )

    def _from_archive(self, tiles: Tiles, upto: int) -> None:
        """Add what only the archive has. The hash over all shows at the end whether it is what was written."""
        for number, entry in enumerate(archived_entries(self.archive, upto), 1):
            tiles.add(entry)
            if number == upto:
                return

    async def _disclose(self, size: int, gone: int) -> None:
        """What the hashes in the entries hide, as far as it was not erased."""
        people = await self.store.audit.people()
        (self._new / "people").write_text("".join(line(person_json(each)) for each in people), encoding="utf-8")
        with (self._new / "texts").open("w", encoding="utf-8") as file:
            erased = (
                {seq: kept async for some in self.store.audit.texts(gone) for seq, kept in _by_place(some)}
                if gone
                else {}
            )
            file.writelines(archived_texts(self.archive, gone, erased))
            async for some in self.store.audit.texts(size, after=gone):
                file.writelines(line(text_json(seq, kept)) for seq, kept in some)

    def _check_folder(self) -> None:
        if not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise BadInput(f"{self.folder} is a file.", hint="Name a directory that does not exist yet.")
        present = {path.name for path in self.folder.iterdir()}
        if present and (present - OURS or not {"checkpoint", "verify_audit.py"} <= present):
            raise BadInput(
                f"{self.folder} exists and is not an export of this log, so it was left alone.",
                hint="Name a directory that does not exist yet.",
            )

    async def _check_earlier(self, checkpoint: Checkpoint) -> None:
        """An export that is there may be replaced by one that continues it."""
        try:
            earlier = read_checkpoint((self.folder / "checkpoint").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (Bad, OSError, ValueError):
            earlier = None
        if earlier is None or earlier.origin != self.keeper.origin:
            raise BadInput(
                f"{self.folder} holds an export of another log, so it was left alone.", hint="Name another directory."
            )
        if earlier.size > checkpoint.size or await self.store.tree.root(earlier.size) != earlier.root:
            raise NotAllowed(
                f"{self.folder} holds another history of this log ({earlier.size} entries), so it was left alone.",
                hint="Keep it: together with a new export elsewhere, it shows that the log was changed.",
            )

    def _put_in_place(self) -> None:
        old = self.folder.with_name(f".{self.folder.name}.{os.getpid()}.old")
        with suppress(FileNotFoundError):
            self.folder.rename(old)
        self._new.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)


def archived_entries(archive: Path | None, upto: int) -> Iterator[bytes]:
    """The first entries of a log, as an archive has them. Raises `NotAllowed` where it does not have them all."""
    if archive is None:
        raise NotAllowed(
            f"Entries 1 to {upto} are no longer in the database, but in an archive.", hint="Name it: --archive DIR"
        )
    try:
        size = read_checkpoint((archive / "checkpoint").read_text(encoding="utf-8")).size
        if size < upto:
            raise NotAllowed(f"{archive} has entries 1 to {size}, and entries 1 to {upto} are needed.")
        for index in range(-(-upto // TILE)):
            yield from _bundled((archive / tile_path("entries", index, min(TILE, size - index * TILE))).read_bytes())
    except (Bad, OSError, ValueError) as error:
        raise NotAllowed(
            f"{archive} is no archive of this log that can be read.", hint="Name another directory."
        ) from error


def _bundled(bundle: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        yield bundle[at + 2 : at + 2 + length]
        at += 2 + length


def archived_texts(archive: Path | None, upto: int, erased: Mapping[tuple[int, str], Kept]) -> Iterator[str]:
    """The lines of `texts` about archived entries, but for what was erased before they were archived."""
    if archive is None or not upto:
        return
    with (archive / "texts").open(encoding="utf-8") as file:
        for each in file:
            said = json.loads(each)
            if said["entry"] > upto:
                return
            kept = erased.get((said["entry"], said["field"]))
            yield line(text_json(said["entry"], kept)) if kept else each


def _by_place(some: Iterable[tuple[int, Kept]]) -> Iterator[tuple[tuple[int, str], Kept]]:
    return (((seq, kept.field), kept) for seq, kept in some)


def _add_all(tiles: Tiles, bodies: list[str]) -> None:
    for body in bodies:
        tiles.add(body.encode())
