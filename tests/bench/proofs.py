"""No loss, no doubles, at length: what `make test` samples is done in full here. Prints JSON lines; ends with 1 at the first counter-example.

Run with `python -m tests.bench.proofs [crashes|pairs|kills|mutations|tampering|racing|steps ...]`; `COUNTERSIGN_PROOFS` is the share of it that is done.
"""

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bot.store import Database
from skills.core.names import Organization, ProposalId
from skills.core.proposal import Status
from tests.bench.audit import a_database
from tests.support.boundaries import CLOCK, Boundaries
from tests.support.databases import Clock
from tests.support.deaths import Left, lived, quick_restarts, revived
from tests.support.machine import Machine
from tests.support.mutations import means_the_same, mutated, still_approved
from tests.support.proposals import a_plan
from tests.support.stories import STORIES, Story, living
from tests.support.tampering import filled, tampered, written
from tests.support.worlds import open_office

STEPS, MUTATIONS, TAMPERINGS, MOVES = 100_000, 100_000, 10_000, 50
RACES, WORKERS = 100, 16
SHARE = float(os.environ.get("COUNTERSIGN_PROOFS", "1"))
BY_NAME = {story.name: story for story in STORIES}


def progress(what: str, done: int, tries: int) -> None:
    """A line on standard error for each twentieth."""
    if done and done % max(1, tries // 20) == 0:
        print(f"{what}: {done} of {tries}", file=sys.stderr, flush=True)


def report(what: str, began: float, **figures: object) -> None:
    print(json.dumps({"bench": what, **figures, "seconds": round(time.monotonic() - began, 1)}), flush=True)


async def crashes(folder: Path) -> None:
    """One death at every boundary of every story, rollback journals told apart."""
    for story in STORIES:
        began = time.monotonic()
        sweep = await lived(folder / "life" / story.name, story, journals=True)
        covered = 0
        for number, left in enumerate(sweep.left):
            await revived(folder / story.name / str(number), left, story)
            covered += len(left.boundaries)
        assert covered == len(sweep.crossed)
        report(
            "one crash", began, story=story.name, boundaries=f"{covered}/{len(sweep.crossed)}", states=len(sweep.left)
        )


async def pairs(folder: Path) -> None:
    """A death at every boundary of a short story, and another at every boundary of what comes after."""
    began, story, count, restarts = time.monotonic(), BY_NAME["rejected"], 0, 0
    first = await lived(folder / "life", story)
    chosen = first.left[:: max(1, round(1 / SHARE))]
    for one, left in enumerate(chosen):
        again = await lived(left.put(folder / f"{one}"), story, executor="heir")
        for other, left_again in enumerate(again.left):
            await revived(folder / f"{one}-{other}", left_again, story, executor="heir's heir")
            count += len(left.boundaries) * len(left_again.boundaries)
            restarts += 1
    report(
        "two crashes",
        began,
        story=story.name,
        pairs=count,
        states=restarts,
        of_first=f"{len(chosen)}/{len(first.left)}",
    )


async def kills(folder: Path) -> None:
    """SIGKILL before and after every commit, effect and send of a run that goes back, each in a process of its own."""
    began, story = time.monotonic(), BY_NAME["a release that goes back"]
    crossed = (await lived(folder / "life", story)).crossed
    wanted = [number for number, name in enumerate(crossed) if CLOCK not in name]
    chosen = wanted[:: max(1, round(1 / SHARE))]
    for number in chosen:
        home = folder / str(number)
        home.mkdir()
        killed = await asyncio.to_thread(_killed, home, story, number)
        assert killed, f"boundary {number} was not reached"
        files = {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}
        await revived(folder / f"{number}-heir", Left(files=files, boundaries=[number]), story)
    report("SIGKILL", began, story=story.name, boundaries=f"{len(chosen)}/{len(wanted)}")


def _killed(home: Path, story: Story, number: int) -> bool:
    """Did a process that lives through this story die where it was told to?"""
    words = [sys.executable, "-m", "tests.bench.proofs", "die", str(home), story.name, str(number)]
    return os.spawnv(os.P_WAIT, sys.executable, words) == -signal.SIGKILL


async def die(home: Path, story: Story, at: int) -> None:
    """Live through a story up to this boundary."""

    def crossing(number: int, _name: str) -> None:
        if number == at:
            os.kill(os.getpid(), signal.SIGKILL)

    boundaries = Boundaries(crossing)
    with pytest.MonkeyPatch.context() as patch, quick_restarts():
        boundaries.watch(patch)
        async with living(home, story, boundaries=boundaries) as (_, _, life):
            await life()


async def mutations(_folder: Path) -> None:
    """One byte of an approved plan is another one."""
    began, dice, plan, same = time.monotonic(), random.Random(11), a_plan(), 0
    tries = int(MUTATIONS * SHARE)
    for done in range(tries):
        progress("mutations", done, tries)
        stored = mutated(plan, dice)
        assert still_approved(stored, plan) is means_the_same(stored, plan), stored
        same += means_the_same(stored, plan)
    report("mutations of an approved plan", began, tries=tries, void=tries - same, only_written_otherwise=same)


async def tampering(_folder: Path) -> None:
    """The tables of the audit log are other ones, on both databases."""
    for kind in ("sqlite", "postgresql"):
        with a_database(kind) as url:
            began, dice, tries = time.monotonic(), random.Random(13), int(TAMPERINGS * SHARE)
            database = await Database.open(url, clock=Clock())
            store = database.store(Organization("acme"))
            original = await filled(store, database)
            remembered = await store.audit.head()
            for done in range(tries):
                progress(f"tamperings on {kind}", done, tries)
                tables, first_bad = tampered(original, dice)
                await written(tables, database)
                found = await store.audit.verify(expect=[remembered])
                assert (found.ok, found.first_bad) == (False, first_bad), (tables, found.problem)
            await database.close()
            report("tamperings found", began, database=kind, tries=tries)


async def racing(folder: Path) -> None:
    """Sixteen workers on PostgreSQL begin one approved run at the same moment, again and again."""
    began, races = time.monotonic(), max(1, int(RACES * SHARE))
    with a_database("postgresql") as url:
        async with AsyncExitStack() as stack:
            opening = [open_office(folder, environ={"COUNTERSIGN_DATABASE_URL": url}) for _ in range(4)]
            offices = [await stack.enter_async_context(each) for each in opening]
            for number in range(1, races + 1):
                progress("races", number, races)
                await offices[0].say("dev", f"restart {('checkout', 'web')[number % 2]} in production")
                await offices[0].say("sre", f"approve {number}")
                racers = [offices[each % 4].runner(executor=f"{number}-{each}") for each in range(WORKERS)]
                await asyncio.gather(*(racer.advance(ProposalId(number)) for racer in racers))
                assert (await offices[0].run(number)).status is Status.SUCCEEDED
                verbs = await offices[0].verbs(number)
                assert verbs.count("run:started") == verbs.count("effect:intended") == 1, verbs
                assert len(offices[0].cluster.effects) == number
    report("racing workers", began, workers=WORKERS, races=races, more_than_once=0)


async def steps(_folder: Path) -> None:
    """Moves on the bot and on the reference model."""
    began = time.monotonic()
    wanted = int(STEPS * SHARE)
    await asyncio.to_thread(_play, wanted)
    report("steps against the reference model", began, steps=Machine.steps, counter_examples=0)


def _play(wanted: int) -> None:
    rounds = settings(
        max_examples=max(1, wanted // MOVES // 10), stateful_step_count=MOVES, deadline=None, database=None,
        derandomize=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    while Machine.steps < wanted:
        print(f"steps: {Machine.steps} of {wanted}", file=sys.stderr, flush=True)
        run_state_machine_as_test(Machine, settings=rounds)


PROOFS: dict[str, Callable[[Path], object]] = {
    each.__name__: each for each in (crashes, pairs, kills, mutations, tampering, racing, steps)
}


def main(words: list[str]) -> None:
    if words[:1] == ["die"]:
        asyncio.run(die(Path(words[1]), BY_NAME[words[2]], int(words[3])))
        return
    for name in words or PROOFS:
        with tempfile.TemporaryDirectory(prefix="countersign-proofs-") as folder, quick_restarts():
            asyncio.run(PROOFS[name](Path(folder)))  # type: ignore[arg-type]  # each is a coroutine function


if __name__ == "__main__":
    main(sys.argv[1:])
