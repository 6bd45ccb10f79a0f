"""The states recorded from a real control plane: every seeded fault is named once, and the healthy one not at all."""

import pytest

from skills.diagnosis.diagnose import conclude
from skills.diagnosis.finding import Finding
from skills.diagnosis.registry import all_codes
from tests.evals.diagnosis.scenario import named
from tests.support import recordings
from tests.support.scenes import recorded

_FAULTS = {
    "Deployment/badconfig": "ConfigMapMissing",
    "Deployment/badimage": "ImageNotFound",
    "Deployment/crash": "ContainerCrashes",
    "Deployment/notready": "ReadinessFails",
    "Deployment/oom": "OutOfMemory",
}
"""Root and code of what containers suffer from."""
_OTHERS = {
    "Deployment/toobig", "Deployment/zero", "PersistentVolumeClaim/data", "Service/selects-nothing", "Node/node-dead",
}  # fmt: skip
"""Roots of what else was seeded."""


def _findings(state: str) -> tuple[Finding, ...]:
    recordings.recorded(state)
    return conclude(recorded(recordings.PLACE / f"{state}.json")).findings


@pytest.mark.parametrize(("root", "code"), _FAULTS.items())
def test_a_container_in_trouble_is_one_finding(root: str, code: str) -> None:
    assert [f.code.name for f in _findings("state-faults") if named(f.root) == root] == [code]


def test_nothing_is_found_that_was_not_seeded() -> None:
    assert {named(f.root) for f in _findings("state-faults")} <= {*_FAULTS, *_OTHERS}


def test_a_crash_tells_what_its_log_says() -> None:
    (crash,) = (f for f in _findings("state-faults") if f.root.name == "crash")
    assert crash.cause == (
        "crash exits with code 1 each time it starts: “ConnectionError: could not connect to db:5432” (there is no Service db)."
    )


def test_a_stuck_rollout_is_one_finding_and_its_cause_is_the_crash() -> None:
    assert [(f.code.name, named(f.root)) for f in _findings("state-rollout-stuck")] == [
        ("ContainerCrashes", "Deployment/checkout")
    ]


def test_a_namespace_that_is_full_has_no_container_in_trouble() -> None:
    codes = {code.name for code in all_codes()}
    assert {f.code.name for f in _findings("state-quota")} <= codes - set(_FAULTS.values())
