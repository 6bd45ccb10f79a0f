"""The forms of an English verb, as far as requests to operations need them."""

from enum import StrEnum


class Form(StrEnum):
    """How a verb stands in a sentence."""

    BASE = "base"
    THIRD = "third person"
    PAST = "past"
    GERUND = "gerund"


_IRREGULAR = {
    "put": ("put",), "set": ("set",), "get": ("got", "gotten"), "bring": ("brought",), "take": ("took", "taken"), "go": ("went", "gone"),
    "undo": ("undid", "undone"), "give": ("gave", "given"), "run": ("ran", "run"), "have": ("had",), "spin": ("spun",), "make": ("made",),
    "grow": ("grew", "grown"), "shrink": ("shrank", "shrunk"), "do": ("did", "done"), "cut": ("cut",), "find": ("found",), "tell": ("told",),
    "show": ("showed", "shown"), "see": ("saw", "seen"), "send": ("sent",), "build": ("built",), "keep": ("kept",), "begin": ("began", "begun"),
}  # fmt: skip
_DOUBLED = frozenset(
    {"ship", "cut", "put", "set", "get", "run", "spin", "stop", "drop", "begin", "rerun", "pin", "bump"}
) - {"bump"}


def forms(verb: str) -> dict[str, Form]:
    """Every form of `verb`, the base form first. A past that looks like the base form is taken for the base form."""
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith(("ee", "oe")) else verb
    doubled = f"{verb}{verb[-1]}" if verb in _DOUBLED else stem
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        third, past = f"{verb[:-1]}ies", (f"{verb[:-1]}ied",)
    else:
        third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "o")) else f"{verb}s"
        past = (f"{doubled}ed",)
    found = {verb: Form.BASE, third: Form.THIRD, f"{doubled}ing": Form.GERUND}
    for each in _IRREGULAR.get(verb, past):
        found.setdefault(each, Form.PAST)
    return found
