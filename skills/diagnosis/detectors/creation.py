"""Pods that are never created, because the API server refuses them: quotas, limit ranges, admission, pod security.

There is no pod to look at then. The controller that tried says why, in an event and, for a ReplicaSet, in a condition.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.reading import Reading, reading
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Severity, Symptom, detects, evidence, quoted

_FRESH = timedelta(minutes=20)
"""Controllers try again with growing pauses of up to a quarter of an hour; what was said longer ago may have been mended."""


def _code(name: str, title: str, signals: str, remedy: str) -> Code:
    return Code(
        name=name,
        title=title,
        severity=Severity.ERROR,
        depth=Depth.CONFIGURATION,
        signals=f"a controller cannot create pods (event FailedCreate, condition ReplicaFailure), and the API server says {signals}",
        remedy=remedy,
    )


QUOTA = _code(
    "QuotaExceeded", "The namespace's quota is used up", "“exceeded quota”",
    "Raise the quota, ask for less, or scale something else down.",
)  # fmt: skip
QUOTA_NEEDS = _code(
    "QuotaNeedsResources", "A quota demands that requests and limits are set, and they are not", "“failed quota: must specify”",
    "Set the requests and limits that the message names, or add a LimitRange with defaults.",
)  # fmt: skip
LIMIT_RANGE = _code(
    "LimitRangeRefuses", "The resources asked for are outside of what the namespace allows", "“minimum/maximum … usage per Container is”",
    "Ask for an amount within the LimitRange, or change the LimitRange.",
)  # fmt: skip
POD_SECURITY = _code(
    "PodSecurityRefuses", "The namespace's pod security level forbids the pod", "“violates PodSecurity”",
    "Set the security context that the message asks for, or label the namespace with a laxer level.",
)  # fmt: skip
WEBHOOK_DENIED = _code(
    "AdmissionDenied", "An admission policy refuses the pod", "“admission webhook … denied the request”, or that a ValidatingAdmissionPolicy denied it",
    "Do what the policy's message asks for.",
)  # fmt: skip
WEBHOOK_DOWN = _code(
    "AdmissionWebhookDown", "An admission webhook does not answer, and nothing can be created without it", "“failed calling webhook”",
    "Bring the webhook's service back. If it cannot be, its failurePolicy can be set to Ignore.",
)  # fmt: skip
ACCOUNT = _code(
    "ServiceAccountMissing", "The service account does not exist", "“serviceaccount … not found”",
    "Create the service account, or name one that exists.",
)  # fmt: skip
PRIORITY = _code(
    "PriorityClassMissing", "The priority class does not exist", "“no PriorityClass with name”",
    "Create the priority class, or name one that exists.",
)  # fmt: skip
INVALID = _code(
    "PodTemplateInvalid", "The pod template is not valid", "“is invalid”", "Correct the field that the message names.",
)  # fmt: skip
FORBIDDEN = _code(
    "PodCreationRefused", "The API server refuses to create the pod", "something that is not known to us", "Read the message.",
)  # fmt: skip

_REFUSALS: Sequence[Reading] = tuple(
    reading(code, pattern, says)
    for code, pattern, says in (
        (WEBHOOK_DOWN, r"failed calling webhook \"?(?P<name>[\w.-]+)", "the admission webhook {name} does not answer"),
        (QUOTA, r"exceeded quota: (?P<name>[\w.-]+), requested: (?P<asked>[^,]+(?:,[^,:]+)*?), used: (?P<used>.+?), limited: (?P<most>.+)", "quota {name} is used up (asked for {asked}, used {used}, at most {most})"),
        (QUOTA, r"exceeded quota: (?P<name>[\w.-]+)", "quota {name} is used up"),
        (QUOTA_NEEDS, r"failed quota: (?P<name>[\w.-]+): must specify (?P<what>.+)", "quota {name} demands that it sets {what}"),
        (LIMIT_RANGE, r"(?P<bound>minimum|maximum) (?P<what>\S+) usage per (?P<of>\w+) is (?P<limit>[^,]+?)[.,](?: but (?P<kind>request|limit) is (?P<asked>[^\s,]+))?", "the {bound} {what} for a {of} here is {limit}"),
        (LIMIT_RANGE, r"max limit to request ratio", "its limits are too far above its requests"),
        (POD_SECURITY, r"violates PodSecurity \"?(?P<level>[\w:.-]+)\"?:\s*(?P<what>.+)", "pod security {level} forbids it: {what}"),
        (WEBHOOK_DENIED, r"admission webhook \"?(?P<name>[\w.-]+)\"? denied the request:?\s*(?P<what>.*)", "the admission webhook {name} refuses it: {what}"),
        (WEBHOOK_DENIED, r"ValidatingAdmissionPolicy '(?P<name>[^']+)'.*denied request:?\s*(?P<what>.*)", "the admission policy {name} refuses it: {what}"),
        (ACCOUNT, r"serviceaccount \"?(?P<name>[\w.-]+)\"? not found", "the service account {name} does not exist"),
        (PRIORITY, r"no PriorityClass with name \"?(?P<name>[\w.-]+)", "the priority class {name} does not exist"),
        (INVALID, r"is invalid: (?P<what>.+)", "its template is not valid: {what}"),
        (FORBIDDEN, r"(?P<what>.+)", "the API server refuses it: {what}"),
    )
)  # fmt: skip
_WEBHOOK_SERVICE = re.compile(r"https?://([\w-]+)\.([\w-]+)\.svc")


@detects(
    QUOTA, QUOTA_NEEDS, LIMIT_RANGE, POD_SECURITY, WEBHOOK_DENIED, WEBHOOK_DOWN, ACCOUNT, PRIORITY, INVALID, FORBIDDEN
)  # fmt: skip
def pods_are_refused(scene: Scene) -> Iterator[Symptom]:
    """A controller wants more pods than there are, and may not create them."""
    for kind in ("ReplicaSet", "StatefulSet", "DaemonSet", "Job"):
        for controller in scene.all(kind):
            said = _said(scene, controller) if _lacks_pods(controller) else None
            if said is not None:
                yield _refused(scene, controller, *said)


def _lacks_pods(controller: Object) -> bool:
    status, spec = controller.status, controller.spec
    match controller.kind:
        case "DaemonSet":
            return int(status.get("currentNumberScheduled") or 0) < int(status.get("desiredNumberScheduled") or 0)
        case "Job":
            finished = controller.condition("Complete") or controller.condition("Failed")
            return not status.get("active") and not (finished and finished.true) and not spec.get("suspend")
    return int(status.get("replicas") or 0) < int(spec.get("replicas") or 0)


def _said(scene: Scene, controller: Object) -> tuple[str, Evidence] | None:
    """The refusal in the API server's words, from the condition or else the latest event."""
    failure = controller.condition("ReplicaFailure")
    if failure is not None and failure.true:
        return failure.message, evidence(
            controller.ref, "status.conditions[ReplicaFailure]", f"{failure.reason}: {failure.message}", failure.since
        )
    events = [e for e in scene.events(controller.ref, "FailedCreate") if e.warning and scene.age(e.last) < _FRESH]
    if not events:
        return None
    last = events[-1]
    return last.message, evidence(controller.ref, "event FailedCreate", last.message, last.last)


