"""`countersign interpret`: how requests are understood, line by line. Nothing is asked, proposed or stored.

A line that is none of ours is answered, too, with what is wrong with it: whoever sends a thousand lines wants the other 999.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.cli.asked_lines import Line, asked, lines
from bot.configuration import Configuration, load
from bot.nl import EmbeddedInterpreter, Interpretation
from bot.nl.reader import Reader, Unaided
from bot.usecases.answers import Exit
from skills.core.errors import BadInput, Unavailable
from skills.core.registry import Skills, discover

if TYPE_CHECKING:
    from bot.language_model import LanguageModel
    from bot.settings import Settings

_WRONG = "error"
"""The kind of an answer to a line that says no request."""


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Interpret every line of standard input. The exit code is 2 if there was one that could not be read."""
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
    bad = total = 0
    for line in lines(sys.stdin.buffer):
        answer = await _answer(reader, line)
        bad, total = bad + (answer["kind"] == _WRONG), total + 1
        # ASCII only and flushed: somebody may be reading line by line.
        print(json.dumps(answer), flush=True)
    if bad:
        print(f"{bad} of {total} lines could not be read; the error of each says why.", file=sys.stderr)
    return Exit.CLARIFY if bad else Exit.DONE


async def _answer(reader: Reader, line: Line) -> Mapping[str, Any]:
    """What was understood, or what is wrong with the line."""
    begun, value = time.perf_counter(), None
    try:
        value = line.parsed()
        request = asked(value, line.number)
    except BadInput as bad:
        text = value.get("text") if isinstance(value, Mapping) else None
        nothing = as_json(Interpretation(kind="none", interpreter="")) | {"kind": _WRONG, "error": str(bad)}
        return {"text": text if isinstance(text, str) else None, "line": line.number, **nothing, "ms": _since(begun)}
    found = await reader.read(
        request.text,
        thread=request.thread,
        asker=request.asker,
        channel_kind=request.channel_kind,
        now=request.now,
    )
    return {"text": request.text, **as_json(found), "ms": _since(begun)}


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 3)


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
