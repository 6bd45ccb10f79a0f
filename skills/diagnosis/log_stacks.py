"""Stack traces of six languages, each told by the line that names its cause.

The cause is what came first: of Java the last “Caused by:”, of Python the exception that the others were raised during or from, of .NET the
innermost “--->”. Lines of several threads may be mixed in one container's log; a trace then ends early, with the cause it has so far.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from skills.core.untrusted import Shown, Untrusted
from skills.diagnosis.log_records import Record, shortly


class Language(StrEnum):
    """Whose notation it is."""

    PYTHON = "Python"
    JAVA = "Java"
    GO = "Go"
    NODE = "Node.js"
    DOTNET = ".NET"
    RUBY = "Ruby"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Stack traces with one cause. `cause` is for display; `raised` is what surfaced in the end, where that is something else."""

    language: Language
    cause: Shown
    raised: Shown
    count: int
    first: datetime | None
    last: datetime | None
    pod: str
    container: str


_LONGEST = 400
_FRAMES: tuple[tuple[Language, re.Pattern[str]], ...] = (
    (Language.PYTHON, re.compile(r"\A\s+File \"[^\"]{1,400}\", line \d+")),
    (Language.RUBY, re.compile(r"\A\s+(?:\d+: )?from \S{1,400}:\d+:in ")),
    (Language.DOTNET, re.compile(r"\A\s+at [^()]{1,400}\([^()]*\)(?: in .{1,400}:line \d+)\s*\Z")),
    (Language.NODE, re.compile(r"\A\s+at (?:.{1,400} \()?(?:file://|node:|/|[A-Za-z]:\\|<anonymous>|[\w.-]+[/\\])[^()]{0,400}?:\d+:\d+\)?\s*\Z")),
    (Language.JAVA, re.compile(r"\A\s+at [\w.$/@<>-]{1,400}\((?:[\w$-]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source)\)")),
    (Language.GO, re.compile(r"\A(?:goroutine \d+ \[|\t\S{1,400}\.(?:go|s):\d+|created by )")),
    (Language.DOTNET, re.compile(r"\A\s+at [\w.`<>+\[\],|$]{1,400}\([^()]*\)\s*\Z")),
)  # fmt: skip
_MORE = re.compile(
    r"\A(?:\s|\Z|Caused by: |Suppressed: |---> |During handling of the above exception|The above exception was the direct cause|"
    r"Traceback \(most recent call last\)|--- End of |goroutine \d+ \[|created by |exit status |\[signal |[\w./*()\[\]{}-]{1,300}\(.{0,300}\)\Z)"
)
_CHAINED = re.compile(r"\A(?:During handling of the above exception|The above exception was the direct cause)")
_PYTHON_BEGINS = re.compile(r"Traceback \(most recent call last\):")
_PYTHON_ENDS = re.compile(r"\A[A-Za-z_][\w.]{0,200}(?::|\Z)")
_GO_BEGINS = re.compile(r"\A(?:.{0,60}\s)?(?:panic: |fatal error: )")
_CAUSED = re.compile(r"\A\s*Caused by: (.{1,600})", re.DOTALL)
_INNER = re.compile(r"---> (.{1,600})", re.DOTALL)
_RUBY_BEGINS = re.compile(r"\A\S{1,400}:\d+:in ['`][^']{0,200}': (.{1,600})", re.DOTALL)
_NUMBERS = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+")


def stacks(records: Iterable[Record], *, most: int = 20) -> tuple[Stack, ...]:
    """The traces among these records (which are in the order of their times), those with one cause together, in the order of their first."""
    groups: dict[tuple[Language, str], list[_Open]] = {}
    for each in _found(records):
        if each.language:
            groups.setdefault((each.language, _NUMBERS.sub("#", each.cause_shown)), []).append(each)
    return tuple(_group(language, members) for (language, _), members in list(groups.items())[:most])


