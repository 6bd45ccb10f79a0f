"""What skills need of whoever sends alerts on: which alerts there are, and keeping some of them quiet for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from skills.core.canonical import Json
from skills.core.untrusted import Untrusted


@dataclass(frozen=True, kw_only=True)
class Matcher:
    """One label that has to be, or not to be, this value. Values are names of the catalog, of rules, or a person's own words."""

    label: str
    value: str
    equal: bool = True

    def __str__(self) -> str:
        return f'{self.label}{"=" if self.equal else "!="}"{self.value}"'

    def to_json(self) -> dict[str, Json]:
        return {"label": self.label, "value": self.value, "equal": self.equal}


class Heard(StrEnum):
    """Whether people are told of an alert."""

    ACTIVE = "active"
    SILENCED = "silenced"
    INHIBITED = "inhibited"


@dataclass(frozen=True, kw_only=True)
class RoutedAlert:
    """An alert that is on its way to people. `since` is UTC. Whoever writes rules wrote all the text of it."""

    fingerprint: str
    name: Untrusted
    since: datetime
    heard: Heard
    labels: Mapping[str, Untrusted] = field(default_factory=dict)
    summary: Untrusted = field(default_factory=lambda: Untrusted(""))


@dataclass(frozen=True, kw_only=True)
class Silence:
    """What is kept quiet, by whom and until when (UTC). `key` is ours, "" for one that somebody made elsewhere."""

    id: str
    matchers: tuple[Matcher, ...]
    start: datetime
    end: datetime
    author: str
    comment: Untrusted = field(default_factory=lambda: Untrusted(""))
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class SilenceWanted:
    """A silence to be made. `key` makes it one, however often it is asked for."""

    key: str
    matchers: tuple[Matcher, ...]
    end: datetime
    author: str
    comment: str


class Silences(Protocol):
    """One that routes alerts, such as an Alertmanager. Raises `Unavailable` where it does not answer or there is none, `NotAllowed` where it refuses."""

    async def alerts(self, matchers: Sequence[Matcher] = ()) -> Sequence[RoutedAlert]:
        """Those that match, silenced ones included, the longest first."""

    async def silences(self) -> Sequence[Silence]:
        """Those that are active or will be."""

    async def silence(self, wanted: SilenceWanted) -> Silence:
        """Keep quiet what matches, until `end`, unless that is done under this key. Raises `Unclear` if it was sent and no answer came."""

    async def expire(self, key: str) -> None:
        """End the silence of this key now; nothing if there is none."""
