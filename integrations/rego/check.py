"""What the engine would let pass in silence, found when a file is read.

rego-cpp leaves a rule undefined where it uses a builtin that the engine lacks, a variable that nothing binds or a field that the input does
not have. A rule that denies would then never deny. So every name is looked up before anything is evaluated.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from integrations.rego.tokens import KEYWORDS, Token, tokens
from skills.core.catalog import nearest
from skills.core.errors import did_you_mean

PACKAGE = "countersign.policy"
LIBRARY = "countersign.lib"
TEST = "_test.rego"
ADDED_TO = frozenset({"allow", "needs", "deny"})
"""What every file may add to."""

UNSTEADY = ("http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "time.now_ns", "uuid.rfc4122")
OUT_OF_NOTHING = ("numbers.range", "numbers.range_step", "net.cidr_expand")


END = Token(kind="mark", text="", line=0, depth=0, first=False, member=False, start=0, end=0)


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """One mistake in one file."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file as far as names go: what it defines at its top level, and what it binds anywhere."""

    file: str
    tokens: tuple[Token, ...]
    package: str
    defines: frozenset[str]
    binds: frozenset[str]
    imports: Mapping[str, str]

    @classmethod
    def read(cls, file: str, source: str) -> "Module":
        found = tokens(source)
        package = next((b.text for a, b in _pairs(found) if a.text == "package"), "")
        return cls(
            file=file,
            tokens=found,
            package=package,
            defines=frozenset(_defined(found)),
            binds=frozenset(_bound(found)),
            imports=dict(_imported(found)),
        )


def check(
    sources: Mapping[str, str],
    *,
    shipped: Collection[str],
    fields: Collection[str],
    is_builtin: Callable[[str], bool],
) -> tuple[Fault, ...]:
    """Every mistake in these files. `shipped` are the files whose names are taken; `fields` are the paths that the input has; one that
    ends with `.*` has any below it."""
    modules = [Module.read(file, source) for file, source in sources.items()]
    found: list[Fault] = []
    for module in modules:
        if module.file not in shipped:
            found.extend(_misplaced(module, [each for each in modules if each.file in shipped]))
        defined = {name for other in modules if other.package == module.package for name in other.defines}
        found.extend(_Names(module, defined, fields, is_builtin).faults())
        found.extend(_mixed(module, [other for other in modules if other.package == module.package]))
    return tuple(sorted(set(found)))


def mentioned(sources: Mapping[str, str]) -> tuple[str, ...]:
    """The paths below `input` that these files look at, as far as they are written with dots."""
    names = {
        token.text
        for source in sources.values()
        for token in tokens(source)
        if token.head == "input" and not token.member
    }
    return tuple(sorted(name.removeprefix("input.") for name in names if name != "input"))


def takes_all(sources: Mapping[str, str]) -> bool:
    """Does one of these files take `input` as a whole, so that nobody can tell what it looks at?"""
    return any(token.text == "input" and not token.member for source in sources.values() for token in tokens(source))


@dataclass(frozen=True)
class _Names:
    """Every name in one file, looked up."""

    module: Module
    defined: Collection[str]
    fields: Collection[str]
    is_builtin: Callable[[str], bool]

    def faults(self) -> Iterator[Fault]:
        spoken = _headings(self.module.tokens)
        for token, after in _pairs(self.module.tokens):
            if token.kind != "name" or token.member or token.line in spoken:
                continue
            problem = self._called(token) if after.text == "(" and token.head not in KEYWORDS else self._named(token)
            if token.text == "with" and not self.module.file.endswith(TEST):
                problem = f"with is for tests, in files whose name ends with {TEST}."
            if problem:
                yield Fault(file=self.module.file, line=token.line, text=problem)

    def _called(self, token: Token) -> str:
        name = token.text
        if name in self.defined or name in self.module.imports or token.head in self.module.imports:
            return ""
        if name in UNSTEADY:
            return (
                f"{name} is not used here: the same question has to get the same answer. The time is input.request.at."
            )
        if name in OUT_OF_NOTHING:
            return f"{name} is not used here: it makes much out of nothing, and a decision has to be quick."
        return "" if self.is_builtin(name) else f"there is no builtin and no function called {name} here."

    def _named(self, token: Token) -> str:
        if token.head == "input":
            return self._field(token.text.removeprefix("input").removeprefix("."))
        known = {*self.defined, *self.module.binds, *self.module.imports}
        if token.head in KEYWORDS or token.head in known or token.head == "_":
            return ""
        hint = did_you_mean(
            nearest(token.head, sorted(name for name in known if not name.startswith("test_")), limit=1)
        )
        return f"nothing says what {token.head} is; declare it with some or :=. {hint}".rstrip()

    def _field(self, path: str) -> str:
        if not path or path in self.fields:
            return ""
        if any(field.endswith(".*") and path.startswith(field[:-1]) for field in self.fields):
            return ""
        hint = did_you_mean(tuple(f"input.{each}" for each in nearest(path, sorted(self.fields), limit=1)))
        return f"there is no input.{path}. {hint}".rstrip()


