"""Services that nobody declared, found by the labels that Kubernetes recommends."""

from collections import Counter
from collections.abc import Iterable

from integrations.kubernetes.api import Object
from integrations.kubernetes.reading import containers, pod_template
from skills.core.catalog import DNS_LABEL, Service
from skills.core.names import EnvironmentName, ServiceName

_PREFIX = "app.kubernetes.io/"
_RECOMMENDED = ("name", "instance", "part-of", "component")


def discovered(environment: str, deployments: Iterable[Object]) -> tuple[Service, ...]:
    """A service for each Deployment that has at least one of the labels, by name.

    Where several bear the same `app.kubernetes.io/name` (a web and a worker half, say), each goes by its Deployment's name.
    """
    labelled = [item for item in deployments if any(_label(item, key) for key in _RECOMMENDED)]
    bearers = Counter(_label(item, "name") for item in labelled)
    services = [_service(environment, item, unique=bearers[_label(item, "name")] == 1) for item in labelled]
    return tuple(sorted(services, key=lambda service: service.name))


def repository(image: str) -> str:
    """An image reference without its tag and digest."""
    plain = image.partition("@")[0]
    head, _, last = plain.rpartition("/")
    name = last.partition(":")[0]
    return f"{head}/{name}" if head else name


def _service(environment: str, deployment: Object, *, unique: bool) -> Service:
    workload, given = deployment["metadata"]["name"], _label(deployment, "name")
    name = given if unique and DNS_LABEL.fullmatch(given) else workload
    first = next(iter(containers(pod_template(deployment))), None)
    return Service(
        name=ServiceName(name),
        workload=workload,
        system=_label(deployment, "part-of"),
        image=repository(first.image) if first else "",
        environments=(EnvironmentName(environment),),
        discovered=True,
    )


def _label(deployment: Object, key: str) -> str:
    return str((deployment["metadata"].get("labels") or {}).get(_PREFIX + key, ""))
