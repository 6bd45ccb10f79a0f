"""Why a pod does not come up, in one sentence: what its container states, conditions and exit codes mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.kubernetes.api import Object
from integrations.kubernetes.faults import said

_HOPELESS = frozenset({"InvalidImageName", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable"})
_PERSISTING = frozenset({"ErrImagePull", "CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_LOOPING = "CrashLoopBackOff"
_CRASHES_ENOUGH = 2
_EXITS: Mapping[int, str] = {
    1: "an error of its own",
    2: "an error of its own or wrong usage",
    126: "its command cannot be executed",
    127: "its command does not exist in the image",
    134: "it aborted itself (SIGABRT)",
    137: "it was killed (SIGKILL), often for lack of memory",
    139: "a segmentation fault",
    143: "it was told to stop (SIGTERM)",
}


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """Something wrong with one container (or with one pod, then `container` is empty).

    `certain` says that waiting will not help; otherwise it has to last before it counts. `crashed` says that there may be a log.
    """

    pod: str
    container: str
    text: str
    certain: bool = False
    crashed: bool = False
    fatal: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return self.pod, self.container


def symptoms(pod: Object) -> Iterator[Symptom]:
    """What is wrong with a pod, worst first as far as one can tell; nothing for one that is well or on its way out."""
    if pod["metadata"].get("deletionTimestamp"):
        return
    status, name = pod.get("status") or {}, pod["metadata"]["name"]
    for kind in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(kind) or ():
            found = _of_container(name, container, initial=kind.startswith("init"))
            if found:
                yield found
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            why = said(condition.get("message") or condition.get("reason") or "")
            # A node may be added or freed at any time, so only the deadline makes this a failure.
            yield Symptom(pod=name, container="", text=f"No node can take pod {name}: {why}.", fatal=False)


def _of_container(pod: str, status: Mapping[str, Any], *, initial: bool) -> Symptom | None:
    state, name = status.get("state") or {}, str(status.get("name", ""))
    what = f"init container {name}" if initial else f"container {name}"
    if waiting := state.get("waiting"):
        return _of_waiting(pod, name, what, status, waiting)
    ended = state.get("terminated")
    if ended and not (initial and ended.get("exitCode") == 0):
        return Symptom(pod=pod, container=name, text=_crash(what, status, ended), crashed=True)
    return None


def _of_waiting(
    pod: str, name: str, what: str, status: Mapping[str, Any], waiting: Mapping[str, Any]
) -> Symptom | None:
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason == _LOOPING:
        ended = (status.get("lastState") or {}).get("terminated") or {}
        certain = status.get("restartCount", 0) >= _CRASHES_ENOUGH
        return Symptom(pod=pod, container=name, text=_crash(what, status, ended), certain=certain, crashed=True)
    if reason in _HOPELESS or reason == "ErrImagePull":
        return Symptom(pod=pod, container=name, text=_image(what, status, reason, message), certain=reason in _HOPELESS)
    if reason in _PERSISTING:
        told = f": {said(message)}" if message else ""
        verb = (
            "has a configuration that cannot be met" if reason == "CreateContainerConfigError" else "cannot be started"
        )
        return Symptom(pod=pod, container=name, text=f"{what.capitalize()} of pod {pod} {verb}{told}.")
    return None


def _crash(what: str, status: Mapping[str, Any], ended: Mapping[str, Any]) -> str:
    restarts = status.get("restartCount", 0)
    again = f", restarted {restarts} time{'s' if restarts != 1 else ''}" if restarts else ""
    return f"{what.capitalize()} crashes ({meaning(ended)}{again})."


def meaning(ended: Mapping[str, Any]) -> str:
    """What a container's end says: `ended` is the `terminated` state."""
    code = ended.get("exitCode")
    if ended.get("reason") == "OOMKilled":
        return f"exit code {code}: it used more memory than its limit allows"
    if code is None:
        return "it does not stay up"
    if code == 0:
        return "exit code 0: it ends instead of staying up"
    return f"exit code {code}: {_EXITS.get(code, 'an error of its own')}"


def _image(what: str, status: Mapping[str, Any], reason: str, message: str) -> str:
    image, text = said(str(status.get("image", ""))), message.lower()
    if reason == "InvalidImageName":
        return f"“{image}” is not a valid image name ({what})."
    if "not found" in text or "manifest unknown" in text:
        return f"The image {image} does not exist ({what})."
    if any(word in text for word in ("unauthorized", "authentication", "denied", "forbidden", "no basic auth")):
        return f"The registry does not let the cluster pull {image} ({what})."
    told = f": {said(message)}" if message else ""
    return f"The image {image} cannot be pulled ({what}){told}."
