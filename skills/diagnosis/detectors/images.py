"""Images that cannot be had: the name, the tag, the platform, the credentials, or the registry."""

from collections.abc import Iterator, Sequence

from skills.diagnosis.objects import Container, Ref
from skills.diagnosis.reading import Reading, first, reading
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, detects, evidence

_WAITING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
_EVENTS = ("Failed", "BackOff", "InspectFailed", "ErrImageNeverPull")

NOT_FOUND = Code(
    name="ImageNotFound",
    title="The image does not exist",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits in ErrImagePull or ImagePullBackOff, and the registry said that it knows no such name or tag",
    remedy="Deploy a version that was pushed, or push this one.",
    repair=Repair.ROLLBACK,
)
DENIED = Code(
    name="ImagePullDenied",
    title="The registry refuses to hand out the image",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits for its image, and the registry answered unauthorized, forbidden or “pull access denied”",
    remedy="Name a valid pull secret in imagePullSecrets (or the service account), or let the node's identity read the repository. Some registries also answer this for images that do not exist.",
    repair=Repair.ROLLBACK,
)
RATE_LIMITED = Code(
    name="ImagePullRateLimited",
    title="The registry limits how often we may pull",
    severity=Severity.ERROR,
    depth=Depth.CLUSTER,
    signals="a container waits for its image, and the registry answered 429 or toomanyrequests",
    remedy="Wait, pull with an account, or pull through a mirror.",
)
WRONG_PLATFORM = Code(
    name="ImageWrongPlatform",
    title="The image was not built for the node's platform",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits for its image, and the runtime said that no manifest matches the platform",
    remedy="Build the image for the node's architecture too, or select nodes of the architecture it was built for.",
    repair=Repair.ROLLBACK,
)
BAD_NAME = Code(
    name="ImageNameInvalid",
    title="The image's name is not one",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits in InvalidImageName",
    remedy="Write the image as registry/repository:tag, in lower case.",
    repair=Repair.ROLLBACK,
)
NEVER_PULLED = Code(
    name="ImageNeverPulled",
    title="The image is not on the node and may not be pulled",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits in ErrImageNeverPull",
    remedy="Set imagePullPolicy to IfNotPresent, or load the image onto the node.",
)
UNREACHABLE = Code(
    name="RegistryUnreachable",
    title="The registry does not answer",
    severity=Severity.ERROR,
    depth=Depth.CLUSTER,
    signals="a container waits for its image, and the runtime could not connect, resolve the registry's name, or trust its certificate",
    remedy="Check the registry, the node's DNS and egress, and the certificate that the registry shows.",
)
NOT_PULLED = Code(
    name="ImagePullFailed",
    title="The image cannot be pulled",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a container waits for its image, and what the registry said is not known to us",
    remedy="Read the message of the event; try to pull the image by hand.",
    repair=Repair.ROLLBACK,
)

_READINGS: Sequence[Reading] = (
    reading(RATE_LIMITED, r"toomanyrequests|too many requests|\b429\b|rate limit", "the registry limits how often it may be pulled"),
    reading(WRONG_PLATFORM, r"no match(ing manifest)? for platform|no matching manifest|exec format", "it was not built for the platform of the node"),
    reading(DENIED, r"unauthorized|authentication required|access denied|denied:|forbidden|\b40[13]\b|no basic auth|insufficient_scope", "the registry refuses access to it"),
    reading(UNREACHABLE, r"i/o timeout|no such host|connection refused|dial tcp|x509|tls:|deadline exceeded|temporary failure|network is unreachable", "its registry cannot be reached"),
    reading(NOT_FOUND, r"not found|manifest unknown|does not exist|name unknown|no such image|\b404\b", "there is no such image in the registry"),
)  # fmt: skip
_BY_REASON = {
    "InvalidImageName": (BAD_NAME, "that is not a valid image name"),
    "ErrImageNeverPull": (NEVER_PULLED, "it is not on the node, and imagePullPolicy Never forbids to pull it"),
}


@detects(NOT_FOUND, DENIED, RATE_LIMITED, WRONG_PLATFORM, BAD_NAME, NEVER_PULLED, UNREACHABLE, NOT_PULLED)
def image_cannot_be_had(scene: Scene) -> Iterator[Symptom]:
    """A container waits for an image that does not come."""
    for pod in scene.all("Pod"):
        for container in scene.containers([pod]):
            if container.waiting.get("reason") in _WAITING:
                yield _symptom(scene, container)


def _symptom(scene: Scene, container: Container) -> Symptom:
    pod, root = container.pod, scene.workload_ref(container.pod)
    said = _said(scene, container)
    code, why = _read(str(container.waiting.get("reason")), [each.value for each in said])
    return Symptom(
        code=code,
        root=root,
        about=container.image,
        cause=f"{root.name} cannot start: {why} ({container.image}).",
        evidence=said,
        since=pod.created_at,
        affected=(pod.ref,),
        because_of=_explained_by(code, container),
        consequence=f"{root.name} cannot pull {container.image}",
        confidence=0.7 if code is NOT_PULLED else 0.97,
    )


def _said(scene: Scene, container: Container) -> list[Evidence]:
    """What the kubelet says it waits for, and what it said in events about this image."""
    pod, waiting = container.pod, container.waiting
    field = f"status.containerStatuses[{container.name}].state.waiting"
    message = waiting.get("message") or ""
    found = [evidence(pod.ref, field, f"{waiting.get('reason')}: {message}" if message else waiting.get("reason"))]
    found += [
        evidence(pod.ref, f"event {event.reason}", event.message, event.last)
        for event in scene.events(pod.ref, *_EVENTS)
        if container.image in event.message or "image" in event.message.lower()
    ]
    return found


def _read(reason: str, messages: Sequence[str]) -> tuple[Code, str]:
    """Which condition it is, and how it reads in a sentence. The reading that the registry's own words give wins over back-off texts."""
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    meant = first(_READINGS, messages)
    return (meant.code, meant.says) if meant else (NOT_PULLED, "its image cannot be pulled")


def _explained_by(code: Code, container: Container) -> tuple[Ref, ...]:
    """A missing pull secret explains a refusal."""
    secrets = container.pod.spec.get("imagePullSecrets") or ()
    if code is not DENIED:
        return ()
    return tuple(Ref("Secret", container.pod.namespace, each["name"]) for each in secrets if each.get("name"))
