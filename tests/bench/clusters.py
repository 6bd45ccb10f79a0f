"""The clusters that are looked at: one namespace with 25 faults, and 5,000 pods in 100 namespaces."""

from collections.abc import Iterator
from typing import Any

from tests.support.manifests import (
    Manifest,
    app,
    config_map,
    container,
    crashing,
    event,
    named,
    node,
    running,
    said_of,
    service,
    waiting,
)

NAMESPACES, DEPLOYMENTS, PODS = 100, 10, 5
_REVISIONS = 3
_EVERY = 20
"""One Deployment in so many is broken."""


def faulty() -> list[Manifest]:
    """One namespace in which 25 things are wrong, each in another workload or object, beside five that are well."""
    objects: list[Manifest] = [node("node-1"), node("node-2"), config_map("settings", LOG_LEVEL="info")]
    for number, state in enumerate(_states()):
        objects += said_of(
            app(f"fault-{number}", state, age=3600), "Pod", "BackOff", "Back-off restarting failed container"
        )
    for number in range(3):
        objects += service(f"nowhere-{number}", selector={"app": f"nobody-{number}"})
        claim = _claim(f"claim-{number}")
        said = f'storageclass.storage.k8s.io "claim-{number}-class" not found'
        objects += [claim, event(claim, "ProvisioningFailed", said)]
    for number in range(5):
        objects += app(f"well-{number}")
    return objects


def _states() -> Iterator[Manifest]:
    """Nineteen ways not to run."""
    for code in (1, 2, 126, 127, 128, 134, 137, 139, 143):
        yield crashing(code)
    for reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"):
        yield waiting(reason, "not found")
    for number in range(3):
        yield waiting("CreateContainerConfigError", f'configmap "absent-{number}" not found')
    for _ in range(2):
        yield running(ready=False)


def _claim(name: str) -> Manifest:
    return named(
        "PersistentVolumeClaim", name, spec={"storageClassName": f"{name}-class", "accessModes": ["ReadWriteOnce"]},
        status={"phase": "Pending"},
    )  # fmt: skip


def large() -> Iterator[Manifest]:
    """5,000 pods with everything that belongs to them, as large as real ones, in 100 namespaces; one workload in 20 is broken."""
    for number in range(50):
        yield _grown(node(f"node-{number}"))
    for number in range(NAMESPACES):
        namespace = f"team-{number:03}"
        for index in range(DEPLOYMENTS):
            broken = (number * DEPLOYMENTS + index) % _EVERY == 0
            for each in _service(f"svc-{index}", broken=broken):
                yield _grown(_moved(each, namespace))


def _service(name: str, *, broken: bool) -> Iterator[Manifest]:
    spec = {
        "volumes": [{"name": "kube-api-access", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}],
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
        "schedulerName": "default-scheduler", "dnsPolicy": "ClusterFirst", "enableServiceLinks": True,
    }  # fmt: skip
    env = [{"name": f"SETTING_{number}", "value": f"value-of-setting-{number}"} for number in range(12)]
    probe = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10, "failureThreshold": 3}
    specs = [container("app", env=env, readinessProbe=probe, livenessProbe=probe), container("proxy", env=env[:4])]
    states = [crashing(1) if broken else running(), running()]
    objects = app(name, *states, replicas=PODS, containers=specs, spec=spec)
    yield from objects
    whole = objects[0]
    for number in range(1, _REVISIONS):
        old = {
            **objects[1],
            "metadata": {**objects[1]["metadata"], "name": f"{name}-old{number}", "uid": f"old/{name}/{number}"},
        }
        yield {**old, "spec": {**old["spec"], "replicas": 0}, "status": {"replicas": 0}}
    yield event(whole, "ScalingReplicaSet", "Scaled up replica set", warning=False)
    for each in objects:
        if each["kind"] == "Pod":
            yield event(
                each,
                "BackOff" if broken else "Pulled",
                "Back-off restarting failed container" if broken else "Pulled",
                warning=broken,
            )


def _moved(each: Manifest, namespace: str) -> Manifest:
    """The same in another namespace, owners and events included."""
    metadata = {**each["metadata"], "namespace": namespace, "uid": f"{namespace}/{each['metadata']['uid']}"}
    owners = [{**owner, "uid": f"{namespace}/{owner['uid']}"} for owner in metadata.get("ownerReferences") or ()]
    moved = {**each, "metadata": {**metadata, **({"ownerReferences": owners} if owners else {})}}
    if each["kind"] == "Event":
        moved["involvedObject"] = {**each["involvedObject"], "namespace": namespace}
    return moved


def _grown(each: Manifest) -> Manifest:
    """With what a real server adds, and nobody reads."""
    fields: Any = {f"f:field{number}": {"f:value": {}, "f:other": {}} for number in range(40)}
    writer = {
        "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "time": "2026-11-23T09:00:00Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": fields},
    }  # fmt: skip
    return {**each, "metadata": {**each["metadata"], "managedFields": [writer], "resourceVersion": "12345"}}
