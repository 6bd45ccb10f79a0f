"""From symptoms to causes: the same thing seen on ten pods is one symptom, and what another symptom explains is its consequence.

A symptom says which objects' own trouble would explain it (`because_of`), and claims the objects it hurts: its root and what it affects. So
each symptom that something explains has one explanation, the deepest there is, and following explanations ends at a root cause. Where they
would run in a circle (two services that each wait for the other), the one that was looked at last stands for itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from skills.diagnosis.finding import Finding
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Evidence, Severity, Symptom

_MOST_EVIDENCE = 8
_LEAST_OF_EACH = 3


@dataclass(kw_only=True)
class _Cause:
    """A symptom on its way to become a finding: what explains it, and what it explains."""

    symptom: Symptom
    same: list[Symptom]
    explanation: "_Cause | None" = None
    explains: list["_Cause"] = field(default_factory=list)

    @property
    def hurts(self) -> bool:
        """A mere notice explains nobody's trouble."""
        return any((each.severity or each.code.severity) > Severity.NOTICE for each in self.same)

    @property
    def claims(self) -> set[Ref]:
        """The objects that it hurts itself."""
        return {ref for each in self.same for ref in (each.root, *each.affected)}

    @property
    def all_claims(self) -> set[Ref]:
        """The same, with what comes of it."""
        return self.claims.union(*(each.all_claims for each in self.explains))

    @property
    def needs(self) -> set[Ref]:
        return {ref for each in self.same for ref in each.because_of}

    def comes_from(self, other: "_Cause") -> bool:
        """Does following the explanations from here lead to `other`?"""
        at: _Cause | None = self
        while at is not None and at is not other:
            at = at.explanation
        return at is other


def findings(symptoms: Iterable[Symptom]) -> tuple[Finding, ...]:
    """One finding for each root cause, most severe first; equal input gives equal output."""
    causes = sorted(_same(symptoms), key=_depth)
    claimed: dict[Ref, list[_Cause]] = defaultdict(list)
    for cause in causes:
        for ref in cause.claims if cause.hurts else ():
            claimed[ref].append(cause)
    for cause in causes:
        cause.explanation = _explanation(cause, claimed)
        if cause.explanation is not None:
            cause.explanation.explains.append(cause)
    found = [_finding(cause) for cause in causes if cause.explanation is None]
    return tuple(sorted(found, key=rank))


def _same(symptoms: Iterable[Symptom]) -> list[_Cause]:
    """Symptoms that are the same thing, gathered under the most confident of them."""
    gathered: dict[tuple[str, Ref, str], _Cause] = {}
    for symptom in symptoms:
        key = (symptom.code.name, symptom.root, symptom.about)
        cause = gathered.get(key)
        if cause is None:
            gathered[key] = _Cause(symptom=symptom, same=[symptom])
            continue
        cause.same.append(symptom)
        if symptom.confidence > cause.symptom.confidence:
            cause.symptom = symptom
    return list(gathered.values())


def _explanation(cause: _Cause, claimed: Mapping[Ref, Sequence[_Cause]]) -> _Cause | None:
    """The deepest, then surest, of those that claim what this one comes from."""
    own = cause.claims
    candidates = [
        each
        for ref in cause.needs
        for each in claimed.get(ref, ())
        if not each.comes_from(cause) and (each.symptom.code.depth <= cause.symptom.code.depth or ref not in own)
    ]
    return min(candidates, key=_depth, default=None)


def _finding(cause: _Cause) -> Finding:
    symptom = cause.symptom
    consequences = _ordered(cause)
    claims = cause.all_claims - {symptom.root}
    since = [at for each in cause.same if (at := each.since)]
    confidence = max(each.confidence for each in cause.same)
    return Finding(
        code=symptom.code,
        cause=f"{symptom.cause.rstrip('. ')}.",
        severity=_severity(cause, consequences),
        confidence=confidence,
        root=symptom.root,
        affected=tuple(sorted(claims)),
        chain=tuple(dict.fromkeys(text for each in consequences if (text := each.symptom.consequence))),
        since=min(since) if since else _earliest(consequences),
        evidence=_evidence(cause, consequences),
        remedy=symptom.remedy or symptom.code.remedy,
        repair=symptom.code.repair if symptom.repair is None else symptom.repair,
    )


def _severity(cause: _Cause, consequences: Sequence[_Cause]) -> Severity:
    """As bad as the worst that comes of it."""
    return max(each.severity or each.code.severity for one in (cause, *consequences) for each in one.same)


def _ordered(cause: _Cause) -> list[_Cause]:
    """Everything that it explains, from deep to shallow."""
    found = [*cause.explains]
    for each in cause.explains:
        found.extend(_ordered(each))
    return sorted(found, key=lambda each: (each.symptom.code.depth, _order(each)))


def _earliest(causes: Iterable[_Cause]) -> datetime | None:
    times = [at for cause in causes for each in cause.same if (at := each.since)]
    return min(times, default=None)


def _evidence(cause: _Cause, consequences: Sequence[_Cause]) -> tuple[Evidence, ...]:
    """The surest symptom's own first, then some of its like, then one of each consequence."""
    own = dict.fromkeys(cause.symptom.evidence)
    own.update(dict.fromkeys(e for each in cause.same for e in list(each.evidence)[:_LEAST_OF_EACH]))
    others = dict.fromkeys(e for each in consequences for e in list(each.symptom.evidence)[:1])
    return tuple(own | others)[:_MOST_EVIDENCE]


def _depth(cause: _Cause) -> tuple[int, float, tuple[str, Ref, str]]:
    return (cause.symptom.code.depth, -cause.symptom.confidence, _order(cause))


def _order(cause: _Cause) -> tuple[str, Ref, str]:
    return (cause.symptom.code.name, cause.symptom.root, cause.symptom.about)


def rank(finding: Finding) -> tuple[int, int, float, Ref, str]:
    """The order of findings: the most severe first, then what hurts most."""
    return (-finding.severity, -len(finding.affected), -finding.confidence, finding.root, finding.code.name)
