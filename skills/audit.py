"""What the audit log has on a proposal: who, when, by which rule, what it was like before and after."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.names import ProposalId, Subject
from skills.core.ports.trail import Fact, Trail
from skills.core.report import Part, Report, Table, Text
from skills.core.skill import Query

_ASKED, _APPROVED, _ALLOWED = "proposal:created", "proposal:approve", "proposal:allowed"
_BROKEN = "proposal:glass-broken"
_SAID = ("words", "reason", "why", "outcome", "detail")


class Params(skill.Params):
    """Which proposal."""

    proposal: skill.ProposalNumber = Field(ge=1, description="The number of the proposal")


class Audit(Query[Params]):
    """Tell what the audit log has on a proposal: who asked and approved, by which rule, before and after, what was said."""

    name = "audit"
    aliases = ("evidence", "proof")
    examples = ("audit 17", "proof 17")
    phrases = (
        "who … approved|countersigned|rejected|cancelled|denied|requested|asked {proposal}", "who … said|did … {proposal}", "whose … {proposal}",
        "by|under|after|which|what … rule|rules|policy|policies … {proposal}", "was … allowed|denied|refused|rejected|approved {proposal}",
        "what … said|written|typed|discussed|happened|became|went … {proposal}", "what … like|looked|look … {proposal}", "how … looked|look … {proposal}",
        "prove|proves|evidence|proof|audit {proposal}", "paper|audit trail … {proposal}", "story|record|details … {proposal}",
        "before and after … {proposal}", "when … approved|rejected|asked|run|started|ended {proposal}",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, trail: Trail) -> None:
        self._catalog = catalog
        self._trail = trail

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        number = ProposalId(params.proposal)
        facts = await self._trail.about(number)
        created = next((fact for fact in facts if fact.verb == _ASKED), None)
        if created is None:
            return Report(title=f"Audit of #{number}", summary=f"The audit log has nothing about #{number}.")
        parts: list[Part] = [self._judged(created, facts), _states(created), self._entries(facts)]
        parts.append(
            Text(
                text=f"To prove it to somebody else: countersign audit proof {number} --output {number}.json, and verify_audit.py."
            )
        )
        return Report(title=f"Audit of #{number}", summary=self._summary(number, created, facts), parts=tuple(parts))

    def _summary(self, number: ProposalId, created: Fact, facts: Sequence[Fact]) -> str:
        approved = [self._name(fact.actor) for fact in facts if fact.verb == _APPROVED]
        by = f"approved by {' and '.join(approved)}" if approved else ""
        broken = [self._name(fact.actor) for fact in facts if fact.verb == _BROKEN]
        by = " and ".join([*([by] if by else []), *(f"glass broken by {name}" for name in broken)])
        allowed = "allowed by policy" if any(fact.verb == _ALLOWED for fact in facts) else ""
        last = facts[-1].verb.partition(":")[2]
        told = [f"asked by {self._name(created.actor)}", by or allowed or "approved by nobody", f"last entry: {last}"]
        return f"#{number} {created.facts.get('summary', '')}: {', '.join(told)}."

    def _judged(self, created: Fact, facts: Sequence[Fact]) -> Part:
        """By which rule, and what people typed."""
        verdict = _mapping(created.facts.get("verdict"))
        lines = [
            f"Asked: {created.at:%Y-%m-%d %H:%M:%S} UTC by {self._name(created.actor)}, {created.facts.get('edge', '')}."
        ]
        if words := created.facts.get("words"):
            lines.append(f"In their words: “{words}”.")
        if reason := created.facts.get("reason"):
            lines.append(f"Because: “{reason}”.")
        rules = ", ".join(map(str, verdict.get("rules", ()))) or "none"
        lines.append(
            f"Policy: {verdict.get('outcome', 'unknown')}, by the rules {rules}. {' '.join(map(str, verdict.get('reasons', ())))}"
        )
        lines += [
            f"{self._name(fact.actor)} ({fact.verb.partition(':')[2]}): “{fact.facts['reason']}”."
            for fact in facts
            if fact.verb.startswith("proposal:") and fact is not created and fact.facts.get("reason")
        ]
        return Text(text="\n".join(line.strip() for line in lines))

    def _entries(self, facts: Sequence[Fact]) -> Table:
        rows = tuple(
            (str(fact.seq), f"{fact.at:%Y-%m-%d %H:%M:%S}", self._name(fact.actor), fact.verb, _gist(fact))
            for fact in facts
        )
        return Table(title="In the audit log", columns=("entry", "at (UTC)", "who", "what", ""), rows=rows)

    def _name(self, subject: str) -> str:
        person = self._catalog.by_subject(Subject(subject))
        return person.actor.name if person else subject


def _states(created: Fact) -> Table:
    """What the approved plan says about each target: as it was when it was planned, and as it was to be."""
    rows = []
    for step in _mapping(created.facts.get("plan")).get("steps", ()):
        target = f"{step['target']['service']} in {step['target']['environment']}"
        rows.append((target, step["action"], step["before"], step["after"]))
        rows += [(target, each["path"], each["before"] or "", each["after"] or "") for each in step["diff"]]
    return Table(title="Before and after, as approved", columns=("where", "what", "before", "after"), rows=tuple(rows))


def _gist(fact: Fact) -> str:
    """What was said, and otherwise what was seen."""
    said = (fact.facts.get(name) for name in _SAID)
    return "; ".join(str(each) for each in said if each)[:200]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
