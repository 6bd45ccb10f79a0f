"""YAML as plain values that remember their lines.

Files are read as a stream of events and built into values here, for three reasons: every value keeps its line; scalars follow the core
schema of YAML 1.2 (`no` and `on` are text, `010` is ten), so that nobody meets the surprises of 1.1; and what aliases repeat is counted, so
that a small file cannot become a large value.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any, NoReturn, TypeAlias

import yaml

from bot.configuration.problems import Path, Problem, spelled
from bot.configuration.secrets import holds_a_secret
from skills.core.redaction import redact

LARGEST_FILE = 256 * 1024
"""Bytes. A catalog of a thousand services fits in files a tenth of this size."""

_DEEPEST = 20
_MOST_REPEATED = 10_000
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, kw_only=True)
class Document:
    """One YAML document: its value, and the line and spelling of every part of it."""

    file: str
    value: Plain
    line: int
    lines: Mapping[Path, int]
    spellings: Mapping[Path, str]

    def problem(self, path: Path, text: str) -> Problem:
        """A mistake at `path`, or, where the document has nothing there, at the nearest part around it."""
        return Problem(file=self.file, line=self._line_of(path), field=spelled(path), text=text)

    def _line_of(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, self.line)


def read(folder: File, file: str) -> tuple[list[Document], list[Problem]]:
    """The documents of `folder/file` that could be read, and what is wrong with the rest. Reads the file once; raises nothing."""
    content, problems = text(folder, file)
    return ([], problems) if content is None else parse(file, content)


def text(folder: File, file: str) -> tuple[str | None, list[Problem]]:
    """The text of `folder/file`, or None and why it cannot be had. Reads the file once; raises nothing."""
    try:
        with (folder / file).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = (error.strerror or "it could not be opened").lower()
        return None, [Problem(file=file, line=0, field="", text=f"The file cannot be read: {reason}.")]
    if len(content) > LARGEST_FILE:
        return None, [
            Problem(file=file, line=0, field="", text=f"The file is larger than {LARGEST_FILE // 1024} KiB; split it.")
        ]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [Problem(file=file, line=line, field="", text="The file is not UTF-8 text.")]


def parse(file: str, text: str) -> tuple[list[Document], list[Problem]]:
    """The same for text that is already in hand."""
    problems: list[Problem] = []
    documents: list[Document] = []
    try:
        events = yaml.parse(text, Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                document = _Building(file=file, events=events, problems=problems).document()
                if document.value is not None:
                    documents.append(document)
    except _Refused as refusal:
        problems.append(refusal.problem)
    except yaml.YAMLError as error:
        problems.append(_unreadable(file, error))
    except ValueError:
        problems.append(Problem(file=file, line=0, field="", text="The file is not readable as YAML."))
    return documents, problems


class _Refused(Exception):
    """The rest of the file makes no sense to read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


@dataclass(kw_only=True)
class _Building:
    """One document under construction, from the event after its start to its end."""

    file: str
    events: Iterator[Any]
    problems: list[Problem]
    lines: dict[Path, int] = field(default_factory=dict)
    spellings: dict[Path, str] = field(default_factory=dict)
    anchors: dict[str, Plain] = field(default_factory=dict)
    repeated: int = 0

    def document(self) -> Document:
        event = next(self.events)
        value = self._value(event, ())
        return Document(file=self.file, value=value, line=_line(event), lines=self.lines, spellings=self.spellings)

    def _value(self, event: Any, path: Path) -> Plain:
        self.lines.setdefault(path, _line(event))
        if len(path) > _DEEPEST:
            self._refuse(event, path[:3], f"nests deeper than {_DEEPEST} levels.")
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event, path)
        match event:
            case yaml.ScalarEvent():
                value = self._scalar(event, path)
            case yaml.SequenceStartEvent():
                value = self._sequence(path)
            case _:
                value = self._mapping(path)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _repeated(self, event: Any, path: Path) -> Plain:
        """What an alias stands for. An anchor is known only once its value is complete, so that nothing contains itself."""
        if event.anchor not in self.anchors:
            self._refuse(event, path, f"repeats `{event.anchor}`, which is not defined above.")
        value = self.anchors[event.anchor]
        self.repeated += _size(value)
        if self.repeated > _MOST_REPEATED:
            self._refuse(event, path, f"repeats more than {_MOST_REPEATED} values by aliases; write the values out.")
        return value

    def _sequence(self, path: Path) -> Plain:
        items: list[Plain] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> Plain:
        entries: dict[str, Plain] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, path, "has a key that is not plain text.")
            key = event.value
            here = (*path, key)
            if key == "<<" or event.anchor is not None:
                self._refuse(event, path, "uses a merge key or an anchored key; write the values out instead.")
            if key in entries:
                text = f"stands here twice; the first is in line {self.lines[here]}."
                self.problems.append(Problem(file=self.file, line=_line(event), field=spelled(here), text=text))
            self.lines[here] = _line(event)
            entries[key] = self._value(next(self.events), here)
        return entries

    def _scalar(self, event: Any, path: Path) -> Plain:
        text: str = event.value
        self.spellings[path] = text
        if holds_a_secret(text):
            self._refuse(
                event,
                path,
                "looks like a secret. Take it out of the file and renew it; secrets come from environment variables only.",
            )
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            self._refuse(event, path, f"has the tag {redact(event.tag)}; tags are not used here.")
        quoted = event.style not in (None, "") or event.tag is not None
        return text if quoted else _resolved(text)

    def _refuse(self, event: Any, path: Path, text: str) -> NoReturn:
        raise _Refused(Problem(file=self.file, line=_line(event), field=spelled(path), text=text))


def _size(value: Plain) -> int:
    """How many values it is made of."""
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def _resolved(text: str) -> Plain:
    """A plain scalar by YAML 1.2's core schema, less hexadecimal, octal and infinities, which nothing here needs."""
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text) and len(text) <= 15:
        return int(text)
    if _FLOAT.fullmatch(text) and len(text) <= 30:
        return float(text)
    return text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _unreadable(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    why = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is malformed"
    return Problem(
        file=file, line=mark.line + 1 if mark else 0, field="", text=f"The file is not readable as YAML: {redact(why)}."
    )