def belongs(records: Sequence[Record]) -> set[int]:
    """The positions of the records that are only the continuation of a trace: no messages of their own."""
    inner: set[int] = set()
    open_at: dict[tuple[str, str], bool] = {}
    for position, record in enumerate(records):
        stream = (record.pod, record.container)
        framed = _frame(record.text) is not None
        follows = open_at.get(stream, False) and record.text.holds(_MORE)
        if framed or follows:
            inner.add(position)
        open_at[stream] = framed or follows or record.text.holds(_PYTHON_BEGINS) or record.text.holds(_GO_BEGINS)
    return inner


@dataclass(kw_only=True)
class _Open:
    """A trace that is being read. `headline` is the line above its first frame."""

    head: Record
    headline: Untrusted
    language: Language | None = None
    lines: int = 0
    causes: list[Untrusted] = field(default_factory=list)
    ends: bool = False

    def take(self, text: Untrusted) -> bool:
        """Take one more line in, if it belongs. A Python trace ends with the exception, unless another is said to follow from it."""
        if text.holds(_CHAINED):
            self.ends = False
        elif (self.ends and text) or (text.holds(_PYTHON_BEGINS) and not self.causes):
            return False
        found = _frame(text)
        if self.language is Language.PYTHON and not found and not text.holds(_MORE) and text.holds(_PYTHON_ENDS):
            self.causes.append(text)
            self.ends = True
        elif not found and not text.holds(_MORE):
            return False
        self.language = self.language or found
        self.lines += 1
        if cause := text.part(_CAUSED) or text.part(_INNER):
            self.causes.append(cause)
        return self.lines < _LONGEST

    @property
    def cause(self) -> Untrusted:
        if not self.causes:
            return self.headline.part(_RUBY_BEGINS) or self.headline
        return self.causes[0] if self.language is Language.PYTHON else self.causes[-1]

    @property
    def cause_shown(self) -> str:
        return shortly(self.cause, limit=300)

    @property
    def raised_shown(self) -> Shown:
        last = self.causes[-1] if self.language is Language.PYTHON and self.causes else self.headline
        return shortly(last, limit=300)


def _found(records: Iterable[Record]) -> Iterator[_Open]:
    """Every trace, once it has ended. The line above a frame is its headline, unless it began with words that say that one begins."""
    open_at: dict[tuple[str, str], _Open] = {}
    for record in records:
        if record.stack:
            yield from _within(record)
            continue
        stream = (record.pod, record.container)
        present = open_at.get(stream)
        if present and present.take(record.text):
            continue
        if present and present.language:
            yield present
        open_at[stream] = _opened(record, record.text)
    yield from (each for each in open_at.values() if each.language)


def _within(record: Record) -> Iterator[_Open]:
    """A trace that came in one line, as JSON has it."""
    head, *rest = record.stack
    trace = _opened(record, head)
    for line in rest:
        if not trace.take(line):
            break
    if trace.language:
        yield trace


def _opened(record: Record, text: Untrusted) -> _Open:
    trace = _Open(head=record, headline=text)
    if text.holds(_PYTHON_BEGINS):
        trace.language = Language.PYTHON
    elif text.holds(_GO_BEGINS):
        trace.language = Language.GO
    elif inner := text.part(_INNER):
        trace.causes.append(inner)
    return trace


def _frame(text: Untrusted) -> Language | None:
    return next((language for language, pattern in _FRAMES if text.holds(pattern)), None)


def _group(language: Language, members: Sequence[_Open]) -> Stack:
    first = members[0]
    times = [each.head.at for each in members if each.head.at]
    where = Counter((each.head.pod, each.head.container) for each in members).most_common(1)[0][0]
    return Stack(
        language=language,
        cause=shortly(first.cause, limit=300),
        raised=first.raised_shown,
        count=len(members),
        first=min(times, default=None),
        last=max(times, default=None),
        pod=where[0],
        container=where[1],
    )
