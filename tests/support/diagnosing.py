"""What a detector makes of a scene, in a form that a test can compare."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from skills.core.ports.snapshots import LogWanted
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Symptom
from tests.support.manifests import NAMESPACE, Manifest, world
from tests.support.scenes import scene

Look = Callable[[Scene], Iterator[Symptom]]


def symptoms(look: Look, objects: Sequence[Manifest], logs: Mapping[str, str] | None = None) -> list[Symptom]:
    """What a detector yields. `logs` are those of containers called app, by pod; “pod?previous” is the one before the last restart."""
    return list(look(scene(*world(*objects), logs=_logs(logs or {}))))


def causes(
    look: Look, objects: Sequence[Manifest], logs: Mapping[str, str] | None = None
) -> list[tuple[str, str, str]]:
    """Code, root (“Kind/name”) and cause of each."""
    return [(s.code.name, f"{s.root.kind}/{s.root.name}", s.cause) for s in symptoms(look, objects, logs)]


def _logs(logs: Mapping[str, str]) -> Mapping[LogWanted, str]:
    wanted = {}
    for where, text in logs.items():
        name, _, previous = where.partition("?")
        wanted[LogWanted(namespace=NAMESPACE, pod=name, container="app", previous=bool(previous))] = text
    return wanted
