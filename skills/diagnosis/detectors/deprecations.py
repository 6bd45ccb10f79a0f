"""Objects that somebody still writes with a version of the API that the cluster no longer serves.

Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

import re
from collections.abc import Iterator, Mapping

from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

REMOVED = Code(
    name="ApiVersionRemoved",
    title="An object is written with an API version that is removed",
    severity=Severity.NOTICE,
    depth=Depth.CONFIGURATION,
    signals="metadata.managedFields says that a manager wrote it with an API version that this cluster's version does not serve",
    remedy="Change apiVersion in the manifest before its next deploy, which will be refused.",
)
_REMOVED_IN: Mapping[tuple[str, str], int] = {
    ("Deployment", "extensions/v1beta1"): 16, ("Deployment", "apps/v1beta1"): 16, ("Deployment", "apps/v1beta2"): 16,
    ("StatefulSet", "apps/v1beta1"): 16, ("StatefulSet", "apps/v1beta2"): 16, ("DaemonSet", "extensions/v1beta1"): 16,
    ("DaemonSet", "apps/v1beta2"): 16, ("NetworkPolicy", "extensions/v1beta1"): 16, ("Ingress", "extensions/v1beta1"): 22,
    ("Ingress", "networking.k8s.io/v1beta1"): 22, ("IngressClass", "networking.k8s.io/v1beta1"): 22, ("CronJob", "batch/v1beta1"): 25,
    ("PodDisruptionBudget", "policy/v1beta1"): 25, ("HorizontalPodAutoscaler", "autoscaling/v2beta1"): 25,
    ("HorizontalPodAutoscaler", "autoscaling/v2beta2"): 26,
}  # fmt: skip
"""(kind, version) to the minor version of Kubernetes 1 in which it went."""
_MINOR = re.compile(r"v?1\.(\d+)")


@detects(REMOVED)
def written_with_a_removed_version(scene: Scene) -> Iterator[Symptom]:
    """Kubelets tell the version of the cluster: none is newer than the API server."""
    minor = max((_minor(node.status) for node in scene.all("Node")), default=0)
    for kind in dict.fromkeys(kind for kind, _ in _REMOVED_IN):
        for each in scene.all(kind):
            for entry in each.metadata.get("managedFields") or ():
                version = str(entry.get("apiVersion") or "")
                gone = _REMOVED_IN.get((kind, version))
                if gone is None or minor < gone or entry.get("subresource"):
                    continue
                manager = quoted(str(entry.get("manager") or "somebody"))
                yield Symptom(
                    code=REMOVED,
                    root=each.ref,
                    cause=f"{kind} {each.name} was written by {manager} with {version}, which Kubernetes 1.{gone} removed.",
                    evidence=[evidence(each.ref, f"metadata.managedFields[{manager}].apiVersion", version)],
                    consequence=f"{each.name} is written with a removed API version",
                )


def _minor(status: Mapping[str, object]) -> int:
    info = status.get("nodeInfo")
    found = _MINOR.match(str(info.get("kubeletVersion") or "")) if isinstance(info, Mapping) else None
    return int(found[1]) if found else 0
