"""What may not stand in a model's words, written down once more and independently of what takes it out."""

import re
import unicodedata
from collections.abc import Iterator

from bot.nl.model.prose import Cleanser

_ENDINGS_OF_FILES = (
    "yaml yml json jsonl toml txt log conf cfg ini env xml csv tsv html css js ts jsx tsx java kt go rb php cpp hpp sql lock gz tgz tar bak tmp pem"
    " crt key service socket timer proto tpl jinja ipynb alpha beta rc pre final snapshot canary"
)
_RULES = {
    "an address of the web": re.compile(
        r"[a-z][a-z0-9+.-]*://|\bwww\.|(?:mailto|javascript|data|tel):\S|//", re.IGNORECASE
    ),
    "an e-mail address": re.compile(r"[^\s@]@(?!sha256:)[^\s@]"),
    "a mention": re.compile(r"(?<![A-Za-z0-9])@\w|[<>]"),
    "a link or a picture of Markdown": re.compile(r"[\[\]]|`"),
    "a heading": re.compile(r"^\s*#{1,6}(\s|$)", re.MULTILINE),
    "a quotation": re.compile(r"^\s*>", re.MULTILINE),
    "bold": re.compile(r"\*\*"),
    "an entity": re.compile(r"&(?:#\w+|\w+);"),
}
_DOTTED = re.compile(r"(?<![\w-])((?:[\w-]+\.)+)([^\W\d_]{2,}|xn--[\w-]+)")
_FILES = frozenset(_ENDINGS_OF_FILES.split())


def cleansed(text: str) -> str:
    """A whole text, as it is shown."""
    cleanser = Cleanser()
    return cleanser.more(text) + cleanser.end()


def prose_complaints(text: str) -> Iterator[str]:
    """What is wrong with `text` as a model's words."""
    for what, pattern in _RULES.items():
        if found := pattern.search(text):
            yield f"{what}: {text[max(0, found.start() - 20) : found.end() + 20]!r}"
    for found in _DOTTED.finditer(unicodedata.normalize("NFKC", text.replace("…", " "))):
        if found[2].lower() not in _FILES:
            yield f"a domain: {found.group()!r}"
    odd = [each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Co", "Cs", "Cn") and each != "\n"]
    if odd:
        yield f"characters that nobody sees: {odd[:5]!r}"
