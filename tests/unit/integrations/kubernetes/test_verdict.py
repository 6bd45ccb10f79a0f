import copy
from typing import Any

import pytest

from integrations.kubernetes.causes import meaning, symptoms
from integrations.kubernetes.rollout import presentable
from integrations.kubernetes.verdict import Endurance, Patience, Scene, judge
from skills.core.ports.workloads import Rollout
from tests.support.kubernetes_objects import deployment, pod, replica_set, waiting

CRASH = {"exitCode": 1, "reason": "Error"}


class Watcher:
    """Judges one scene after another by a clock of its own."""

    def __init__(self) -> None:
        self._now = 0.0
        self._endurance = Endurance(lambda: self._now)

    def sees(self, scene: Scene, *, after: float = 0.0) -> Rollout:
        self._now += after
        return judge(scene, Patience(), self._endurance)[0]


def under_way(*pods: dict[str, Any], conditions: list[dict[str, Any]] | None = None, **parts: Any) -> Scene:
    """One of two replicas is updated, none of the new ones is available."""
    status = {
        "observedGeneration": 1, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2, "conditions": conditions or [],
    }  # fmt: skip
    item = deployment(status=status, **parts)
    old = replica_set(item, mark="old", image="registry.example/checkout:v0")
    return Scene(deployment=item, replica_sets=[old, replica_set(item, number=2)], pods=list(pods))


