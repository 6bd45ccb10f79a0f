"""Objects coming into a cluster and going out of it, and the controller catching up with that."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from integrations.memory.controller import Birth, Controller
from integrations.memory.manifests import autoscaler_of, deployment_of, quota_of, vertical_autoscaler_of
from integrations.memory.state import Cluster, key
from skills.core.errors import BadInput, Conflict


def create_object(cluster: Cluster, manifest: Mapping[str, Any], *, namespace: str, uid: str, manager: str) -> None:
    """Put a new object into `cluster`; `namespace` is for a manifest that names none.

    Raises `Conflict` if there is one of that kind and name, `BadInput` for another kind or a manifest that makes no sense.
    """
    match manifest.get("kind"):
        case "Deployment":
            made = deployment_of(manifest, namespace=namespace, uid=uid, written_by=manager, at=cluster.as_of)
            _refuse_namesake("deployment", key(made.namespace, made.name), cluster.deployments)
            cluster.deployments[key(made.namespace, made.name)] = made
        case "HorizontalPodAutoscaler":
            autoscaler = autoscaler_of(manifest, namespace=namespace)
            taken = (key(other.namespace, other.name) for other in cluster.autoscalers)
            _refuse_namesake("autoscaler", key(autoscaler.namespace, autoscaler.name), taken)
            cluster.autoscalers.append(autoscaler)
        case "VerticalPodAutoscaler":
            vertical = vertical_autoscaler_of(manifest, namespace=namespace)
            taken = (key(other.namespace, other.name) for other in cluster.vertical_autoscalers)
            _refuse_namesake("autoscaler", key(vertical.namespace, vertical.name), taken)
            cluster.vertical_autoscalers.append(vertical)
        case "ResourceQuota":
            quota = quota_of(manifest, namespace=namespace)
            taken = (key(other.namespace, other.name) for other in cluster.quotas)
            _refuse_namesake("quota", key(quota.namespace, quota.name), taken)
            cluster.quotas.append(quota)
        case other:
            raise BadInput(f"The simulated cluster has no objects of kind {other}.")


def delete_objects(cluster: Cluster, kind: str, name: str) -> None:
    """Remove every object of this kind and name, in any namespace. Raises `BadInput` for another kind."""
    match kind:
        case "Deployment":
            kept = {path: found for path, found in cluster.deployments.items() if found.name != name}
            cluster.deployments = kept
        case "HorizontalPodAutoscaler":
            cluster.autoscalers = [found for found in cluster.autoscalers if found.name != name]
        case "VerticalPodAutoscaler":
            cluster.vertical_autoscalers = [found for found in cluster.vertical_autoscalers if found.name != name]
        case "ResourceQuota":
            cluster.quotas = [found for found in cluster.quotas if found.name != name]
        case _:
            raise BadInput(f"The simulated cluster has no objects of kind {kind}.")


def catch_up(cluster: Cluster, birth: Birth, now: datetime) -> None:
    """Bring the pods of `cluster` to `now`, with what is wanted as it was."""
    controller = Controller(cluster, birth)
    controller.advance(now)
    _take_over(cluster, controller)


def reconcile(cluster: Cluster, birth: Birth) -> None:
    """Let the controller act at once on what is wanted now."""
    controller = Controller(cluster, birth)
    controller.reconcile()
    _take_over(cluster, controller)


def _take_over(cluster: Cluster, controller: Controller) -> None:
    cluster.as_of = controller.as_of
    for name, pods in controller.pods.items():
        cluster.deployments[name].pods = pods


def _refuse_namesake(what: str, name: str, taken: Iterable[str]) -> None:
    if name in taken:
        raise Conflict(f"There already is a {what} {name} in the simulated cluster.")
