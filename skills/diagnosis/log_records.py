"""One log line at a time: what it says, how bad that is, and which request it belongs to.

Lines are JSON, logfmt, klog or prose; each is read as what it is. The text stays untrusted: `said` is for display, and everything else is a
fact of a type that holds no sentence.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from skills.core.ports.logs import LogLine
from skills.core.redaction import HIDDEN
from skills.core.untrusted import Shown, Untrusted


class Level(IntEnum):
    """How bad a line says it is."""

    UNKNOWN = 0
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    FATAL = 50


@dataclass(frozen=True, kw_only=True)
class Record:
    """A line that was read. `said` is its message, redacted and on one line; `trace` is a trace id in lower-case hexadecimal or "".

    `stack` holds the lines of a stack trace that came within this one line, as structured logs have it.
    """

    at: datetime | None
    pod: str
    container: str
    level: Level
    said: Shown
    text: Untrusted
    trace: str = ""
    stack: tuple[Untrusted, ...] = ()

    @property
    def bad(self) -> bool:
        return self.level >= Level.ERROR


_HEAD = re.compile(r"(?s)\A.{1,600}")
_READ = re.compile(r"(?s)\A.{1,2000}")
"""As much of a line as is looked at, JSON aside."""
_LONGEST_SAID = 500
_JSON = re.compile(r"\A\s*\{")
_WORDS: Mapping[str, Level] = {
    "trace": Level.DEBUG, "debug": Level.DEBUG, "verbose": Level.DEBUG, "d": Level.DEBUG, "trc": Level.DEBUG, "dbg": Level.DEBUG,
    "info": Level.INFO, "information": Level.INFO, "notice": Level.INFO, "i": Level.INFO, "inf": Level.INFO, "log": Level.INFO,
    "warn": Level.WARNING, "warning": Level.WARNING, "w": Level.WARNING, "wrn": Level.WARNING,
    "error": Level.ERROR, "err": Level.ERROR, "severe": Level.ERROR, "e": Level.ERROR, "fail": Level.ERROR, "eror": Level.ERROR,
    "fatal": Level.FATAL, "critical": Level.FATAL, "crit": Level.FATAL, "panic": Level.FATAL, "emerg": Level.FATAL, "alert": Level.FATAL,
    "f": Level.FATAL, "dpanic": Level.FATAL, "emergency": Level.FATAL, "ftl": Level.FATAL,
}  # fmt: skip
_NUMBERS: Mapping[int, Level] = {
    1: Level.DEBUG, 2: Level.DEBUG, 3: Level.INFO, 4: Level.WARNING, 5: Level.ERROR, 6: Level.FATAL
}  # fmt: skip
_LEVELS = ("level", "severity", "lvl", "log.level", "levelname", "loglevel", "severity_text", "severityText", "@l", "LogLevel", "Level", "s")  # fmt: skip
_MESSAGES = ("msg", "message", "@m", "Message", "event", "text", "log", "body", "short_message", "RenderedMessage", "@mt", "attr.error.errmsg")  # fmt: skip
_ERRORS = (
    "err.message", "error.message", "err", "error", "exception.message", "Exception.Message", "errorMessage", "exception", "Exception", "exc_info",
    "@x",
)  # fmt: skip
_STACKS = ("err.stack", "error.stack", "stack", "stack_trace", "stacktrace", "error.stack_trace", "exception.stacktrace", "exc_info", "exception", "Exception", "@x")  # fmt: skip
_TRACES = ("trace_id", "traceId", "traceID", "trace.id", "dd.trace_id", "otelTraceID", "trace", "traceparent", "logging.googleapis.com/trace")  # fmt: skip
_KLOG = re.compile(r"\A([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w.\-/]+:\d+\] (?s:(.*))")
_LOGFMT_LEVEL = re.compile(r"(?:\A|\s)(?:level|lvl|severity)=\"?([A-Za-z]+)")
_CUT_LEVEL = re.compile(r"\"(?:level|lvl|severity)\"\s*:\s*\"([A-Za-z]+)\"")
_CUT_MESSAGE = re.compile(r"\"(?:msg|message)\"\s*:\s*\"((?:\\.|[^\"\\]){1,2000})")
"""Of an object that was cut off and is none any more."""
_PLAIN = re.compile(
    r"(?:\A|(?<=[\s\[|(<]))(?:(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|PANIC|SEVERE|EMERG|ALERT)(?=[\s\]:|)>,]|\Z)"
    r"|(trace|debug|info|notice|warn|warning|error|fatal|critical|panic|severe|emerg|alert|fail|dbug|trce)(?=\]|:|\s+-\s|\s*\|))"
)
"""A level is a word in capitals, or one in small letters that a bracket, a colon, a dash or a bar sets apart; and it stands near the start."""
_NEAR = re.compile(r"(?s)\A.{1,120}")
_TELLING = re.compile(
    r"\A(?:panic: |fatal error: |Traceback \(most recent call last\)|Exception in thread |Unhandled [Ee]xception|Uncaught |FATAL\b|"
    r"(?:[\w$]+[.:]+)*[A-Z][\w$]*(?:Error|Exception)(?::|\Z)|(?:\S+: )?(?:exec format error|Segmentation fault|Killed|out of memory)|error: |Error: |ERROR)"
)
_STARTS_WITH_TIME = re.compile(
    r"\A[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?[\])]?[\s|:-]*(?=\S)(?s:(.*))"
)
_TRACE_TEXT = re.compile(r"(?i)\b(?:trace[_.-]?id|trace)[\"']?\s*[=:]\s*[\"']?([0-9a-f]{16,32})\b")
_TRACE_PARENT = re.compile(r"\b00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\b")
_TRACE_ID = re.compile(r"(?:projects/[\w-]+/traces/|00-)?([0-9a-fA-F]{16,32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?")
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]{0,40}PRIVATE KEY-----")
_BINARY = re.compile(r"(?s)\A.{0,300}?(?:[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd].{0,60}?){4}")


def read(lines: Iterable[LogLine]) -> Iterator[Record]:
    """Each line as a record. The lines of a private key that stands in several are hidden, wherever they stand."""
    keys: set[tuple[str, str]] = set()
    for line in lines:
        stream = (line.pod, line.container)
        begins, ends = line.text.holds(_KEY_BEGINS), line.text.holds(_KEY_ENDS)
        if (begins or stream in keys) and not (begins and ends):
            yield _hidden(line)
        else:
            yield _record(line)
        if begins and not ends:
            keys.add(stream)
        elif ends:
            keys.discard(stream)


def shortly(text: Untrusted, *, limit: int = _LONGEST_SAID) -> Shown:
    """`text` for display. Only its beginning is looked at: what costs time to redact is bounded, however long a line is."""
    return (text.part(_HEAD, 0) or text).shown(limit=limit)


def _hidden(line: LogLine) -> Record:
    return Record(
        at=line.at, pod=line.pod, container=line.container, level=Level.UNKNOWN, said=Shown(HIDDEN), text=Untrusted(HIDDEN)
    )  # fmt: skip


def _record(line: LogLine) -> Record:
    if line.text.holds(_BINARY):
        said = Shown("(binary)")
        return Record(at=line.at, pod=line.pod, container=line.container, level=Level.UNKNOWN, said=said, text=Untrusted("(binary)"))  # fmt: skip
    if line.text.holds(_JSON) and (members := line.text.members()):
        return _structured(line, members)
    return _prose(line)


def _structured(line: LogLine, members: Mapping[str, Untrusted]) -> Record:
    message = _first(members, _MESSAGES)
    error = _first(members, _ERRORS)
    stack = _first(members, _STACKS)
    said = _joined(message, error) or shortly(line.text)
    return Record(
        at=line.at,
        pod=line.pod,
        container=line.container,
        level=_known(line.level) or _level(_first(members, _LEVELS)) or (Level.ERROR if error else Level.UNKNOWN),
        said=said,
        text=line.text.part(_READ, 0) or line.text,
        trace=_trace_id(line.trace_id) or _trace(_first(members, _TRACES)),
        stack=stack.lines() if stack else (),
    )


def _prose(line: LogLine) -> Record:
    text = line.text.part(_READ, 0) or line.text
    message, level = text.part(_STARTS_WITH_TIME) or text, Level.UNKNOWN
    if text.holds(_KLOG):
        message, level = text.part(_KLOG, 2) or text, _level(text.part(_KLOG))
    elif text.holds(_LOGFMT_LEVEL):
        level = _level(text.part(_LOGFMT_LEVEL))
    elif text.holds(_JSON):
        level, message = _level(text.part(_CUT_LEVEL)), text.part(_CUT_MESSAGE) or text
    else:
        level = _plain_level(message)
    return Record(
        at=line.at,
        pod=line.pod,
        container=line.container,
        level=_known(line.level) or level,
        said=shortly(message),
        text=text,
        trace=_trace_id(line.trace_id) or _trace(text.part(_TRACE_TEXT) or text.part(_TRACE_PARENT)),
    )


def _joined(message: Untrusted | None, error: Untrusted | None) -> Shown:
    """A message and the error that it is about, unless it says so itself."""
    first = shortly(message, limit=_LONGEST_SAID // 2 if error else _LONGEST_SAID) if message else Shown("")
    second = shortly(error, limit=_LONGEST_SAID // 2) if error else Shown("")
    if not second or second in first:
        return first
    return Shown(f"{first}: {second}") if first else second


def _first(members: Mapping[str, Untrusted], names: tuple[str, ...]) -> Untrusted | None:
    return next((members[name] for name in names if members.get(name)), None)


def _level(word: Untrusted | None) -> Level:
    """A level by its word, or by the numbers of bunyan and pino."""
    if word is None:
        return Level.UNKNOWN
    number = word.as_number()
    if number is not None:
        return _NUMBERS.get(int(number) // 10, Level.UNKNOWN)
    return _known(word.shown(limit=16))


def _known(word: str) -> Level:
    return _WORDS.get(word.strip().lower(), Level.UNKNOWN)


def _plain_level(message: Untrusted) -> Level:
    near = message.part(_NEAR, 0) or message
    if word := near.part(_PLAIN) or near.part(_PLAIN, 2):
        return _level(word)
    return Level.ERROR if near.holds(_TELLING) else Level.UNKNOWN


def _trace(text: Untrusted | None) -> str:
    return _trace_id(text.shown(limit=120)) if text else ""


def _trace_id(word: str) -> str:
    match = _TRACE_ID.fullmatch(word.strip())
    return match[1].lower() if match else ""
