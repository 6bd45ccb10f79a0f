"""Strangers' wording is understood as well as promised, with names that nobody here knows, and changes nothing unasked."""

import pytest

from tests.evals import routing, strangers


@pytest.fixture(scope="module")
def judged() -> list[strangers.Judged]:
    return strangers.judge(strangers.own_rows())


def test_every_batch_has_its_figures_of_first_sight() -> None:
    batches = {row.batch for row in strangers.own_rows()}
    assert batches == strangers.FIRST_SIGHT.keys()


def test_the_figures_are_as_promised(judged: list[strangers.Judged]) -> None:
    found = strangers.figures(judged)
    assert found["right skill"] >= 0.92
    assert found["and all arguments"] >= 0.85
    assert found["chatter let be"] >= 0.98
    assert found["ambiguous asked back"] >= 0.90
    assert found["changes not asked for"] == 0


def test_what_is_no_request_becomes_no_change(judged: list[strangers.Judged]) -> None:
    unasked = [each.row.text for each in judged if not each.row.skills and each.found.kind in ("change", "decision")]
    assert unasked == []


def test_a_name_that_nobody_knows_hides_neither_the_skill_nor_what_stands_beside_it() -> None:
    found = routing.embedded().interpret("why is foo crashing in production?")
    assert (found.kind, found.skill, dict(found.unresolved)) == ("clarify", "troubleshoot", {"service": "foo"})
    assert found.params["environment"] == "production"


def test_ordinary_words_are_no_names() -> None:
    found = routing.embedded().interpret("give me an overview of all nodes along with their kubelet version")
    assert (found.kind, found.skill, dict(found.unresolved)) == ("query", "resources", {})


def test_requests_from_elsewhere_are_understood_with_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    rows = strangers.outside_rows()
    if rows is None:
        pytest.skip("requests.jsonl is missing: set COUNTERSIGN_EVAL to the folder that has it")
    found = strangers.figures(strangers.judge(rows))
    with capsys.disabled():
        print(f"\n{strangers.table({'requests.jsonl': found})}")
    assert found["right skill"] >= 0.92
    assert found["and all arguments"] >= 0.85
    assert found["changes not asked for"] == 0
