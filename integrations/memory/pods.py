"""The pods of the simulated cluster as logs and traces see them: with names, and with what they write while they run."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from integrations.memory.state import Deployment, Pod, containers_of

SLOT = 7
"""Seconds between two lines of a healthy pod, and between two traces of a service. Slots are counted from 1970, so that all agree on them."""
_START = 0.2


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line that a container wrote. `previous` says that it belongs to the container before the present one."""

    at: datetime
    container: str
    text: str
    previous: bool = False


def mark(template: str) -> str:
    """The hash that a replica set bears for its template (given by its digest)."""
    return template.rpartition(":")[2][:10]


def replica_set_name(deployment: str, template: str) -> str:
    """What the replica set for a template (by its digest) is called."""
    return f"{deployment}-{mark(template)}"


def pod_name(replica_set: str, pod: Pod, number: int) -> str:
    """What the pod with this number among those of its replica set is called. Derived, so that two looks agree."""
    return f"{replica_set}-{hashlib.sha256(f'{pod.born_at.isoformat()} {number}'.encode()).hexdigest()[:5]}"


def pod_names(deployment: Deployment, pods: Sequence[Pod]) -> Iterator[tuple[str, Pod]]:
    """Each pod with its name."""
    for template in dict.fromkeys(pod.template for pod in pods):
        replica_set = replica_set_name(deployment.name, template)
        for number, pod in enumerate(each for each in pods if each.template == template):
            yield pod_name(replica_set, pod, number), pod


def trace_id(service: str, slot: int) -> str:
    """The id of the trace of a service in a slot."""
    return hashlib.sha256(f"{service}/{slot}".encode()).hexdigest()[:32]


def slots(since: datetime, until: datetime) -> range:
    """The slots that begin between two moments."""
    return range(-(-int(since.timestamp()) // SLOT), int(until.timestamp()) // SLOT + 1)


def slot_time(slot: int) -> datetime:
    return datetime.fromtimestamp(slot * SLOT, UTC)


def crashed(pod: Pod, now: datetime) -> Iterator[Line]:
    """What a container that crashes wrote, once it has; and when it is in a loop, what it wrote before that."""
    fault = pod.fault
    if fault is None or fault.exit_code is None:
        return
    for ended, previous in ((fault.shows_at, True), (fault.certain_at, False)):
        if ended <= now:
            gone = previous and fault.certain_at <= now
            began = ended - timedelta(seconds=_START)
            step = _START / max(1, len(fault.log))
            for number, text in enumerate(fault.log):
                yield Line(
                    at=began + timedelta(seconds=number * step), container=fault.container, text=text, previous=gone
                )


def chatter(deployment: Deployment, pod: Pod, log: tuple[str, ...], since: datetime, now: datetime) -> Iterator[Line]:
    """What a healthy container writes."""
    if pod.ready_at is None or not log:
        return
    (container, *_) = containers_of(deployment.current.template)
    for slot in slots(max(since, pod.ready_at), now):
        text = log[slot % len(log)].replace("{trace}", trace_id(deployment.name, slot))
        yield Line(at=slot_time(slot), container=container.name, text=text)
