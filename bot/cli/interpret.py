"""`countersign interpret`: how requests are understood, line by line. Nothing is asked, proposed or stored."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, get_args

from bot.configuration import Configuration, load
from bot.nl import BOT, ChannelKind, EmbeddedInterpreter, Interpretation, Turn
from bot.nl.reader import Reader, Unaided
from skills.core.errors import BadInput, Unavailable
from skills.core.registry import Skills, discover

if TYPE_CHECKING:
    from bot.language_model import LanguageModel
    from bot.settings import Settings

_FORM = 'One JSON object a line, such as {"text": "roll it back", "thread": [{"who": "dev", "text": "status checkout in prod"}]}.'
_BOTS = frozenset({"bot", "assistant", "countersign", "app"})


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Interpret every line of standard input. Raises `BadInput` naming the first line that is none of ours."""
    types = discover()
    environ = {**settings.environ, "COUNTERSIGN_DATA": str(settings.data)}
    configuration = load(settings.config, environ, skills=[each.name for each in types])
    if arguments.interpreter == "model":
        return asyncio.run(_with_model(_model(configuration, settings)))
    return asyncio.run(_interpret(_embedded(configuration)))


def _embedded(configuration: Configuration) -> Reader:
    described, zone = Skills.described(discover()), configuration.organization.timezone
    return Unaided(EmbeddedInterpreter(described, configuration.catalog, zone=zone))


def _model(configuration: Configuration, settings: "Settings") -> "LanguageModel":
    """The configured model. What is sent is kept as always. Raises `Unavailable` where there is none."""
    from bot.language_model import make_model  # noqa: PLC0415 - only the model needs it
    from bot.model_log import ModelLog  # noqa: PLC0415 - the same

    model = make_model(configuration, discover())
    if model is None:
        raise Unavailable(
            "No model is configured.",
            hint="Name one under model in organization.yaml, or use --interpreter embedded, which needs none.",
        )
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    model.line.hears.append(ModelLog(settings.data).note)
    return model


async def _with_model(model: "LanguageModel") -> int:
    try:
        return await _interpret(model.interpreter)
    finally:
        await model.close()


async def _interpret(reader: Reader) -> int:
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            await _answer(reader, _asked(line, number), sys.stdout)
    return 0


async def _answer(reader: Reader, asked: Mapping[str, Any], out: IO[str]) -> None:
    asker = str(asked.get("as") or "")
    thread = _thread(asked.get("thread") or (), asker)
    now = datetime.fromisoformat(str(asked["now"])).astimezone() if asked.get("now") else None
    begun = time.perf_counter()
    found = await reader.read(
        asked["text"], thread=thread, asker=asker, channel_kind=_channel_kind(asked.get("channel_kind")), now=now
    )
    took = (time.perf_counter() - begun) * 1000
    # ASCII only and flushed: somebody may be reading line by line.
    print(json.dumps({"text": asked["text"], **as_json(found), "ms": round(took, 3)}), file=out, flush=True)


def as_json(found: Interpretation) -> dict[str, Any]:
    """An interpretation for programs."""
    return {
        "kind": found.kind,
        "skill": found.skill,
        "params": dict(found.params),
        "missing": list(found.missing),
        "unresolved": dict(found.unresolved),
        "candidates": {name: list(values) for name, values in found.candidates.items()},
        "confidence": found.confidence,
        "interpreter": found.interpreter,
        "reason": found.reason,
        "question": found.question,
        "completions": list(found.completions),
        **({"note": found.note} if found.note else {}),
        "resolved": [
            {
                "parameter": each.parameter,
                "words": each.words,
                "value": each.value,
                "score": each.score,
                "candidates": list(each.candidates),
            }
            for each in found.resolved
        ],
    }


def _asked(line: str, number: int) -> Mapping[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise BadInput(f"Line {number} is not JSON.", hint=_FORM) from None
    if not isinstance(asked, Mapping) or not isinstance(asked.get("text"), str):
        raise BadInput(f"Line {number} has no text.", hint=_FORM)
    if not isinstance(asked.get("thread") or [], list):
        raise BadInput(f"In line {number}, thread is not a list.", hint=_FORM)
    try:
        datetime.fromisoformat(str(asked.get("now") or "2000-01-01T00:00:00+00:00"))
    except ValueError:
        raise BadInput(f"In line {number}, now is not an ISO 8601 time.", hint=_FORM) from None
    return asked


def _thread(turns: Sequence[Any], asker: str) -> list[Turn]:
    """Earlier turns; one that is mere text is the asker's own. A single other person in the thread is the asker, if none is named."""
    found = [_turn(each, asker) for each in turns if isinstance(each, str | Mapping)]
    people = {turn.who for turn in found if turn.who != BOT}
    if not asker and len(people) > 1:
        return [turn for turn in found if turn.who == BOT]
    return found


def _turn(turn: str | Mapping[str, Any], asker: str) -> Turn:
    if isinstance(turn, str):
        return Turn(who=asker, text=turn)
    who = str(turn.get("who") or turn.get("role") or turn.get("as") or turn.get("user") or asker)
    if who.lower() in _BOTS:
        who = BOT
    elif who.lower() in ("user", "me"):
        who = asker
    params, skill = turn.get("params"), turn.get("skill")
    candidates = turn.get("candidates")
    return Turn(
        who=who,
        text=str(turn.get("text") or turn.get("content") or ""),
        skill=str(skill) if skill else None,
        params=dict(params) if isinstance(params, Mapping) else {},
        candidates={str(name): tuple(str(each) for each in values) for name, values in candidates.items()}
        if isinstance(candidates, Mapping)
        else {},
    )


def _channel_kind(given: Any) -> ChannelKind:
    """The kind that was given; a place that is not known is one where the bot may not be meant."""
    kind = str(given or "direct").lower()
    for known in get_args(ChannelKind):
        if kind == known:
            return known  # type: ignore[no-any-return]
    return "direct" if kind in ("dm", "im", "mention", "cli") else "channel"
