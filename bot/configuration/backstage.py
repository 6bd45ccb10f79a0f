"""catalog/: services from Backstage descriptors, so that an organization can bring the `catalog-info.yaml` files it has.

Backstage descriptors are open: labels, other people's annotations and extra fields of a spec pass unread. What is ours, the annotations
under `countersign.dev/`, is checked as strictly as every other file.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.problems import Path, Problem
from bot.configuration.shapes import Name, dns_label
from skills.core.catalog import MetricsHints, Objective, Service, nearest, shown
from skills.core.errors import did_you_mean
from skills.core.names import EnvironmentName, ServiceName

OURS = "countersign.dev/"
ALIASES, WORKLOAD, CONTAINER, IMAGE = f"{OURS}aliases", f"{OURS}workload", f"{OURS}container", f"{OURS}image"
NAMESPACE = f"{OURS}namespace"
LEAST, MOST, ENVIRONMENTS = f"{OURS}min-replicas", f"{OURS}max-replicas", f"{OURS}environments"
MEASURED = ("selector", "traffic", "errors", "latency", "saturation")
"""What `countersign.dev/metrics-…` can say."""
SLO = f"{OURS}slo"
"""“99.9 over 30d”: which share of its requests has to succeed."""
METRICS = tuple(f"{OURS}metrics-{name}" for name in MEASURED)
KNOWN = (ALIASES, WORKLOAD, NAMESPACE, CONTAINER, IMAGE, LEAST, MOST, ENVIRONMENTS, SLO, *METRICS)
_LONGEST_QUERY = 1000
_LONGEST_OBJECTIVE = 90
"""Days. What measures keeps seldom more."""
_OBJECTIVE = re.compile(r"(?P<percent>[0-9]{1,2}(?:\.[0-9]{1,4})?) ?%? over (?P<days>[0-9]{1,3}) ?d(?:ays)?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_KINDS = ("Component", "Group", "User", "System", "API", "Resource", "Domain", "Location", "Template")
_REFERENCE = re.compile(r"(?:(?P<kind>[A-Za-z][A-Za-z0-9]*):)?(?:[A-Za-z0-9._-]+/)?(?P<name>[A-Za-z0-9._-]+)")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")


class _Open(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Metadata(_Open):
    name: str
    title: str = ""
    description: str = ""
    annotations: dict[str, Any] = {}


class _ServiceMetadata(_Metadata):
    name: Name


class _Spec(_Open):
    owner: str = ""
    system: str = ""
    dependsOn: list[str] = []  # noqa: N815 - Backstage's spelling


class _Entity(_Open):
    apiVersion: str  # noqa: N815 - Backstage's spelling
    kind: str
    metadata: _Metadata


class _Component(_Entity):
    metadata: _ServiceMetadata
    spec: _Spec = _Spec()


@dataclass(frozen=True, kw_only=True)
class Known:
    """What descriptors may refer to (None: not known, anything passes), and bounds that they may narrow."""

    environments: Collection[str] | None
    max_replicas: int


@dataclass(kw_only=True)
class Descriptors:
    """The services and groups found so far."""

    known: Known
    problems: list[Problem]
    teams: set[str] = field(default_factory=set)
    _services: list[tuple[Service, Document]] = field(default_factory=list)

    def add(self, document: Document) -> None:
        """Take in one document of any kind that Backstage has; all but components and groups pass unread."""
        entity = check(document, _Entity, self.problems)
        if entity is None:
            return
        if entity.kind not in _KINDS:
            hint = did_you_mean(nearest(entity.kind, _KINDS, limit=1)) or f"Known kinds: {', '.join(_KINDS)}."
            self.problems.append(document.problem(("kind",), f"is not a kind that Backstage has. {hint}"))
        if entity.kind == "Group":
            self.teams.add(entity.metadata.name)
        if entity.kind == "Component" and (component := check(document, _Component, self.problems)):
            self._services.append((self._service(component, document), document))

    def services(self) -> tuple[Service, ...]:
        """All of them, by name, once every name and dependency has been checked."""
        claims = Claims(kind="name", problems=self.problems)
        for service, document in self._services:
            claims.claim(service.name, service.name, document, ("metadata", "name"))
        for service, document in self._services:
            for alias in service.aliases:
                claims.claim(alias, service.name, document, _annotation(ALIASES))
        names = [service.name for service, _ in self._services]
        for service, document in self._services:
            self._check_dependencies(service, names, document)
        return tuple(sorted((service for service, _ in self._services), key=lambda service: service.name))

    def _check_dependencies(self, service: Service, names: list[ServiceName], document: Document) -> None:
        for dependency in service.depends_on:
            if dependency not in names:
                text = unknown("component", dependency, names)
                self.problems.append(document.problem(("spec", "dependsOn"), text))

    def _service(self, component: _Component, document: Document) -> Service:
        metadata, spec = component.metadata, component.spec
        ours = _Annotations(values=metadata.annotations, document=document, problems=self.problems)
        ours.check_keys()
        most = ours.count(MOST, default=self.known.max_replicas, least=1, most=self.known.max_replicas)
        return Service(
            name=ServiceName(metadata.name),
            title=metadata.title or metadata.name,
            description=metadata.description.strip(),
            owner=_owner(spec.owner),
            system=_named(spec.system),
            aliases=ours.names(ALIASES),
            depends_on=self._dependencies(spec, document),
            workload=ours.name(WORKLOAD) or ours.foreign_name("backstage.io/kubernetes-id"),
            namespace=ours.name(NAMESPACE) or ours.foreign_name("backstage.io/kubernetes-namespace"),
            container=ours.name(CONTAINER),
            image=ours.image(),
            min_replicas=ours.count(LEAST, default=min(1, most), least=0, most=most),
            max_replicas=most,
            environments=tuple(EnvironmentName(name) for name in ours.environments(self.known.environments)),
            objective=ours.objective(),
            metrics=MetricsHints(**{name: ours.query(key) for name, key in zip(MEASURED, METRICS, strict=True)}),
        )

    def _dependencies(self, spec: _Spec, document: Document) -> tuple[ServiceName, ...]:
        found = []
        for index, reference in enumerate(spec.dependsOn):
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                text = f"“{shown(reference)}” is not a reference such as component:default/payments-api."
                self.problems.append(document.problem(("spec", "dependsOn", index), text))
            elif (match["kind"] or "component").lower() == "component":
                found.append(ServiceName(match["name"]))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, kw_only=True)
class _Annotations:
    """Our own annotations of one component. Each accessor notes what is wrong and then answers with the default."""

    values: dict[str, Any]
    document: Document
    problems: list[Problem]

    def check_keys(self) -> None:
        for key in self.values:
            if key.startswith(OURS) and key not in KNOWN:
                hint = did_you_mean(nearest(key, KNOWN, limit=1))
                self._wrong(key, f"is not an annotation that we know. {hint}")

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._wrong(key, "should be text; put it in quotes.")
        return ""

    def name(self, key: str) -> str:
        return self._checked(key, self.text(key))

    def names(self, key: str) -> tuple[str, ...]:
        words = [word.strip() for word in self.text(key).split(",") if word.strip()]
        return tuple(word for word in words if self._checked(key, word))

    def foreign_name(self, key: str) -> str:
        value = self.values.get(key, "")
        return value if isinstance(value, str) and value and self._checked(key, value) else ""

    def image(self) -> str:
        image = self.text(IMAGE)
        if image and not _IMAGE.fullmatch(image):
            self._wrong(IMAGE, f"“{shown(image)}” is not an image repository; write it without a tag or digest.")
            return ""
        return image

    def query(self, key: str) -> str:
        """PromQL, of which only what every piece of it has is checked: that it is short, and that brackets and quotes are closed."""
        text = " ".join(self.text(key).split())
        if len(text) > _LONGEST_QUERY:
            self._wrong(key, f"is longer than {_LONGEST_QUERY} characters.")
            return ""
        bare = _QUOTED.sub("", text)
        if any(bare.count(opening) != bare.count(closing) for opening, closing in ("()", "[]", "{}")) or '"' in bare:
            self._wrong(key, "is no PromQL: a bracket or a quotation mark is not closed.")
            return ""
        return text

    def objective(self) -> Objective | None:
        text = self.text(SLO)
        match = _OBJECTIVE.fullmatch(text)
        if match and 0 < float(match["percent"]) < 100 and 1 <= int(match["days"]) <= _LONGEST_OBJECTIVE:
            return Objective(percent=Decimal(match["percent"]), days=int(match["days"]))
        if text:
            self._wrong(
                SLO,
                f"“{shown(text)}” is no objective; write it like “99.9 over 30d”, {_LONGEST_OBJECTIVE} days at most.",
            )
        return None

    def environments(self, known: Collection[str] | None) -> tuple[str, ...]:
        names = self.names(ENVIRONMENTS)
        for name in names:
            if known is not None and name not in known:
                self._wrong(ENVIRONMENTS, unknown("environment", name, sorted(known)))
        return names

    def count(self, key: str, *, default: int, least: int, most: int) -> int:
        text = self.text(key)
        if not text:
            return default
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text[:9])
        self._wrong(key, f"“{shown(text)}” should be a whole number from {least} to {most}.")
        return default

    def _checked(self, key: str, word: str) -> str:
        if not word:
            return ""
        try:
            return dns_label(word)
        except ValueError as error:
            self._wrong(key, str(error))
            return ""

    def _wrong(self, key: str, text: str) -> None:
        self.problems.append(self.document.problem(_annotation(key), text))


def _annotation(key: str) -> Path:
    return ("metadata", "annotations", key)


def _owner(reference: str) -> str:
    """The team that owns; for a person who owns, the whole reference, which is no team's name."""
    match = _REFERENCE.fullmatch(reference)
    if match is None or (match["kind"] or "group").lower() != "group":
        return reference
    return match["name"]


def _named(reference: str) -> str:
    match = _REFERENCE.fullmatch(reference)
    return match["name"] if match else reference
