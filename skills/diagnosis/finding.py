"""What is wrong, once: a cause with everything that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from skills.core.ports.snapshots import Unseen
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Code, Evidence, Repair, Severity


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A change that may have done it: what changed, when, and why it is suspected. `proposal` is its number if it was one of ours."""

    what: str
    at: datetime
    why: str
    proposal: int | None = None

    def to_json(self) -> dict[str, object]:
        return {"what": self.what, "at": self.at.isoformat(), "why": self.why, "proposal": self.proposal}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One root cause. `chain` are its consequences in order; `affected` are all objects it hurts, the root not among them.

    `since` is when it was first seen (aware, UTC), as far as the cluster still remembers.
    """

    code: Code
    cause: str
    severity: Severity
    confidence: float
    root: Ref
    affected: tuple[Ref, ...]
    chain: tuple[str, ...]
    since: datetime | None
    evidence: tuple[Evidence, ...]
    remedy: str
    repair: Repair
    suspect: Suspect | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "code": self.code.name,
            "cause": self.cause,
            "severity": self.severity.name.lower(),
            "confidence": round(self.confidence, 2),
            "root": self.root.to_json(),
            "affected": [ref.to_json() for ref in self.affected],
            "chain": list(self.chain),
            "since": self.since.isoformat() if self.since else None,
            "evidence": [each.to_json() for each in self.evidence],
            "remedy": {"text": self.remedy, "skill": self.repair.value or None},
            "suspect_change": self.suspect.to_json() if self.suspect else None,
        }


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The findings, most severe first, and what could not be looked at. Costs are those of the looking."""

    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    taken_at: datetime
    calls: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @property
    def healthy(self) -> bool:
        """Nothing is wrong, as far as could be seen."""
        return not self.findings

    def about(self, refs: Sequence[Ref]) -> tuple[Finding, ...]:
        """The findings that concern any of these objects."""
        wanted = set(refs)
        return tuple(f for f in self.findings if f.root in wanted or wanted & set(f.affected))

    def to_json(self) -> dict[str, object]:
        return {
            "healthy": self.healthy,
            "partial": [each.why for each in self.unseen],
            "seconds": round(self.seconds, 3),
            "api_calls": self.calls,
            "findings": [finding.to_json() for finding in self.findings],
        }
