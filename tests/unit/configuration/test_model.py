"""The model's part of organization.yaml."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.configuration import Configuration, load

Mistakes = Callable[..., list[str]]

MODEL = "name: acme\nmodel:\n  name: openai:gpt-x\n"


def loaded(folder: Path, text: str, **environ: str) -> Configuration:
    (folder / "organization.yaml").write_text(text)
    return load(folder, environ)


def test_without_one_there_is_none(folder: Path) -> None:
    assert loaded(folder, "name: acme\n").model is None


def test_a_name_is_enough(folder: Path) -> None:
    model = loaded(folder, MODEL).model
    assert model is not None
    assert (model.name, model.base_url, model.key, model.timeout_seconds) == ("openai:gpt-x", "", None, 4.5)
    assert (model.tries, model.tokens, model.person.calls_per_hour) == (2, 24_000, 60)
    assert (model.answering.seconds, model.answering.reads, model.answering.calls) == (30, 8, 6)


def test_everything_can_be_said(folder: Path) -> None:
    text = (
        f"{MODEL}  base_url: http://models.internal:8000/v1\n  timeout_seconds: 3\n  temperature: 0\n"
        "  price_per_million_tokens: {asked: 0.5, answered: 1.5}\n"
        "  limits:\n    tries: 1\n    money: 0.1\n    answering: {reads: 3, calls: 2, money: 0.5}\n    person: {calls_per_hour: 5, tokens_per_day: 1000, money_per_day: 0.5}\n"
    )
    model = loaded(folder, text).model
    assert model is not None
    assert (model.timeout_seconds, model.temperature, model.price_answered) == (3, 0, 1.5)
    assert (model.money, model.answering.reads, model.answering.calls, model.answering.money) == (0.1, 3, 2, 0.5)
    assert (model.tries, model.person.money_per_day, model.organization.calls_per_hour) == (1, 0.5, 1_000)


def test_the_key_comes_from_the_environment_and_our_own_goes_first(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file\n")
    for environ, expected in (
        ({"OPENAI_API_KEY": "shared"}, "shared"),
        ({"OPENAI_API_KEY": "shared", "COUNTERSIGN_MODEL_KEY": "ours"}, "ours"),
        ({"COUNTERSIGN_MODEL_KEY_FILE": str(file)}, "from-a-file"),
    ):
        model = loaded(folder, MODEL, **environ).model
        assert model is not None
        assert model.key is not None
        assert model.key.get_secret_value() == expected
        assert expected not in repr(model)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("base_url: ftp://x", "organization.yaml, line 4: model.base_url: "),
        ("base_url: https://user:pw@models.internal", "organization.yaml, line 4: model.base_url: "),
        (
            "timeout_seconds: 300",
            "organization.yaml, line 4: model.timeout_seconds: should be less than or equal to 30.",
        ),
        ("api_key: abc", "organization.yaml, line 4: model.api_key: is not a known key."),
        (
            "limits: {answering: {seconds: 36}}",
            "organization.yaml, line 4: model.limits.answering.seconds: should be less than or equal to 35.",
        ),
        (
            "timeout_seconds: 12",
            "organization.yaml, line 2: model: timeout_seconds and limits.answering.seconds are 40",
        ),
        ("limits: {tries: 0}", "organization.yaml, line 4: model.limits.tries: should be greater than or equal to 1."),
    ],
)
def test_mistakes_are_found_with_their_line(mistakes: Mistakes, line: str, expected: str) -> None:
    found = mistakes("organization.yaml", f"{MODEL}  {line}\n")
    assert any(problem.startswith(expected) for problem in found), found
