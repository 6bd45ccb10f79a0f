"""Of all findings, those that concern what somebody asked about: the thing itself, what it stands on, and what it depends on."""

from collections.abc import Sequence
from dataclasses import replace

from skills.diagnosis.finding import Diagnosis
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import Scene

_NAMED = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "ReplicaSet",
    "Pod",
    "Service",
    "Ingress",
    "PersistentVolumeClaim",
    "Node",
)


def named(scene: Scene, name: str, namespace: str) -> tuple[Ref, ...]:
    """Everything of this name in a namespace (or on the cluster, for nodes), workloads first."""
    return tuple(
        each.ref
        for kind in _NAMED
        for each in scene.all(kind)
        if each.name == name and each.namespace in (namespace, "")
    )


def concerning(diagnosis: Diagnosis, scene: Scene, wanted: Sequence[Ref]) -> Diagnosis:
    """The diagnosis of these objects alone, with their pods, their Services, and what they run on."""
    return replace(diagnosis, findings=diagnosis.about(around(scene, wanted)))


def around(scene: Scene, wanted: Sequence[Ref]) -> tuple[Ref, ...]:
    """These objects, the workloads that they belong to, their Services and their pods."""
    refs = dict.fromkeys(wanted)
    for ref in wanted:
        found = scene.get(ref.kind, ref.namespace, ref.name)
        if found is None:
            continue
        workload = scene.workload(found)
        refs[workload.ref] = None
        refs.update(dict.fromkeys(service.ref for service in scene.services_for(workload)))
        pods = scene.selected(found) if ref.kind == "Service" else scene.pods(found)
        refs.update(dict.fromkeys(pod.ref for pod in pods))
        if ref.kind == "Service":
            refs.update(dict.fromkeys(scene.workload_ref(pod) for pod in pods))
    return tuple(refs)
