"""Lines of JSON as requests to be understood: read one by one, and checked before anything else sees them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, get_args

from bot.nl import BOT, ChannelKind, Turn
from skills.core.errors import BadInput

FORM = 'One JSON object a line, such as {"text": "roll it back", "thread": [{"who": "dev", "text": "status checkout in prod"}]}.'
LONGEST = 4 * 2**20
"""Bytes. What is longer is skipped without being held in memory."""
_BOTS = frozenset({"bot", "assistant", "countersign", "app"})
_MARK = b"\xef\xbb\xbf"
"""What some editors put before the first character of a file."""
_SPEAKER = ("who", "role", "as", "user")
_YEARS = range(1970, 3000)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request: who asks, in what kind of channel, after which earlier turns, and when (now, if that is None)."""

    text: str
    asker: str = ""
    thread: tuple[Turn, ...] = ()
    channel_kind: ChannelKind = "direct"
    now: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of input, numbered from 1, with blank ones counted and left out. `content` is None for one that is longer than `LONGEST`."""

    number: int
    content: bytes | None = field(repr=False)

    def parsed(self) -> Any:
        """The JSON value. Raises `BadInput`."""
        if self.content is None:
            raise BadInput(f"Line {self.number} is longer than {LONGEST:,} bytes; it was skipped.")
        try:
            return json.loads(self.content.decode("utf-8"))
        except UnicodeDecodeError as wrong:
            raise BadInput(
                f"Line {self.number} is not UTF-8: its byte {wrong.start + 1} begins no character."
            ) from None
        except (ValueError, RecursionError):
            raise BadInput(f"Line {self.number} is not JSON.", hint=FORM) from None


def lines(source: BinaryIO) -> Iterator[Line]:
    """Every line that is not blank, as it arrives."""
    number = 0
    while content := source.readline(LONGEST + 1):
        number += 1
        whole = len(content) <= LONGEST
        while not content.endswith(b"\n") and (more := source.readline(LONGEST + 1)):
            whole, content = False, more
        content = content.removeprefix(_MARK) if number == 1 and whole else content
        if not whole or content.strip():
            yield Line(number=number, content=content if whole else None)


def asked(value: Any, number: int) -> Asked:
    """The request that a line's value makes. Raises `BadInput` saying which field is wrong."""
    if not isinstance(value, Mapping) or value.get("text") is None:
        raise BadInput(f"Line {number} has no text.", hint=FORM)
    where = f"In line {number}"
    asker = _text(value, "as", where)
    thread = value.get("thread") or []
    if not isinstance(thread, list):
        raise BadInput(f"{where}, thread is not a list.", hint=FORM)
    turns = [_turn(each, asker, f"{where}, turn {place} of the thread") for place, each in enumerate(thread, start=1)]
    return Asked(
        text=_text(value, "text", where),
        asker=asker,
        thread=tuple(_heard(turns, asker)),
        channel_kind=_channel_kind(_text(value, "channel_kind", where)),
        now=_moment(_text(value, "now", where), where),
    )


def _text(value: Mapping[str, Any], name: str, where: str) -> str:
    """A field that holds text, or "" where it is missing."""
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadInput(f"{where}, {name} is not a text.", hint=FORM)
    if any("\ud800" <= character <= "\udfff" for character in found):
        raise BadInput(f"{where}, {name} holds half of a character (a lone surrogate).")
    return found


def _moment(text: str, where: str) -> datetime | None:
    """When it is asked; without a time zone, local time is meant."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{where}, now is not an ISO 8601 time.", hint=FORM) from None
    if moment is not None and moment.year not in _YEARS:
        raise BadInput(f"{where}, now is not between {_YEARS.start} and {_YEARS.stop - 1}.")
    return moment.astimezone() if moment else None


def _heard(turns: list[Turn], asker: str) -> list[Turn]:
    """The turns that may be gone on from: where several people speak and nobody is named as the asker, only the bot's."""
    people = {turn.who for turn in turns if turn.who != BOT}
    return turns if asker or len(people) <= 1 else [turn for turn in turns if turn.who == BOT]


def _turn(turn: Any, asker: str, where: str) -> Turn:
    """An earlier turn; one that is mere text is the asker's own."""
    if not isinstance(turn, str | Mapping):
        raise BadInput(f"{where} is neither a text nor an object.", hint=FORM)
    if isinstance(turn, str):
        return Turn(who=asker, text=_text({"text": turn}, "text", where))
    params, candidates = _keyed(turn, "params", where), _keyed(turn, "candidates", where)
    if not all(isinstance(each, list) for each in candidates.values()):
        raise BadInput(f"{where}, candidates does not hold a list for each parameter.")
    return Turn(
        who=_speaker(next((said for name in _SPEAKER if (said := _text(turn, name, where))), asker), asker),
        text=_text(turn, "text", where) or _text(turn, "content", where),
        skill=_text(turn, "skill", where) or None,
        params=params,
        candidates={name: tuple(str(each) for each in values) for name, values in candidates.items()},
    )


def _speaker(who: str, asker: str) -> str:
    if who.lower() in _BOTS:
        return BOT
    return asker if who.lower() in ("user", "me") else who


def _keyed(turn: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    found = turn.get(name) or {}
    if not isinstance(found, Mapping):
        raise BadInput(f"{where}, {name} is not an object.", hint=FORM)
    return dict(found)


def _channel_kind(given: str) -> ChannelKind:
    """The kind that was given; a place that is not known is one where the bot may not be meant."""
    kind = given.lower() or "direct"
    for known in get_args(ChannelKind):
        if kind == known:
            return known  # type: ignore[no-any-return]
    return "direct" if kind in ("dm", "im", "mention", "cli") else "channel"
