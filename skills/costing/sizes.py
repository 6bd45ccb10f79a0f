"""What a pod reserves, read from its specification.

https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from skills.core.ports.workloads import Size
from skills.diagnosis.quantities import amount

GIB = Decimal(2**30)


def size_of(pod: Mapping[str, Any]) -> Size:
    """The size of one pod of this specification; nothing where no container says anything.

    Containers add up, and so do sidecars (init containers that stay); another init container counts where it alone wants more.
    """
    return Size(
        cpu=_whole(pod, "requests", "cpu"),
        memory=_in_gib(_whole(pod, "requests", "memory")),
        cpu_limit=_whole(pod, "limits", "cpu"),
        memory_limit=_in_gib(_whole(pod, "limits", "memory")),
    )


def _whole(pod: Mapping[str, Any], field: str, resource: str) -> Decimal | None:
    containers, inits = pod.get("containers") or (), pod.get("initContainers") or ()
    staying = [each for each in inits if each.get("restartPolicy") == "Always"]
    running = [_said(each, field, resource) for each in (*containers, *staying)]
    starting = [_said(each, field, resource) for each in inits if each not in staying]
    together = _sum(running)
    most = max((each for each in starting if each is not None), default=None)
    return together if most is None or (together is not None and together >= most) else most


def _said(container: Mapping[str, Any], field: str, resource: str) -> Decimal | None:
    return amount(((container.get("resources") or {}).get(field) or {}).get(resource))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [each for each in amounts if each is not None]
    return sum(known, Decimal()) if known else None


def _in_gib(size: Decimal | None) -> Decimal | None:
    return None if size is None else size / GIB
