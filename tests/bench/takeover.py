"""How soon a run goes on elsewhere after SIGKILL: two serving replicas on PostgreSQL, the one that runs is killed. Prints JSON lines.

Run with `python -m tests.bench.takeover [TRIES]`. From the kill to the moment that the other one owns the run, as the database tells; how long
leases last is what bounds it from below.
"""

import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg

from bot.bootstrap import open_world
from bot.engine.engine import LEASE
from bot.settings import Settings
from bot.usecases.answers import Decided, Proposed
from skills.core.proposal import Status
from tests.bench.audit import a_database
from tests.support.serving import Serving
from tests.support.shell import Shell
from tests.support.worlds import CONFIG, Office, SlowTime

TRIES = 20
TARGET = 10.0
PATIENCE = 60.0


def main(words: list[str]) -> None:
    tries = int(words[0]) if words else TRIES
    with a_database("postgresql") as url, tempfile.TemporaryDirectory(prefix="countersign-takeover-") as home:
        taken = asyncio.run(_measured(Path(home), url, tries))
    lease, beat = LEASE.total_seconds(), LEASE.total_seconds() / 4
    figures = {"median": round(statistics.median(taken), 2), "worst": round(max(taken), 2), "target": TARGET}
    print(json.dumps({"bench": "take-over after SIGKILL", "tries": tries, **figures, "lease": lease, "lease_left_at_least": lease - beat, "seconds": [round(each, 2) for each in taken]}))  # fmt: skip


async def _measured(home: Path, url: str, tries: int) -> list[float]:
    """Seconds of each try; asserts that each run ended well, with one effect."""
    shell = Shell(home / "data", bytecode=home / "bytecode", COUNTERSIGN_DATABASE_URL=url)
    taken = []
    assert shell("worker", "--until-idle", timeout=300).code == 0  # compiles everything and makes the tables, once
    with ExitStack() as stack:
        replicas = [stack.enter_context(closing(Serving(shell))) for _ in range(2)]
        for replica in replicas:
            replica.wait_for("ready")
        settings = Settings.from_environ({"COUNTERSIGN_DATABASE_URL": url}, config=CONFIG, data=home / "data")
        async with open_world(settings) as world:
            office = Office(world, SlowTime())  # the world has the time of day, as the replicas have
            for number in range(1, tries + 1):
                await _approved(office, number)
                killed = await asyncio.to_thread(_killed, url, number)
                taken.append(await asyncio.to_thread(_taken_over, url, number, killed))
                print(f"take-over {number} of {tries}: {taken[-1]:.2f} s", file=sys.stderr, flush=True)
                await _ended(office, number)
                replicas.append(stack.enter_context(closing(Serving(shell))))
                replicas[-1].wait_for("ready")
    return taken


async def _approved(office: Office, number: int) -> None:
    """By a process that runs nothing, so that it is one of the replicas that does."""
    assert isinstance(await office.say("dev", f"restart {('checkout', 'web')[number % 2]} in production"), Proposed)
    assert isinstance(await office.say("sre", f"approve {number}"), Decided)


def _killed(url: str, number: int) -> str:
    """Kills the replica that has made its change and follows it; returns its name."""
    executor = _owner(url, number, lambda _: _has(url, number, "effect:applied"))
    os.kill(int(executor.rsplit("-", 2)[1]), signal.SIGKILL)
    return executor


def _taken_over(url: str, number: int, killed: str) -> float:
    began = time.monotonic()
    _owner(url, number, lambda executor: executor != killed)
    return time.monotonic() - began


def _owner(url: str, number: int, true: Callable[[str], bool]) -> str:
    """Who owns the run, as soon as this is true of it."""
    until = time.monotonic() + PATIENCE
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < until:
            row = connection.execute("SELECT executor FROM runs WHERE proposal = %s", (number,)).fetchone()
            if row and true(row[0]):
                return str(row[0])
            time.sleep(0.02)
    raise AssertionError(f"#{number} is not as it should be within {PATIENCE:g} s")


def _has(url: str, number: int, verb: str) -> bool:
    with psycopg.connect(url) as connection:
        query = "SELECT 1 FROM audit_entries WHERE subject = %s AND verb = %s"
        return connection.execute(query, (f"proposal/{number}", verb)).fetchone() is not None


async def _ended(office: Office, number: int) -> None:
    until = time.monotonic() + PATIENCE
    while not (await office.proposal(number)).status.settled:
        assert time.monotonic() < until
        await asyncio.sleep(0.1)
    assert (await office.proposal(number)).status is Status.SUCCEEDED
    assert (await office.verbs(number)).count("effect:applied") == 1


if __name__ == "__main__":
    main(sys.argv[1:])
