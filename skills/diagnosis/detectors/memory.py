"""Containers killed for their memory: by their own limit, or because the node has none left."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from skills.diagnosis.objects import Ref
from skills.diagnosis.quantities import amount
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, detects, evidence
from skills.diagnosis.trouble import Trouble, Unwell, alike, began

OUT_OF_MEMORY = Code(
    name="OutOfMemory",
    title="The container needs more memory than it may have",
    severity=Severity.ERROR,
    depth=Depth.PROCESS,
    signals="a container's last run ended with reason OOMKilled, and it has a memory limit",
    remedy="Raise the memory limit, or find out why it needs more than before; if it began with a release, roll back.",
    repair=Repair.ROLLBACK,
)
NODE_OUT_OF_MEMORY = Code(
    name="NodeOutOfMemory",
    title="The node ran out of memory and killed processes",
    severity=Severity.ERROR,
    depth=Depth.CLUSTER,
    signals="an event SystemOOM about a node, or OOMKilled in a container that has no memory limit",
    remedy="Give the largest pods on the node memory requests and limits that are true, or add memory.",
)
TOO_SMALL = Code(
    name="MemoryLimitTooSmall",
    title="The memory limit is too small to start the process",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="the runtime says that the container's init was killed for memory, or that the limit is too low",
    remedy="Raise the memory limit: a container needs some mebibytes before its program even runs. Look for a wrong unit (128 or 128m is not 128Mi).",
    repair=Repair.ROLLBACK,
)
_LATELY = timedelta(minutes=30)
_HEAPS = (
    re.compile(r"(?P<flag>-Xmx)(?P<number>\d+)(?P<unit>[kKmMgG]?)\b"),
    re.compile(r"(?P<flag>--max-old-space-size=)(?P<number>\d+)(?P<unit>)\b"),
    re.compile(r"(?P<flag>GOMEMLIMIT=)(?P<number>\d+)(?P<unit>[KMG]?)i?B?\b"),
)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


@detects(OUT_OF_MEMORY, NODE_OUT_OF_MEMORY, TOO_SMALL)
def killed_for_memory(scene: Scene) -> Iterator[Symptom]:
    """The kernel killed the process for its memory, or would not even let it start."""
    for group in alike(scene, Trouble.MEMORY):
        each = group[0]
        limit = str(((each.container.spec.get("resources") or {}).get("limits") or {}).get("memory") or "")
        started = each.run.get("reason") == "OOMKilled"
        code = TOO_SMALL if not started else OUT_OF_MEMORY if limit else NODE_OUT_OF_MEMORY
        heap = _heap(each.container.spec, limit)
        yield Symptom(
            code=code,
            root=each.root,
            about=each.container.name,
            cause=f"{each.subject} {_says(code, limit, heap)}.",
            evidence=[*each.observed(), *_limit(each, limit)],
            since=began(scene, group),
            affected=[one.pod.ref for one in group],
            because_of=[_node(each)] if code is NODE_OUT_OF_MEMORY else (),
            consequence=f"{each.subject} is killed for its memory",
            severity=Severity.WARNING if all(one.container.ready for one in group) else None,
            remedy=f"Make {heap} smaller than the limit, or raise the limit." if heap else "",
        )


@detects(NODE_OUT_OF_MEMORY)
def node_kills_processes(scene: Scene) -> Iterator[Symptom]:
    """A node said lately that it had no memory left."""
    for node in scene.all("Node"):
        said = [event for event in scene.events(node.ref, "SystemOOM", "OOMKilling") if scene.age(event.last) < _LATELY]
        if said:
            victims = [pod.ref for pod in scene.all("Pod") if _was_killed_on(pod.spec, pod.status, node.name)]
            yield Symptom(
                code=NODE_OUT_OF_MEMORY,
                root=node.ref,
                cause=f"Node {node.name} ran out of memory and killed processes.",
                evidence=[evidence(node.ref, f"event {said[-1].reason}", said[-1].message, said[-1].last)],
                since=said[0].first,
                affected=victims,
                because_of=(node.ref,),
                consequence=f"node {node.name} ran out of memory",
            )


def _says(code: Code, limit: str, heap: str) -> str:
    if code is TOO_SMALL:
        return f"cannot start: its memory limit{f' of {limit}' if limit else ''} is too small for the process even to begin"
    if code is NODE_OUT_OF_MEMORY:
        return "is killed because its node has no memory left; it has no memory limit of its own"
    if heap:
        return f"is killed for its memory: it may use {limit}, and its own setting {heap} lets it use as much or more"
    return f"is killed each time it uses more memory than its limit of {limit}"


def _heap(spec: Mapping[str, Any], limit: str) -> str:
    """The setting by which a runtime may fill its limit or more, as written, if there is one."""
    bound = amount(limit or None)
    for text in _settings(spec):
        for pattern in _HEAPS:
            found = pattern.search(text)
            if found and bound is not None and _bytes(found) >= bound:
                return found.group(0)
    return ""


def _settings(spec: Mapping[str, Any]) -> Iterator[str]:
    for word in (*(spec.get("command") or ()), *(spec.get("args") or ())):
        yield str(word)
    for variable in spec.get("env") or ():
        yield f"{variable.get('name')}={variable.get('value') or ''}"


def _bytes(found: re.Match[str]) -> int:
    unit = "m" if found["flag"].startswith("--max") else found["unit"].lower()
    return int(found["number"]) * _UNITS[unit]


def _limit(each: Unwell, limit: str) -> Sequence[Evidence]:
    field = f"spec.containers[{each.container.name}].resources.limits.memory"
    return [evidence(each.pod.ref, field, limit or "not set")]


def _node(each: Unwell) -> Ref:
    return Ref("Node", "", str(each.pod.spec.get("nodeName") or ""))


def _was_killed_on(spec: Mapping[str, Any], status: Mapping[str, Any], node: str) -> bool:
    """Did a container without a limit, which only the node itself would kill, die on this node?"""
    if spec.get("nodeName") != node:
        return False
    limited = {
        c.get("name")
        for c in spec.get("containers") or ()
        if ((c.get("resources") or {}).get("limits") or {}).get("memory")
    }
    for each in status.get("containerStatuses") or ():
        last = (each.get("lastState") or {}).get("terminated") or (each.get("state") or {}).get("terminated") or {}
        if last.get("reason") == "OOMKilled" and each.get("name") not in limited:
            return True
    return False
