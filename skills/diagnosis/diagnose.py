"""The whole way: look, see who is suspect, look closer, conclude."""

from collections.abc import Iterator

from skills.core.ports.snapshots import Budget, Scope, Snapshot, Snapshots
from skills.diagnosis.finding import Diagnosis
from skills.diagnosis.looking import FIRST, more_kinds, suspects
from skills.diagnosis.merging import findings
from skills.diagnosis.registry import all_detectors
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Symptom


async def look(snapshots: Snapshots, scope: Scope, *, budget: Budget | None = None) -> Snapshot:
    """Everything that a diagnosis of this scope rests on. Raises what `Snapshots.take` raises."""
    limit = budget or Budget()
    seen = await snapshots.take(scope, FIRST, budget=limit)
    kinds = more_kinds(Scene(seen))
    if kinds:
        seen = seen.joined(await snapshots.take(scope, kinds, budget=limit.after(seen)))
    wanted = suspects(Scene(seen))
    return seen.joined(await snapshots.logs(scope, wanted, budget=limit.after(seen))) if wanted else seen


def conclude(seen: Snapshot) -> Diagnosis:
    """What is wrong there. Pure: equal snapshots give equal diagnoses."""
    scene = Scene(seen)
    return Diagnosis(
        findings=findings(symptoms(scene)),
        unseen=seen.unseen,
        taken_at=seen.taken_at,
        calls=seen.calls,
        bytes=seen.bytes,
        seconds=seen.seconds,
    )


def symptoms(scene: Scene) -> Iterator[Symptom]:
    """Everything that any detector sees."""
    for detector in all_detectors():
        yield from detector.look(scene)
