"""What leaves for a model: a person's own words, and what others said marked as data; nothing secret in either."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.nl.natural.speech import CUT, own_words
from bot.nl.turns import BOT, Turn
from bot.nl.words import hidden
from skills.core.catalog import Catalog
from skills.core.redaction import redact
from skills.core.report import Chart, Command, Finding, Report, Table, Text

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_LONG_TOKEN = re.compile(r"\b(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}\b")
_LOG_LINE = re.compile(
    r"^[ \t]*(?:\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:|\[?[0-9]{2}:[0-9]{2}:[0-9]{2}|[\[<(]?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE|CRITICAL)\b"
    r"|[IWEF][0-9]{4} |(?:level|ts|time|msg)=|(?:system|assistant|user|developer|tool)\s*:|Traceback \(|at [\w.$<>]+\().*$",
    re.MULTILINE | re.IGNORECASE,
)
_MOST_TURNS = 6
_LONGEST_TURN = 300
_MOST_NAMES = 150
_LONGEST_REPORT = 3_000
_LONGEST_LINE = 400
HIDDEN = "(hidden)"


def spoken(text: str) -> str:
    """A person's own words: what is quoted, pasted from a log, or dressed as another speaker is cut away."""
    return _LOG_LINE.sub(f" {CUT} ", own_words(text))


def clean(text: str) -> str:
    """`text` without secrets, addresses and long tokens, on one line, and with nothing in it that nobody can see."""
    text = _LONG_TOKEN.sub(HIDDEN, _EMAIL.sub(HIDDEN, redact(text)))
    seen = "".join(" " if hidden(each) else each for each in text)
    return " ".join(seen.split())


def unmarked(text: str) -> str:
    """`text` without angle brackets, which mark where somebody's words begin and end."""
    return text.replace("<", "‹").replace(">", "›")


def known(catalog: Catalog, now: datetime) -> dict[str, str]:
    """What a prompt says of this organization. `now` is in its time zone."""
    return {
        "now": f"{now:%A %Y-%m-%d %H:%M %Z}",
        "services": ", ".join(_spelled(each.name, each.aliases) for each in catalog.services[:_MOST_NAMES]),
        "environments": ", ".join(_spelled(each.name, each.aliases) for each in catalog.environments),
    }


def told(report: Report) -> str:
    """A report as a model may read it: compact, redacted, bounded, and between marks that nothing in it can imitate."""
    lines = [unmarked(clean(line))[:_LONGEST_LINE] for line in redact("\n".join(_lines(report))).splitlines()]
    kept, room = [], _LONGEST_REPORT
    for line in dict.fromkeys(line for line in lines if line):
        room -= len(line) + 1
        if room < 0:
            kept.append("(there is more than is told here)")
            break
        kept.append(line)
    return "\n".join(["<report>", *kept, "</report>"])


def _lines(report: Report) -> Iterator[str]:
    yield report.title
    yield report.summary
    for part in report.parts:
        match part:
            case Text(text=text):
                yield text
            case Table():
                yield from _rows(part)
            case Finding():
                yield from _finding(part)
            case Chart(title=title, unit=unit, table=table):
                yield f"{title} ({unit})"
                yield from _rows(table)
            case Command():
                pass  # what could be asked next is for the person


def _rows(table: Table) -> Iterator[str]:
    yield table.title
    yield from (" | ".join(" ".join(cell.split()) for cell in row) for row in (table.columns, *table.rows))


def _finding(finding: Finding) -> Iterator[str]:
    """What was concluded; the request that is offered against it is for the person."""
    sure = f" ({finding.confidence})" if finding.confidence else ""
    since = f", since {finding.since:%Y-%m-%d %H:%M} UTC" if finding.since else ""
    yield f"{finding.severity}{sure}: {finding.text}{since}"
    yield from (f"- {each}" for each in (*finding.evidence, *finding.chain, finding.remedy) if each)


def earlier(thread: Sequence[Turn], asker: str) -> str:
    """The last turns, one JSON object a line, so that no text can end where it likes. Of the bot's turns, only what it had understood."""
    return "\n".join(_line(turn, asker) for turn in thread[-_MOST_TURNS:])


def _line(turn: Turn, asker: str) -> str:
    if turn.who == BOT:
        told = {
            "from": "bot",
            "skill": turn.skill,
            "arguments": {name: clean(str(turn.params[name])) for name in turn.params},
        }
    else:
        who = "the person who asks" if asker and turn.who == asker else "somebody else"
        told = {"from": who, "text": clean(spoken(turn.text))[:_LONGEST_TURN]}
    # Angle brackets are spelled out: the lines stand between marks that look like them.
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _spelled(name: str, aliases: Sequence[str]) -> str:
    return f"{name} ({', '.join(aliases)})" if aliases else name
