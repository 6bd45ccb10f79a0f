"""Symptoms become causes."""

from datetime import UTC, datetime

import pytest

from skills.diagnosis.merging import findings
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, evidence

DEPLOYMENT, POD, SERVICE, NODE = (
    Ref("Deployment", "shop", "web"), Ref("Pod", "shop", "web-1"), Ref("Service", "shop", "web"), Ref("Node", "", "n1"),
)  # fmt: skip
EARLY, LATE = datetime(2026, 1, 1, 10, tzinfo=UTC), datetime(2026, 1, 1, 11, tzinfo=UTC)


def code(name: str, depth: Depth, severity: Severity = Severity.ERROR) -> Code:
    return Code(name=name, title=name, severity=severity, depth=depth, signals="a sign", remedy="Mend it.")


CRASH, STUCK, ENDPOINTS, DOWN = (
    code("Crash", Depth.PROCESS), code("Stuck", Depth.ROLLOUT), code("Endpoints", Depth.ENDPOINT, Severity.CRITICAL), code("Down", Depth.CLUSTER),
)  # fmt: skip


def symptom(code: Code, root: Ref, **more: object) -> Symptom:
    fields = {"cause": f"{code.name} of {root.name}", "evidence": [evidence(root, "field", "value")], **more}
    return Symptom(code=code, root=root, consequence=f"{code.name} follows", **fields)  # type: ignore[arg-type]


def test_the_same_thing_on_two_pods_is_one_finding_with_both_affected() -> None:
    other = Ref("Pod", "shop", "web-2")
    found = findings(
        [symptom(CRASH, DEPLOYMENT, affected=(pod,), since=at) for pod, at in ((POD, LATE), (other, EARLY))]
    )
    assert [(f.code.name, f.affected, f.since) for f in found] == [("Crash", (POD, other), EARLY)]


def test_consequences_become_the_chain_of_what_explains_them_and_are_as_severe_as_the_worst() -> None:
    found = findings(
        [
            symptom(ENDPOINTS, SERVICE, because_of=(POD,)),
            symptom(STUCK, DEPLOYMENT, because_of=(DEPLOYMENT, POD)),
            symptom(CRASH, DEPLOYMENT, affected=(POD,)),
        ]
    )
    assert [(f.code.name, f.chain, f.severity) for f in found] == [
        ("Crash", ("Stuck follows", "Endpoints follows"), Severity.CRITICAL)
    ]
    assert SERVICE in found[0].affected


def test_the_deepest_of_several_explanations_counts() -> None:
    crash = symptom(CRASH, DEPLOYMENT, affected=(POD,), because_of=(NODE,))
    found = findings([crash, symptom(DOWN, NODE, affected=(POD,)), symptom(STUCK, DEPLOYMENT, because_of=(POD,))])
    assert [(f.code.name, f.chain) for f in found] == [("Down", ("Crash follows", "Stuck follows"))]


def test_what_nothing_explains_stands_for_itself() -> None:
    found = findings([symptom(STUCK, DEPLOYMENT, because_of=(POD,)), symptom(CRASH, Ref("Deployment", "shop", "api"))])
    assert {f.code.name for f in found} == {"Crash", "Stuck"}


def test_a_notice_explains_nothing() -> None:
    notice = symptom(code("Old", Depth.CONFIGURATION, Severity.NOTICE), DEPLOYMENT, affected=(POD,))
    found = findings([notice, symptom(CRASH, Ref("Deployment", "shop", "api"), because_of=(POD,))])
    assert {f.code.name for f in found} == {"Old", "Crash"}


def test_two_that_wait_for_each_other_are_told_once_and_not_lost() -> None:
    api, web = Ref("Deployment", "shop", "api"), DEPLOYMENT
    found = findings([symptom(CRASH, web, because_of=(api,)), symptom(CRASH, api, because_of=(web,))])
    assert len(found) == 1
    assert {found[0].root, *found[0].affected} == {api, web}


def test_a_shallow_symptom_of_the_same_object_explains_no_deeper_one() -> None:
    found = findings([symptom(CRASH, DEPLOYMENT, because_of=(DEPLOYMENT,)), symptom(STUCK, DEPLOYMENT)])
    assert {f.code.name for f in found} == {"Crash", "Stuck"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_symptoms_does_not_matter(order: tuple[int, int, int]) -> None:
    symptoms = [
        symptom(CRASH, DEPLOYMENT, affected=(POD,)), symptom(STUCK, DEPLOYMENT, because_of=(POD,)), symptom(DOWN, NODE),
    ]  # fmt: skip
    assert findings(symptoms[i] for i in order) == findings(symptoms)


def test_causes_come_most_severe_first() -> None:
    minor = symptom(code("Minor", Depth.CONFIGURATION, Severity.WARNING), Ref("Service", "shop", "a"))
    assert [f.code.name for f in findings([minor, symptom(ENDPOINTS, SERVICE)])] == ["Endpoints", "Minor"]
