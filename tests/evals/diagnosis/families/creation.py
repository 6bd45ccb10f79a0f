"""Pods that may not be created."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import Manifest, app, condition, deployment, event, job, service

_SAYS = {
    "QuotaNeedsResources": 'pods "checkout-x" is forbidden: failed quota: team-quota: must specify limits.memory for: app',
    "LimitRangeRefuses": 'pods "checkout-x" is forbidden: maximum memory usage per Container is 256Mi, but limit is 1Gi',
    "PodSecurityRefuses": 'pods "checkout-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
    "AdmissionDenied": 'admission webhook "policy.example.com" denied the request: image must come from registry.example',
    "ServiceAccountMissing": 'error looking up service account shop/robot: serviceaccount "robot" not found',
    "PriorityClassMissing": 'pods "checkout-x" is forbidden: no PriorityClass with name vip was found',
    "PodTemplateInvalid": 'Pod "checkout-x" is invalid: spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 512Mi',
    "PodCreationRefused": "the oracle is asleep",
}


def scenarios() -> Iterator[Scenario]:
    for code, message in _SAYS.items():
        yield fault(f"{code}, no pod at all", _refused(message), code, "Deployment/checkout")
    quota = 'pods "checkout-x" is forbidden: exceeded quota: team-quota, requested: requests.cpu=2, used: requests.cpu=3, limited: requests.cpu=4'
    yield fault("a quota that is used up", _refused(quota), "QuotaExceeded", "ResourceQuota/team-quota")
    yield fault(
        "one quota stops two Deployments", [*_refused(quota), *_refused(quota, name="search")], "QuotaExceeded", "ResourceQuota/team-quota",
    )  # fmt: skip
    policy = "ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: images need a tag"
    yield fault("an admission policy", _refused(policy), "AdmissionDenied", "Deployment/checkout")
    down = 'Internal error occurred: failed calling webhook "inject.mesh.example": failed to call webhook: Post "https://injector.shop.svc:443/inject?timeout=10s": no endpoints available for service "injector"'
    yield fault("a webhook that does not answer", _refused(down), "AdmissionWebhookDown", "Deployment/checkout")
    yield fault(
        "a webhook that is down, because its own Service selects nothing", [*_refused(down), *service("injector", selector={"app": "typo"})],
        "ServiceSelectsNothing", "Service/injector",
    )  # fmt: skip
    yield fault(
        "a job whose pod is refused",
        _job_refused(_SAYS["ServiceAccountMissing"]),
        "ServiceAccountMissing",
        "Job/report",
    )
    yield healthy("a refusal that was mended since", _mended())


def _refused(message: str, *, name: str = "checkout") -> list[Manifest]:
    """A Deployment of two without a pod, with a Service in front, and the reason in its ReplicaSet."""
    whole, behind = deployment(name, replicas=0)[:2]
    said = condition("ReplicaFailure", True, "FailedCreate", message, age=600)
    whole["spec"]["replicas"] = behind["spec"]["replicas"] = 2
    whole["status"]["conditions"] = [
        condition("Available", False, "MinimumReplicasUnavailable", age=600), said, condition("Progressing", False, "ProgressDeadlineExceeded", age=60),
    ]  # fmt: skip
    behind["status"]["conditions"] = [said]
    return [whole, behind, *service(name), event(behind, "FailedCreate", f"Error creating: {message}", count=12)]


def _job_refused(message: str) -> list[Manifest]:
    whole = job()[0]
    return [whole, event(whole, "FailedCreate", f"Error creating: {message}")]


def _mended() -> list[Manifest]:
    objects = app()
    behind = next(each for each in objects if each["kind"] == "ReplicaSet")
    return [
        *objects,
        event(
            behind, "FailedCreate", 'Error creating: pods "x" is forbidden: exceeded quota: team-quota', seconds_ago=500
        ),
    ]
