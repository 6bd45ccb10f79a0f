"""What an alert is about, by facts of its labels alone; and an alert as a symptom."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from skills.core.catalog import DNS_LABEL, Catalog, Environment, Service
from skills.core.ports.alerts import Alert
from skills.core.untrusted import Shown, Untrusted
from skills.diagnosis.changes import Change
from skills.diagnosis.measured import ALERT_FIRES, Sign
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Evidence, Symptom

_SERVICES = (
    "deployment", "statefulset", "daemonset", "workload", "destination_workload", "app", "app_kubernetes_io_name", "service_name",
    "service", "container", "job",
)  # fmt: skip
"""Labels that may name a service, those of the cluster before those of whoever scraped it: kube-state-metrics is the job of many alerts."""
_OBJECTS = (
    "deployment", "statefulset", "daemonset", "pod", "persistentvolumeclaim", "cronjob", "job_name", "ingress", "service", "node",
)  # fmt: skip
_OF_A_POD = re.compile(r"\A(.+?)-[a-z0-9]{1,10}-[a-z0-9]{5}\Z")
_OBJECT_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_MOST_LABELS = 8


class _Unimportant(StrEnum):
    """Severities of alerts that are not about trouble."""

    NONE = "none"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class About:
    """What an alert names: a service of the catalog, or else an object and a namespace by names that such things may have."""

    service: Service | None = None
    object: str = ""
    namespace: str = ""


def about(alert: Alert, catalog: Catalog) -> About:
    """The first of its labels that name something decide."""
    return About(
        service=_service(alert.labels, catalog),
        object=next((name for key in _OBJECTS if _OBJECT_NAME.fullmatch(name := _name(alert.labels, key))), ""),
        namespace=_namespace(alert),
    )


def called(name: str, alerts: Iterable[Alert]) -> Sequence[Alert]:
    """Those of this name, in whatever case it was typed."""
    wanted = re.compile(rf"\A{re.escape(name)}\Z", re.IGNORECASE)
    return [each for each in alerts if each.name.holds(wanted)]


def names(alerts: Iterable[Alert]) -> Sequence[str]:
    """What they are called, as far as that is a name."""
    return sorted({name for each in alerts if (name := each.name.as_name())})


def of_service(
    alerts: Iterable[Alert], service: Service, environment: Environment, catalog: Catalog
) -> Sequence[Alert]:
    """Those about trouble of a service there. One that says another namespace is of another environment."""
    own = (service.namespace or environment.namespace, "")
    return [
        each
        for each in alerts
        if _service(each.labels, catalog) == service and _namespace(each) in own and not _unimportant(each)
    ]


def signs(alerts: Iterable[Alert], root: Ref, name: str) -> tuple[Sign, ...]:
    """That they fire, as symptoms of the service `name`, whose workload is `root`."""
    return tuple(Sign(symptom=_symptom(each, root, name)) for each in alerts)


def in_time_line(alerts: Iterable[Alert], root: Ref) -> tuple[Change, ...]:
    """When they began, beside what was changed."""
    return tuple(
        Change(at=each.since, about=root, what=f"alert {each.name.shown(limit=80)} fires from here on", kind="alert")
        for each in alerts
    )


def shown_labels(alert: Alert) -> Shown:
    """Its labels, for people to read."""
    told = [f"{key}={value.shown(limit=60)}" for key, value in sorted(alert.labels.items())[:_MOST_LABELS]]
    return Untrusted(", ".join(told)).shown()


def _symptom(alert: Alert, root: Ref, name: str) -> Symptom:
    title = alert.name.shown(limit=80)
    return Symptom(
        code=ALERT_FIRES,
        root=root,
        about=title,
        cause=f"The alert {title} fires for {name} since {alert.since:%H:%M} UTC, and I find nothing that explains it",
        evidence=[Evidence(about=root, field=f"alert {title}", value=shown_labels(alert), at=alert.since)],
        since=alert.since,
        because_of=(root,),
        consequence=f"the alert {title} fires since {alert.since:%H:%M} UTC",
        confidence=0.7,
    )


def _service(labels: Mapping[str, Untrusted], catalog: Catalog) -> Service | None:
    candidates = [labels[key] for key in _SERVICES if key in labels]
    pod = labels["pod"].part(_OF_A_POD) if "pod" in labels else None
    for candidate in [*([pod] if pod else []), *candidates]:
        name = candidate.as_catalog_name(catalog)
        if name:
            return catalog.service(name)
    return None


def _namespace(alert: Alert) -> str:
    name = _name(alert.labels, "namespace")
    return name if DNS_LABEL.fullmatch(name) else ""


def _name(labels: Mapping[str, Untrusted], key: str) -> str:
    found = labels.get(key)
    return ((found.as_name() if found else None) or "").lower()


def _unimportant(alert: Alert) -> bool:
    severity = alert.labels.get("severity")
    return severity is not None and severity.as_enum(_Unimportant) is not None