def _refused(scene: Scene, controller: Object, message: str, said: Evidence) -> Symptom:
    workload = scene.workload(controller)
    code, why, parts = _read(message)
    root = _root(code, workload, parts)
    missing, wanted = _missing(controller)
    lacks = f"{missing} of its {wanted} pods" if missing else "its pods"
    return Symptom(
        code=code,
        root=root,
        about="" if root != workload.ref else quoted(why)[:80],
        cause=f"{workload.name} cannot create {lacks}: {why}.",
        evidence=[said],
        since=said.at,
        affected=tuple(dict.fromkeys((workload.ref, controller.ref))),
        because_of=_explained_by(code, message),
        consequence=f"{workload.name} cannot create pods",
        severity=Severity.CRITICAL if wanted and missing == wanted else Severity.ERROR,
        confidence=0.7 if code is FORBIDDEN else 0.97,
    )


def _read(message: str) -> tuple[Code, str, Mapping[str, str]]:
    text = message.removeprefix("Error creating: ").removeprefix("(combined from similar events): Error creating: ")
    for refusal in _REFUSALS:
        found = refusal.pattern.search(text)
        if found:
            parts = {key: quoted(value or "").rstrip(".") for key, value in found.groupdict().items()}
            return refusal.code, refusal.says.format(**parts), parts
    return FORBIDDEN, "the API server refuses it", {}


def _root(code: Code, workload: Object, parts: Mapping[str, str]) -> Ref:
    """Quotas are shared, so they are the thing to repair; everything else is the workload's to repair."""
    if code is QUOTA and parts.get("name"):
        return Ref("ResourceQuota", workload.namespace, parts["name"])
    return workload.ref


def _missing(controller: Object) -> tuple[int, int]:
    """(missing, wanted) where the controller counts its pods; else zeros."""
    if controller.kind not in ("ReplicaSet", "StatefulSet"):
        return 0, 0
    wanted, have = int(controller.spec.get("replicas") or 0), int(controller.status.get("replicas") or 0)
    return wanted - have, wanted


def _explained_by(code: Code, message: str) -> tuple[Ref, ...]:
    """A webhook that does not answer is a Service without endpoints, where it runs in the cluster."""
    found = _WEBHOOK_SERVICE.search(message) if code is WEBHOOK_DOWN else None
    return (Ref("Service", found[2], found[1]),) if found else ()
