"""What policy needs: somebody who evaluates Rego."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from skills.core.canonical import Json
from skills.core.errors import Anticipated

QUERY = "countersign/policy/decision"
"""The rule whose value is asked for, in every bundle: `{allow, needs, deny, could}`."""


class Undecided(Anticipated):
    """The policies gave no answer that could be used; the sentence says why. Asking again gives the same."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What the policies said, as JSON values that nobody has looked at yet; by which bundle; and a server's id of the decision, if any."""

    value: object
    bundle: str
    decision: str = ""


class Rego(Protocol):
    """Evaluates the decision of one bundle of policies."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the policies do; of a server, where it is."""

    async def evaluate(self, facts: Mapping[str, Json]) -> Evaluation:
        """The decision on these facts. Raises `Undecided`, or `Unavailable` when whoever evaluates cannot be reached."""
