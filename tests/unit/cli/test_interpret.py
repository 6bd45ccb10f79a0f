"""`countersign interpret`: JSON lines in, JSON lines out, and nothing else happens."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main


@pytest.fixture
def interpret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    def run(*lines: object, interpreter: str = "embedded") -> tuple[int, list[dict[str, Any]], str]:
        typed = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["--data", str(tmp_path / "data"), "interpret", "--interpreter", interpreter])
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return run


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
        ("[1]", "Line 1 has no text. "),
        ('{"text": 5}', "Line 1 has no text. "),
        ('{"text": "a", "thread": "b"}', "In line 1, thread is not a list. "),
        ('{"text": "a", "now": "soon"}', "In line 1, now is not an ISO 8601 time. "),
    ],
)
def test_a_line_that_is_none_of_ours_is_named(interpret: Any, line: str, complaint: str) -> None:
    code, answers, said = interpret(line)
    assert (code, answers) == (2, [])
    assert said.startswith(complaint)


def test_without_a_model_it_says_where_to_name_one(interpret: Any) -> None:
    code, answers, said = interpret({"text": "status"}, interpreter="model")
    assert (code, answers) == (4, [])
    assert said == (
        "No model is configured. Name one under model in organization.yaml, or use --interpreter embedded, which needs none.\n"
    )
