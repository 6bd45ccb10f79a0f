"""The embedded world as it is before anybody asked for anything: every service running, with a past to go back to."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta

from integrations.memory.controller import Birth
from integrations.memory.manifests import deployment_of
from integrations.memory.objects import catch_up, reconcile
from integrations.memory.simulation import SimulatedService, Simulation
from integrations.memory.state import Cluster, Deployment, Manifest, World, key

_SETTLED_FOR = timedelta(hours=1)


def seeded(simulation: Simulation, *, birth: Birth, new_uid: Callable[[], str], now: datetime) -> World:
    """Every service of the simulation in its environments, each version of its history rolled out when it was released.

    All of it lies at least an hour in the past of `now` (UTC), so that nothing is still rolling out.
    """
    world = World(founded_at=now)
    for environment, described in simulation.environments.items():
        cluster = Cluster(as_of=now)
        for name, service in simulation.services.items():
            if environment in service.replicas:
                manifest = _manifest(name, service, replicas=service.replicas[environment])
                deployment = _with_history(manifest, service, described.namespace, uid=new_uid(), now=now)
                cluster.deployments[key(described.namespace, name)] = deployment
        _start_pods(cluster, birth, now=now)
        world.clusters[environment] = cluster
    return world


def _with_history(
    manifest: Manifest, service: SimulatedService, namespace: str, *, uid: str, now: datetime
) -> Deployment:
    moments = [min(service.releases[version].created_at, now - _SETTLED_FOR) for version in service.history]
    deployment = deployment_of(
        manifest, namespace=namespace, uid=uid, written_by="kubectl-client-side-apply", at=moments[0]
    )
    for version, moment in zip(service.history[1:], moments[1:], strict=True):
        later = copy.deepcopy(deployment.manifest)
        later["spec"]["template"]["spec"]["containers"][0]["image"] = f"{service.image}:{version}"
        deployment.put(later, at=moment)
    return deployment


def _start_pods(cluster: Cluster, birth: Birth, *, now: datetime) -> None:
    """Let the pods have been born long enough ago to be ready."""
    cluster.as_of = min((deployment.changed_at for deployment in cluster.deployments.values()), default=now)
    reconcile(cluster, birth)
    catch_up(cluster, birth, now)


def _manifest(name: str, service: SimulatedService, *, replicas: int) -> Manifest:
    wants = service.resources
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop"}
    container = {
        "name": service.container,
        "image": f"{service.image}:{service.history[0]}",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": "LOG_LEVEL", "value": "info"}],
        "resources": {"requests": {"cpu": wants.cpu, "memory": wants.memory}, "limits": {"memory": wants.limit}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container]}},
        },
    }
