"""The words of a Rego file, with their lines: enough to see which names it uses, without understanding it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+)|(?P<line>\n)|(?P<comment>#[^\n]*)|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<number>\d[\w.]*)|(?P<mark>:=|==|!=|<=|>=|.)",
    re.DOTALL,
)
KEYWORDS = frozenset(
    [
        "package",
        "import",
        "as",
        "default",
        "not",
        "some",
        "every",
        "in",
        "if",
        "contains",
        "else",
        "with",
        "null",
        "true",
        "false",
        "set",
        "input",
        "data",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Token:
    """A name (dots included), a text, a number or a mark. `depth` counts the open brackets around it; `first` says that it begins its line.

    `member` says that a dot stands before it, so that it is the name of a field. `start` and `end` are its place in the source.
    """

    kind: str
    text: str
    line: int
    depth: int
    first: bool
    member: bool
    start: int
    end: int

    @property
    def head(self) -> str:
        """What stands before the first dot."""
        return self.text.partition(".")[0]


def tokens(source: str) -> tuple[Token, ...]:
    """Every token of a file; comments are none."""
    return tuple(_tokens(source))


def _tokens(source: str) -> Iterator[Token]:
    line, depth, first, dotted = 1, 0, True, False
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup or "mark", match.group()
        if kind == "line":
            line, first = line + 1, True
        elif kind not in ("space", "comment"):
            depth -= text in (")", "]", "}")
            yield Token(
                kind=kind,
                text=text,
                line=line,
                depth=depth,
                first=first,
                member=dotted,
                start=match.start(),
                end=match.end(),
            )
            depth += text in ("(", "[", "{")
            line += text.count("\n")
            first, dotted = False, text == "."
