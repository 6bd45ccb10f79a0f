"""What was said before in a thread, as far as an interpreter may know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from skills.core.canonical import Json

BOT = "bot"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message. `who` is a subject, or `BOT`; of the bot's turns `skill` and `params` say what it had understood.

    A bot's `text` is never read for arguments: it may quote logs. Nor is what other people said.
    """

    who: str
    text: str
    skill: str | None = None
    params: Mapping[str, Json] = field(default_factory=dict)
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
