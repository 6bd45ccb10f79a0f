"""Words from elsewhere, made harmless for a terminal.

A log line or a typed word may hold escape sequences that recolour the screen, move the cursor over what was printed before, or set the
window's title; and characters that turn the reading direction round, so that a card reads differently from what is approved. All of
them are shown, spelled out, instead of obeyed.
"""

import re

_CONTROL = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for tab and newline, DEL, C1
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, direction-turning, line-separating
    "\ud800-\udfff"  # halves of characters, which cannot be written out
    "\U000e0000-\U000e007f"  # invisible tags
    "]"
)


def harmless(text: str) -> str:
    """`text` with every character that a terminal would obey rather than show spelled out (`\\x1b`, `\\u202e`)."""
    return _CONTROL.sub(_spelled, text.replace("\r\n", "\n")).expandtabs(4)


def one_line(text: str) -> str:
    """`harmless`, and on one line."""
    return " ".join(harmless(text).split())


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
