"""Who did what in a time, from the audit log."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.names import Subject
from skills.core.periods import Period, midnight
from skills.core.ports.days import Days
from skills.core.ports.trail import Fact, Trail
from skills.core.report import Command, Part, Report, Table, Text
from skills.core.skill import Query
from skills.core.spoken_periods import resolved

_USUAL = "this week"
_ROWS = 60
_SAID = ("summary", "asked", "reason", "outcome", "membership", "why")


class Params(skill.Params):
    """Whose, about what, and when; everybody's this week if nothing is said."""

    person: skill.Person | None = Field(default=None, description="Only what this person did")
    request: skill.SkillWord | None = Field(default=None, description="Only about such requests, like deploy")
    service: skill.Service | None = Field(default=None, description="Only about this service")
    environment: skill.Environment | None = Field(default=None, description="Only in this environment")
    period: skill.Period | None = Field(default=None, description="When: yesterday, last week, 2026-10-03")


class Activity(Query[Params]):
    """Tell who asked, approved, ran or locked what in a time, from the audit log."""

    name = "activity"
    aliases = ("who-did",)
    examples = ("activity lead last week", "activity checkout yesterday", "activity deploy in production yesterday")
    phrases = (
        "what did|has … do|done {person}", "activity of|by {person}", "who approved|countersigned|rejected {changes}",
        "who approved|countersigned|rejected … {period}",
    )  # fmt: skip
    offered = "tell what somebody did in a time"

    def __init__(self, catalog: Catalog, trail: Trail, days: Days) -> None:
        self._catalog = catalog
        self._trail = trail
        self._days = days

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        period = resolved(params.period or _USUAL, self._days.today())
        actor = self._catalog.person(params.person).actor if params.person else None
        start, end = midnight(period.start, self._days.zone), midnight(period.end, self._days.zone)
        facts = await self._trail.between(start, end, actor=actor.subject if actor else None)
        found = [each for each in facts if await self._fits(each, params)]
        title = f"What {actor.name} did" if actor else "Who did what"
        if not found:
            return Report(title=title, summary=f"The audit log has nothing of that from {period}.")
        return Report(title=title, summary=_summary(found, period), parts=self._parts(found, period))

    async def _fits(self, fact: Fact, params: Params) -> bool:
        """Is it about what was asked for? What an entry does not say itself stands where its proposal was asked for."""
        if not (params.request or params.service or params.environment):
            return True
        told = fact.about or fact.facts
        service = self._catalog.service(params.service).name if params.service else None
        environment = self._catalog.environment(params.environment).name if params.environment else None
        return (
            (params.request in (None, told.get("skill")))
            and (service is None or service in _names(told, "service"))
            and (environment is None or environment in _names(told, "environment"))
        )

    def _parts(self, found: Sequence[Fact], period: Period) -> tuple[Part, ...]:
        rows = tuple(
            (
                str(each.seq),
                f"{each.at.astimezone(UTC):%Y-%m-%d %H:%M}",
                self._name(each.actor),
                each.verb,
                each.subject,
                _gist(each),
            )
            for each in found[:_ROWS]
        )
        more = f"The first {_ROWS} of {len(found)}; name a shorter time to see the rest. " if len(found) > _ROWS else ""
        proof = f"{more}To prove it: countersign audit report --from {period.start} --to {period.last} --format json, and verify_audit.py."
        asked = dict.fromkeys(each.subject.partition("/")[2] for each in found if each.subject.startswith("proposal/"))
        looking = [Command(text=f"audit {number}", does=f"look at #{number}") for number in list(asked)[:3]]
        table = Table(columns=("entry", "at (UTC)", "who", "what", "about", ""), rows=rows)
        return (table, *looking, Text(text=proof))

    def _name(self, subject: str) -> str:
        person = self._catalog.by_subject(Subject(subject))
        return person.actor.name if person else subject


def _summary(found: Sequence[Fact], period: Period) -> str:
    counted = Counter(each.verb for each in found).most_common(4)
    told = ", ".join(f"{count} × {verb}" for verb, count in counted)
    count = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    return f"{count} of {period}: {told}{', …' if len({each.verb for each in found}) > 4 else ''}."


def _names(told: "Fact | object", kind: str) -> set[str]:
    """The services or environments that a plan touches, or that an entry names itself."""
    facts = told if isinstance(told, dict) else {}
    plan = facts.get("plan")
    steps = plan.get("steps", ()) if isinstance(plan, dict) else ()
    named = {str(step["target"][kind]) for step in steps}
    return named | ({str(facts[kind])} if isinstance(facts.get(kind), str) else set())


def _gist(fact: Fact) -> str:
    return "; ".join(str(said) for name in _SAID if (said := fact.facts.get(name)))[:160]
