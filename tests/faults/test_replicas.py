"""Several processes on one PostgreSQL whose clocks disagree, whose connections are cut, one of which is slow, asleep or dead."""

import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from skills.core.errors import Unavailable, Unclear
from skills.core.names import ProposalId
from skills.core.proposal import Status
from tests.faults.test_takeover import Shared
from tests.support.boundaries import Boundaries
from tests.support.databases import PostgreSQL
from tests.support.worlds import Office, SlowTime, open_office

MINUTES_APART = 10


class Replicas:
    """Offices on one database and one cluster, each with its own clock."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self.url = url

    @asynccontextmanager
    async def one(self, minutes: float = 0) -> AsyncIterator[Office]:
        """Another process, whose clock is so many minutes ahead."""
        clock = SlowTime()
        clock.pass_by(minutes=minutes)
        async with open_office(self._folder, environ={"COUNTERSIGN_DATABASE_URL": self.url}, time=clock) as office:
            yield office

    def cut(self) -> None:
        """What everybody sees of a server that restarts: every connection is gone, whatever was under way on it."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(f"SELECT pg_terminate_backend(pid) {others}")


@pytest.fixture
def replicas(tmp_path: Path, postgresql: PostgreSQL) -> Replicas:
    return Replicas(tmp_path, postgresql.fresh())


async def test_clocks_ten_minutes_apart_run_an_approval_once_and_keep_the_log_whole(replicas: Replicas) -> None:
    async with replicas.one() as behind, replicas.one(MINUTES_APART) as ahead:
        await behind.say("dev", "deploy checkout v42 to production", key="delivered to both")
        await ahead.say("dev", "deploy checkout v42 to production", key="delivered to both")
        await behind.say("sre", "approve 1")
        slow, quick = behind.runner(executor="behind"), ahead.runner(executor="ahead")
        for _ in range(40):
            more = [await runner.advance(ProposalId(1)) for runner in (slow, quick)]
            if not any(more):
                break
        done = await behind.proposal(1)
        verbs = await behind.verbs(1)
        assert done.status in (Status.SUCCEEDED, Status.EXPIRED)
        assert len(behind.cluster.effects) == verbs.count("effect:intended") == verbs.count("run:started")
        assert len(await ahead.world.store.proposals()) == 1
        assert (await ahead.world.store.audit.verify()).ok


async def test_clocks_ten_minutes_apart_agree_on_who_is_alive(replicas: Replicas) -> None:
    async with replicas.one() as behind, replicas.one(MINUTES_APART) as ahead:
        for office, name in ((behind, "behind"), (ahead, "ahead")):
            await office.world.database.leases.beat(name, timedelta(seconds=8))
        for office in (behind, ahead):
            assert await office.world.database.leases.live() == {"behind", "ahead"}
        await ahead.world.database.leases.beat("ahead", timedelta(seconds=-1))
        assert await behind.world.database.leases.live() == {"behind"}


async def test_a_zombie_that_wakes_up_at_any_moment_of_a_run_can_do_nothing(replicas: Replicas) -> None:
    async with replicas.one() as first, replicas.one() as second:
        for number in range(1, 8):
            await first.say("dev", f"restart {('checkout', 'web')[number % 2]} in production")
            await first.say("sre", f"approve {number}")
            zombie, heir = first.runner(executor=f"zombie-{number}"), second.runner(executor=f"heir-{number}")
            for _ in range(number):
                await zombie.advance(ProposalId(number))
            done = await second.run(number, heir)
            before = (len(first.cluster.effects), await first.world.store.audit.head())
            while await zombie.advance(ProposalId(number)):
                pass
            assert (len(first.cluster.effects), await first.world.store.audit.head()) == before
            assert (done.status, len(first.cluster.effects)) == (Status.SUCCEEDED, number)


async def test_a_database_that_restarts_at_any_commit_of_a_run_loses_and_doubles_nothing(replicas: Replicas) -> None:
    cut_at, crossed = 0, 0

    def crossing(number: int, name: str) -> None:
        nonlocal crossed
        crossed = number
        if number == cut_at and name == "before commit":
            replicas.cut()

    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(replicas.one())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        boundaries = Boundaries(crossing)
        boundaries.watch(patch)
        for number in range(1, 40):
            cut_at = -1
            await office.say("dev", f"restart {('checkout', 'web')[number % 2]} in production")
            await office.say("sre", f"approve {number}")
            boundaries.crossed.clear()
            crossed, cut_at = 0, 2 * number - 2
            await _patiently(office, number)
            assert len(office.cluster.effects) == number
            verbs = await office.verbs(number)
            assert verbs.count("run:started") == verbs.count("run:succeeded") == verbs.count("effect:intended") == 1
            if cut_at > crossed:
                break
        assert number > 8
        assert (await office.world.store.audit.verify()).ok


async def test_a_slow_database_slows_a_run_and_nothing_else(replicas: Replicas) -> None:
    def crossing(_number: int, name: str) -> None:
        if name == "before commit":
            time.sleep(0.1)

    async with replicas.one() as office:
        await office.say("dev", "deploy checkout v42 to production")
        with pytest.MonkeyPatch.context() as patch:
            Boundaries(crossing).watch(patch)
            await office.say("sre", "approve 1")
            assert (await office.run(1)).status is Status.SUCCEEDED
        assert len(office.cluster.effects) == 1


async def _patiently(office: Office, number: int) -> None:
    """As the engine does: what the store could not do is tried again."""
    runner = office.runner(executor=f"runner-{number}")
    for _ in range(60):
        try:
            if not await runner.advance(ProposalId(number)):
                return
        except (Unavailable, Unclear):
            await runner.pause()
    raise AssertionError(f"#{number} never ends: {await office.verbs(number)}")


@pytest.fixture
def shared(replicas: Replicas, tmp_path: Path, bytecode: Path) -> Shared:
    shared = Shared(tmp_path / "data", replicas.url, bytecode=bytecode)
    assert shared("ask", "--as", "dev", "deploy web v42 to production").code == 0
    assert shared("ask", "--as", "sre", "--no-wait", "approve 1").code == 0
    return shared


def test_of_three_replicas_the_one_that_runs_is_paused_another_goes_on_and_nothing_is_left_to_do_on_waking(
    shared: Shared,
) -> None:
    """What `--no-wait` left behind is one replica; any of the three may be the one that runs."""
    with shared.running("worker", "--until-idle") as two, shared.running("worker", "--until-idle") as three:
        shared.wait_for("effect:applied")
        victim = shared.runs()
        os.kill(victim, signal.SIGSTOP)
        for other in (two, three):
            if other.pid != victim:
                other.communicate(timeout=90)
        shared.wait_for("run:succeeded")
        before = shared.verbs()
        os.kill(victim, signal.SIGCONT)
        for zombie in (two, three):
            zombie.communicate(timeout=60)
        shared.wait_until_gone(victim)
        verbs = shared.verbs()
    assert [verb for verb in verbs if not verb.startswith("health:")] == [
        verb for verb in before if not verb.startswith("health:")
    ]
    assert verbs.count("run:started") == verbs.count("effect:intended") == verbs.count("effect:applied") == 1
    assert verbs.count("run:succeeded") == shared.effects() == 1
    assert shared("audit", "verify").code == 0
