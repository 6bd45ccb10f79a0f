"""The bundle that is evaluated: the shipped modules, the organization's own, and its YAML rules as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from skills.core.canonical import Json, digest
from skills.core.money import Money
from skills.core.policy import Approvers, Rule, Who

ANY = "*"
_SHIPPED = "countersign/"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Modules and tests by file name, and data: a JSON object under `data`."""

    modules: Mapping[str, str]
    data: Mapping[str, Json]
    tests: Mapping[str, str]

    @property
    def shipped(self) -> frozenset[str]:
        """The files that come with Countersign; the names in them are taken."""
        return frozenset(file for file in self.modules if file.startswith(_SHIPPED))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that decides; tests do not."""
        return digest({"modules": dict(self.modules), "data": dict(self.data)})


def bundle(rules: Sequence[Rule], modules: Mapping[str, str], tests: Mapping[str, str]) -> Bundle:
    """The organization's bundle. Its own modules are named by their path in the configuration."""
    return Bundle(
        modules={**_shipped("rules.rego"), **modules},
        data={"countersign": as_data(rules)},
        tests={**_shipped("rules_test.rego"), **tests},
    )


def as_data(rules: Sequence[Rule]) -> dict[str, Json]:
    """Rules by name, and the names by skill, those for any skill under `*`: a request looks at the few that may speak of it."""
    by_skill: dict[str, list[str]] = {}
    for rule in rules:
        for skill in rule.skills or (ANY,):
            by_skill.setdefault(skill, []).append(rule.name)
    return {"rules": {rule.name: _rule(rule) for rule in rules}, "by_skill": by_skill}


def _rule(rule: Rule) -> dict[str, Json]:
    return {
        "because": rule.because,
        "who": _who(rule.who),
        "environments": list(rule.environments),
        "services": list(rule.services),
        "risks": [risk.value for risk in rule.risks],
        "deny": rule.deny,
        "approvals": rule.approvals,
        "approvers": _approvers(rule.approvers),
        "cost_above": _above(rule.monthly_cost_above),
    }


def _above(amount: Money | None) -> dict[str, Json] | None:
    return None if amount is None else {"cents": int(amount.amount * 100), "currency": amount.currency}


def _approvers(approvers: Approvers) -> dict[str, Json]:
    return {
        **_who(approvers.who),
        "each_owner": approvers.each_owner,
        "outside_team": approvers.outside_team,
        "step_up": approvers.step_up,
        "unbreakable": approvers.unbreakable,
    }


def _who(who: Who) -> dict[str, Json]:
    return {"roles": sorted(who.roles), "teams": sorted(who.teams), "owner": who.owner}


def _shipped(name: str) -> dict[str, str]:
    return {f"{_SHIPPED}{name}": resources.files("bot.policy").joinpath(name).read_text(encoding="utf-8")}
