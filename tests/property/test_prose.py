"""A model's words, whatever they are and however they come: nothing of what must not be shown is left in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nl.model.prose import MOST, Cleanser
from tests.support.prose_rules import cleansed, prose_complaints

NASTY = (
    "https://evil.example/x", "http://evil.com", "www.evil.co.uk", "evil.com", "mailto:a@b.cd", "me@corp.example", "slack://x", "//evil.io/a",
    "[click here](https://evil.example \"t\")", "![a picture](evil.com/x.png)", "<https://evil.example|click me>", "<!channel>", "<!here>",
    "<@U02SRE>", "<#C01GEN|general>", "<!subteam^S1|ops>", "@channel", "@here", "```json\n{}\n```", "# Approved", "## #17 Deploy", "> quoted", "---",
    "\u202e", "\u200b", "\u2066", "\ue000", "\x1b[31m", "\x00", "\u2028", "\ufe0f", "\U000e0041", "ｅｖｉｌ．ｃｏｍ", "evil。com", "ev\u200bil.com", "evil\u00ad.com",
    "evil&#46;com", "&lt;!channel&gt;", "**bold**", "evil.**com**", "x" * 400, "README.md", "main.py", "10.0.0.1/x", "xn--e1awd7f.xn--p1ai", "javascript:alert(1)",
)  # fmt: skip
KEPT = (
    "v1.2.3", "1.28", "payments-api", "shop-checkout", "99.95%", "3 of 3", "config.yaml", "values.json", "node.js", "v42", "12.5 ms", "10.0.0.12", "10.0.0.0/8", "e.g.", "i.e.",
    "checkout@sha256:0123456789abcdef", "rolled out, then back", "a/b", "p99", "1.2.3-rc.1", "1.2.3-beta", "(see above)", "it's", "2026-11-23", "09:30", "cpu=500m", "shop_web",
    "«quoted»", "naïve", "été", "x2", "+50%", "#17",
)  # fmt: skip
pieces = st.lists(
    st.one_of(
        st.sampled_from(NASTY),
        st.sampled_from(KEPT),
        st.sampled_from([" ", "\n", "\t", "(", ")", ".", "/", "@", "<", ">"]),
        st.text(max_size=8),
    ),
    max_size=30,
)


@given(pieces.map("".join))
def test_nothing_that_must_not_be_shown_is_left(text: str) -> None:
    assert list(prose_complaints(cleansed(text))) == []


@given(pieces)
def test_however_it_is_cut_the_same_comes_out_and_never_half_a_link(cut: list[str]) -> None:
    cleanser, told = Cleanser(), ""
    for piece in cut:
        told += cleanser.more(piece)
        assert list(prose_complaints(told)) == []
    told += cleanser.end()
    assert told == cleanser.said == cleansed("".join(cut))


@given(pieces.map("".join))
def test_cleansing_twice_is_cleansing_once(text: str) -> None:
    once = cleansed(text)
    assert cleansed(once) == once


@given(st.text(min_size=MOST, max_size=4 * MOST))
def test_it_has_an_end(text: str) -> None:
    assert len(cleansed(text)) <= MOST


@pytest.mark.parametrize("word", KEPT)
def test_versions_names_numbers_and_files_stay_as_they_are(word: str) -> None:
    assert cleansed(f"It says {word}, and then {word}.\n{word}") == f"It says {word}, and then {word}.\n{word}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("done.Then it failed", "done. Then it failed"),
        ("See README.md and main.py", "See README·md and main·py"),
        ("# Result\n\n\n\n> quoted\n- one\n* two", "Result\n\nquoted\n- one\n- two"),
        ("```yaml\na: 1\n```\nso", "a: 1\n\nso"),
        ("[the runbook](https://evil.example) says **no**", "(the runbook) says no"),
        ("ask @dev or <@U1|dev> at dev@corp.example", "ask dev or at (address removed)"),
    ],
)
def test_what_is_altered_stays_readable(said: str, shown: str) -> None:
    assert cleansed(said) == shown
