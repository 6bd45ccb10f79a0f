"""Which exit code and which answer comes of what."""

import json
from pathlib import Path

import pytest

from bot.cli.mishap import answer_to, explain
from bot.cli.through import exit_of
from bot.usecases.answers import Answer, Answered, Clarify, Decided, Exit, Failed, Proposed, Refused
from skills.core import errors
from skills.core.proposal import Choice, Status
from skills.core.report import Report
from tests.support.worlds import open_office


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (errors.UnknownName("person", "sree", ["sre"]), Clarify, 2),
        (errors.BadInput("There is nothing to ask."), Clarify, 2),
        (errors.NotAllowed("It belongs to Argo CD."), Refused, 3),
        (errors.Unavailable("The database is locked."), Failed, 4),
        (errors.Conflict("It changed."), Failed, 4),
        (errors.Anticipated("The configuration has a mistake."), Failed, 2),
    ],
)
def test_each_failure_that_was_thought_of_has_its_answer(
    error: errors.Anticipated, kind: type[Answer], code: int
) -> None:
    answer = answer_to(error)
    assert isinstance(answer, kind)
    assert int(answer.exit) == code
    assert answer.text == str(error)


def test_an_unknown_name_keeps_its_candidates() -> None:
    answer = answer_to(errors.UnknownName("person", "sree", ["sre"]))
    assert isinstance(answer, Clarify)
    assert answer.candidates == {"person": ("sre",)}
    assert answer.unresolved == {"person": "sree"}


def test_a_bug_is_one_sentence_and_its_traceback_is_in_the_log(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(ZeroDivisionError("token=hunter2"), data=data, as_json=False) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("That is a bug in Countersign, not your mistake.")
    assert "Traceback" not in said.err
    line = json.loads((data / "countersign.log").read_text())
    reference = said.err.rstrip().removesuffix(".").rsplit(" ", 1)[-1]
    assert line["event"] == f"bug {reference}"
    assert "ZeroDivisionError: token=(redacted)" in line["exception"]


def test_with_json_a_failure_is_one_object_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(errors.Unavailable("Down."), data=data, as_json=True) == 4
    assert json.loads(capsys.readouterr().out) == {"kind": "error", "text": "Down.", "code": 4, "reference": ""}


def test_escape_sequences_in_a_failure_are_not_obeyed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explain(errors.BadInput("No \x1b[2J."), data=data, as_json=False)
    assert capsys.readouterr().err == "No \\x1b[2J.\n"


async def test_a_change_that_did_not_succeed_is_not_0(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        proposed = await office.say("dev", "deploy checkout v43 to production")
        assert isinstance(proposed, Proposed)
        assert exit_of(proposed) == Exit.DONE
        decided = await office.say("sre", "approve 1")
        assert isinstance(decided, Decided)
        assert exit_of(decided) == Exit.DONE
        failed = await office.run(1)
        assert failed.status is Status.FAILED
        card = office.world.door.card_of(failed)
        assert exit_of(Proposed(proposal=failed, card=card)) == Exit.UNAVAILABLE
        assert exit_of(Decided(choice=Choice.APPROVE, proposal=failed, card=card)) == Exit.DONE


async def test_rejecting_and_cancelling_are_done_when_they_are_recorded(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.say("dev", "deploy checkout v42 to production")
        assert exit_of(await office.say("sre", "reject 1 not during the sale")) == Exit.DONE
        await office.say("dev", "deploy checkout v42 to production")
        assert exit_of(await office.say("dev", "cancel 2")) == Exit.DONE


def test_the_other_answers_bring_their_own() -> None:
    assert exit_of(Answered(report=Report(title="T", summary="S"))) == 0
    assert exit_of(Clarify(text="Which?")) == 2
    assert exit_of(Refused(text="No.")) == 3
    assert exit_of(Failed(text="Down.", exit=Exit.UNAVAILABLE)) == 4
