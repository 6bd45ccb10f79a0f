"""The whole way: look, see who is suspect, look closer, conclude."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from skills.core.ports.snapshots import Budget, NothingSeen, Scope, Snapshot, Snapshots, Unseen
from skills.diagnosis.finding import Diagnosis
from skills.diagnosis.looking import FIRST, more_kinds, named, suspects
from skills.diagnosis.merging import findings
from skills.diagnosis.registry import all_detectors
from skills.diagnosis.resting import collector_at_rest
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Detector, Symptom


async def look(snapshots: Snapshots, scope: Scope, *, budget: Budget | None = None) -> Snapshot:
    """Everything that a diagnosis of this scope rests on: one wide look, and then a closer one at suspects. Raises what `Snapshots.take` raises."""
    with collector_at_rest():
        return await _look(snapshots, scope, budget or Budget())


async def _look(snapshots: Snapshots, scope: Scope, limit: Budget) -> Snapshot:
    seen = await snapshots.take(scope, FIRST, budget=limit)
    scene, left = Scene(seen), limit.after(seen).divided(3)
    kinds, names, logs = more_kinds(scene), named(scene), suspects(scene)
    closer = [
        *([snapshots.take(scope, kinds, budget=left)] if kinds else []),
        *([snapshots.find(scope, names, budget=left)] if names else []),
        *([snapshots.logs(scope, logs, budget=left)] if logs else []),
    ]
    later = await asyncio.gather(*(_as_far_as_possible(each, seen) for each in closer))
    until = seen.seconds + max((each.seconds for each in later), default=0.0)
    for each in later:
        seen = seen.joined(each)
    return replace(seen, seconds=until)


async def _as_far_as_possible(looking: Awaitable[Snapshot], seen: Snapshot) -> Snapshot:
    """What a closer look adds. One that fails makes the diagnosis less complete, and no more."""
    try:
        return await looking
    except NothingSeen as nothing:
        return Snapshot(scope=seen.scope, taken_at=seen.taken_at, objects={}, unseen=nothing.unseen)


def conclude(seen: Snapshot, scene: Scene | None = None) -> Diagnosis:
    """What is wrong there. Pure: equal snapshots give equal diagnoses. `scene` is that of `seen`, if it was made already."""
    with collector_at_rest():
        told, stumbled = symptoms(scene or Scene(seen))
        found = findings(told)
    return Diagnosis(
        findings=found,
        unseen=(*seen.unseen, *stumbled),
        taken_at=seen.taken_at,
        calls=seen.calls,
        bytes=seen.bytes,
        seconds=seen.seconds,
    )


def symptoms(scene: Scene) -> tuple[tuple[Symptom, ...], tuple[Unseen, ...]]:
    """Everything that any detector sees, and what is missing because a detector stumbled over an object of a shape that none should have."""
    told: list[Symptom] = []
    stumbled: list[Unseen] = []
    for detector in all_detectors():
        try:
            told.extend(detector.look(scene))
        except (TypeError, ValueError, LookupError, AttributeError) as odd:
            # One odd object must not hide what is wrong with all the others.
            stumbled.append(_stumbled(detector, odd))
    return tuple(told), tuple(stumbled)


def _stumbled(detector: Detector, odd: Exception) -> Unseen:
    names = ", ".join(code.name for code in detector.codes)
    why = f"My check for {names} could not read one of the objects ({type(odd).__name__}), so it may miss something."
    return Unseen(kind="", namespace="", why=why)
