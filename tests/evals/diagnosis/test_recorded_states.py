"""The states recorded from a real control plane: every seeded fault is named once, and the healthy one not at all."""

from skills.diagnosis.diagnose import conclude
from skills.diagnosis.finding import Finding
from tests.evals.diagnosis.scenario import named
from tests.support import recordings
from tests.support.scenes import recorded

_FAULTS = {
    "Deployment/badconfig": "ConfigMapMissing",
    "Deployment/badimage": "ImageNotFound",
    "Deployment/crash": "ContainerCrashes",
    "Deployment/notready": "ReadinessFails",
    "Deployment/oom": "OutOfMemory",
    "Deployment/toobig": "UnschedulableResources",
    "Deployment/zero": "ScaledToZero",
    "Node/node-dead": "NodeNotReady",
    "PersistentVolumeClaim/data": "StorageClassMissing",
    "Service/selects-nothing": "ServiceSelectsNothing",
}
"""What was seeded: the object to repair, and what is wrong with it."""


def _findings(state: str) -> tuple[Finding, ...]:
    recordings.recorded(state)
    return conclude(recorded(recordings.PLACE / f"{state}.json")).findings


def test_every_seeded_fault_is_one_finding_and_nothing_else_is() -> None:
    found = [(named(f.root), f.code.name) for f in _findings("state-faults")]
    assert sorted(found) == sorted(_FAULTS.items())


def test_the_pod_that_waits_for_its_volume_belongs_to_the_claim() -> None:
    (claim,) = (f for f in _findings("state-faults") if named(f.root) == "PersistentVolumeClaim/data")
    assert "Pod/waits-for-volume" in {named(ref) for ref in claim.affected}


def test_a_crash_tells_what_its_log_says() -> None:
    (crash,) = (f for f in _findings("state-faults") if f.root.name == "crash")
    assert crash.cause == (
        "crash exits with code 1 each time it starts: “ConnectionError: could not connect to db:5432” (there is no Service db)."
    )


def test_a_stuck_rollout_is_one_finding_and_its_cause_is_the_crash() -> None:
    assert [(f.code.name, named(f.root)) for f in _findings("state-rollout-stuck")] == [
        ("ContainerCrashes", "Deployment/checkout")
    ]


def test_a_quota_that_is_used_up_is_named_beside_the_node_that_is_dead() -> None:
    assert sorted((f.code.name, named(f.root)) for f in _findings("state-quota")) == [
        ("NodeNotReady", "Node/node-dead"),
        ("QuotaExceeded", "ResourceQuota/team-quota"),
    ]
