"""A request from Slack with its place, and a question that was asked back about one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.nl.interpretation import ChannelKind
from skills.core.canonical import Json
from skills.core.proposal import Origin
from skills.core.registry import Skills

EDGE = "slack"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request with its place. `text` is what the door reads and `typed` what the person sees quoted; `private` answers are seen by
    the asker alone. `key` is the delivery's.

    `kind` says what sort of place it is, and `reply` that it was said inside of a thread rather than begins one. `natural` is known of
    what continues an earlier sentence. `offered` is the title of the report whose button was pressed; nothing was typed then.
    """

    key: str
    user: str
    channel: str
    team: str
    text: str
    typed: str
    thread: str = ""
    skill: str | None = None
    response_url: str = ""
    private: bool = False
    kind: ChannelKind = "command"
    reply: bool = False
    natural: bool = False
    offered: str = ""

    @property
    def origin(self) -> Origin:
        place = {"team": self.team, "channel": self.channel, "thread": self.thread, "user": self.user}
        words = self.text if self.offered else self.typed
        return Origin(edge=EDGE, words=words, place=place, natural=self.natural, offered=self.offered)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked back, remembered for as long as its buttons are good for. `typed` is what it was asked about."""

    user: str
    text: str
    typed: str
    thread: str
    private: bool
    kind: ChannelKind
    natural: bool
    skill: str | None
    completions: tuple[str, ...]

    def asked_again(self, click: Asked, chosen: str, skills: Skills, *, key: str) -> Asked:
        """The completed request. All clicks on one question share a key, so that together they propose one thing.

        Of a sentence, the sentence itself is still what was said; the choice stands behind it.
        """
        first = chosen.split(maxsplit=1)[0].lower() if chosen.split() else ""
        skill = None if skills.by_word(first) else self.skill
        return replace(
            click,
            key=f"question:{key}",
            text=chosen,
            typed=f"{self.typed} → {chosen}" if self.natural else chosen,
            skill=skill,
            thread=self.thread,
            private=self.private,
            kind=self.kind,
            natural=self.natural,
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "user": self.user, "text": self.text, "typed": self.typed, "thread": self.thread, "private": self.private,
            "kind": self.kind, "natural": self.natural, "skill": self.skill, "completions": list(self.completions),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Json]) -> "Question":
        completions = kept["completions"]
        assert isinstance(completions, list)
        return cls(
            user=str(kept["user"]),
            text=str(kept["text"]),
            typed=str(kept.get("typed") or ""),
            thread=str(kept["thread"]),
            private=bool(kept["private"]),
            kind=_kind(kept.get("kind")),
            natural=bool(kept.get("natural")),
            skill=str(kept["skill"]) if kept["skill"] else None,
            completions=tuple(str(each) for each in completions),
        )


def _kind(kept: Json) -> ChannelKind:
    match kept:
        case "channel" | "direct" | "thread":
            return kept
        case _:
            return "command"
