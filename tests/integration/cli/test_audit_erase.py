"""`countersign audit erase`: who may, what it takes, and what it says."""

import json

import pytest

from tests.support.shell import Shell


@pytest.fixture
def rejected(shell: Shell) -> Shell:
    shell.ask("dev", "deploy checkout v42 to production")
    shell.ask("sre", "reject 1 not during Jane's holiday")
    return shell


def test_somebody_with_the_right_erases_a_person_and_the_log_verifies(rejected: Shell) -> None:
    ended = rejected("audit", "erase", "person/sre", "--as", "lead", "--reason", "they asked for it")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "Erased for ever: 1 name and 3 texts in the log, and in 1 proposal. The log verifies as before.",
        "They still stand in people.yaml: what they do from now on is written under a new pseudonym.",
        "Exports, proofs and reports that were made before have it still, and so have Slack and backups of the database.",
    ]
    assert rejected("audit", "verify").code == 0
    entries = [json.loads(line) for line in rejected("audit", "list", "--json").out.splitlines()]
    assert entries[1]["actor"].startswith("(erased ")
    assert entries[1]["facts"]["reason"] == "(erased)"
    assert [entry["seq"] for entry in entries if entry["actor"] == "lead"] == [3]
    again = rejected("audit", "erase", "person/sre", "--as", "lead", "--reason", "they asked for it")
    assert (again.code, again.err) == (3, "There is nothing to erase of person/sre.\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["person/sre", "--as", "dev", "--reason", "no"], 3, "Developer may not erase personal data. It takes the role platform-lead.\n"),
        (["person/sre", "--as", "lead", "--reason", " "], 2, "This needs a reason. For example: --reason “they asked for it, ticket 4711”\n"),
        (["sre", "--as", "lead", "--reason", "x"], 2, "“sre” is nothing that can be erased. Write person/dev or proposal/17.\n"),
        (["proposal/99", "--as", "lead", "--reason", "x"], 3, "There is nothing to erase of proposal/99.\n"),
    ],
)  # fmt: skip
def test_what_is_refused_erases_nothing(rejected: Shell, words: list[str], code: int, said: str) -> None:
    ended = rejected("audit", "erase", *words)
    assert (ended.code, ended.err) == (code, said)
    assert len(rejected("audit", "list", "--json").out.splitlines()) == 2
