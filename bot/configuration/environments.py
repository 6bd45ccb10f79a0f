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
from bot.configuration.settings import ClusterSettings, EnvironmentSettings, KubernetesCluster, SimulatedCluster
from bot.configuration.shapes import EnvironmentShape, EnvironmentsShape, KubernetesShape
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
            _settings(entry, cluster), logs=logs(entry, environ, problems), traces=traces(entry, environ, problems)
        )
        place = f"{settings.environment.cluster}/{settings.environment.namespace}"
        places.claim(place, entry.name, document, (index, "namespace"))
        found.append(settings)
    return tuple(found)


def _settings(entry: EnvironmentShape, cluster: ClusterSettings) -> EnvironmentSettings:
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
