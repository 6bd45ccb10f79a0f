"""`with` in tests, taken apart.

rego-cpp 1.5.2 ends the process where something is replaced in a rule that looks at another rule or calls anything. So a test is cut into
parts, each from one line that has a `with` to just before the next, and each part is evaluated on its own, with the input and the data that its
`with` asks for really put in place. The lines before the first `with` come before every part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integrations.rego.tokens import Token, tokens


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """What is put in place of `path`, which begins with input or data: the source of a term."""

    path: tuple[str, ...]
    term: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """Statements that hold together, and what is replaced for them."""

    replacements: tuple[Replacement, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule `test_…`: the statements before the first `with`, and the parts after it."""

    name: str
    line: int
    before: tuple[str, ...]
    parts: tuple[Part, ...]


def tests(source: str) -> tuple[tuple[Case, ...], str]:
    """The tests in a file, and the rest of the file, which they may use."""
    found = tokens(source)
    heads = [index for index, token in enumerate(found) if token.first and token.depth == 0 and token.kind == "name"]
    rest, taken, last = [], [], 0
    for place, index in enumerate(heads):
        if not found[index].text.startswith("test_"):
            continue
        end = heads[place + 1] if place + 1 < len(heads) else len(found)
        stop = found[end].start if end < len(found) else len(source)
        taken.append(_test(source, found[index:end]))
        rest.append(source[last : found[index].start])
        last = stop
    return tuple(taken), "".join([*rest, source[last:]])


def _test(source: str, rule: Sequence[Token]) -> Case:
    """A rule is `name if { … }`, `name if …`, or `name := …`, which is as good as `name if …`."""
    body = rule[2:] if len(rule) > 1 and rule[1].text in ("if", ":=") else rule[1:]
    braced = bool(body) and body[0].text == "{" and body[-1].text == "}" and body[-1].depth == body[0].depth
    inner = body[1:-1] if braced else body
    level = body[0].depth + braced if body else 0
    before: list[str] = []
    parts: list[Part] = []
    for statement in _statements(inner, level):
        replacements, end = _replacements(source, statement, level)
        text = source[statement[0].start : end]
        if replacements:
            parts.append(Part(replacements=replacements, statements=(text,)))
        elif parts:
            parts[-1] = Part(replacements=parts[-1].replacements, statements=(*parts[-1].statements, text))
        else:
            before.append(text)
    return Case(name=rule[0].text, line=rule[0].line, before=tuple(before), parts=tuple(parts))


def _statements(body: Sequence[Token], level: int) -> Iterator[list[Token]]:
    """Cut at semicolons and at line ends, outside of all brackets; a line that begins with `with` goes on with the one before."""
    statement: list[Token] = []
    for token in body:
        ends = token.depth == level and (
            token.text == ";" or (token.first and token.text not in ("with", ")", "]", "}"))
        )
        if ends and statement:
            yield statement
            statement = []
        if not (token.text == ";" and token.depth == level):
            statement.append(token)
    if statement:
        yield statement


def _replacements(source: str, statement: Sequence[Token], level: int) -> tuple[tuple[Replacement, ...], int]:
    """What a statement replaces, and where what it says ends."""
    marks = [index for index, token in enumerate(statement) if token.text == "with" and token.depth == level]
    found = []
    for place, index in enumerate(marks):
        end = marks[place + 1] if place + 1 < len(marks) else len(statement)
        path, term = statement[index + 1], statement[index + 3 : end]
        text = source[term[0].start : term[-1].end] if term else ""
        found.append(Replacement(path=tuple(path.text.split(".")), term=text))
    return tuple(found), statement[marks[0] - 1].end if marks else statement[-1].end
