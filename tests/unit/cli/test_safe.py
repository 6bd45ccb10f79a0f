"""Words from elsewhere on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.render.safe import harmless, one_line


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain ünïcode ✓", "plain ünïcode ✓"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "\\x9b31mred"),
        ("bell\x07", "bell\\x07"),
        ("over\rwritten", "over\\x0dwritten"),
        ("windows\r\nline", "windows\nline"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \ud83d", "half \\ud83d"),
        ("a\tb", "a   b"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(given_text: str, shown: str) -> None:
    assert harmless(given_text) == shown


def test_one_line_is_one_line() -> None:
    assert one_line("  a\n b\t c  ") == "a b c"


@given(st.text())
def test_nothing_is_left_that_moves_a_cursor_or_cannot_be_written(text: str) -> None:
    safe = harmless(text)
    safe.encode("utf-8")
    assert all(char == "\n" or (ord(char) >= 0x20 and not 0x7F <= ord(char) <= 0x9F) for char in safe)
