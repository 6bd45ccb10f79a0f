"""`countersign audit`."""

import json
import sqlite3

import pytest

from tests.support.shell import Shell


@pytest.fixture(scope="module")
def told(shared: Shell) -> Shell:
    """A world in which something has happened."""
    shared.ask("dev", "deploy checkout v42 to production")
    shared.ask("sre", "reject 1 not during the sale")
    shared.ask("guest", "deploy checkout v42 to production")
    return shared


def test_entries_are_listed_oldest_first_with_what_matters(told: Shell) -> None:
    ended = told("audit", "list")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[:2] == ["Audit log", "3 entries."]
    assert lines[3].startswith("1 ")
    assert "dev    proposal:created  proposal/1    Deploy checkout v42 to production" in lines[3]
    assert "not during the sale" in lines[4]


def test_entries_about_one_subject_as_json_lines(told: Shell) -> None:
    ended = told("audit", "list", "--subject", "proposal/1", "--json")
    entries = [json.loads(line) for line in ended.out.splitlines()]
    assert [(entry["seq"], entry["verb"], entry["actor"]) for entry in entries] == [
        (1, "proposal:created", "dev"),
        (2, "proposal:reject", "sre"),
    ]
    assert entries[1]["facts"]["reason"] == "not during the sale"
    assert len(entries[0]["leaf"]) == 64


def test_a_page_begins_after_the_last_one(told: Shell) -> None:
    ended = told("audit", "list", "--after", "1", "--limit", "1", "--json")
    assert [json.loads(line)["seq"] for line in ended.out.splitlines()] == [2]


def test_about_nothing_there_is_no_entry(told: Shell) -> None:
    assert told("audit", "list", "--subject", "proposal/99").out == "Audit log\nThere is no entry about proposal/99.\n"


@pytest.mark.parametrize("option", [("--after", "-1"), ("--limit", "0"), ("--limit", "10001")])
def test_an_impossible_page_is_bad_input(told: Shell, option: tuple[str, str]) -> None:
    ended = told("audit", "list", *option)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "That is no part of the log. --after counts from 0, --limit from 1 to 10000.\n"


def test_an_intact_log_verifies_against_a_head_noted_earlier(told: Shell) -> None:
    first = told("audit", "verify", "--json").json
    assert first["ok"] is True
    assert first["size"] == 3
    noted = f"{first['size']}:{first['root']}"
    ended = told("audit", "verify", "--expect", noted)
    assert ended.code == 0
    assert ended.out.startswith("Audit log\nThe audit log is intact: 3 entries.\n")
    assert noted in ended.out


def test_another_head_than_the_noted_one_is_told(told: Shell) -> None:
    ended = told("audit", "verify", "--expect", f"2:{'0' * 64}")
    assert ended.code == 1
    assert "The audit log is NOT as it was written:" in ended.out


def test_a_head_that_is_none_is_bad_input(told: Shell) -> None:
    ended = told("audit", "verify", "--expect", "2:abc")
    assert ended.code == 2
    assert ended.err.startswith("--expect wants SIZE:ROOT as “audit verify” printed it.")


def test_an_edited_entry_is_named(shell: Shell) -> None:
    shell.ask("dev", "deploy checkout v42 to production")
    shell.ask("sre", "reject 1 not now")
    with sqlite3.connect(shell.data / "countersign.sqlite3") as connection:
        connection.execute("UPDATE audit_entries SET body = replace(body, 'reject', 'accept') WHERE seq = 2")
    connection.close()
    ended = shell("audit", "verify", "--json")
    assert ended.code == 1
    assert (ended.json["ok"], ended.json["first_bad"]) == (False, 2)
    assert "The first bad entry is number 2." in shell("audit", "verify").out
