"""What pods refer to by name."""

from collections.abc import Iterator
from typing import Any

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import HOUR, MINUTE, app, config_map, container, running, said_of, secret, waiting

_WAITS = "CreateContainerConfigError"


def _env_from(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return container(envFrom=[{f"{kind}Ref": {"name": name, **more}}])


def _variable(kind: str, name: str, key: str, **more: Any) -> dict[str, Any]:
    return container(env=[{"name": "LEVEL", "valueFrom": {f"{kind}KeyRef": {"name": name, "key": key, **more}}}])


def _volume(**source: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "settings", **source}]}


def scenarios() -> Iterator[Scenario]:
    yield from _config_maps()
    yield from _secrets()
    yield from _mounts()
    yield from _controls()


def _config_maps() -> Iterator[Scenario]:
    env = _env_from("configMap", "settings")
    said = waiting(_WAITS, 'configmap "settings" not found')
    yield fault(
        "a ConfigMap of the environment is absent",
        app("checkout", said, containers=[env]),
        "ConfigMapMissing",
        "Deployment/checkout",
    )
    mute = waiting(_WAITS)
    yield fault(
        "a ConfigMap is absent and no message says so",
        app("checkout", mute, containers=[env]),
        "ConfigMapMissing",
        "Deployment/checkout",
    )
    yield fault(
        "a ConfigMap is absent that two workloads need", [*app("checkout", said, containers=[env]), *app("cart", said, containers=[env])],
        "ConfigMapMissing", "ConfigMap/settings",
    )  # fmt: skip
    lacks = waiting(_WAITS, "couldn't find key LOG_LEVEL in ConfigMap shop/settings")
    keyed = app("checkout", lacks, containers=[_variable("configMap", "settings", "LOG_LEVEL")])
    yield fault(
        "a ConfigMap lacks a key", [*keyed, config_map("settings", LOG="x")], "ConfigKeyMissing", "Deployment/checkout"
    )
    creating = app("checkout", waiting("ContainerCreating"), spec=_volume(configMap={"name": "settings"}))
    yield fault(
        "a ConfigMap of a volume is absent, and no event says so", creating, "ConfigMapMissing", "Deployment/checkout"
    )
    told = said_of(
        creating,
        "Pod",
        "FailedMount",
        'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found',
        count=7,
    )
    yield fault("a ConfigMap of a volume is absent", told, "ConfigMapMissing", "Deployment/checkout")
    item = _volume(configMap={"name": "settings", "items": [{"key": "app.yaml", "path": "app.yaml"}]})
    started = app("checkout", waiting("ContainerCreating"), spec=item)
    told = said_of(
        started,
        "Pod",
        "FailedMount",
        'MountVolume.SetUp failed for volume "settings" : configmap references non-existent config key: app.yaml',
    )
    yield fault(
        "an item of a volume is absent",
        [*told, config_map("settings", other="x")],
        "ConfigKeyMissing",
        "Deployment/checkout",
    )
    inits = [(_env_from("configMap", "settings"), waiting(_WAITS, 'configmap "settings" not found'))]
    yield fault(
        "a ConfigMap of an init container is absent",
        app("checkout", waiting("PodInitializing"), inits=inits),
        "ConfigMapMissing",
        "Deployment/checkout",
    )


def _secrets() -> Iterator[Scenario]:
    said = waiting(_WAITS, 'secret "db" not found')
    yield fault(
        "a Secret is absent",
        app("checkout", said, containers=[_env_from("secret", "db")]),
        "SecretMissing",
        "Deployment/checkout",
    )
    lacks = waiting(_WAITS, "couldn't find key password in Secret shop/db")
    keyed = app("checkout", lacks, containers=[_variable("secret", "db", "password")])
    yield fault("a Secret lacks a key", [*keyed, secret("db", "user")], "SecretKeyMissing", "Deployment/checkout")
    projected = _volume(projected={"sources": [{"secret": {"name": "tls"}}]})
    told = said_of(
        app("checkout", waiting("ContainerCreating"), spec=projected),
        "Pod",
        "FailedMount",
        'MountVolume.SetUp failed for volume "settings" : references non-existent secret key: tls.crt',
    )
    yield fault("a Secret of a projected volume is absent", told, "SecretMissing", "Deployment/checkout")


def _mounts() -> Iterator[Scenario]:
    subpath = waiting(_WAITS, 'failed to prepare subPath for volumeMount "settings" of container "app"')
    yield fault("a subPath cannot be prepared", app("checkout", subpath), "MountPathWrong", "Deployment/checkout")
    onto = 'error mounting "/var/lib/kubelet/x" to rootfs at "/etc/app.conf": not a directory: Are you trying to mount a directory onto a file (or vice-versa)?'
    yield fault(
        "a directory is mounted onto a file",
        app("checkout", waiting("RunContainerError", onto)),
        "MountPathWrong",
        "Deployment/checkout",
    )
    root = waiting(_WAITS, "container has runAsNonRoot and image will run as root")
    yield fault("the image runs as root", app("checkout", root), "RunsAsRoot", "Deployment/checkout")
    yield fault(
        "a configuration is refused for a reason of its own",
        app("checkout", waiting(_WAITS, "the moon is full")),
        "ContainerConfigRefused",
        "Deployment/checkout",
    )


def _controls() -> Iterator[Scenario]:
    optional = _env_from("configMap", "settings", optional=True)
    yield healthy("an optional ConfigMap is absent", app("checkout", containers=[optional]))
    fresh = app("checkout", waiting("ContainerCreating"), containers=[optional], age=20)
    yield healthy("an optional ConfigMap is absent and the pod starts", fresh)
    early = said_of(
        app("checkout", running(seconds=HOUR)),
        "Pod",
        "FailedMount",
        'MountVolume.SetUp failed for volume "kube-api-access-x" : failed to sync configmap cache',
        seconds_ago=HOUR - MINUTE,
    )
    yield healthy("a mount failed once at the start and came", early)
