"""What can be typed after `countersign`."""

import pytest

from bot.cli.arguments import parser


def test_words_of_a_request_need_no_quotes() -> None:
    parsed = parser().parse_args(["ask", "--as", "dev", "--json", "scale", "web", "to", "-1", "in", "staging"])
    assert parsed.text == ["scale", "web", "to", "-1", "in", "staging"]
    assert parsed.json is True
    assert parsed.wait == 60


def test_options_may_follow_the_request() -> None:
    parsed = parser().parse_args(["ask", "--as", "dev", "status", "--json"])
    assert (parsed.text, parsed.json) == (["status"], True)


def test_not_waiting_is_waiting_for_no_time() -> None:
    assert parser().parse_args(["ask", "--as", "dev", "--no-wait", "status"]).wait == 0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            ["ask", "status"],
            "countersign ask: the following arguments are required: --as. Try “countersign ask --help”.\n",
        ),
        (
            ["ask", "--as", "dev", "--wait", "1", "--no-wait", "x"],
            "countersign ask: argument --no-wait: not allowed with argument --wait. Try “countersign ask --help”.\n",
        ),
        (["audit"], "countersign audit: the following arguments are required: VERB. Try “countersign audit --help”.\n"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(
    line: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args(line)
    assert left.value.code == 2
    assert capsys.readouterr().err == complaint
