"""`countersign interpret`: JSON lines in, JSON lines out, and nothing else happens."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli.asked_lines import LONGEST
from bot.cli.main import main


@pytest.fixture
def interpret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    def run(*lines: object, interpreter: str = "embedded") -> tuple[int, list[dict[str, Any]], str]:
        typed = b"\n".join(_bytes(line) for line in lines)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))
        code = main(["--data", str(tmp_path / "data"), "interpret", "--interpreter", interpreter])
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return run


def _bytes(line: object) -> bytes:
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


def test_each_line_is_answered_with_what_was_understood(interpret: Any, tmp_path: Path) -> None:
    code, answers, complaint = interpret(
        {"text": "can you get payments back to revision 3 in prod, it is on fire", "as": "dev"},
        "",
        {"text": "restart the foo service in staging"},
        {"text": "rolled back the deploy, watching", "channel_kind": "incident"},
    )
    assert (code, complaint) == (0, "")
    first, second, third = answers
    assert first["text"] == "can you get payments back to revision 3 in prod, it is on fire"
    assert (first["kind"], first["skill"], first["interpreter"]) == ("change", "rollback", "embedded")
    assert first["params"] == {"service": "payments-api", "environment": "production", "revision": 3}
    assert (first["missing"], first["unresolved"], first["candidates"]) == ([], {}, {})
    assert 0 < first["confidence"] <= 1
    assert first["ms"] > 0
    assert (second["kind"], second["skill"], second["unresolved"]) == ("clarify", "restart", {"service": "foo"})
    assert (third["kind"], third["skill"]) == ("none", None)
    assert not list(tmp_path.rglob("*.sqlite"))


@pytest.mark.parametrize(
    "turns",
    [
        ["how is checkout doing in prod?"],
        [{"who": "dev", "text": "how is checkout doing in prod?"}],
        [{"role": "user", "content": "how is checkout doing in prod?"}, {"role": "assistant", "content": "fine"}],
        [
            {
                "who": "bot",
                "text": "…",
                "skill": "status",
                "params": {"service": "checkout", "environment": "production"},
            }
        ],
    ],
)
def test_earlier_turns_may_be_written_in_several_ways(interpret: Any, turns: list[Any]) -> None:
    _, (answer,), _ = interpret({"text": "roll it back", "as": "dev", "thread": turns})
    assert (answer["kind"], answer["params"]) == ("change", {"service": "checkout", "environment": "production"})


def test_in_a_thread_of_several_people_nobody_is_the_asker_unless_named(interpret: Any) -> None:
    turns = [{"who": "sam", "text": "status checkout in prod"}, {"who": "lee", "text": "hm"}]
    _, (answer,), _ = interpret({"text": "roll it back", "thread": turns})
    assert (answer["kind"], answer["skill"]) == ("clarify", "rollback")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "Line 1 is not JSON. One JSON object a line, such as "),
        ("[" * 100_000, "Line 1 is not JSON. "),
        ("[1]", "Line 1 has no text. "),
        ("{}", "Line 1 has no text. "),
        ('{"text": null}', "Line 1 has no text. "),
        ('{"text": 5}', "In line 1, text is not a text. "),
        ('{"text": ["status"]}', "In line 1, text is not a text. "),
        (r'{"text": "status \ud800"}', "In line 1, text holds half of a character"),
        ('{"text": "a", "as": 7}', "In line 1, as is not a text. "),
        ('{"text": "a", "channel_kind": {}}', "In line 1, channel_kind is not a text. "),
        ('{"text": "a", "thread": "b"}', "In line 1, thread is not a list. "),
        ('{"text": "a", "thread": ["b", 3]}', "In line 1, turn 2 of the thread is neither a text nor an object. "),
        ('{"text": "a", "thread": [{"text": 3}]}', "In line 1, turn 1 of the thread, text is not a text. "),
        ('{"text": "a", "thread": [{"params": []}, {"params": 1}]}', "In line 1, turn 2 of the thread, params is not an object. "),
        ('{"text": "a", "thread": [{"candidates": {"service": "web"}}]}', "In line 1, turn 1 of the thread, candidates does not hold a list"),
        ('{"text": "a", "now": "soon"}', "In line 1, now is not an ISO 8601 time. "),
        ('{"text": "a", "now": 1764547200}', "In line 1, now is not a text. "),
        ('{"text": "a", "now": "0001-01-01"}', "In line 1, now is not between 1970 and 2999."),
        (b'{"text": "caf\xe9"}', "Line 1 is not UTF-8: its byte 14 begins no character."),
        (b"\x00\xff\xfe", "Line 1 is not UTF-8: its byte 2 begins no character."),
        ('{"text": "' + "a" * (LONGEST + 1) + '"}', "Line 1 is longer than 4,194,304 bytes; it was skipped."),
    ],
)  # fmt: skip
def test_a_line_that_is_none_of_ours_is_answered_with_what_is_wrong_and_the_rest_goes_on(
    interpret: Any, line: str | bytes, complaint: str
) -> None:
    code, (wrong, right), said = interpret(line, "", {"text": "status"})
    assert wrong["error"].startswith(complaint)
    assert (wrong["kind"], wrong["line"], wrong["skill"], wrong["params"]) == ("error", 1, None, {})
    assert (right["kind"], right["skill"]) == ("query", "status")
    assert (code, said) == (2, "1 of 2 lines could not be read; the error of each says why.\n")


def test_answers_stand_in_the_order_of_the_lines_and_say_which_line_was_wrong(interpret: Any) -> None:
    code, answers, _ = interpret({"text": "pending"}, "nonsense", "  ", {"text": 1}, {"text": "status web"})
    assert [(each["text"], each.get("line")) for each in answers] == [
        ("pending", None),
        (None, 2),
        (None, 4),
        ("status web", None),
    ]
    assert code == 2


def test_a_text_of_a_megabyte_is_answered_in_a_sentence(interpret: Any) -> None:
    code, (answer,), _ = interpret({"text": "restart web " * 90_000})
    assert (code, answer["kind"]) == (0, "clarify")
    assert answer["question"] == "That is too long for a request: 1,080,000 characters, and 2,000 are read."


def test_a_file_of_an_editor_that_marks_its_beginning_is_read(interpret: Any) -> None:
    code, (answer,), _ = interpret(b'\xef\xbb\xbf{"text": "status"}\r')
    assert (code, answer["skill"]) == (0, "status")


def test_without_a_model_it_says_where_to_name_one(interpret: Any) -> None:
    code, answers, said = interpret({"text": "status"}, interpreter="model")
    assert (code, answers) == (4, [])
    assert said == (
        "No model is configured. Name one under model in organization.yaml, or use --interpreter embedded, which needs none.\n"
    )
