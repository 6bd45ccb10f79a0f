"""Judge every scenario, and print what was found: `python -m tests.evals.diagnosis [FAMILY or words of a name]`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from skills.diagnosis.diagnose import conclude
from skills.diagnosis.finding import Finding
from skills.diagnosis.measured import Gauged, joined, signs
from skills.diagnosis.objects import Ref
from tests.evals.diagnosis.scenario import Scenario, named
from tests.support.manifests import NAMESPACE
from tests.support.measurements import seen


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A scenario and what was found in it."""

    scenario: Scenario
    found: tuple[Finding, ...]

    @property
    def missed(self) -> Sequence[str]:
        """Expected and not found, as “Code Kind/name”."""
        return sorted((self._wanted - self._said).elements())

    @property
    def extra(self) -> Sequence[str]:
        """Found and not expected: a second finding of the same cause, or a false one."""
        return sorted((self._said - self._wanted).elements())

    @property
    def right(self) -> bool:
        return not self.missed and not self.extra

    @property
    def _wanted(self) -> Counter[str]:
        return Counter(f"{each.code} {each.root}" for each in self.scenario.expected)

    @property
    def _said(self) -> Counter[str]:
        return Counter(f"{each.code.name} {named(each.root)}" for each in self.found)

    @property
    def verdict(self) -> str:
        if self.right:
            return "right"
        return "FALSE ALARM" if self.scenario.healthy else ("MISSED" if self.missed else "EXTRA")


def judge(scenario: Scenario) -> Judged:
    found = conclude(scenario.snapshot)
    if scenario.measured:
        gauged = Gauged(name="checkout", root=_CHECKOUT, side=seen(**scenario.measured), behind=(_PAYMENTS,))
        found = joined(found, signs(gauged))
    return Judged(scenario=scenario, found=found.findings)


_CHECKOUT, _PAYMENTS = Ref("Deployment", NAMESPACE, "checkout"), Ref("Deployment", NAMESPACE, "payments-api")


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """The totals. `cause right` is the share of faults all of whose causes were named; the others are counts."""
    faults = [each for each in judged if not each.scenario.healthy]
    controls = [each for each in judged if each.scenario.healthy]
    return {
        "faults": len(faults),
        "controls": len(controls),
        "cause right": round(sum(not each.missed for each in faults) / len(faults), 3) if faults else 1.0,
        "extra findings": sum(len(each.extra) for each in faults if not each.missed),
        "false alarms": sum(len(each.extra) for each in controls),
    }


def table(judged: Sequence[Judged]) -> str:
    """One line for each scenario: what it is, what is expected, what was found, and whether that is right."""
    rows = [("family", "scenario", "expected", "found", "")]
    for each in judged:
        expected = ", ".join(f"{e.code} {e.root}" for e in each.scenario.expected) or "nothing"
        found = ", ".join(f"{f.code.name} {named(f.root)}" for f in each.found) or "nothing"
        same = "the same" if each.right and not each.scenario.healthy else found
        rows.append((each.scenario.family, each.scenario.name, expected, same, each.verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = ["  ".join([*(cell.ljust(widths[i]) for i, cell in enumerate(row[:4])), row[4]]).rstrip() for row in rows]
    return "\n".join(lines)
