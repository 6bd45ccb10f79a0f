"""environments.yaml: the worlds that services run in, and how to reach each."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from bot.configuration.checking import check
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.problems import Problem
from bot.configuration.secrets import secret
from bot.configuration.settings import (
    ClusterSettings,
    EnvironmentSettings,
    KubernetesCluster,
    MetricsSettings,
    PrometheusSettings,
    SimulatedCluster,
    SimulatedMetrics,
)
from bot.configuration.shapes import (
    EnvironmentShape,
    EnvironmentsShape,
    KubernetesShape,
    PrometheusShape,
    SimulatedMetricsShape,
)
from bot.configuration.telemetry import logs, traces
from skills.core.catalog import Environment
from skills.core.names import EnvironmentName

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def environments(
    document: Document, *, environ: Mapping[str, str], problems: list[Problem]
) -> tuple[EnvironmentSettings, ...]:
    """Every environment in the file, in its order."""
    shape = check(document, EnvironmentsShape, problems)
    if shape is None:
        return ()
    if not shape.root:
        problems.append(document.problem((), "The file names no environment; there has to be one."))
    names = Claims(kind="name", problems=problems)
    places = Claims(kind="namespace", problems=problems)
    found = []
    for index, entry in enumerate(shape.root):
        names.claim(entry.name, entry.name, document, (index, "name"))
        for position, alias in enumerate(entry.aliases):
            names.claim(alias, entry.name, document, (index, "aliases", position))
        cluster = _cluster(entry, document, index, environ, problems)
        settings = replace(
            _settings(entry, cluster, _metrics(entry, document, index, environ, problems)),
            logs=logs(entry, environ, problems),
            traces=traces(entry, environ, problems),
        )
        place = f"{settings.environment.cluster}/{settings.environment.namespace}"
        places.claim(place, entry.name, document, (index, "namespace"))
        found.append(settings)
    return tuple(found)


def _settings(
    entry: EnvironmentShape, cluster: ClusterSettings, metrics: MetricsSettings | None
) -> EnvironmentSettings:
    environment = Environment(
        name=EnvironmentName(entry.name),
        namespace=entry.namespace or entry.name,
        protected=entry.protected,
        aliases=tuple(entry.aliases),
        cluster=_label(cluster),
    )
    default: Literal["simulated", "unchecked"] = "simulated" if cluster.kind == "simulated" else "unchecked"
    return EnvironmentSettings(
        environment=environment,
        cluster=cluster,
        discover=entry.discover,
        releases=entry.releases.kind if entry.releases else default,
        metrics=metrics,
    )


def _metrics(
    entry: EnvironmentShape, document: Document, index: int, environ: Mapping[str, str], problems: list[Problem]
) -> MetricsSettings | None:
    """Where the environment is measured. The simulated cluster is, unless it says otherwise."""
    shape, simulated = entry.metrics, entry.cluster.kind == "simulated"
    if shape is None:
        return SimulatedMetrics() if simulated else None
    if isinstance(shape, SimulatedMetricsShape) and not simulated:
        text = "only a simulated cluster has simulated metrics; name a Prometheus server, or leave it out."
        problems.append(document.problem((index, "metrics"), text))
    if not isinstance(shape, PrometheusShape):
        return SimulatedMetrics() if isinstance(shape, SimulatedMetricsShape) else None
    for field, variable in (("token", shape.token), ("password", shape.password)):
        if variable and not (environ.get(variable) or environ.get(f"{variable}_FILE")):
            text = f"the environment variable {variable} is not set, nor is {variable}_FILE."
            problems.append(document.problem((index, "metrics", field), text))
    return PrometheusSettings(
        url=shape.url.rstrip("/"),
        scope=shape.scope,
        scrape_seconds=shape.scrape_seconds,
        timeout_seconds=shape.timeout_seconds,
        username=shape.username,
        password=secret(environ, shape.password, problems) if shape.password else None,
        token=secret(environ, shape.token, problems) if shape.token else None,
        ca_file=_expanded(shape.ca_file, environ),
    )


def _cluster(
    entry: EnvironmentShape, document: Document, index: int, environ: Mapping[str, str], problems: list[Problem]
) -> ClusterSettings:
    shape = entry.cluster
    if not isinstance(shape, KubernetesShape):
        return SimulatedCluster()
    if shape.in_cluster:
        return KubernetesCluster(in_cluster=True)
    written = shape.kubeconfig or environ.get("KUBECONFIG", "") or "~/.kube/config"
    unset = [name for name in _VARIABLE.findall(shape.kubeconfig) if name not in environ]
    for name in unset:
        path = (index, "cluster", "kubeconfig")
        problems.append(document.problem(path, f"the environment variable {name} is not set."))
    return KubernetesCluster(kubeconfig=_expanded(written, environ), context=shape.context)


def _expanded(text: str, environ: Mapping[str, str]) -> str:
    text = _VARIABLE.sub(lambda match: environ.get(match[1], ""), text)
    home = environ.get("HOME") or str(Path.home())
    return home + text[1:] if text == "~" or text.startswith("~/") else text


def _label(cluster: ClusterSettings) -> str:
    """What tells two clusters apart, fit to be shown."""
    if isinstance(cluster, SimulatedCluster):
        return "simulated"
    if cluster.in_cluster:
        return "in-cluster"
    return cluster.context or f"current context of {cluster.kubeconfig}"
