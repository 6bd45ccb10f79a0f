"""Places to try a cluster: the twin, the adapter on the test API server, and the adapter on a real cluster, all asked in one way."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from integrations.kubernetes import KubernetesCluster, Limits, Patience
from integrations.kubernetes.connection import Call
from integrations.kubernetes.faults import Refused
from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import SimulatedEnvironment, Simulation
from skills.core.ports.workloads import Edit, Place, Rollout, Workload
from tests.support.kubernetes_api import ApiServer, serving

ENVIRONMENT = "lab"
LONGEST = 150.0
Manifest = dict[str, Any]
COLLECTIONS = {
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
    "VerticalPodAutoscaler": "/apis/autoscaling.k8s.io/v1/namespaces/{}/verticalpodautoscalers",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
}


@dataclass(frozen=True, kw_only=True)
class Images:
    """A good image, a better one, and one that crashes."""

    good: str = "registry.example/checkout:v1"
    better: str = "registry.example/checkout:v2"
    broken: str = "registry.example/checkout:v3-crash"


class Ground(Protocol):
    """Where objects come from, apart from our edits."""

    async def create(self, manifest: Manifest, *, manager: str, apply: bool) -> str: ...

    async def delete(self, kind: str, name: str) -> None: ...


class TwinGround:
    def __init__(self, twin: MemoryCluster) -> None:
        self._twin = twin

    async def create(self, manifest: Manifest, *, manager: str, apply: bool) -> str:
        return await self._twin.create(manifest, environment=ENVIRONMENT, manager=manager)

    async def delete(self, kind: str, name: str) -> None:
        await self._twin.delete(kind, name, environment=ENVIRONMENT)


class ApiGround:
    """Speaks to an API server as another client would, over the adapter's connection."""

    def __init__(self, cluster: KubernetesCluster, namespace: str) -> None:
        self._connection = cluster._connection
        self._namespace = namespace

    async def create(self, manifest: Manifest, *, manager: str, apply: bool) -> str:
        path, query = COLLECTIONS[manifest["kind"]].format(self._namespace), (("fieldManager", manager),)
        call = Call(method="POST", path=path, query=query, body=manifest)
        if apply:
            path = f"{path}/{manifest['metadata']['name']}"
            content = "application/apply-patch+yaml"
            call = Call(method="PATCH", path=path, query=query, body=manifest, content_type=content)
        return str((await self._connection.json(call))["metadata"]["uid"])

    async def delete(self, kind: str, name: str) -> None:
        path = f"{COLLECTIONS[kind].format(self._namespace)}/{name}"
        try:
            await self._connection.json(Call(method="DELETE", path=path, query=(("propagationPolicy", "Background"),)))
        except Refused as error:
            if error.status != 404:
                raise


@dataclass(kw_only=True)
class Lab:
    """A cluster and how to furnish it. Everything that was created is removed in the end."""

    cluster: Any
    ground: Ground
    namespace: str
    images: Images = field(default_factory=Images)
    deadline: int = 600
    made: list[tuple[str, str]] = field(default_factory=list)
    mark: str = field(default_factory=lambda: secrets.token_hex(3))

    def place(self, name: str, *, namespace: str = "") -> Place:
        return Place(environment=ENVIRONMENT, namespace=namespace or self.namespace, name=name)

    async def deploy(
        self, stem: str = "checkout", *, image: str = "", replicas: int = 2, manager: str = "kubectl-client-side-apply",
        apply: bool = False, env: Mapping[str, str] | None = None, labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None, resources: Mapping[str, Any] | None = None, settle: bool = True,
    ) -> Workload:  # fmt: skip
        """A new Deployment with a name of its own, rolled out unless `settle` is false."""
        name = f"{stem}-{self.mark}"
        manifest = deployment(name, image or self.images.good, replicas=replicas, env=env or {}, deadline=self.deadline)
        manifest["metadata"]["labels"].update(labels or {})
        manifest["metadata"]["annotations"] = dict(annotations or {})
        if resources is not None:
            manifest["spec"]["template"]["spec"]["containers"][0]["resources"] = resources
        await self.add(manifest, manager=manager, apply=apply)
        if settle:
            await self.rolled_out(name)
        return await self.get(name)

    async def add(self, manifest: Manifest, *, manager: str = "kubectl-client-side-apply", apply: bool = False) -> str:
        self.made.append((manifest["kind"], manifest["metadata"]["name"]))
        return await self.ground.create(manifest, manager=manager, apply=apply)

    async def get(self, name: str) -> Workload:
        found: Workload = await self.cluster.get(self.place(name))
        return found

    async def apply(self, workload: Workload, edit: Edit) -> None:
        await self.cluster.apply(workload.place, edit, uid=workload.uid)

    async def rolled_out(self, name: str) -> list[Rollout]:
        """Every rollout seen until the end, which must be a good one."""
        seen = await self.followed(await self.get(name))
        assert seen[-1].done is True, seen[-1].text
        return seen

    async def followed(self, workload: Workload) -> list[Rollout]:
        async with asyncio.timeout(LONGEST):
            return [seen async for seen in self.cluster.follow(workload.place, uid=workload.uid)]

    async def clean(self) -> None:
        for kind, name in reversed(self.made):
            await self.ground.delete(kind, name)


