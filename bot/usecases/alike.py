"""Which requests policies cannot tell apart, so that what is true of one is true of all of them.

Rules in YAML know people by their roles and teams, and everything else by the lists of names that it stands in. So two services of one owner
that no rule names are one to them. What the organization's own modules look at is told apart as far as they look.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from skills.core.actor import Actor
from skills.core.catalog import Environment, Service
from skills.core.plan import Risk
from skills.core.policy import Rule


@dataclass(frozen=True, kw_only=True)
class Alike:
    """By `rules` and what own modules `mention`: paths below `input`, written with dots. Without rules, everything is told apart."""

    rules: Sequence[Rule] | None = None
    mentioned: Collection[str] = ()

    def actor(self, actor: Actor) -> Hashable:
        """The same for people whom no policy tells apart."""
        grouped = (actor.roles, actor.teams, actor.active, actor.guest)
        return grouped if not self._looks_at("actor", but=("actor.roles", "actor.teams")) else (actor.subject, *grouped)

    def skill(self, name: str) -> Hashable:
        return name if self._looks_at("request", but=("request.risk", "request.kind")) else self._listed(name, "skills")

    def service(self, service: Service) -> Hashable:
        return service.name if self._looks_at("services") else (service.owner, *self._listed(service.name, "services"))

    def environment(self, environment: Environment) -> Hashable:
        return environment.name if self._looks_at("environments") else self._listed(environment.name, "environments")

    def risk(self, risk: Risk) -> Hashable:
        return risk if self._looks_at("request", but=("request.skill", "request.kind")) else self._listed(risk, "risks")

    def _looks_at(self, part: str, *, but: Collection[str] = ()) -> bool:
        """Does anything look at this part of the facts, in a way that is not known to be harmless?"""
        paths = [path for path in self.mentioned if path.partition(".")[0] == part]
        return self.rules is None or any(path not in but for path in paths)

    def _listed(self, name: str, field: str) -> tuple[bool, ...]:
        return tuple(name in getattr(rule, field) for rule in self.rules or ())
