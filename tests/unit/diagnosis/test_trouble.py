"""Of all that can be said about a container, one thing explains the rest."""

import pytest

from skills.diagnosis.trouble import Trouble, is_starting, unwell
from tests.support.manifests import (
    DAY,
    HOUR,
    MINUTE,
    Manifest,
    container,
    crashing,
    ended,
    event,
    pod,
    running,
    terminated,
    waiting,
)  # fmt: skip
from tests.support.scenes import scene

_PROBED = container(livenessProbe={"httpGet": {"port": 8080}}, readinessProbe={"httpGet": {"port": 8080}})


def _troubles(*objects: Manifest) -> list[Trouble]:
    return [each.trouble for each in unwell(scene(*objects), *Trouble)]


_STATES = {
    "an image that does not come": (waiting("ImagePullBackOff"), Trouble.IMAGE),
    "an image that does not come after a crash": (waiting("ErrImagePull", restarts=3, last=ended(1)), Trouble.IMAGE),
    "a configuration that is not there": (waiting("CreateContainerConfigError"), Trouble.CONFIGURATION),
    "a process that cannot be started": (waiting("RunContainerError"), Trouble.START),
    "a start error that was recorded": (crashing(128, "StartError"), Trouble.START),
    "code 128 with the runtime's word": (crashing(128, message="exec: not found"), Trouble.START),
    "code 128 without a word": (crashing(128), Trouble.CRASH),
    "a limit too low to start": (waiting("RunContainerError", "memory limit too low?"), Trouble.MEMORY),
    "a kill for memory": (crashing(137, "OOMKilled"), Trouble.MEMORY),
    "a kill without a reason, where a probe watches": (crashing(137), Trouble.KILLED_BY_PROBE),
    "an error of its own, where a probe watches": (crashing(1), Trouble.CRASH),
    "back-off without an ending": (waiting("CrashLoopBackOff"), Trouble.CRASH),
    "ended well, and nobody started it again": (terminated(0, seconds_ago=MINUTE), Trouble.CRASH),
    "up between two crashes": (running(seconds=20, restarts=3, last=ended(1)), Trouble.CRASH),
    "up after a kill for memory": (running(seconds=20, restarts=1, last=ended(137, "OOMKilled")), Trouble.MEMORY),
    "not ready for an hour": (running(ready=False), Trouble.UNREADY),
}


@pytest.mark.parametrize("case", _STATES.values(), ids=_STATES)
def test_a_container_is_in_the_trouble_that_explains_most(case: tuple[Manifest, Trouble]) -> None:
    state, trouble = case
    assert _troubles(pod("checkout-1", state, containers=[_PROBED])) == [trouble]


_FINE = {
    "ready and never restarted": running(),
    "restarted once, long ago": running(restarts=1, last=ended(1, seconds_ago=DAY)),
    "restarted often, long ago": running(restarts=80, last=ended(1, seconds_ago=HOUR)),
    "restarted once, a minute ago": running(seconds=58, restarts=1, last=ended(1, seconds_ago=60)),
    "restarted after a run of many days": running(restarts=3, last=ended(1, seconds_ago=60, lasted=9 * DAY)),
    "killed for its memory an hour ago": running(restarts=1, last=ended(137, "OOMKilled", seconds_ago=HOUR)),
    "not ready since ten seconds": running(ready=False, seconds=10),
    "being made": waiting("ContainerCreating"),
    "waiting for the init containers": waiting("PodInitializing"),
    "lost with its node, which says nothing of the program": crashing(137, "ContainerStatusUnknown"),
    "ended well for the first time, just now": terminated(0, seconds_ago=5),
    "crashed until ten minutes ago": running(seconds=10 * MINUTE, restarts=5, last=ended(1, seconds_ago=11 * MINUTE)),
}


@pytest.mark.parametrize("state", _FINE.values(), ids=_FINE)
def test_a_container_is_in_no_trouble(state: Manifest) -> None:
    assert _troubles(pod("checkout-1", state, containers=[_PROBED])) == []


def test_an_event_about_the_post_start_hook_explains_a_kill() -> None:
    killed = pod("checkout-1", crashing(137), containers=[_PROBED])
    assert _troubles(killed, event(killed, "FailedPostStartHook", "exit 1")) == [Trouble.HOOK]


def test_an_event_about_the_probe_explains_an_exit_code_of_the_programs_own() -> None:
    stopped = pod("checkout-1", crashing(1), containers=[_PROBED])
    said = event(stopped, "Killing", "Container app failed liveness probe, will be restarted", warning=False)
    assert _troubles(stopped, said) == [Trouble.KILLED_BY_PROBE]


def test_an_event_about_another_containers_probe_explains_nothing() -> None:
    stopped = pod("checkout-1", crashing(1), containers=[_PROBED])
    said = event(stopped, "Killing", "Container app2 failed liveness probe, will be restarted", warning=False)
    assert _troubles(stopped, said) == [Trouble.CRASH]


@pytest.mark.parametrize("phase", ["Succeeded", "Unknown"])
def test_pods_that_are_over_count_no_more(phase: str) -> None:
    assert _troubles(pod("checkout-1", terminated(1, restarts=2), phase=phase)) == []


def test_a_pod_that_is_being_deleted_does_not_count() -> None:
    assert _troubles(pod("checkout-1", crashing(137), deletionTimestamp="2026-11-23T11:59:00Z")) == []


def test_a_pod_that_its_node_threw_out_is_told_elsewhere() -> None:
    assert _troubles(pod("checkout-1", terminated(137), phase="Failed", status={"reason": "Evicted"})) == []


def test_each_container_of_a_pod_has_its_own_trouble() -> None:
    both = pod("checkout-1", crashing(1), waiting("ImagePullBackOff"))
    assert _troubles(both) == [Trouble.CRASH, Trouble.IMAGE]


def test_an_init_container_that_has_run_for_three_minutes_is_on_its_way() -> None:
    state = running(ready=False, seconds=3 * MINUTE)
    young = pod("checkout-1", waiting("PodInitializing"), inits=[(container("prepare"), state)])
    assert is_starting(scene(young), scene(young).all("Pod")[0])


def test_a_container_that_is_not_ready_since_an_hour_is_not_on_its_way() -> None:
    late = pod("checkout-1", running(ready=False))
    assert not is_starting(scene(late), scene(late).all("Pod")[0])
