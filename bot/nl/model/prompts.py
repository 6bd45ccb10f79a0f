"""Prompts: Markdown files with `$names` in them. A file whose name begins with `_` is a part that others take in by its name.

What is put in is put in once: a `$` in somebody's words stays a `$`.
"""

from collections.abc import Mapping
from importlib import resources
from string import Template


class Prompts:
    """The prompts that ship with the product, read once when this is made. Raises `OSError` where they are missing."""

    def __init__(self) -> None:
        files = (each for each in resources.files("prompts").iterdir() if each.name.endswith(".md"))
        self._templates = {each.name.removesuffix(".md"): Template(each.read_text("utf-8").strip()) for each in files}

    @property
    def names(self) -> tuple[str, ...]:
        """Every prompt that can be rendered, parts excluded."""
        return tuple(sorted(name for name in self._templates if not name.startswith("_")))

    def wanted(self, name: str) -> frozenset[str]:
        """What a prompt needs to be told, by its own text and that of its parts."""
        found = set(self._templates[name].get_identifiers())
        parts = {each for each in found if each.startswith("_")}
        return frozenset(found - parts).union(*(self.wanted(part) for part in parts))

    def render(self, name: str, values: Mapping[str, str]) -> str:
        """The text. Raises `KeyError` where a value or a part is missing."""
        template = self._templates[name]
        parts = {each: self.render(each, values) for each in template.get_identifiers() if each.startswith("_")}
        return template.substitute({**values, **parts})
