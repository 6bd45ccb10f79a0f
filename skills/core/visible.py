"""Characters that nobody can see, or that change how the rest is read."""

import unicodedata

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u2028\u2029")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def unseen(character: str) -> bool:
    """Is it a control, zero-width, bidirectional or private character? White space that people type is none."""
    if character.isascii():
        return not character.isprintable() and character not in " \t\r\n"
    return unicodedata.category(character) in _UNSEEN or character in _INVISIBLE


def without_unseen(text: str) -> str:
    """`text` without them."""
    return text if text.isascii() and text.isprintable() else "".join(each for each in text if not unseen(each))