def _misplaced(module: Module, shipped: Sequence[Module]) -> Iterator[Fault]:
    if module.package != PACKAGE and not f"{module.package}.".startswith(f"{LIBRARY}."):
        text = f"the package is {module.package or 'missing'}, so nobody would ask it; write package {PACKAGE}, or {LIBRARY}.… for functions."
        yield Fault(file=module.file, line=1, text=text)
    for other in shipped:
        taken = (module.defines & other.defines) - ADDED_TO if module.package == other.package else ()
        for name in sorted(taken):
            line = next(t.line for t in module.tokens if t.head == name and t.first)
            yield Fault(file=module.file, line=line, text=f"the name {name} is taken by {other.file}; choose another.")


def _mixed(module: Module, beside: Sequence[Module]) -> Iterator[Fault]:
    """Rules of one name that make a set here and something else there: compiling them together ends the process."""
    sets = {head.head for other in beside for head, is_set in _heads(other.tokens) if is_set}
    for head, is_set in _heads(module.tokens):
        name = head.head
        if not is_set and (name in sets or (name in ADDED_TO and module.package == PACKAGE)):
            text = f"{name} is a set that every rule adds to; write {name} contains … if …."
            yield Fault(file=module.file, line=head.line, text=text)


def _heads(found: Sequence[Token]) -> Iterator[tuple[Token, bool]]:
    """The name of each rule, and whether it adds to a set."""
    for token, after in _pairs(found):
        if token.first and token.depth == 0 and token.kind == "name" and token.text not in KEYWORDS:
            yield token, after.text == "contains" and token.text == token.head
        if token.first and token.text == "default":
            yield after, False


def _pairs(found: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    return zip(found, (*found[1:], END), strict=True)


def _headings(found: Sequence[Token]) -> frozenset[int]:
    """The lines of `package` and `import`."""
    return frozenset(token.line for token in found if token.first and token.text in ("package", "import"))


def _imported(found: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for index, token in enumerate(found):
        if token.first and token.text == "import" and index + 1 < len(found):
            line = [other for other in found[index + 1 :] if other.line == token.line]
            renamed = [b.text for a, b in _pairs(line) if a.text == "as"]
            yield (renamed[0] if renamed else line[0].text.rpartition(".")[2]), line[0].text


def _defined(found: Sequence[Token]) -> Iterator[str]:
    """Names at the beginning of a line outside of all brackets: the heads of rules."""
    for token, after in _pairs(found):
        if token.first and token.depth == 0 and token.kind == "name" and token.text not in KEYWORDS:
            yield token.head
        if token.first and token.text == "default":
            yield after.head


def _bound(found: Sequence[Token]) -> Iterator[str]:
    """Names that a file binds: after `some` and `every`, before `:=` and `=`, and as parameters of a function."""
    for index, token in enumerate(found):
        if token.text in ("some", "every"):
            yield from _names(_until(found[index + 1 :], token.line))
        elif token.text in (":=", "="):
            yield from _names(_before(found[:index], token))
        elif token.text == "(" and index and found[index - 1].first and found[index - 1].depth == 0:
            yield from _names(_within(found[index + 1 :], token.depth))


def _names(found: Iterable[Token]) -> Iterator[str]:
    return (
        token.text for token in found if token.kind == "name" and "." not in token.text and token.text not in KEYWORDS
    )


def _until(found: Sequence[Token], line: int) -> Iterator[Token]:
    for token in found:
        if token.text in ("in", ";") or token.line != line:
            return
        yield token


def _before(found: Sequence[Token], mark: Token) -> Iterator[Token]:
    """The pattern to the left of an assignment: one name, or a bracket of names."""
    for token in reversed(found):
        if token.depth < mark.depth or (
            token.depth == mark.depth and token.kind == "mark" and token.text not in "[]{}"
        ):
            return
        yield token
        if token.first or (token.depth == mark.depth and token.text not in ("]", "}")):
            return


def _within(found: Sequence[Token], depth: int) -> Iterator[Token]:
    for token in found:
        if token.depth <= depth and token.text == ")":
            return
        yield token
