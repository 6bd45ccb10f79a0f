"""What is wanted of a language model, and the ways in which it fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from skills.core.canonical import Json


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request to a model: `system` is ours, `user` what was said. `tools` are functions as OpenAI's protocol describes them."""

    system: str
    user: str
    tools: Sequence[Mapping[str, Any]] = ()

    @property
    def size(self) -> int:
        """Characters, tools included."""
        return len(self.system) + len(self.user) + sum(len(str(tool)) for tool in self.tools)


@dataclass(frozen=True, kw_only=True)
class Call:
    """What the model would have called. Nothing calls it: it is data. `arguments` is None where they made no sense."""

    name: str
    arguments: Mapping[str, Json] | None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back: calls, or words. `size` counts its characters; the tokens are as the model reported them, 0 where it did not."""

    calls: tuple[Call, ...] = ()
    text: str = ""
    size: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


class Why(StrEnum):
    """Why there is no usable reply."""

    SLOW = "slow"
    BUSY = "busy"
    GONE = "gone"
    REFUSED = "refused"
    GARBAGE = "garbage"
    MISSING = "missing"
    RESTING = "resting"
    LIMIT = "limit"


_SAID = {
    Why.SLOW: "The model took too long",
    Why.BUSY: "The model is over its quota",
    Why.GONE: "The model could not be reached",
    Why.REFUSED: "The model's service refused the request",
    Why.GARBAGE: "The model's answer made no sense",
    Why.MISSING: "The model's client is not installed",
    Why.RESTING: "The model has been failing and is left alone for a moment",
    Why.LIMIT: "The limit for the model is used up",
}


class Trouble(Exception):
    """No usable reply. `after` is how many seconds the service asked to be left alone. Holds no text of the vendor's.

    `heard` says that part of a reply was told to somebody already, so that another one would repeat it.
    """

    def __init__(self, why: Why, *, detail: str = "", after: float = 0.0, heard: bool = False) -> None:
        super().__init__(why)
        self.heard = heard
        self.why = why
        self.detail = detail
        self.after = after

    @property
    def sentence(self) -> str:
        """Fit to show, without a full stop."""
        return _SAID[self.why] + (f" ({self.detail})" if self.detail else "")

    @property
    def passing(self) -> bool:
        """Is trying again at once worth it?"""
        return self.why in (Why.BUSY, Why.GONE) and not self.heard


class Chat(Protocol):
    """A model that can be asked once."""

    async def reply(self, ask: Ask, *, most_tokens: int) -> Reply:
        """The reply, of `most_tokens` at most. Raises `Trouble` and nothing else; may be cancelled at any time."""

    async def close(self) -> None:
        """Let go of connections. May be repeated; the next request would make new ones."""
