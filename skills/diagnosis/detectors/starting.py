"""Containers whose process cannot be started: the command, the working directory, the hooks, the sandbox around them."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from skills.diagnosis.detectors.crashes import NOT_EXECUTABLE, NOT_FOUND
from skills.diagnosis.detectors.images import WRONG_PLATFORM
from skills.diagnosis.detectors.references import MOUNT_CONFLICT
from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.reading import Reading, first, reading
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, detects, evidence, quoted
from skills.diagnosis.trouble import Trouble, Unwell, alike, began

START_FAILS = Code(
    name="ContainerStartFails",
    title="The runtime cannot start the process",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits in CreateContainerError or RunContainerError, or ended with StartError, for a reason that we do not know",
    remedy="Read the runtime's message; it names what it could not do.",
    repair=Repair.ROLLBACK,
)
WORKING_DIRECTORY = Code(
    name="WorkingDirectoryWrong",
    title="The working directory is not in the image",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="the runtime cannot change to the container's workingDir",
    remedy="Correct workingDir, or make the directory in the image.",
    repair=Repair.ROLLBACK,
)
NO_COMMAND = Code(
    name="NoCommand",
    title="Neither the image nor the pod says what to run",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="the runtime says that no command is specified",
    remedy="Set command, or build the image with an ENTRYPOINT or CMD.",
    repair=Repair.ROLLBACK,
)
POST_START = Code(
    name="PostStartHookFails",
    title="The hook after the start fails, so the container is killed",
    severity=Severity.ERROR,
    depth=Depth.PROCESS,
    signals="a container waits in PostStartHookError, or an event FailedPostStartHook is followed by restarts",
    remedy="Mend the command or URL of lifecycle.postStart; it has to succeed before the container counts as started.",
    repair=Repair.ROLLBACK,
)
PRE_STOP = Code(
    name="PreStopHookFails",
    title="The hook before the stop fails",
    severity=Severity.WARNING,
    depth=Depth.PROCESS,
    signals="an event FailedPreStopHook of the last quarter of an hour",
    remedy="Mend the command or URL of lifecycle.preStop: while it fails, pods end without the grace that it should give.",
)
SANDBOX = Code(
    name="PodSandboxFails",
    title="The node cannot make the pod's sandbox or network",
    severity=Severity.ERROR,
    depth=Depth.CLUSTER,
    signals="events FailedCreatePodSandBox about a pod that waits in ContainerCreating",
    remedy="See the network plugin's pods on the node and what addresses it has left.",
)
STALLS = Code(
    name="PodStartStalls",
    title="The pod was placed, and nothing happens",
    severity=Severity.ERROR,
    depth=Depth.PROCESS,
    signals="a pod has a node for more than five minutes, none of its containers was started, and nothing says why",
    remedy="Look at the node's kubelet and container runtime.",
)
_LATELY = timedelta(minutes=15)
_STALLED = timedelta(minutes=5)

_READINGS: Sequence[Reading] = (
    reading(WRONG_PLATFORM, r"exec format error", "its program was built for another platform than its node's"),
    reading(WORKING_DIRECTORY, r"chdir|working directory|\bcwd\b", "its working directory is not in the image"),
    reading(MOUNT_CONFLICT, r"error mounting|not a directory|vice-versa|subpath", "a volume cannot be mounted where it is wanted"),
    reading(NO_COMMAND, r"no command specified", "neither the image nor the pod says which command to run"),
    reading(NOT_EXECUTABLE, r"permission denied|not executable", "its command may not be executed"),
    reading(NOT_FOUND, r"executable file not found|no such file or directory|not found in \$?path", "its command is not in the image"),
    reading(START_FAILS, r"", "the runtime cannot start its process"),
)  # fmt: skip
_COMMAND = re.compile(r"exec:? \"(?P<command>[^\"]{1,80})\"")


@detects(START_FAILS, WORKING_DIRECTORY, NO_COMMAND, NOT_FOUND, NOT_EXECUTABLE, WRONG_PLATFORM, MOUNT_CONFLICT)
def process_not_started(scene: Scene) -> Iterator[Symptom]:
    """The runtime says why it could not start the process."""
    for group in alike(scene, Trouble.START):
        each = group[0]
        meant = first(_READINGS, [each.said]) or _READINGS[-1]
        named = _COMMAND.search(each.said)
        what = f" ({quoted(named['command'])})" if named and meant.code in (NOT_FOUND, NOT_EXECUTABLE) else ""
        told = f": “{quoted(each.said)}”" if meant.code is START_FAILS and each.said else ""
        yield Symptom(
            code=meant.code,
            root=each.root,
            about=each.container.name,
            cause=f"{each.subject} cannot start: {meant.says}{what}{told}.",
            evidence=[*each.observed(), *_spec(each, meant.code)],
            since=began(scene, group),
            affected=[one.pod.ref for one in group],
            consequence=f"{each.subject} cannot start",
            confidence=0.7 if meant.code is START_FAILS else 0.95,
        )


@detects(POST_START)
def post_start_hook_fails(scene: Scene) -> Iterator[Symptom]:
    """The kubelet kills a container whose post-start hook did not succeed."""
    for group in alike(scene, Trouble.HOOK):
        each = group[0]
        said = scene.events(each.pod.ref, "FailedPostStartHook")
        proof = [evidence(each.pod.ref, f"event {event.reason}", event.message, event.last) for event in said[-2:]]
        yield Symptom(
            code=POST_START,
            root=each.root,
            about=each.container.name,
            cause=f"{each.subject} is killed right after each start, because its post-start hook fails.",
            evidence=[*each.observed(), *proof],
            since=began(scene, group),
            affected=[one.pod.ref for one in group],
            consequence=f"the post-start hook of {each.subject} fails",
        )


@detects(PRE_STOP)
def pre_stop_hook_fails(scene: Scene) -> Iterator[Symptom]:
    """A hook before the stop failed lately."""
    for pod in scene.all("Pod"):
        said = [e for e in scene.events(pod.ref, "FailedPreStopHook") if scene.age(e.last) < _LATELY]
        if said:
            root = scene.workload_ref(pod)
            yield Symptom(
                code=PRE_STOP,
                root=root,
                cause=f"The pre-stop hook of {root.name} fails, so its pods end without it.",
                evidence=[evidence(pod.ref, f"event {said[-1].reason}", said[-1].message, said[-1].last)],
                since=said[0].first,
                affected=(pod.ref,),
                because_of=(pod.ref,),
                consequence=f"the pre-stop hook of {root.name} fails",
            )


@detects(SANDBOX, STALLS)
def pod_does_not_come_up(scene: Scene) -> Iterator[Symptom]:
    """A pod was given a node, and its containers are not even made."""
    for pod in scene.all("Pod"):
        if not _is_being_made(pod):
            continue
        node, root = Ref("Node", "", str(pod.spec["nodeName"])), scene.workload_ref(pod)
        said = [
            e for e in scene.events(pod.ref, "FailedCreatePodSandBox", "NetworkNotReady") if scene.age(e.last) < _LATELY
        ]
        if said:
            yield Symptom(
                code=SANDBOX,
                root=node,
                cause=f"Node {node.name} cannot make sandboxes for pods, so {root.name} does not start: {_sentence(said[-1].message)}",
                evidence=[evidence(pod.ref, f"event {said[-1].reason}", said[-1].message, said[-1].last)],
                since=said[0].first,
                affected=(pod.ref, root),
                because_of=(node,),
                consequence=f"{root.name} does not start on node {node.name}",
            )
        elif scene.age(pod.created_at) > _STALLED:
            yield Symptom(
                code=STALLS,
                root=root,
                cause=f"{root.name} was placed on node {node.name} and does not start, and {_stage(scene, pod)}.",
                evidence=[evidence(pod.ref, "status.phase", "Pending, no container was made", pod.created_at)],
                since=pod.created_at,
                affected=(pod.ref,),
                because_of=(pod.ref, root, node),
                consequence=f"{root.name} does not start",
                confidence=0.5,
            )


def _is_being_made(pod: Object) -> bool:
    """Placed, not being deleted, and none of its containers was ever made."""
    if pod.deleted_at is not None or pod.status.get("phase") != "Pending" or not pod.spec.get("nodeName"):
        return False
    statuses = (*(pod.status.get("initContainerStatuses") or ()), *(pod.status.get("containerStatuses") or ()))
    reasons = [((s.get("state") or {}).get("waiting") or {}).get("reason") for s in statuses]
    return all(reason in ("ContainerCreating", "PodInitializing") for reason in reasons)


def _stage(scene: Scene, pod: Object) -> str:
    """How far it came, by the last word about it."""
    said = scene.events(pod.ref, "Pulling", "Pulled")
    return "its image is still being pulled" if said and said[-1].reason == "Pulling" else "nothing says why"


def _sentence(text: str) -> str:
    return f"“{quoted(text)}”."


def _spec(each: Unwell, code: Code) -> Sequence[Evidence]:
    """What the pod spec asks for, where that is what is wrong."""
    spec, name = each.container.spec, each.container.name
    if code is WORKING_DIRECTORY and spec.get("workingDir"):
        return [evidence(each.pod.ref, f"spec.containers[{name}].workingDir", spec["workingDir"])]
    if code in (NOT_FOUND, NOT_EXECUTABLE) and spec.get("command"):
        return [evidence(each.pod.ref, f"spec.containers[{name}].command", " ".join(map(str, spec["command"])))]
    return ()
