"""The process dies at every boundary of a run, one after the other, and the next one goes on: one effect, one outcome, no gap in the log.

A boundary is a commit of the store or a call that changes the cluster; the process dies just before it or just after it. Here "dies" is an
exception that nothing catches, which leaves exactly what was committed; `test_sigkill.py` does it with real processes.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.store import Store, Transaction
from integrations.memory.cluster import MemoryCluster
from skills.core.proposal import Status
from tests.support.deaths import quick_restarts
from tests.support.worlds import Office, open_office


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_restarts():
        yield


class Killed(BaseException):
    """The process is gone."""


class Boundaries:
    """Counts boundaries, and dies at the one it was told to."""

    def __init__(self, die_at: int = -1) -> None:
        self.die_at = die_at
        self.passed: list[str] = []

    def cross(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) - 1 == self.die_at:
            raise Killed(name)

    def armed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        begin: Callable[[Store], Any] = Store.begin
        apply = MemoryCluster.apply

        @asynccontextmanager
        async def counted_begin(store: Store) -> AsyncIterator[Transaction]:
            async with begin(store) as tx:
                yield tx
                self.cross("before commit")
            self.cross("after commit")

        async def counted_apply(cluster: MemoryCluster, *args: Any, **kwargs: Any) -> None:
            self.cross("before the call")
            await apply(cluster, *args, **kwargs)
            self.cross("after the call")

        monkeypatch.setattr(Store, "begin", counted_begin)
        monkeypatch.setattr(MemoryCluster, "apply", counted_apply)


async def propose(folder: Path, release: str) -> None:
    async with open_office(folder) as office:
        await office.say("dev", f"deploy checkout {release} to production")
        await office.say("sre", "approve 1")


async def boundaries_of(folder: Path, release: str) -> list[str]:
    await propose(folder, release)
    boundaries = Boundaries()
    with pytest.MonkeyPatch.context() as patch:
        async with open_office(folder) as office:
            boundaries.armed(patch)
            await office.run(1)
    return boundaries.passed


async def die_at(folder: Path, boundary: int) -> bool:
    """Run until this boundary and die there; tells whether it was reached."""
    with pytest.MonkeyPatch.context() as patch:
        async with open_office(folder) as office:
            Boundaries(boundary).armed(patch)
            try:
                await office.run(1)
            except Killed:
                return True
    return False


async def invariants(office: Office, *, effects: int, status: Status) -> None:
    done = await office.proposal(1)
    assert done.status is status
    assert len(office.cluster.effects) == effects
    assert (await office.world.store.audit.verify()).ok
    verbs = await office.verbs(1)
    assert verbs.count("run:started") == 1
    assert [verb for verb in verbs if verb.startswith("run:")][1:] == [f"run:{status.value}"]
    assert verbs.count("effect:intended") == effects
    await checked_once(office)


async def checked_once(office: Office) -> None:
    """However the process died, the service is looked at when it is due, and what was found is written down once."""
    office.time.pass_by(minutes=1)
    await office.check_up(executor="heir")
    assert await office.check_up(executor="another heir") == 0
    checkup = (await office.proposal(1)).checkup
    assert checkup is not None
    assert checkup.health is not None
    verbs = await office.verbs(1)
    assert [verb for verb in verbs if verb.startswith("health:")] == [verbs[-1]] == ["health:healthy"]
    assert (await office.world.store.audit.verify()).ok


@pytest.mark.parametrize(
    ("release", "effects", "status"),
    [("v42", 1, Status.SUCCEEDED), ("v43", 2, Status.FAILED)],
    ids=["good", "crashing"],
)
async def test_a_crash_at_any_boundary_of_a_run_loses_and_doubles_nothing(
    tmp_path: Path, release: str, effects: int, status: Status
) -> None:
    passed = await boundaries_of(tmp_path / "counted", release)
    assert passed.count("before the call") == effects
    for boundary in range(len(passed)):
        folder = tmp_path / f"at-{boundary}"
        await propose(folder, release)
        assert await die_at(folder, boundary), f"boundary {boundary} ({passed[boundary]}) was not reached"
        async with open_office(folder) as office:
            await office.run(1, office.runner(executor="heir"))
            await invariants(office, effects=effects, status=status)


async def test_a_crash_at_any_boundary_of_a_look_afterwards_loses_and_doubles_nothing(tmp_path: Path) -> None:
    for boundary in range(2):
        folder = tmp_path / f"at-{boundary}"
        await propose(folder, "v42")
        async with open_office(folder) as office:
            await office.run(1)
        with pytest.MonkeyPatch.context() as patch:
            async with open_office(folder) as office:
                office.time.pass_by(minutes=1)
                boundaries = Boundaries(boundary)
                boundaries.armed(patch)
                with pytest.raises(Killed):
                    await office.check_up()
                assert boundaries.passed == ["before commit", "after commit"][: boundary + 1]
        async with open_office(folder) as office:
            await invariants(office, effects=1, status=Status.SUCCEEDED)
