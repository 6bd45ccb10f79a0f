"""The state file of the embedded world: shared by processes, whole after any crash, and plain about damage."""

import asyncio
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from skills.core.errors import Conflict, Unavailable
from skills.core.ports.workloads import ImageEdit, Place, ReplicasEdit

ROOT = Path(__file__).parents[3]
SIMULATION = Simulation.load(ROOT / "config" / "simulation.yaml")
CHECKOUT = Place(environment="production", namespace="production", name="checkout")
SCALER = """
import asyncio, sys
from pathlib import Path
from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from skills.core.errors import Conflict
from skills.core.ports.workloads import Place, ReplicasEdit

async def main(path, simulation, times):
    cluster = MemoryCluster.open(Path(path), simulation=Simulation.load(Path(simulation)))
    place = Place(environment="production", namespace="production", name="checkout")
    done = 0
    while done < times:
        seen = await cluster.get(place)
        try:
            await cluster.apply(place, ReplicasEdit(before=seen.replicas, after=seen.replicas + 1), uid=seen.uid)
        except Conflict:
            continue
        done += 1
        print(done, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def opened(path, **more):
    return MemoryCluster.open(path, simulation=SIMULATION, **more)


def scaler(path, times):
    arguments = [sys.executable, "-c", SCALER, str(path), str(ROOT / "config" / "simulation.yaml"), str(times)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "world.json"


async def test_what_one_process_did_another_sees(path):
    first, second = opened(path), opened(path)
    seen = await first.get(CHECKOUT)
    await first.apply(CHECKOUT, ReplicasEdit(before=3, after=5), uid=seen.uid)
    assert (await second.get(CHECKOUT)).replicas == 5
    with pytest.raises(Conflict):
        await second.apply(CHECKOUT, ReplicasEdit(before=3, after=6), uid=seen.uid)
    assert [effect.edit for effect in second.effects] == [{"op": "replicas", "before": 3, "after": 5}]
    assert (await opened(path).get(CHECKOUT)).uid == seen.uid


async def test_a_rollout_goes_on_while_nobody_looks(path):
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    first = opened(path, clock=lambda: now)
    edit = ImageEdit(container="app", before="registry.example/checkout:v41", after="registry.example/checkout:v42")
    await first.apply(CHECKOUT, edit, uid=(await first.get(CHECKOUT)).uid)
    later = opened(path, clock=lambda: now + timedelta(seconds=1.3))
    assert (await later.get(CHECKOUT)).updated == 2
    much_later = opened(path, clock=lambda: now + timedelta(seconds=60))
    assert (await much_later.get(CHECKOUT)).settled


async def test_a_watcher_notices_what_another_process_asked_for(path):
    now = [datetime(2026, 11, 23, 12, 0, tzinfo=UTC)]
    other = opened(path, clock=lambda: now[0])
    uid = (await other.get(CHECKOUT)).uid

    async def sleep(seconds):
        now[0] += timedelta(seconds=seconds)
        if (await other.get(CHECKOUT)).replicas == 4:
            await other.apply(CHECKOUT, ReplicasEdit(before=4, after=5), uid=uid)

    watcher = opened(path, clock=lambda: now[0], sleep=sleep)
    await watcher.apply(CHECKOUT, ReplicasEdit(before=3, after=4), uid=uid)
    assert [seen.wanted async for seen in watcher.follow(CHECKOUT, uid=uid)][-1] == 5


async def test_the_file_is_for_its_owner_only_and_nothing_is_made_before_first_use(path):
    cluster = opened(path)
    assert not path.parent.exists()
    await cluster.list("production")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_concurrent_edits_in_one_process_leave_one_winner(path):
    cluster = opened(path)
    uid = (await cluster.get(CHECKOUT)).uid
    edits = [cluster.apply(CHECKOUT, ReplicasEdit(before=3, after=4 + n), uid=uid) for n in range(8)]
    outcomes = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 7
    assert len(cluster.effects) == 1


async def test_edits_of_many_processes_are_lost_nowhere_and_doubled_nowhere(path):
    writers = [scaler(path, 20) for _ in range(3)]
    assert [writer.communicate()[1] or writer.returncode for writer in writers] == [0, 0, 0]
    cluster = opened(path)
    assert (await cluster.get(CHECKOUT)).replicas == 3 + 60
    assert [effect.edit["after"] for effect in cluster.effects] == list(range(4, 64))


async def test_a_killed_writer_leaves_a_whole_file_and_no_lock(path):
    for _ in range(4):
        writer = scaler(path, 10_000)
        with writer:
            for _ in range(5):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
    cluster = opened(path)
    seen = await cluster.get(CHECKOUT)
    assert seen.replicas == 3 + len(cluster.effects)
    assert len(cluster.effects) >= 20
    await cluster.apply(CHECKOUT, ReplicasEdit(before=seen.replicas, after=1), uid=seen.uid)
    assert sorted(file.name for file in path.parent.iterdir()) == ["world.json", "world.json.lock"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 999}', '{"format": 1, "surprise": 1}', "\x00" * 100])
async def test_a_damaged_file_is_named_and_left_alone(path, content):
    path.parent.mkdir()
    path.write_text(content)
    cluster = opened(path)
    with pytest.raises(Unavailable) as unavailable:
        await cluster.get(CHECKOUT)
    assert str(unavailable.value) == (
        f"The state of the simulated cluster in {path} is damaged or of another version. "
        "Delete that file to start the embedded world afresh."
    )
    with pytest.raises(Unavailable):
        await cluster.apply(CHECKOUT, ReplicasEdit(before=3, after=4), uid="x")
    assert path.read_text() == content


async def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "data").write_text("a file where the directory should be")
    with pytest.raises(Unavailable, match="cannot be used: "):
        await opened(tmp_path / "data" / "world.json").get(CHECKOUT)


async def test_deleting_the_file_starts_the_world_afresh(path):
    cluster = opened(path)
    uid = (await cluster.get(CHECKOUT)).uid
    await cluster.apply(CHECKOUT, ReplicasEdit(before=3, after=5), uid=uid)
    path.unlink()
    seen = await cluster.get(CHECKOUT)
    assert (seen.replicas, cluster.effects) == (3, ())
    assert seen.uid != uid
