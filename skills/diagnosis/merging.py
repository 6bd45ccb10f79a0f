"""From symptoms to causes: the same thing seen on ten pods is one symptom, and what another symptom explains is its consequence.

A symptom says which objects' own trouble would explain it (`because_of`). Going from deep to shallow, it is absorbed by the symptom that
claims one of those objects, as its root or among what it affects; whatever was absorbed before has added its own objects to that claim.
What nothing explains stands for itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from skills.diagnosis.finding import Finding
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Evidence, Severity, Symptom

_MOST_EVIDENCE = 8
_LEAST_OF_EACH = 3


@dataclass(kw_only=True)
class _Cause:
    """A symptom on its way to become a finding, and what it has been found to explain."""

    symptom: Symptom
    same: list[Symptom]
    explains: list["_Cause"] = field(default_factory=list)

    @property
    def claims(self) -> set[Ref]:
        """The objects whose trouble is known to come from here."""
        own = {ref for each in self.same for ref in (each.root, *each.affected)}
        return own.union(*(each.claims for each in self.explains)) if self.explains else own

    @property
    def needs(self) -> set[Ref]:
        return {ref for each in self.same for ref in each.because_of}


def findings(symptoms: Iterable[Symptom]) -> tuple[Finding, ...]:
    """One finding for each root cause, most severe first; equal input gives equal output."""
    causes = _same(symptoms)
    causes.sort(key=lambda cause: (cause.symptom.code.depth, -cause.symptom.confidence, _order(cause)))
    standing: list[_Cause] = []
    claimed: dict[Ref, _Cause] = {}
    for cause in causes:
        explanation = _explanation(cause, claimed)
        holder = explanation or cause
        if explanation is None:
            standing.append(cause)
        else:
            explanation.explains.append(cause)
        if _hurts(cause):
            for ref in sorted(cause.claims):
                claimed.setdefault(ref, holder)
    found = [_finding(cause) for cause in standing]
    return tuple(sorted(found, key=_rank))


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


def _hurts(cause: _Cause) -> bool:
    """A mere notice explains nobody's trouble."""
    return any((each.severity or each.code.severity) > Severity.NOTICE for each in cause.same)


def _explanation(cause: _Cause, claimed: dict[Ref, _Cause]) -> _Cause | None:
    """The deepest, then surest, of those that claim what this one comes from."""
    candidates = [claimed[ref] for ref in sorted(cause.needs) if ref in claimed]
    if not candidates:
        return None
    return min(candidates, key=lambda each: (each.symptom.code.depth, -each.symptom.confidence, _order(each)))


def _finding(cause: _Cause) -> Finding:
    symptom = cause.symptom
    consequences = _ordered(cause)
    claims = cause.claims - {symptom.root}
    since = [at for each in cause.same if (at := each.since)]
    confidence = max(each.confidence for each in cause.same)
    return Finding(
        code=symptom.code,
        cause=symptom.cause,
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


def _order(cause: _Cause) -> tuple[str, Ref, str]:
    return (cause.symptom.code.name, cause.symptom.root, cause.symptom.about)


def _rank(finding: Finding) -> tuple[int, int, float, Ref, str]:
    return (-finding.severity, -len(finding.affected), -finding.confidence, finding.root, finding.code.name)
