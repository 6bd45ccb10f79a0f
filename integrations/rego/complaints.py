"""What the engine complains of, in words for people."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from integrations.rego.check import Fault

if TYPE_CHECKING:
    from regopy import Output

_COMPLAINT = re.compile(r"\(error \d+:(?P<file>[^|]*)\|(?P<at>\d+)\|\d+\s*\(errormsg \d+:(?P<text>[^\n]*)\)")
_BARE = re.compile(r"\(errormsg \d+:(?P<text>[^\n)]*)\)")


def of_compiler(text: str, modules: Mapping[str, str]) -> tuple[Fault, ...]:
    """The compiler's errors; it counts bytes from the beginning of the file."""
    found = [
        Fault(
            file=match["file"],
            line=modules.get(match["file"], "").encode()[: int(match["at"])].count(b"\n") + 1,
            text=_sentence(match["text"]),
        )
        for match in _COMPLAINT.finditer(text)
    ]
    if found:
        return tuple(dict.fromkeys(found))
    bare = _BARE.search(text)
    said = _sentence(bare["text"]) if bare else "it does not compile."
    return (Fault(file=next(iter(modules), ""), line=1, text=said),)


def message(output: "Output") -> str:
    """Why an evaluation failed."""
    from regopy import rego_shared  # noqa: PLC0415 - as in the engine

    error = rego_shared.rego_node_get(rego_shared.rego_output_node(output._impl), 0)  # noqa: SLF001 - regopy has no public way to the text
    said = rego_shared.rego_node_value(rego_shared.rego_node_get(error, 0))
    return str(said).rstrip(".") or "the engine does not say why"


def _sentence(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}".rstrip(".") + "."
