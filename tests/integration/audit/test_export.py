"""An export verifies with the one file in it, as a program of its own; whatever somebody does to it is found."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.audit.export import Export, Tiles
from bot.audit.keeper import Keeper
from bot.audit.verify_audit import Bad, Frontier, leaf_hash, main, tile_path, verify_export
from bot.store import Database, Store
from skills.core.errors import Anticipated, BadInput, NotAllowed
from skills.core.names import Organization
from tests.support.audit import a_keeper, a_public_key, another_history
from tests.support.databases import Clock

KEY = str(a_public_key())
ENTRIES = 600


async def fill(store: Store, count: int, *, first: int = 1) -> None:
    async with store.begin() as tx:
        for number in range(first, first + count):
            tx.record("proposal:noted", f"proposal/{number}", {"words": "é" * (number % 7)}, actor="dev")


async def exported(store: Store, keeper: Keeper, folder: Path) -> Path:
    return (await Export(store=store, keeper=keeper, folder=folder)()).folder


def verified(folder: Path, *options: str) -> tuple[int, str, str]:
    """What the program in the export says, run without anything of ours."""
    program = [sys.executable, "-I", "-B", str(folder / "verify_audit.py"), str(folder), *options]
    done = subprocess.run(program, capture_output=True, text=True, cwd="/", check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
async def test_an_export_verifies_on_its_own(store: Store, tmp_path: Path, count: int) -> None:
    keeper = a_keeper(store, tmp_path)
    await fill(store, count - 1)
    await keeper.sign()
    await fill(store, 1, first=count)
    folder = await exported(store, keeper, tmp_path / "export")
    texts = count - count // 7
    disclosed = f" 1 name and {texts} text{'s' if texts != 1 else ''} fit their hashes."
    good = f"good: {count} entries of example.com/audit, signed by example.com/audit, are as they were written.{disclosed}\n"
    assert verified(folder, "--key", KEY) == (0, good, "")
    code, out, _ = verified(folder)
    assert (code, out) == (
        0,
        f"{good}The keys are those that came with it; compare them with what the organization published, or give --key.\n",
    )
    if count == 257:
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        assert names == [
            "checkpoint", "checkpoints", "keys", "people", "texts", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000",
            "tile/entries/001.p/1", "verify_audit.py",
        ]  # fmt: skip


async def test_another_key_is_not_good(store: Store, tmp_path: Path) -> None:
    await fill(store, 3)
    folder = await exported(store, a_keeper(store, tmp_path), tmp_path / "export")
    code, out, _ = verified(folder, "--key", str(a_public_key(2)))
    assert (code, out) == (1, "BAD: The checkpoint over 3 entries is signed by none of the keys that are trusted.\n")
    code, _, err = verified(folder, "--key", "nonsense")
    assert (code, err) == (2, "A key is not a public key of Ed25519 as a signed note names it (name+id+base64).\n")
    (folder / "keys").unlink()
    assert verified(folder)[0] == 2
    assert verified(tmp_path, "--key", KEY)[0] == 2


async def test_an_export_is_replaced_by_a_later_one_of_the_same_log(store: Store, tmp_path: Path) -> None:
    keeper = a_keeper(store, tmp_path)
    await fill(store, 200)
    folder = await exported(store, keeper, tmp_path / "export")
    await fill(store, 100, first=201)
    assert await exported(store, keeper, folder) == folder
    assert verified(folder, "--key", KEY)[0] == 0
    assert not (folder / "tile/entries/000.p").exists()
    assert {path.name for path in tmp_path.iterdir() if "export" in path.name} == {"export"}


async def test_a_directory_that_is_not_ours_is_left_alone(store: Store, tmp_path: Path) -> None:
    keeper = a_keeper(store, tmp_path)
    await fill(store, 3)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    for folder in (tmp_path / "photos", tmp_path / "head.json"):
        with pytest.raises(BadInput):
            await exported(store, keeper, folder)
    assert (tmp_path / "photos" / "cat.jpg").exists()
    mixed = await exported(store, keeper, tmp_path / "mixed")
    (mixed / "notes.txt").touch()
    with pytest.raises(BadInput, match=r"exists and is not an export of this log, so it was left alone."):
        await exported(store, keeper, mixed)
    (tmp_path / "empty").mkdir()
    assert (await exported(store, keeper, tmp_path / "empty") / "checkpoint").exists()


async def test_an_export_of_another_history_is_left_alone(store: Store, database: Database, tmp_path: Path) -> None:
    keeper = a_keeper(store, tmp_path)
    await fill(store, 3)
    folder = await exported(store, keeper, tmp_path / "export")
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM audit_checkpoints"))
    await another_history(database, 5)
    (tmp_path / "head.json").unlink()
    with pytest.raises(NotAllowed, match=r"holds another history of this log \(3 entries\), so it was left alone."):
        await exported(store, keeper, folder)
    assert verified(folder, "--key", KEY)[0] == 0


async def test_a_log_that_was_edited_is_not_exported(store: Store, database: Database, tmp_path: Path) -> None:
    await fill(store, 3)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE audit_entries SET body = replace(body, 'noted', 'voted') WHERE seq = 2"))
    with pytest.raises(Anticipated, match=r"is not as it was when it was signed, so nothing was exported"):
        await exported(store, a_keeper(store, tmp_path), tmp_path / "export")
    assert not (tmp_path / "export").exists()


async def test_an_empty_log_is_not_exported(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match=r"There is nothing to export"):
        await exported(store, a_keeper(store, tmp_path), tmp_path / "export")


def test_tiles_of_a_tree_with_three_levels_are_where_the_specification_says(tmp_path: Path) -> None:
    # The example of tlog-tiles: 70,000 entries.
    tiles, frontier = Tiles(tmp_path), Frontier()
    for number in range(70_000):
        tiles.add(b"%d" % number)
        frontier.append(leaf_hash(b"%d" % number))
    assert tiles.finish() == frontier.root()
    full = [path for path in (tmp_path / "tile/0").iterdir() if path.is_file()]
    assert len(full) == 273
    assert (tmp_path / "tile/0/273.p/112").stat().st_size == 112 * 32
    assert (tmp_path / "tile/1/000").stat().st_size == 8192
    assert (tmp_path / "tile/1/001.p/17").exists()
    assert (tmp_path / "tile/2/000.p/1").exists()
    assert tile_path(0, 1234067, 256) == "tile/0/x001/x234/067"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export with full and partial tiles, and two earlier checkpoints."""
    import asyncio

    folder = tmp_path_factory.mktemp("audit")

    async def write() -> Path:
        database = await Database.open(f"sqlite:///{folder}/audit.db", clock=Clock())
        store = database.store(Organization("acme"))
        keeper = a_keeper(store, folder)
        for first in (1, 201, 401):
            await fill(store, 200, first=first)
            await keeper.sign()
        done = await exported(store, keeper, folder / "export")
        await database.close()
        return done

    return asyncio.run(write())


