"""Letters of other scripts that look like those of ASCII, for saying what a word only seems to be. Never for understanding it."""

import unicodedata
from collections.abc import Collection, Iterable

from bot.nl.words import Word

_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u043a\u0442\u043c\u043d\u0432\u0433"
    "\u03bf\u03b1\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c7\u03b5\u03b7\u0131\u0261\u0251\u217c",
    "aeopcyxijsdhqwktmhbroapviktuxenigal",
)


def seeming(found: Iterable[Word], known: Collection[str]) -> tuple[Word, str] | None:
    """The first word that only looks like a known one, and that one."""
    for word in found:
        if not word.text.isascii():
            skeleton = unicodedata.normalize("NFKC", word.text).lower().translate(_ALIKE)
            if skeleton in known:
                return word, skeleton
    return None
