"""`countersign troubleshoot`: what is wrong in a namespace or a cluster. Needs no database, and with `--kubeconfig` no configuration."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import loop
from skills.core.catalog import nearest, shown
from skills.core.errors import Ambiguous, BadInput, UnknownName
from skills.core.ports.snapshots import Scope, Snapshots
from skills.diagnosis.changes import Change, in_cluster, with_suspects
from skills.diagnosis.concerns import concerning, named
from skills.diagnosis.diagnose import conclude, look
from skills.diagnosis.finding import Diagnosis
from skills.diagnosis.registry import all_codes, all_detectors
from skills.diagnosis.scene import WORKLOADS, Scene

if TYPE_CHECKING:
    from bot.configuration import EnvironmentSettings
    from bot.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where to look, and with what."""

    snapshots: Snapshots
    scope: Scope


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What came of it. `changes` is the time line of what was looked at, oldest first, and `counted` how much that was."""

    diagnosis: Diagnosis
    changes: tuple[Change, ...]
    counted: str


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Look, conclude, print. Raises `UnknownName`, `Unavailable` and what reading the configuration raises."""
    if arguments.codes:
        _print_codes(as_json=arguments.json)
        return 0
    return loop.run(_troubleshoot(arguments, settings))


async def _troubleshoot(arguments: argparse.Namespace, settings: "Settings") -> int:
    all_detectors()  # the program itself: loading it is not part of looking
    async with _ground(arguments, settings) as ground:
        looked = await troubleshoot(ground, service=arguments.service)
    if arguments.json:
        print(json.dumps(looked.diagnosis.to_json()))
    else:
        _show(looked, ground.scope, service=arguments.service, plain=arguments.plain)
    return 0


async def troubleshoot(ground: Ground, *, service: str = "") -> Looked:
    """Look and conclude. Raises `UnknownName` where there is no such namespace or service."""
    begun = time.perf_counter()
    seen = await look(ground.snapshots, ground.scope)
    scene = Scene(seen)
    diagnosis, changes = conclude(seen, scene), in_cluster(scene)
    if service:
        diagnosis = _narrowed(diagnosis, scene, service)
    diagnosis = replace(diagnosis, findings=with_suspects(diagnosis.findings, changes, scene))
    counted = f"{len(scene.all('Pod'))} pods and {sum(1 for _ in scene.workloads())} workloads"
    return Looked(diagnosis=replace(diagnosis, seconds=time.perf_counter() - begun), changes=changes, counted=counted)


def _narrowed(diagnosis: Diagnosis, scene: Scene, service: str) -> Diagnosis:
    namespaces = scene.snapshot.scope.namespaces or scene.namespaces
    wanted = [ref for namespace in namespaces for ref in named(scene, service, namespace)]
    if not wanted:
        known = {each.name for kind in (*WORKLOADS, "Service") for each in scene.all(kind) if each.controller is None}
        raise UnknownName("workload or Service", shown(service), nearest(service, sorted(known)))
    return concerning(diagnosis, scene, wanted)


@asynccontextmanager
async def _ground(arguments: argparse.Namespace, settings: "Settings") -> AsyncIterator[Ground]:
    """The cluster that is meant."""
    async with AsyncExitStack() as stack:
        if arguments.kubeconfig or arguments.context:
            yield await _by_kubeconfig(stack, arguments)
        else:
            yield await _by_configuration(stack, arguments, settings)


async def _by_kubeconfig(stack: AsyncExitStack, arguments: argparse.Namespace) -> Ground:
    """The connection is made at once, so that the time it takes to load the client is not counted as looking."""
    from integrations.kubernetes import KubernetesCluster  # noqa: PLC0415 - the simulated cluster does without

    if not arguments.namespace and not arguments.cluster:
        raise BadInput("Which namespace?", hint="Say --namespace NS, or --cluster for all of them.")
    environment = arguments.context or "the kubeconfig"
    cluster = KubernetesCluster.connect(
        environment=environment,
        namespace=arguments.namespace,
        kubeconfig=Path(arguments.kubeconfig) if arguments.kubeconfig else None,
        context=arguments.context or None,
    )
    stack.push_async_callback(cluster.close)
    await cluster.open()
    return Ground(snapshots=cluster, scope=_scope(arguments, environment, arguments.namespace))


