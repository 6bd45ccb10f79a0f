"""ConfigMaps and Secrets that a pod needs and that are not there, or lack a key; and mounts that do not fit.

Two things show it, and either is enough: what the kubelet says about a pod that waits, and a pod spec that names what does not exist. What
is marked optional is nobody's fault.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.scene import Scene, Use, uses
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, detects, evidence, quoted
from skills.diagnosis.trouble import Trouble, alike


def _code(name: str, title: str, signals: str, remedy: str) -> Code:
    return Code(
        name=name, title=title, severity=Severity.ERROR, depth=Depth.CONFIGURATION, signals=signals, remedy=remedy, repair=Repair.ROLLBACK
    )  # fmt: skip


NO_CONFIG_MAP = _code(
    "ConfigMapMissing", "The ConfigMap does not exist", "a container waits in CreateContainerConfigError, or a volume is not mounted, because a ConfigMap is not found; or a pod that waits names one that is not there",
    "Create the ConfigMap, correct its name, or mark the reference as optional.",
)  # fmt: skip
NO_CONFIG_KEY = _code(
    "ConfigKeyMissing", "The ConfigMap lacks a key", "the kubelet could not find a key in a ConfigMap, or a pod that waits names a key that is not in it",
    "Add the key to the ConfigMap, or correct the reference.",
)  # fmt: skip
NO_SECRET = _code(
    "SecretMissing", "The Secret does not exist", "a container waits in CreateContainerConfigError, or a volume is not mounted, because a Secret is not found; or a pod that waits names one that is not there",
    "Create the Secret, correct its name, or mark the reference as optional. Where an operator makes it, see why it did not.",
)  # fmt: skip
NO_SECRET_KEY = _code(
    "SecretKeyMissing", "The Secret lacks a key", "the kubelet could not find a key in a Secret",
    "Add the key to the Secret, or correct the reference.",
)  # fmt: skip
MOUNT_CONFLICT = _code(
    "MountPathWrong", "A volume cannot be mounted where the container wants it", "the kubelet or the runtime says that a subPath cannot be prepared, or that a mount path is a file where a directory is needed",
    "Correct mountPath and subPath: a file can only be mounted on a file, and a subPath has to be inside its volume.",
)  # fmt: skip
CONFIG_REFUSED = _code(
    "ContainerConfigRefused", "The kubelet refuses the container's configuration", "a container waits in CreateContainerConfigError for another reason",
    "Read the kubelet's message; it names what it does not accept.",
)  # fmt: skip
RUNS_AS_ROOT = _code(
    "RunsAsRoot", "The container must not run as root, and its image does", "a container waits in CreateContainerConfigError, and the kubelet says that runAsNonRoot is set",
    "Set runAsUser to a number that is not 0, or build the image with a numeric user.",
)  # fmt: skip

_CODES: Mapping[tuple[str, bool], Code] = {
    ("ConfigMap", False): NO_CONFIG_MAP, ("ConfigMap", True): NO_CONFIG_KEY, ("Secret", False): NO_SECRET, ("Secret", True): NO_SECRET_KEY,
}  # fmt: skip
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}
_ABSENT = re.compile(
    r"(?P<kind>configmap|secret)s? \"?(?P<name>[\w./-]+?)\"? (?:is |was )?(?:not found|missing|absent|does not exist)",
    re.IGNORECASE,
)
_NO_KEY = re.compile(
    r"find key \"?(?P<key>[\w./-]+?)\"? in (?P<kind>configmap|secret) \"?(?:[\w-]+/)?(?P<name>[\w.-]+)", re.IGNORECASE
)
_NO_ITEM = re.compile(r"references? non-?existent (?P<kind>config|secret) key:? \"?(?P<key>[\w./-]+)", re.IGNORECASE)
_MOUNT = re.compile(
    r"subpath|not a directory|mounting a directory onto a file|vice-versa|is a directory|mount path", re.IGNORECASE
)
_ROOT = re.compile(r"runAsNonRoot|run as root|non-numeric user", re.IGNORECASE)
_LATELY = timedelta(minutes=15)
_JUST_MADE = timedelta(seconds=5)


@dataclass(frozen=True)
class _Lack:
    """What is not there: an object, or one key of it."""

    kind: str
    namespace: str
    name: str
    key: str

    @property
    def code(self) -> Code:
        return _CODES[self.kind, bool(self.key)]

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.namespace, self.name)

    @property
    def says(self) -> str:
        if self.key:
            return f"{self.kind} {quoted(self.name)} has no key {quoted(self.key)}"
        return f"{self.kind} {quoted(self.name)} does not exist"


_Proof = dict[Ref, list[Evidence]]
"""By the pod or workload that suffers."""


@detects(NO_CONFIG_MAP, NO_CONFIG_KEY, NO_SECRET, NO_SECRET_KEY)
def something_named_is_missing(scene: Scene) -> Iterator[Symptom]:
    """A pod waits for a ConfigMap, a Secret, or a key of one that is not there."""
    proofs: dict[_Lack, _Proof] = defaultdict(lambda: defaultdict(list))
    for pod in scene.all("Pod"):
        if _waits(pod):
            for lack, proof in (*_said(scene, pod), *_named(scene, pod)):
                proofs[lack][pod.ref].append(proof)
    for lack, found in proofs.items():
        whole = any(other.ref == lack.ref and not other.key for other in proofs)
        if not (lack.key and whole):
            yield _missing(scene, lack, found)


def _missing(scene: Scene, lack: _Lack, proof: _Proof) -> Symptom:
    """One symptom however many wait for it. Where several workloads do, what is missing is what has to be mended."""
    pods = [pod for ref in proof if (pod := scene.get(ref.kind, ref.namespace, ref.name)) is not None]
    workloads = tuple(sorted({scene.workload_ref(pod) for pod in pods}))
    root = workloads[0] if len(workloads) == 1 else lack.ref
    who = ", ".join(ref.name for ref in workloads[:3])
    return Symptom(
        code=lack.code,
        root=root,
        about=f"{lack.name}/{lack.key}",
        cause=f"{who} cannot start: {lack.says}.",
        evidence=[each for found in proof.values() for each in found],
        since=min((pod.created_at for pod in pods if pod.created_at), default=None),
        affected=(*proof, *workloads, lack.ref),
        consequence=f"{who} cannot start: {lack.says}",
        confidence=0.97,
    )


def _waits(pod: Object) -> bool:
    """Is there a container that was placed and does not come up?"""
    if pod.deleted_at is not None or pod.status.get("phase") in ("Succeeded", "Failed", "Unknown"):
        return False
    statuses = (*(pod.status.get("initContainerStatuses") or ()), *(pod.status.get("containerStatuses") or ()))
    return bool(pod.spec.get("nodeName")) and (
        not statuses or any((s.get("state") or {}).get("waiting") for s in statuses)
    )


def _said(scene: Scene, pod: Object) -> Iterator[tuple[_Lack, Evidence]]:
    """What the kubelet says is not there: in what containers wait for, and in events about volumes."""
    for container in scene.containers([pod]):
        message = str(container.waiting.get("message") or "")
        if container.waiting.get("reason") == "CreateContainerConfigError":
            field = f"status.containerStatuses[{container.name}].state.waiting"
            for lack in _read(pod, message):
                yield lack, evidence(pod.ref, field, f"CreateContainerConfigError: {message}")
    for event in scene.events(pod.ref, "FailedMount", "Failed"):
        if event.warning and scene.age(event.last) < _LATELY:
            for lack in _read(pod, event.message):
                yield lack, evidence(pod.ref, f"event {event.reason}", event.message, event.last)


def _read(pod: Object, message: str) -> Iterator[_Lack]:
    """Kubelet's sentences. An item of a volume is named without its ConfigMap, which the pod spec knows."""
    if found := _NO_KEY.search(message):
        yield _Lack(_KINDS[found["kind"].lower()], pod.namespace, found["name"], found["key"])
    elif found := _NO_ITEM.search(message):
        kind = "ConfigMap" if found["kind"].lower() == "config" else "Secret"
        names = {use.name for use in uses(pod.template) if use.kind == kind and use.key == found["key"]}
        yield from (_Lack(kind, pod.namespace, name, found["key"]) for name in sorted(names))
    elif found := _ABSENT.search(message):
        yield _Lack(_KINDS[found["kind"].lower()], pod.namespace, found["name"].rpartition("/")[2], "")


