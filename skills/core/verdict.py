"""What policy says about a request: allow, needs somebody, or deny, always with reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from skills.core.canonical import Json


class Outcome(StrEnum):
    """The three things that policy can say."""

    ALLOW = "allow"
    NEEDS = "needs"
    DENY = "deny"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """So many distinct people who bear one of these roles, or belong to one of these teams, or own every touched service.

    With `owner_of`, owners of that one service and nobody else. `outside` are teams (the requester's) to none of which they may belong;
    None means that it does not matter. People of no known team are never outside. With `step_up`, each of them has to prove once more that
    it is them, with a code that is good for this plan alone. What is `unbreakable` has to be met in an emergency, too.
    """

    count: int
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    owner: bool = False
    rule: str = ""
    owner_of: str = ""
    outside: tuple[str, ...] | None = None
    step_up: bool = False
    unbreakable: bool = False

    def __str__(self) -> str:
        people = "1 person" if self.count == 1 else f"{self.count} people"
        return f"{people} other than the requester: {self._who or 'nobody is named'}{self._whence}{self._proof}"

    @property
    def brief(self) -> str:
        """The same in few words: “an owner of checkout”, “2 from sre”."""
        if self.owner_of and self.count == 1:
            return f"{self._who}{self._proof}"
        many = "one" if self.count == 1 else str(self.count)
        if not self._who or self._who == _ANYBODY:
            return f"{many}{self._whence}{self._proof}" if self.outside is not None else f"{many} from nobody"
        return f"{many} from {self._who}{self._whence}{self._proof}"

    @property
    def _who(self) -> str:
        if self.owner_of:
            return f"{'an owner' if self.count == 1 else 'owners'} of {self.owner_of}"
        named = [
            *self.roles,
            *(f"team {team}" for team in self.teams),
            *(["an owner of the service"] if self.owner else []),
        ]
        return " or ".join(named) or (_ANYBODY if self.outside is not None else "")

    @property
    def _proof(self) -> str:
        return " with a step-up code" if self.step_up else ""

    @property
    def _whence(self) -> str:
        if self.outside is None:
            return ""
        return f" from outside of {' and '.join(f'team {team}' for team in self.outside) or 'the requester'}"

    def to_json(self) -> dict[str, Json]:
        said: dict[str, Json] = {
            "count": self.count, "roles": list(self.roles), "teams": list(self.teams), "owner": self.owner, "rule": self.rule,
        }  # fmt: skip
        if self.owner_of:
            said["owner_of"] = self.owner_of
        if self.step_up:
            said["step_up"] = True
        if self.unbreakable:
            said["unbreakable"] = True
        return said if self.outside is None else {**said, "outside": list(self.outside)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Requirement":
        outside = value.get("outside")
        return cls(
            count=value["count"],
            roles=tuple(value["roles"]),
            teams=tuple(value["teams"]),
            owner=value["owner"],
            rule=value["rule"],
            owner_of=value.get("owner_of", ""),
            outside=None if outside is None else tuple(outside),
            step_up=value.get("step_up", False),
            unbreakable=value.get("unbreakable", False),
        )


_ANYBODY = "anybody"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Outcome, why, which rules said so, and, for `needs`, every requirement that has to be met.

    `policy` is the fingerprint of the policies that said it ("" where none was asked); `decision` the id under which a policy server has
    it in its own log. `told` is what they were told of the moment; it is kept beside the verdict and not in it.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    rules: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    policy: str = ""
    decision: str = ""
    told: Mapping[str, Json] | None = field(default=None, compare=False)

    @property
    def needed(self) -> str:
        """Everything that has to come together: “an owner of checkout and one from sre”."""
        return " and ".join(dict.fromkeys(requirement.brief for requirement in self.requirements))

    @property
    def approvals_needed(self) -> int:
        """The least number of people that could satisfy every requirement."""
        return max((requirement.count for requirement in self.requirements), default=0)

    def to_json(self) -> dict[str, Json]:
        said: dict[str, Json] = {
            "outcome": self.outcome.value, "reasons": list(self.reasons), "rules": list(self.rules),
            "requirements": [requirement.to_json() for requirement in self.requirements],
        }  # fmt: skip
        said |= {"policy": self.policy} if self.policy else {}
        return said | ({"decision": self.decision} if self.decision else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Verdict":
        return cls(
            outcome=Outcome(value["outcome"]),
            reasons=tuple(value["reasons"]),
            rules=tuple(value["rules"]),
            requirements=tuple(Requirement.from_json(requirement) for requirement in value["requirements"]),
            policy=value.get("policy", ""),
            decision=value.get("decision", ""),
        )