async def _by_configuration(stack: AsyncExitStack, arguments: argparse.Namespace, settings: "Settings") -> Ground:
    from bot.clusters import connected  # noqa: PLC0415 - a kubeconfig does without
    from bot.configuration import load  # noqa: PLC0415 - the same
    from skills.core.registry import discover  # noqa: PLC0415 - the same

    environ = {**settings.environ, "COUNTERSIGN_DATA": str(settings.data)}
    configuration = load(settings.config, environ, skills=[each.name for each in discover()])
    meant = _environment(configuration.environments, arguments)
    reached = connected(stack, [meant], settings, clock=lambda: datetime.now(UTC), sleep=asyncio.sleep)
    name = meant.environment.name
    namespace = arguments.namespace or meant.environment.namespace
    return Ground(snapshots=reached[name], scope=_scope(arguments, name, namespace))


def _environment(known: "tuple[EnvironmentSettings, ...]", arguments: argparse.Namespace) -> "EnvironmentSettings":
    """The environment of that name, or else the one that has that namespace, or else the only one there is."""
    by_name = {word: each for each in known for word in (each.environment.name, *each.environment.aliases)}
    if arguments.environment:
        if arguments.environment not in by_name:
            raise UnknownName("environment", shown(arguments.environment), nearest(arguments.environment, by_name))
        return by_name[arguments.environment]
    fitting = [each for each in known if arguments.namespace in ("", each.environment.namespace)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = [str(each.environment.name) for each in fitting]
        raise Ambiguous(
            "More than one environment may be meant; --environment chooses one.", slot="environment", candidates=names
        )
    namespaces = [each.environment.namespace for each in known]
    close = nearest(arguments.namespace, namespaces) or tuple(namespaces)
    raise UnknownName("environment with the namespace", shown(arguments.namespace), close)


def _scope(arguments: argparse.Namespace, environment: str, namespace: str) -> Scope:
    return Scope(environment=environment, namespaces=() if arguments.cluster else (namespace,))


def _show(looked: Looked, scope: Scope, *, service: str, plain: bool) -> None:
    from bot.cli.screen import Screen, reads_plainly  # noqa: PLC0415 - JSON does without
    from bot.usecases.answers import Answered  # noqa: PLC0415 - the same
    from skills.core.report import Report  # noqa: PLC0415 - the same
    from skills.diagnosis.telling import Names, parts, summary  # noqa: PLC0415 - the same

    diagnosis = looked.diagnosis
    where = f"namespace {scope.namespaces[0]}" if scope.namespaces else "the whole cluster"
    what = f"{service} in {where}" if service else where
    report = Report(
        title=f"Diagnosis of {what}",
        summary=summary(diagnosis, what=what if service else f"{what[:1].upper()}{what[1:]}", looked_at=looked.counted),
        parts=parts(diagnosis, names=Names(environment=scope.environment), changes=looked.changes),
    )
    screen = Screen(plain=plain or reads_plainly(sys.stdout), clock=lambda: datetime.now(UTC))
    screen.answer(Answered(report=report))


def _print_codes(*, as_json: bool) -> None:
    from skills.diagnosis.codes import page  # noqa: PLC0415 - troubleshooting does without

    codes = all_codes()
    if as_json:
        rows = [{"code": c.name, "cause": c.title, "signals": c.signals, "remedy": c.remedy} for c in codes]
        print(json.dumps({"codes": rows}))
    else:
        sys.stdout.write(page(codes))
