"""A deploy proposed on the embedded world: words, catalog, plan, diff, policy, store, audit.

The lower bound beside it is one empty commit of the same database file, which every proposal has to pay at least.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from bot.usecases.answers import Proposed
from tests.bench.figures import show_times
from tests.support.worlds import open_office

TIMES = 200


async def proposals(folder: Path, environ: dict[str, str]) -> list[float]:
    """How long each of `TIMES` proposals took, in seconds."""
    taken = []
    async with open_office(folder, environ=environ) as office:
        for count in range(TIMES):
            started = time.perf_counter()
            answer = await office.say("dev", "deploy checkout v42 to production")
            taken.append(time.perf_counter() - started)
            assert isinstance(answer, Proposed), answer.text
            await office.say("dev", f"cancel {count + 1}")
    return taken


def commits(folder: Path) -> list[float]:
    """How long a commit of one small row takes here with the driver alone, in seconds."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (x INTEGER)")
    taken = []
    for count in range(TIMES):
        started = time.perf_counter()
        connection.execute("INSERT INTO t VALUES (?)", (count,))
        taken.append(time.perf_counter() - started)
    connection.close()
    return taken


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        bare = commits(path)
        show_times("propose: lower bound, one commit of bare SQLite", bare)
        seconds = await proposals(path / "world", {})
        ratio = statistics.median(seconds) / statistics.median(bare)
        show_times("propose: deploy, SQLite", seconds, ratio_to_lower_bound=round(ratio, 1))


if __name__ == "__main__":
    asyncio.run(main())
