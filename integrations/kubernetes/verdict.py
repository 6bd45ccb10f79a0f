"""Is a rollout under way, done or lost? Judged from the objects alone, and from how long something has been so."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from integrations.kubernetes.api import Object
from integrations.kubernetes.causes import Symptom, symptoms
from integrations.kubernetes.reading import (
    HASH_LABEL,
    creation_refused,
    current_replica_set,
    is_noticed,
    is_paused,
    is_settled,
    is_stuck,
    owned,
    wanted_replicas,
)
from skills.core.ports.workloads import Rollout


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long each kind of hope lasts.

    `contact`: without a word from the server. `denied`: while it refuses us (a server that starts up refuses everybody for a
    moment). `symptom`: while a container keeps failing, or pods cannot be created. `stale`: for a verdict of the server that may
    still be about what was wanted before. `overall`: for the whole rollout, because a Deployment may have no deadline of its own.
    """

    contact: timedelta = timedelta(minutes=10)
    denied: timedelta = timedelta(seconds=30)
    symptom: timedelta = timedelta(seconds=10)
    stale: timedelta = timedelta(seconds=2)
    overall: timedelta = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The objects that a rollout is made of, as last seen."""

    deployment: Object
    replica_sets: Sequence[Object]
    pods: Sequence[Object]


class Endurance:
    """Remembers since when something has been so, by a clock that nobody sets."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since: dict[Hashable, float] = {}
        self._seen: set[Hashable] = set()

    def lasted(self, key: Hashable, limit: timedelta) -> bool:
        """Has `key` been reported in every round for at least `limit`?"""
        self._seen.add(key)
        return self._now() - self._since.setdefault(key, self._now()) >= limit.total_seconds()

    def next_round(self) -> None:
        """Forget what was not reported since the last call."""
        self._since = {key: since for key, since in self._since.items() if key in self._seen}
        self._seen.clear()


def judge(scene: Scene, patience: Patience, endurance: Endurance) -> tuple[Rollout, Symptom | None]:
    """The rollout as it stands, and the symptom that decided it, if one did. Call once a round: it moves `endurance` on."""
    ailing = sorted(ailments(scene), key=lambda s: (not s.certain, not s.fatal, s.pod, s.container))
    lost, culprit = _lost(scene, ailing, patience, endurance)
    endurance.next_round()
    if is_settled(scene.deployment):
        return _rollout(scene, _finished(scene), done=True), None
    if lost:
        return _rollout(scene, lost, done=False), culprit
    return _rollout(scene, _under_way(scene, ailing), done=None), None


def ailments(scene: Scene) -> Iterator[Symptom]:
    """What is wrong with the pods that run the present template. Those of an earlier one are not this rollout's fault."""
    current = current_replica_set(scene.deployment, scene.replica_sets)
    if current is None:
        return
    mark = (current["metadata"].get("labels") or {}).get(HASH_LABEL)
    for pod in scene.pods:
        if (pod["metadata"].get("labels") or {}).get(HASH_LABEL) == mark:
            yield from symptoms(pod)


def _lost(
    scene: Scene, ailing: Sequence[Symptom], patience: Patience, endurance: Endurance
) -> tuple[str, Symptom | None]:
    """Why it cannot succeed, or "". Every hope is looked at in every round, so that each one's time runs on."""
    deployment = scene.deployment
    failing = [s for s in ailing if s.fatal and (endurance.lasted(s.key, patience.symptom) or s.certain)]
    refused = creation_refused(deployment)
    blocked = bool(refused) and endurance.lasted(("refused", *_counts(deployment)), patience.symptom)
    stuck = is_stuck(deployment) and endurance.lasted("stuck", patience.stale)
    paused = _is_paused_for_good(scene) and endurance.lasted("paused", patience.stale)
    too_long = endurance.lasted("under way", patience.overall)
    if failing:
        return failing[0].text, failing[0]
    if blocked:
        return refused, None
    if paused:
        return "The rollout is paused; nothing more happens until somebody resumes it.", None
    if stuck:
        culprit = ailing[0] if ailing else None
        return refused or (culprit.text if culprit else _no_progress(deployment)), culprit
    if too_long:
        minutes = round(patience.overall.total_seconds() / 60)
        why = refused or (ailing[0].text if ailing else "")
        return f"It is not done after {minutes} minutes, so I stop waiting. {why}".strip(), ailing[
            0
        ] if ailing else None
    return "", None


def _no_progress(deployment: Object) -> str:
    seconds = deployment["spec"].get("progressDeadlineSeconds")
    within = f"{seconds} seconds" if seconds else "its deadline"
    status = deployment.get("status", {})
    running = status.get("updatedReplicas", 0)
    return f"No progress within {within}: {_of(running, deployment)} updated, but they do not become available."


def _is_paused_for_good(scene: Scene) -> bool:
    """A paused Deployment still scales the ReplicaSet that it has, but makes no new one and moves nothing between two."""
    if not is_paused(scene.deployment):
        return False
    current = current_replica_set(scene.deployment, scene.replica_sets)
    others = [item for item in owned(scene.deployment, scene.replica_sets) if item is not current]
    return current is None or any(item["spec"].get("replicas", 0) for item in others)


def _counts(deployment: Object) -> tuple[int, int]:
    status = deployment.get("status", {})
    return status.get("updatedReplicas", 0), status.get("availableReplicas", 0)


def _rollout(scene: Scene, text: str, *, done: bool | None) -> Rollout:
    deployment = scene.deployment
    wanted = wanted_replicas(deployment)
    if done:
        return Rollout(text=text, wanted=wanted, updated=wanted, ready=wanted, done=True)
    updated = deployment.get("status", {}).get("updatedReplicas", 0) if is_noticed(deployment) else 0
    current = current_replica_set(deployment, scene.replica_sets)
    ready = (current or {}).get("status", {}).get("readyReplicas", 0) if is_noticed(deployment) else 0
    return Rollout(text=text, wanted=wanted, updated=updated, ready=min(ready, wanted), done=done)


def _finished(scene: Scene) -> str:
    wanted = wanted_replicas(scene.deployment)
    if wanted == 0:
        return "No replicas are wanted, and none are left."
    return (
        "The replica is up to date and available."
        if wanted == 1
        else f"All {wanted} replicas are up to date and available."
    )


def _under_way(scene: Scene, ailing: Sequence[Symptom]) -> str:
    deployment = scene.deployment
    if not is_noticed(deployment):
        return "Waiting for the cluster to take notice."
    status = deployment.get("status", {})
    updated = status.get("updatedReplicas", 0)
    leaving = max(status.get("replicas", 0) - updated, 0)
    text = f"{_of(updated, deployment)} updated"
    text += f", {leaving} old one{'s' if leaving != 1 else ''} to go." if leaving else "."
    note = creation_refused(deployment) or (ailing[0].text if ailing else "")
    return f"{text} {note}".strip()


def _of(count: int, deployment: Object) -> str:
    wanted = wanted_replicas(deployment)
    return f"{count} of {wanted} replica{'s' if wanted != 1 else ''}"
