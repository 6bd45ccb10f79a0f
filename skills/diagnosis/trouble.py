"""Which containers do not run as they should, and of all that can be said about each of them, the one thing that explains the rest.

A container killed for its memory also crashes, is also restarted, is also not ready. So that one cause is one finding, every container
has at most one `Trouble`, and each detector of containers looks at the containers of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from skills.diagnosis.objects import Container, Object, Ref, Role, moment
from skills.diagnosis.probing import fails_on, failures, kills, probes
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Evidence, evidence


def _line(said: Mapping[str, Any]) -> str:
    """Reason and message of a state."""
    return ": ".join(str(said[each]) for each in ("reason", "message") if said.get(each)) or "no reason given"


class Trouble(StrEnum):
    """Why a container does not run as it should. Of several that hold, the first in this order counts."""

    IMAGE = "its image cannot be had"
    CONFIGURATION = "what it refers to cannot be had"
    START = "its process cannot be started"
    HOOK = "its post-start hook fails"
    MEMORY = "it was killed for its memory"
    KILLED_BY_PROBE = "a liveness or startup probe has it killed"
    CRASH = "its process ends"
    STARTUP = "its startup probe fails"
    UNREADY = "it runs and is not ready"
    ENDLESS = "it is an init container and does not end"


@dataclass(frozen=True, kw_only=True)
class Unwell:
    """A container in trouble. `run` is the run that ended badly: the value of `terminated`, empty where none did."""

    container: Container
    trouble: Trouble
    root: Ref
    run: Mapping[str, Any]

    @property
    def pod(self) -> Object:
        return self.container.pod

    @property
    def subject(self) -> str:
        """How it is called in a sentence: by its workload where that says enough."""
        several = len(self.pod.spec.get("containers") or ()) > 1 or self.container.role is not Role.MAIN
        kind = {Role.MAIN: "container", Role.INIT: "init container", Role.SIDECAR: "sidecar"}[self.container.role]
        return f"{kind} {self.container.name} of {self.root.name}" if several else self.root.name

    @property
    def exit_code(self) -> int:
        return int(self.run.get("exitCode") or 0)

    @property
    def lasted(self) -> timedelta | None:
        """How long the run took that ended."""
        started, finished = moment(self.run.get("startedAt")), moment(self.run.get("finishedAt"))
        return finished - started if started and finished else None

    @property
    def said(self) -> str:
        """What was said about its start or its end. That it is backing off says neither."""
        waiting = self.container.waiting
        now = "" if waiting.get("reason") == "CrashLoopBackOff" else str(waiting.get("message") or "")
        return f"{now} {self.run.get('message') or ''}".strip()

    def observed(self) -> list[Evidence]:
        """Its state as evidence: what it waits for, how its last run ended, how often it was restarted."""
        path, found = f"status.containerStatuses[{self.container.name}]", []
        if self.container.role is not Role.MAIN:
            path = f"status.initContainerStatuses[{self.container.name}]"
        if waiting := self.container.waiting:
            found.append(evidence(self.pod.ref, f"{path}.state.waiting", _line(waiting)))
        if self.run:
            at = moment(self.run.get("finishedAt"))
            value = f"exit code {self.exit_code}, {_line(self.run)}"
            where = "state.terminated" if self.container.terminated else "lastState.terminated"
            found.append(evidence(self.pod.ref, f"{path}.{where}", value, at))
        if self.container.restarts:
            found.append(evidence(self.pod.ref, f"{path}.restartCount", self.container.restarts))
        return found


_IMAGE = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError"}
)  # fmt: skip
_START = frozenset(
    {"CreateContainerError", "RunContainerError", "StartError", "PreCreateHookError", "PreStartHookError"}
)
_BY_WAITING = {
    **dict.fromkeys(_IMAGE, Trouble.IMAGE),
    **dict.fromkeys(_START, Trouble.START),
    "CreateContainerConfigError": Trouble.CONFIGURATION,
    "PostStartHookError": Trouble.HOOK,
}
_BY_ENDING = {
    "OOMKilled": Trouble.MEMORY,
    "StartError": Trouble.START,
    "RunContainerError": Trouble.START,
    "ContainerCannotRun": Trouble.START,
    "PostStartHookError": Trouble.HOOK,
}
_SIGNALLED = (137, 143)
_OOM = re.compile(r"oom-?killed|memory limit too low", re.IGNORECASE)
_GRACE = timedelta(seconds=30)
_RECENTLY = timedelta(minutes=15)
_INIT_MAY_TAKE = timedelta(minutes=5)
_RESTART_TAKES = timedelta(seconds=15)
_STEADY = timedelta(minutes=2)
_SHORT = timedelta(minutes=10)
_TWICE = 2
_JOB_FAILED_LATELY = timedelta(hours=24)
_POD_FAILED_LATELY = timedelta(hours=1)


def unwell(scene: Scene, *troubles: Trouble) -> Iterator[Unwell]:
    """The containers in any of these troubles, of pods that are meant to run."""
    for each in scene.once(_all_unwell):
        if each.trouble in troubles:
            yield each


def alike(scene: Scene, *troubles: Trouble) -> Iterator[Sequence[Unwell]]:
    """The same, gathered: one container of a workload is in one trouble in however many pods. Those restarted most come first."""
    found: dict[tuple[Ref, str, Trouble], list[Unwell]] = defaultdict(list)
    for each in unwell(scene, *troubles):
        found[each.root, each.container.name, each.trouble].append(each)
    for group in found.values():
        yield sorted(group, key=lambda each: (-each.container.restarts, each.pod.name))


def is_starting(scene: Scene, pod: Object) -> bool:
    """Is it on its way: an init container does its work, or a container runs and has not used up the time that its probes give it?"""
    for each in scene.containers([pod]):
        if each.running and not each.ready and not each.restarts:
            took = scene.age(moment(each.running.get("startedAt")))
            return took < _INIT_MAY_TAKE if each.role is Role.INIT else _of_running(scene, each) is None
    return False


def began(scene: Scene, group: Sequence[Unwell]) -> datetime | None:
    """The first back-off that is remembered, or the start of the first run that ended."""
    back_offs = [event.first for each in group for event in scene.events(each.pod.ref, "BackOff")]
    runs = [moment(each.run.get("startedAt")) for each in group]
    return min((at for at in (*back_offs, *runs) if at), default=group[0].pod.created_at)


def _all_unwell(scene: Scene) -> Sequence[Unwell]:
    found = []
    for pod in scene.all("Pod"):
        if (_is_well(pod) and not scene.events(pod.ref, "Unhealthy")) or not _counts(scene, pod):
            continue
        for container in scene.containers([pod]):
            run = _bad_run(scene, container)
            trouble = _trouble(scene, container, run)
            if trouble is not None:
                found.append(Unwell(container=container, trouble=trouble, root=scene.workload_ref(pod), run=run))
    return tuple(found)


def _is_well(pod: Object) -> bool:
    """The quick look that most pods need: everything is ready, and nothing was ever restarted."""
    status = pod.status
    main, init = status.get("containerStatuses") or (), status.get("initContainerStatuses") or ()
    return (
        status.get("phase") == "Running"
        and len(main) == len(pod.spec.get("containers") or ())
        and all(each.get("ready") and not each.get("restartCount") for each in (*main, *init))
    )


def _counts(scene: Scene, pod: Object) -> bool:
    """Is it meant to run, or did it fail lately, and of itself?"""
    if pod.deleted_at is not None or pod.status.get("phase") in ("Succeeded", "Unknown"):
        return False
    if pod.status.get("phase") != "Failed":
        return True
    return not pod.status.get("reason") and _failure_counts(scene, pod)


def _failure_counts(scene: Scene, pod: Object) -> bool:
    """A failed pod is tried again by its Job: it counts when the Job gave up, or failed more than once and did not get through since."""
    job = scene.controller(pod)
    if job is None or job.kind != "Job":
        return pod.controller is None and scene.age(_finished(scene, pod)) < _POD_FAILED_LATELY
    if job.deleted_at is not None or _got_through(scene, job):
        return False
    failed = job.condition("Failed")
    if failed is not None and failed.true:
        return scene.age(failed.since) < _JOB_FAILED_LATELY
    return int(job.status.get("failed") or 0) > 1


def _got_through(scene: Scene, job: Object) -> bool:
    """Did this Job, or a later one of the same CronJob, come to its end well?"""
    above = scene.controller(job)
    siblings = (job, *scene.children(above, "Job")) if above is not None else (job,)
    return any(
        done.true and (job.created_at is None or (each.created_at or job.created_at) >= job.created_at)
        for each in siblings
        if (done := each.condition("Complete")) is not None
    )


def _finished(scene: Scene, pod: Object) -> datetime | None:
    times = [moment(each.ended.get("finishedAt")) for each in scene.containers([pod])]
    return max((at for at in times if at), default=pod.created_at)


def _bad_run(scene: Scene, container: Container) -> Mapping[str, Any]:
    """The run that ended and should not have, if that is still worth speaking of."""
    run = container.ended
    if not run or (int(run.get("exitCode") or 0) == 0 and not _runs_forever(container)):
        return {}
    if container.terminated:
        left_lying = scene.age(moment(run.get("finishedAt"))) > _RESTART_TAKES
        return run if int(run.get("exitCode") or 0) != 0 or container.restarts or left_lying else {}
    if container.running:
        return run if _restarts_lately(scene, container, run) else {}
    return run


def _runs_forever(container: Container) -> bool:
    policy = container.pod.spec.get("restartPolicy") or "Always"
    return container.role is Role.SIDECAR or (container.role is Role.MAIN and policy == "Always")


def _restarts_lately(scene: Scene, container: Container, run: Mapping[str, Any]) -> bool:
    """It runs now. One restart is an accident; a kill for memory, or short runs one after the other, are not over.

    It has recovered where it is ready for two minutes and for three times as long as it lasted before.
    """
    started, finished = moment(run.get("startedAt")), moment(run.get("finishedAt"))
    if container.role is Role.INIT or finished is None or scene.age(finished) > _RECENTLY:
        return False
    lasted = finished - started if started is not None else timedelta(0)
    up = scene.age(moment(container.running.get("startedAt")))
    if container.ready and up > max(_STEADY, 3 * lasted):
        return False
    if run.get("reason") == "OOMKilled" or fails_on(scene, container, "liveness"):
        return True
    killed = sum(event.count for event in kills(scene, container)) >= _TWICE
    return container.restarts >= _TWICE and (lasted < _SHORT or killed or not container.ready)


def _trouble(scene: Scene, container: Container, run: Mapping[str, Any]) -> Trouble | None:
    reason = str(container.waiting.get("reason") or "")
    if reason in _BY_WAITING:
        return _memory_or(_BY_WAITING[reason], container.waiting)
    if run:
        return _of_run(scene, container, run)
    if reason == "CrashLoopBackOff":
        return Trouble.CRASH
    if container.running:
        return _of_running(scene, container)
    return None


def _of_run(scene: Scene, container: Container, run: Mapping[str, Any]) -> Trouble | None:
    """Why a run ended."""
    reason, code = str(run.get("reason") or ""), int(run.get("exitCode") or 0)
    if reason == "ContainerStatusUnknown":
        return None
    if reason in _BY_ENDING or (code == 128 and run.get("message")):
        return _memory_or(_BY_ENDING.get(reason, Trouble.START), run)
    if scene.events(container.pod.ref, "FailedPostStartHook"):
        return Trouble.HOOK
    watched = {"liveness", "startup"} & set(probes(container))
    if watched and (kills(scene, container) or (code in _SIGNALLED and container.pod.status.get("phase") != "Failed")):
        return Trouble.KILLED_BY_PROBE
    return Trouble.CRASH


def _memory_or(trouble: Trouble, said: Mapping[str, Any]) -> Trouble:
    """A limit that is too low even to start the process shows as an error at its start."""
    return Trouble.MEMORY if _OOM.search(str(said.get("message") or "")) else trouble


def _of_running(scene: Scene, container: Container) -> Trouble | None:
    """Nothing ended, but it is not what it should be, and had the time to be."""
    running_for = scene.age(moment(container.running.get("startedAt")))
    if container.role is Role.INIT:
        return Trouble.ENDLESS if running_for > _GRACE else None
    if container.ready:
        return Trouble.KILLED_BY_PROBE if fails_on(scene, container, "liveness") else None
    declared = probes(container)
    if "startup" in declared and not container.status.get("started"):
        failing = failures(scene, container.pod, "startup")
        return Trouble.STARTUP if failing and running_for > max(_GRACE, declared["startup"].allows) else None
    grace = declared["readiness"].delay if "readiness" in declared else timedelta(0)
    return Trouble.UNREADY if running_for > grace + _GRACE else None
