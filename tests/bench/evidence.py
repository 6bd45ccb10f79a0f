"""What proving costs: appending under load, proofs, exporting (time and memory), verifying the export. Prints JSON lines.

Run with `python -m tests.bench.evidence [ENTRIES]`; 100,000 unless given, 1,000,000 takes minutes to fill.
"""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from bot.audit.export import Export
from bot.store import Database, Store
from skills.core.names import Organization
from tests.bench.audit import a_database, fill, now
from tests.bench.figures import show, show_times
from tests.support.audit import a_keeper, a_public_key

ENTRIES = 100_000
WRITERS, RATE, SECONDS = 4, 20, 15
PROOFS = 2_000


async def append_evenly(store: Store) -> list[float]:
    """Seconds of each commit with one entry, when four writers together make twenty a second."""

    async def write(writer: int) -> list[float]:
        taken, started = [], time.perf_counter()
        for number in range(RATE * SECONDS // WRITERS):
            await asyncio.sleep(max(0.0, started + (number * WRITERS + writer) / RATE - time.perf_counter()))
            begun = time.perf_counter()
            async with store.begin() as tx:
                tx.record("proposal:approve", f"proposal/{number}", {"digest": "d" * 64, "reason": "fine"}, actor="sre")
            taken.append(time.perf_counter() - begun)
        return taken

    return [each for taken in await asyncio.gather(*map(write, range(WRITERS))) for each in taken]


async def prove(store: Store, size: int) -> list[float]:
    """Seconds of each of many inclusion proofs of entries picked at random."""
    picked, taken = random.Random(1), []
    for _ in range(PROOFS):
        seq = picked.randint(1, size)
        begun = time.perf_counter()
        await store.tree.inclusion(seq, size)
        taken.append(time.perf_counter() - begun)
    return taken


async def export(store: Store, folder: Path, *, name: str, size: int, kind: str) -> Path:
    """Twice: once for the time, once for the memory, because measuring that takes time."""
    keeper = a_keeper(store, folder)
    begun = time.perf_counter()
    done = await Export(store=store, keeper=keeper, folder=folder / name)()
    seconds = time.perf_counter() - begun
    tracemalloc.start()
    await Export(store=store, keeper=keeper, folder=folder / name)()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    show("audit export", database=kind, entries=size, per_second=round(size / seconds), peak_mb=round(peak / 1e6, 1))
    return done.folder


def verify(folder: Path, size: int) -> None:
    argv = [sys.executable, "-I", str(folder / "verify_audit.py"), str(folder), "--key", str(a_public_key())]
    begun = time.perf_counter()
    subprocess.run(argv, check=True, capture_output=True)
    seconds = time.perf_counter() - begun
    show("verify_audit.py", entries=size, per_second=round(size / seconds), seconds=round(seconds, 2))


async def measure(kind: str, url: str, size: int, folder: Path) -> None:
    database = await Database.open(url, clock=now)
    try:
        busy = database.store(Organization("busy"))
        show_times(f"audit append, {WRITERS} writers at {RATE} a second", await append_evenly(busy), database=kind)
        full, small = database.store(Organization("full")), database.store(Organization("small"))
        await fill(full, size)
        await fill(small, size // 10)
        show_times("inclusion proof", await prove(full, size), database=kind, entries=size)
        if kind == "sqlite":
            for name, store, count in (("small", small, size // 10), ("full", full, size)):
                (folder / name).mkdir()
                exported = await export(store, folder / name, name="export", size=count, kind=kind)
            verify(exported, size)
    finally:
        await database.close()


def main() -> None:
    size = int(sys.argv[1]) if sys.argv[1:] else ENTRIES
    for kind in ("sqlite", "postgresql"):
        with a_database(kind) as url, tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(kind, url, size, Path(folder)))


if __name__ == "__main__":
    main()