def _named(scene: Scene, pod: Object) -> Iterator[tuple[_Lack, Evidence]]:
    """What the pod spec names and what is certainly not there."""
    if scene.age(pod.created_at) < _JUST_MADE or not _stands_before_its_start(pod):
        return
    for use in uses(pod.template):
        if use.kind not in _KINDS.values() or use.optional or _is_injected(use):
            continue
        proof = evidence(pod.ref, f"spec: {use.how}", f"{use.kind} {use.name}{f', key {use.key}' if use.key else ''}")
        if scene.absent(use.kind, pod.namespace, use.name):
            yield _Lack(use.kind, pod.namespace, use.name, ""), proof
        elif use.key and _lacks_key(scene, pod.namespace, use):
            yield _Lack(use.kind, pod.namespace, use.name, use.key), proof


def _stands_before_its_start(pod: Object) -> bool:
    """A container that waits for its image or for its turn after a crash got past its configuration."""
    early = {"", "ContainerCreating", "PodInitializing", "CreateContainerConfigError"}
    statuses = (*(pod.status.get("initContainerStatuses") or ()), *(pod.status.get("containerStatuses") or ()))
    waiting = [(s.get("state") or {}).get("waiting") or {} for s in statuses if not s.get("restartCount")]
    return not statuses or any(str(each.get("reason") or "") in early for each in waiting if each)


