"""What is measured joins what the cluster shows: as a consequence where that explains it, and by itself where not."""

from datetime import timedelta

import pytest

from skills.diagnosis.finding import Diagnosis, Finding
from skills.diagnosis.measured import REQUESTS_FAIL, Gauged, joined, signs
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Code, Depth, Repair, Severity, evidence
from tests.support.measurements import NOON, Values, noisy, seen

CHECKOUT, PAYMENTS, WEB = (Ref("Deployment", "shop", name) for name in ("checkout", "payments-api", "web"))
FAILING: dict[str, Values] = {"traffic": noisy(120.0, 60), "errors": [*noisy(0.02, 45), *noisy(0.31, 15)]}


def gauged(**measured: Values) -> Gauged:
    return Gauged(name="checkout", root=CHECKOUT, side=seen(**(measured or FAILING)), behind=(PAYMENTS,))


def finding(
    root: Ref, *, severity: Severity = Severity.ERROR, depth: Depth = Depth.PROCESS, minutes: int = 20
) -> Finding:
    """Something else that was found, so many minutes ago."""
    code = Code(name="Crash", title="It crashes", severity=severity, depth=depth, signals="a sign", remedy="Mend it.")
    return Finding(
        code=code, cause="It crashes.", severity=severity, confidence=0.9, root=root, affected=(), chain=("one thing",),
        since=NOON - timedelta(minutes=minutes), evidence=(evidence(root, "field", "value"),), remedy="Mend it.", repair=Repair.NONE,
    )  # fmt: skip


def with_errors(*found: Finding) -> tuple[Finding, ...]:
    return joined(Diagnosis(findings=found, unseen=(), taken_at=NOON), signs(gauged())).findings


def test_a_crash_explains_errors_which_become_a_link_of_its_chain_with_their_number() -> None:
    (found,) = with_errors(finding(CHECKOUT))
    assert found.chain == ("one thing", "errors 2.0 % → 31 % since 11:46 UTC")
    assert str(found.evidence[-1]) == "Deployment shop/checkout: measured = errors 2.0 % → 31 %"


def test_the_crash_of_a_dependency_explains_them_too_and_says_whose_they_are() -> None:
    (found,) = with_errors(finding(PAYMENTS))
    assert found.chain[-1] == "checkout: errors 2.0 % → 31 % since 11:46 UTC"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(finding(WEB), id="somebody else"),
        pytest.param(finding(CHECKOUT, severity=Severity.NOTICE), id="what hurts nobody"),
        pytest.param(
            finding(CHECKOUT, severity=Severity.WARNING, depth=Depth.TRAFFIC), id="an autoscaler at its maximum"
        ),
        pytest.param(finding(CHECKOUT, minutes=6 * 60), id="what went on for hours without errors"),
    ],
)
def test_what_does_not_explain_errors_leaves_them_a_finding_of_their_own(other: Finding) -> None:
    found = with_errors(other)
    assert {each.code.name for each in found} == {"Crash", "RequestsFail"}
    assert all("errors" not in link for each in found if each.code.name == "Crash" for link in each.chain)


def test_the_more_severe_comes_first_and_most_requests_is_critical() -> None:
    down = gauged(traffic=noisy(120.0, 60), errors=[*noisy(0.02, 45), *noisy(0.8, 15)])
    other = Diagnosis(findings=(finding(WEB),), unseen=(), taken_at=NOON)
    first, second = joined(other, signs(down)).findings
    assert (first.code, first.severity) == (REQUESTS_FAIL, Severity.CRITICAL)
    assert second.root == WEB


def test_nothing_that_turned_changes_nothing() -> None:
    diagnosis = Diagnosis(findings=(finding(WEB),), unseen=(), taken_at=NOON)
    assert joined(diagnosis, signs(gauged(traffic=noisy(120.0, 60)))) == diagnosis


def test_what_vanished_is_told_only_as_a_consequence() -> None:
    gone = signs(gauged(traffic=[*noisy(120.0, 50), *([None] * 10)]))
    healthy = Diagnosis(findings=(), unseen=(), taken_at=NOON)
    assert len(gone) == 1
    assert joined(healthy, gone).healthy
