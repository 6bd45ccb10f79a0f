"""What a person is told when a command could not do its work."""

import json
import logging
import secrets
import sys
from pathlib import Path

from bot import logs
from bot.cli.render.safe import harmless
from bot.usecases.answers import Answer, Clarify, Exit, Failed, Refused
from skills.core.errors import Anticipated, BadInput, Conflict, NotAllowed, PlanChanged, Unavailable, UnknownName

_log = logging.getLogger(__name__)


def explain(error: Exception, *, data: Path, as_json: bool) -> int:
    """One sentence on standard error, or one JSON object on standard output; returns the exit code.

    What nobody thought of is logged with its traceback, and the sentence says under which reference.
    """
    answer = answer_to(error) if isinstance(error, Anticipated) else _bug(error, data)
    out, err = told(answer, as_json=as_json)
    print(out, end="")
    print(err, end="", file=sys.stderr)
    return int(answer.exit)


def told(answer: Answer, *, as_json: bool) -> tuple[str, str]:
    """What goes to standard output, and what to standard error."""
    return (f"{json.dumps(answer.to_json())}\n", "") if as_json else ("", f"{harmless(answer.text)}\n")


def answer_to(error: Anticipated) -> Answer:
    """A failure that was thought of, as the answer it amounts to."""
    text = str(error)
    match error:
        case UnknownName():
            return Clarify(
                text=text, unresolved={error.kind: error.given}, candidates={error.kind: tuple(error.candidates)}
            )
        case NotAllowed():
            return Refused(text=text)
        case Unavailable() | Conflict() | PlanChanged():
            return Failed(text=text, exit=Exit.UNAVAILABLE)
        case BadInput():
            return Clarify(text=text)
        case _:
            return Failed(text=text, exit=Exit.CLARIFY)


def _bug(error: Exception, data: Path) -> Failed:
    reference = secrets.token_hex(4)
    logs.to_file(data, "info")
    _log.error("bug %s", reference, exc_info=error)
    text = f"That is a bug in Countersign, not your mistake. The details are in {data / logs.FILE}, under {reference}."
    return Failed(text=text, exit=Exit.BUG, reference=reference)