def deployment(name: str, image: str, *, replicas: int, env: Mapping[str, str], deadline: int) -> Manifest:
    container = {"name": "app", "image": image, "env": [{"name": key, "value": value} for key, value in env.items()]}
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "replicas": replicas, "progressDeadlineSeconds": deadline, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }  # fmt: skip


def autoscaler(name: str, target: str) -> Manifest:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    return {
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
        "spec": {"scaleTargetRef": reference, "minReplicas": 2, "maxReplicas": 3, "metrics": [metric]},
    }  # fmt: skip


def vertical_autoscaler(name: str, target: str, *, mode: str | None = None) -> Manifest:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    policy = {"updatePolicy": {"updateMode": mode}} if mode else {}
    return {
        "apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler", "metadata": {"name": name},
        "spec": {"targetRef": reference, **policy},
    }  # fmt: skip


def quota(name: str, *, pods: int) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name},
        "spec": {"hard": {"pods": str(pods)}},
    }


QUICK = Patience(
    contact=timedelta(seconds=20), denied=timedelta(seconds=1), symptom=timedelta(seconds=0.3),
    stale=timedelta(seconds=0.1), overall=timedelta(seconds=60),
)  # fmt: skip


@asynccontextmanager
async def twin() -> AsyncIterator[Lab]:
    world = Simulation(pod_seconds=0.05, environments={ENVIRONMENT: SimulatedEnvironment(namespace="shop")})
    cluster = MemoryCluster.open(simulation=world)
    yield Lab(cluster=cluster, ground=TwinGround(cluster), namespace="shop", deadline=1)


@asynccontextmanager
async def test_server(directory: Path) -> AsyncIterator[Lab]:
    async with serving() as server, adapter(server, directory) as cluster:
        yield Lab(cluster=cluster, ground=ApiGround(cluster, "shop"), namespace="shop", deadline=30)


@asynccontextmanager
async def adapter(
    server: ApiServer, directory: Path, *, patience: Patience = QUICK, limits: Limits | None = None
) -> AsyncIterator[KubernetesCluster]:
    """The adapter, connected to a test API server and quick to lose patience."""
    cluster = KubernetesCluster.connect(
        environment=ENVIRONMENT,
        namespace="shop",
        kubeconfig=server.kubeconfig(directory),
        patience=patience,
        limits=limits,
    )
    try:
        yield cluster
    finally:
        await cluster.close()


@asynccontextmanager
async def real(kubeconfig: Path, namespace: str, images: Images) -> AsyncIterator[Lab]:
    cluster = KubernetesCluster.connect(environment=ENVIRONMENT, namespace=namespace, kubeconfig=kubeconfig)
    lab = Lab(cluster=cluster, ground=ApiGround(cluster, namespace), namespace=namespace, images=images, deadline=30)
    try:
        yield lab
    finally:
        await lab.clean()
        await cluster.close()
