"""Objects with anything missing: a diagnosis is made of the rest."""

import copy
import random
from collections.abc import Iterator, MutableMapping, MutableSequence
from typing import Any

import pytest

from skills.core.ports.snapshots import Snapshot
from skills.diagnosis.diagnose import conclude, symptoms
from skills.diagnosis.scene import Scene
from tests.evals.diagnosis.scenario import all_scenarios
from tests.support.manifests import app
from tests.support.scenes import snapshot

_KEPT = {"name", "uid", "kind"}
ROUNDS = 4


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_check_stumbles_over_a_field_that_is_missing(seed: int) -> None:
    chance = random.Random(seed)
    for scenario in all_scenarios():
        thinned = _thinned(scenario.snapshot, chance)
        _, stumbled = symptoms(Scene(thinned))
        assert not stumbled, (scenario.family, scenario.name, [each.why for each in stumbled])


def test_a_check_that_stumbles_says_so_and_the_others_go_on() -> None:
    objects = app("checkout")
    odd = {
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "odd", "namespace": "shop", "uid": "odd"},
        "spec": {"selector": 7},
    }
    broken = {
        "kind": "Service",
        "metadata": {"name": "nothing", "namespace": "shop", "uid": "nothing"},
        "spec": {"selector": {"a": "b"}},
    }
    found = conclude(snapshot(*objects, odd, broken))
    assert [finding.code.name for finding in found.findings] == ["ServiceSelectsNothing"]
    assert any(each.why.startswith("My check for DisruptionBudgetBlocks, ") for each in found.unseen)


def _thinned(seen: Snapshot, chance: random.Random) -> Snapshot:
    """The same without one field in ten, whatever it is, but what an object is called."""
    objects = copy.deepcopy({kind: list(raws) for kind, raws in seen.objects.items()})
    for holder, key in list(_fields(objects)):
        if key not in _KEPT and chance.random() < 0.1:
            holder.pop(key, None)
    return Snapshot(scope=seen.scope, taken_at=seen.taken_at, objects=objects, logs=seen.logs)


def _fields(value: Any) -> Iterator[tuple[MutableMapping[str, Any], str]]:
    if isinstance(value, MutableMapping):
        for key, item in list(value.items()):
            if not (
                isinstance(item, MutableSequence)
                and item
                and isinstance(item[0], MutableMapping)
                and "metadata" in item[0]
            ):
                yield value, key
            yield from _fields(item)
    elif isinstance(value, MutableSequence):
        for item in value:
            yield from _fields(item)
