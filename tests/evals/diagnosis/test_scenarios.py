"""What is wrong is named, once; where nothing is wrong, nothing is said."""

import pytest

from skills.core.ports.snapshots import Snapshot
from skills.diagnosis.diagnose import conclude
from skills.diagnosis.registry import all_codes
from tests.evals.diagnosis.judging import Judged, figures, judge, table
from tests.evals.diagnosis.scenario import Scenario, all_scenarios, named
from tests.support.scenes import snapshot

SCENARIOS = all_scenarios()


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [judge(each) for each in SCENARIOS]


def test_the_figures_are_as_promised(judged: list[Judged], capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(judged)
    with capsys.disabled():
        print(f"\n{table(judged)}\n{found}")
    assert found["cause right"] >= 0.95
    assert found["extra findings"] == 0
    assert found["false alarms"] == 0


def test_no_two_scenarios_have_the_same_name() -> None:
    names = [(each.family, each.name) for each in SCENARIOS]
    assert len(set(names)) == len(names)


def test_scenarios_expect_codes_that_exist() -> None:
    known = {code.name for code in all_codes()}
    assert {expected.code for each in SCENARIOS for expected in each.expected} <= known


def test_every_cause_is_a_sentence_with_evidence_and_a_remedy(judged: list[Judged]) -> None:
    for each in judged:
        for finding in each.found:
            assert finding.cause.endswith("."), finding.cause
            assert finding.evidence, (each.scenario.name, finding.cause)
            assert finding.remedy.endswith("."), finding.remedy


def test_many_faults_in_one_cluster_are_told_apart() -> None:
    """All scenarios that need nothing cluster-wide, nor measurements, each in a namespace of its own, seen at once."""
    moved = [
        each.elsewhere(f"team-{i}") for i, each in enumerate(SCENARIOS) if not (_cluster_wide(each) or each.measured)
    ]
    found = conclude(_together(moved)).findings
    for i, each in enumerate(moved):
        namespace = each.objects[0]["metadata"]["namespace"]
        said = sorted(f"{f.code.name} {named(f.root)}" for f in found if f.root.namespace == namespace)
        alone = sorted(f"{f.code.name} {named(f.root)}" for f in judge(each).found)
        assert said == alone, (i, each.name)


def _cluster_wide(scenario: Scenario) -> bool:
    return any(not each["metadata"].get("namespace") for each in scenario.objects)


def _together(scenarios: list[Scenario]) -> Snapshot:
    """One cluster with everything of all of them in it, once."""
    seen = [each.snapshot for each in scenarios]
    objects = {one["metadata"]["uid"]: one for each in seen for many in each.objects.values() for one in many}
    return snapshot(*objects.values(), logs={wanted: text for each in seen for wanted, text in each.logs.items()})