def _is_injected(use: Use) -> bool:
    """The API server adds a volume with the cluster's own certificates to every pod."""
    return use.how.startswith("volume kube-api-access-")


def _lacks_key(scene: Scene, namespace: str, use: Use) -> bool:
    """Is it certain? Of a Secret usually nothing but its name is read."""
    found = scene.get(use.kind, namespace, use.name)
    if found is None or (use.kind == "Secret" and "data" not in found.raw):
        return False
    return use.key not in {**(found.raw.get("data") or {}), **(found.raw.get("binaryData") or {})}


@detects(MOUNT_CONFLICT, RUNS_AS_ROOT, CONFIG_REFUSED)
def configuration_refused(scene: Scene) -> Iterator[Symptom]:
    """The kubelet will not make the container, and it is not for something missing."""
    for group in alike(scene, Trouble.CONFIGURATION):
        each = group[0]
        if next(_read(each.pod, each.said), None) is not None:
            continue
        code, says = _refusal(each.said)
        if code is CONFIG_REFUSED and any(True for _ in _named(scene, each.pod)):
            continue
        yield Symptom(
            code=code,
            root=each.root,
            about=each.container.name,
            cause=f"{each.subject} cannot start: {says}.",
            evidence=each.observed(),
            since=each.pod.created_at,
            affected=[one.pod.ref for one in group],
            consequence=f"{each.subject} cannot start",
            confidence=0.7 if code is CONFIG_REFUSED else 0.95,
        )


def _refusal(said: str) -> tuple[Code, str]:
    if _ROOT.search(said):
        return (
            RUNS_AS_ROOT,
            "it must not run as root (runAsNonRoot), and its image runs as root or gives its user only by name",
        )
    if _MOUNT.search(said):
        return MOUNT_CONFLICT, f"a volume cannot be mounted where it is wanted: “{quoted(said)}”"
    return CONFIG_REFUSED, f"the kubelet refuses its configuration: “{quoted(said)}”"