def condition(kind: str, status: str, reason: str, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def test_a_rollout_is_told_in_replicas() -> None:
    seen = Watcher().sees(under_way())

    assert (seen.text, seen.done) == ("1 of 2 replicas updated, 2 old ones to go.", None)
    assert (seen.wanted, seen.updated, seen.ready) == (2, 1, 0)


def test_a_status_about_an_earlier_spec_says_nothing() -> None:
    item = deployment(generation=2)
    item["status"]["observedGeneration"] = 1
    item["status"]["conditions"] = [condition("Progressing", "False", "ProgressDeadlineExceeded")]
    watcher = Watcher()

    first = watcher.sees(Scene(deployment=item, replica_sets=[], pods=[]))
    later = watcher.sees(Scene(deployment=item, replica_sets=[], pods=[]), after=60)

    assert (first.done, first.updated, first.text) == (None, 0, "Waiting for the cluster to take notice.")
    assert later.done is None


def test_a_crash_loop_is_lost_after_two_restarts() -> None:
    seen = Watcher().sees(under_way(pod(waiting("CrashLoopBackOff", restarts=2, ended=CRASH))))

    assert seen.done is False
    assert seen.text == "Container app crashes (exit code 1: an error of its own, restarted 2 times)."


def test_a_crash_loop_with_few_restarts_is_lost_once_it_lasts() -> None:
    watcher, scene = Watcher(), under_way(pod(waiting("CrashLoopBackOff", restarts=1, ended=CRASH)))

    assert watcher.sees(scene).done is None
    assert watcher.sees(scene, after=9).done is None
    assert watcher.sees(scene, after=1).done is False


def test_a_container_that_recovers_is_forgiven() -> None:
    watcher, ailing = Watcher(), under_way(pod(waiting("ErrImagePull", "timeout")))
    watcher.sees(ailing)
    watcher.sees(under_way(pod({"state": {"running": {}}})), after=6)

    assert watcher.sees(ailing, after=6).done is None


def test_a_crash_of_an_earlier_template_is_not_this_rollouts_fault() -> None:
    seen = Watcher().sees(under_way(pod(waiting("CrashLoopBackOff", restarts=9, ended=CRASH), mark="old")))

    assert (seen.done, seen.text) == (None, "1 of 2 replicas updated, 2 old ones to go.")


def test_a_pod_on_its_way_out_is_left_aside() -> None:
    gone = pod(waiting("ImagePullBackOff"), metadata={"deletionTimestamp": "2026-11-23T09:00:00Z"})

    assert Watcher().sees(under_way(gone)).done is None


def test_an_init_container_that_fails_counts() -> None:
    failing = {"initContainerStatuses": [{"name": "migrate", **waiting("CrashLoopBackOff", restarts=3, ended=CRASH)}]}

    seen = Watcher().sees(under_way(pod(status=failing)))

    assert seen.text == "Init container migrate crashes (exit code 1: an error of its own, restarted 3 times)."


def test_an_init_container_that_is_done_does_not() -> None:
    finished = {"initContainerStatuses": [{"name": "migrate", "state": {"terminated": {"exitCode": 0}}}]}

    assert list(symptoms(pod(status=finished))) == []


def test_pods_that_cannot_be_created_end_it_once_that_lasts() -> None:
    refused = condition("ReplicaFailure", "True", "FailedCreate", 'pods "x" is forbidden: exceeded quota: team')
    watcher, scene = Watcher(), under_way(conditions=[refused])

    first, last = watcher.sees(scene), watcher.sees(scene, after=10)

    why = 'Pods cannot be created: pods "x" is forbidden: exceeded quota: team.'
    assert (first.done, first.text) == (None, f"1 of 2 replicas updated, 2 old ones to go. {why}")
    assert (last.done, last.text) == (False, why)


def test_a_quota_that_slows_but_does_not_stop_is_waited_for() -> None:
    refused = condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota")
    watcher, scene = Watcher(), under_way(conditions=[refused])
    watcher.sees(scene)
    moved = copy.deepcopy(scene)
    moved.deployment["status"]["availableReplicas"] = 3

    assert watcher.sees(moved, after=12).done is None


def test_a_pod_without_a_node_is_told_and_lost_only_with_the_deadline() -> None:
    nowhere = {"conditions": [condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available.")]}
    late = condition("Progressing", "False", "ProgressDeadlineExceeded")
    watcher, homeless = Watcher(), pod(status=nowhere)
    watcher.sees(under_way(homeless))

    waiting_long = watcher.sees(under_way(homeless), after=100)
    watcher.sees(under_way(homeless, conditions=[late]))
    lost = watcher.sees(under_way(homeless, conditions=[late]), after=2)

    why = "No node can take pod checkout-aaa-1: 0/3 nodes are available."
    assert (waiting_long.done, waiting_long.text.endswith(why)) == (None, True)
    assert (lost.done, lost.text) == (False, why)


def test_a_deadline_without_a_visible_cause_says_so() -> None:
    watcher, scene = Watcher(), under_way(conditions=[condition("Progressing", "False", "ProgressDeadlineExceeded")])
    watcher.sees(scene)

    assert watcher.sees(scene, after=2).text == (
        "No progress within 600 seconds: 1 of 2 replicas updated, but they do not become available."
    )


def test_a_paused_rollout_is_lost() -> None:
    watcher, scene = Watcher(), under_way(paused=True)
    watcher.sees(scene)

    seen = watcher.sees(scene, after=2)

    assert (seen.done, seen.text) == (False, "The rollout is paused; nothing more happens until somebody resumes it.")


def test_a_paused_deployment_still_scales() -> None:
    status = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}
    item = deployment(paused=True, status=status)
    watcher, scene = Watcher(), Scene(deployment=item, replica_sets=[replica_set(item)], pods=[])
    watcher.sees(scene)

    assert watcher.sees(scene, after=60).done is None


def test_a_rollout_without_a_deadline_of_its_own_ends_all_the_same() -> None:
    watcher, scene = Watcher(), under_way()
    watcher.sees(scene)

    seen = watcher.sees(scene, after=3600)

    assert (seen.done, seen.text) == (False, "It is not done after 60 minutes, so I stop waiting.")


@pytest.mark.parametrize(
    ("replicas", "text"),
    [
        (0, "No replicas are wanted, and none are left."),
        (1, "The replica is up to date and available."),
        (4, "All 4 replicas are up to date and available."),
    ],
)
def test_the_end_is_told(replicas: int, text: str) -> None:
    seen = Watcher().sees(Scene(deployment=deployment(replicas=replicas), replica_sets=[], pods=[]))

    assert (seen.done, seen.text, seen.ready) == (True, text, replicas)


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        ({"exitCode": 137, "reason": "OOMKilled"}, "exit code 137: it used more memory than its limit allows"),
        ({"exitCode": 137, "reason": "Error"}, "exit code 137: it was killed (SIGKILL), often for lack of memory"),
        ({"exitCode": 139}, "exit code 139: a segmentation fault"),
        ({"exitCode": 127}, "exit code 127: its command does not exist in the image"),
        ({"exitCode": 126}, "exit code 126: its command cannot be executed"),
        ({"exitCode": 143}, "exit code 143: it was told to stop (SIGTERM)"),
        ({"exitCode": 0}, "exit code 0: it ends instead of staying up"),
        ({"exitCode": 77}, "exit code 77: an error of its own"),
        ({}, "it does not stay up"),
    ],
)
def test_exit_codes_are_explained(ended: dict[str, Any], text: str) -> None:
    assert meaning(ended) == text


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (
            waiting("ImagePullBackOff", "failed to pull: not found"),
            "The image registry.example/checkout:v1 does not exist (container app).",
        ),
        (
            waiting("ErrImagePull", "401 Unauthorized"),
            "The registry does not let the cluster pull registry.example/checkout:v1 (container app).",
        ),
        (waiting("InvalidImageName"), "“registry.example/checkout:v1” is not a valid image name (container app)."),
        (
            waiting("ErrImagePull", "dial tcp: i/o timeout"),
            "The image registry.example/checkout:v1 cannot be pulled (container app): dial tcp: i/o timeout.",
        ),
        (
            waiting("CreateContainerConfigError", 'secret "shop-db" not found'),
            'Container app of pod checkout-aaa-1 has a configuration that cannot be met: secret "shop-db" not found.',
        ),
        (
            waiting("RunContainerError", "exec: no such file"),
            "Container app of pod checkout-aaa-1 cannot be started: exec: no such file.",
        ),
    ],
)
def test_waiting_containers_are_explained(state: dict[str, Any], text: str) -> None:
    assert [symptom.text for symptom in symptoms(pod(state))] == [text]


def test_a_container_that_is_being_created_is_well() -> None:
    assert list(symptoms(pod(waiting("ContainerCreating"), waiting("PodInitializing")))) == []


def test_a_log_is_fit_to_show() -> None:
    log = "first\n\x1b[31mred\x1b[0m\nDB_PASSWORD=hunter2\n\n\x00bell\x07\n" + "y" * 400

    lines = presentable(log)

    assert lines == ("first", "red", "DB_PASSWORD=(redacted)", " bell", "y" * 300 + "…")


def test_only_the_last_twenty_lines_are_kept() -> None:
    assert presentable("\n".join(str(i) for i in range(50))) == tuple(str(i) for i in range(30, 50))
