"""Healthy, degraded, or cannot tell: one service, before and after a change to it.

The same numbers always give the same verdict. It is healthy only where its pods run and what is measured rules a relevant change for the
worse out; degraded only where something got worse beyond chance and beyond what matters, or is plainly bad.
"""

from dataclasses import dataclass

from skills.core.checkup import Condition, Health
from skills.signals.compared import Said, Side, errors, latency, memory, traffic
from skills.signals.wording import span


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the cluster says of the pods. `problem` says why it cannot be asked; `moved` that somebody changed the workload again."""

    ready: int = 0
    wanted: int = 0
    settled: bool = False
    trouble: str = ""
    problem: str = ""
    moved: bool = False


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that a verdict rests on. `unmeasured` says why nothing is measured, where that is so by configuration; `problem` why
    what should be could not be had.
    """

    standing: Standing
    before: Side | None = None
    after: Side | None = None
    unmeasured: str = ""
    problem: str = ""


def judge(evidence: Evidence) -> Health:
    """The verdict."""
    pods = _pods(evidence.standing)
    said = [pods, *_signals(evidence)]
    condition = _together(said, measured=not evidence.unmeasured)
    figures = ", ".join(each.text for each in said[1:] if each.text)
    if evidence.after and figures:
        figures = f"{figures} ({span(evidence.after.length)})"
    text = ", ".join(part for part in (pods.text if not figures or pods.why else "", figures) if part)
    reasons = [
        each.why for each in said if each.why and (condition is not Condition.DEGRADED or each.condition is condition)
    ]
    if evidence.unmeasured:
        text = f"{text}; {evidence.unmeasured}" if text else evidence.unmeasured
    return Health(condition=condition, text=text, reasons=tuple(reasons), worse=any(each.worse for each in said))


def _signals(evidence: Evidence) -> list[Said]:
    if evidence.unmeasured:
        return []
    if evidence.problem or evidence.before is None or evidence.after is None:
        return [Said(condition=Condition.UNCLEAR, text="", why=evidence.problem or "Nothing was measured.")]
    before, after = evidence.before, evidence.after
    judged = [each for each in (errors(before, after), latency(before, after)) if each]
    if not judged:
        why = "Neither errors nor latency of it are measured where I look."
        judged = [Said(condition=Condition.UNCLEAR, text="", why=why)]
    return [*judged, *(each for each in (traffic(before, after), memory(before, after)) if each)]


def _together(said: list[Said], *, measured: bool) -> Condition:
    """Anything bad is bad; anything unclear is unclear; and what the cluster cannot say, nothing else can make good."""
    conditions = [each.condition for each in said]
    if said[0].condition is Condition.UNCLEAR:
        return Condition.UNCLEAR
    if Condition.DEGRADED in conditions:
        return Condition.DEGRADED
    return Condition.UNCLEAR if measured and Condition.UNCLEAR in conditions else Condition.HEALTHY


def _pods(standing: Standing) -> Said:
    ready = f"{standing.ready} of {standing.wanted} pods ready"
    if standing.problem:
        return Said(condition=Condition.UNCLEAR, text="", why=f"Its pods cannot be seen: {standing.problem}")
    if standing.moved:
        return Said(
            condition=Condition.UNCLEAR,
            text="",
            why="It was changed again meanwhile, so this would say nothing of this run.",
        )
    if standing.trouble:
        return Said(condition=Condition.DEGRADED, text=ready, why=standing.trouble, worse=True)
    if not standing.settled or standing.ready < standing.wanted:
        why = f"Only {standing.ready} of {standing.wanted} pods are ready."
        return Said(condition=Condition.DEGRADED, text=ready, why=why, worse=True)
    return Said(condition=Condition.HEALTHY, text=ready)