def entry_at(bundle: bytes, offset: int, first: int) -> int:
    """The number of the entry that the byte at `offset` of a bundle belongs to."""
    at, number = 0, first
    while True:
        at += 2 + int.from_bytes(bundle[at : at + 2], "big")
        if offset < at:
            return number
        number += 1


def bad_entry(folder: Path) -> int | None:
    with pytest.raises(Bad) as found:
        verify_export(folder, [a_public_key()])
    return found.value.entry


Tampering = Callable[[bytes, int], bytes]
TAMPERINGS: list[Tampering] = [
    lambda content, at: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :],
    lambda content, at: content[:at],
    lambda content, at: content[:at] + content[at + 1 :],
    lambda content, at: content[:at] + b"\0" + content[at:],
]


@given(st.integers(0, 2), st.integers(0, 10**9), st.sampled_from(TAMPERINGS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_byte_of_every_entry_counts_and_the_first_bad_one_is_named(
    original: Path, index: int, where: int, tampering: Tampering
) -> None:
    path = tile_path("entries", index, min(256, ENTRIES - 256 * index))
    content = (original / path).read_bytes()
    at = where % len(content)
    changed = tampering(content, at)
    if changed == content:
        return
    try:
        (original / path).write_bytes(changed)
        named = bad_entry(original)
    finally:
        (original / path).write_bytes(content)
    assert named == entry_at(content, at, 256 * index + 1)


@given(st.integers(0, 2), st.integers(0, 255), st.integers(0, 31))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_hash_in_a_tile_counts(original: Path, index: int, number: int, byte: int) -> None:
    width = min(256, ENTRIES - 256 * index)
    path = original / tile_path(0, index, width)
    content = path.read_bytes()
    at = 32 * (number % width) + byte
    try:
        path.write_bytes(TAMPERINGS[0](content, at))
        named = bad_entry(original)
    finally:
        path.write_bytes(content)
    assert named == 256 * index + number % width + 1


@pytest.mark.parametrize("name", ["tile/0/000", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/88"])
def test_a_tile_that_is_missing_or_truncated_is_found(original: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(original, tmp_path / "copy")
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-32])
    first = {"tile/0/000": 1, "tile/1/000.p/2": 257, "tile/entries/001": 512, "tile/entries/002.p/88": 600}[name]
    assert bad_entry(copy) == first
    (copy / name).unlink()
    assert bad_entry(copy) == {"tile/entries/001": 257, "tile/entries/002.p/88": 513}.get(name, 1)


def test_two_swapped_entries_are_found(original: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(original, tmp_path / "copy")
    path = copy / "tile/entries/000"
    content = path.read_bytes()
    ends = [0]
    while ends[-1] < len(content):
        ends.append(ends[-1] + 2 + int.from_bytes(content[ends[-1] : ends[-1] + 2], "big"))
    parts = [content[start:end] for start, end in pairwise(ends)]
    parts[6], parts[9] = parts[9], parts[6]
    path.write_bytes(b"".join(parts))
    assert bad_entry(copy) == 7


def test_an_export_rewritten_consistently_does_not_fit_its_signatures(original: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(original, tmp_path / "copy")
    entries = []
    for index in range(3):
        bundle, at = (copy / tile_path("entries", index, min(256, ENTRIES - 256 * index))).read_bytes(), 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            entries.append(bundle[at + 2 : at + 2 + length])
            at += 2 + length
    entries[300] = entries[300].replace(b"noted", b"voted")
    shutil.rmtree(copy / "tile")
    tiles = Tiles(copy)
    for entry in entries:
        tiles.add(entry)
    tiles.finish()
    assert bad_entry(copy) == 201  # the checkpoint after 200 still fits, the one after 400 does not


@pytest.mark.parametrize("name", ["checkpoint", "checkpoints"])
def test_a_forged_checkpoint_is_found(original: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(original, tmp_path / "copy")
    content = (copy / name).read_text()
    for forged in (
        content.replace("600", "599"),
        content[:-40],
        "",
        content.replace("example.com", "example.org"),
        content.replace("—", "-"),
    ):
        if forged == content or (name == "checkpoints" and not forged):
            continue  # without earlier checkpoints, less is proven, and nothing is wrong
        (copy / name).write_text(forged)
        with pytest.raises(Bad):
            verify_export(copy, [a_public_key()])


def test_the_program_takes_its_own_directory_where_none_is_given(
    original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(original / "verify_audit.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert main([str(original), "--key", KEY]) == 0
    assert capsys.readouterr().out.startswith("good: 600 entries")
