"""What the kubelet of the simulated node would write about a pod: states of containers, conditions, events."""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from integrations.memory.state import Fault, Pod

_FIRST_PAUSE = 10.0
_READY = ("Ready", "ContainersReady")


def container_status(container: Mapping[str, Any], pod: Pod, at: datetime) -> dict[str, Any]:
    """The status of one container. A pod's fault is that of one container; the others run."""
    fault = pod.fault if pod.fault and pod.fault.container == container["name"] else None
    ready = pod.ready(at) if fault is None else False
    status = {
        "name": container["name"],
        "image": container["image"],
        "ready": ready,
        "restartCount": 0,
        "lastState": {},
    }
    if fault is None or fault.shows_at > at:
        return {**status, "state": {"running": {"startedAt": _time(pod.born_at)}}}
    if fault.exit_code is None:
        again = fault.certain_at <= at
        message = f'Back-off pulling image "{fault.image}": {_not_found(fault)}' if again else _not_found(fault)
        return {
            **status,
            "state": {"waiting": {"reason": "ImagePullBackOff" if again else "ErrImagePull", "message": message}},
        }
    ended = {"terminated": _ended(fault, pod)}
    if fault.certain_at > at:
        return {**status, "state": ended}
    restarts = restarts_of(fault, at)
    message = f"back-off {min(300, 10 * 2 ** (restarts - 1))}s restarting failed container={fault.container}"
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    return {**status, "state": waiting, "lastState": ended, "restartCount": restarts}


def restarts_of(fault: Fault, at: datetime) -> int:
    """How often it was started again by now. Source: each pause is twice the one before, and the first is ten seconds."""
    return 1 + int(math.log2(1 + max(0.0, (at - fault.certain_at).total_seconds()) / _FIRST_PAUSE))


def pod_conditions(pod: Pod, at: datetime) -> list[dict[str, Any]]:
    """Scheduled from the start; ready once its containers are."""
    since = pod.ready_at if pod.ready(at) and pod.ready_at else pod.born_at
    ready: list[dict[str, Any]] = [
        {"type": kind, "status": "True" if pod.ready(at) else "False", "lastTransitionTime": _time(since)}
        for kind in _READY
    ]
    return [*ready, {"type": "PodScheduled", "status": "True", "lastTransitionTime": _time(pod.born_at)}]


def said_of(pod: Pod, at: datetime) -> Iterator[tuple[str, str, datetime]]:
    """The warnings about it so far: reason, message, and since when."""
    fault = pod.fault
    if fault is None or fault.shows_at > at:
        return
    if fault.exit_code is None:
        yield "Failed", _not_found(fault), fault.shows_at
    elif fault.certain_at <= at:
        yield "BackOff", f"Back-off restarting failed container {fault.container}", fault.certain_at


def log_of(pod: Pod, container: str, at: datetime) -> str:
    """What a container has said. Those that are well say nothing here."""
    fault = pod.fault
    if fault is None or fault.container != container or fault.shows_at > at:
        return ""
    return "".join(f"{line}\n" for line in fault.log)


def _ended(fault: Fault, pod: Pod) -> dict[str, Any]:
    times = {"startedAt": _time(pod.born_at), "finishedAt": _time(fault.shows_at)}
    return {"exitCode": fault.exit_code, "reason": "Error", **times}


def _not_found(fault: Fault) -> str:
    return f'Failed to pull image "{fault.image}": rpc error: code = NotFound desc = failed to resolve reference "{fault.image}": not found'


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
