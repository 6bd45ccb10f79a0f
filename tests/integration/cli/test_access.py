"""`countersign access review`."""

import csv
import json

from tests.support.shell import Shell


def test_people_read_a_table_for_each_person(shared: Shell) -> None:
    ended = shared("access", "review")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[:3] == ["Access review", "3 people may do something. May do nothing: guest.", "Developer (dev)"]
    assert any("staging-is-free" in line for line in lines)


def test_one_person_as_json_lines(shared: Shell) -> None:
    ended = shared("access", "review", "--person", "sre", "--json")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert {row["subject"] for row in rows} == {"sre"}
    assert {row["approving"] for row in rows} == {True, False}


def test_a_spreadsheet_gets_a_heading_and_a_row_for_each(shared: Shell) -> None:
    rows = list(csv.DictReader(shared("access", "review", "--csv").out.splitlines()))
    free = [row for row in rows if row["rules"] == "staging-is-free"]
    assert [(row["subject"], row["may"], row["skills"], row["needs"]) for row in free] == [
        (person, "use", "deploy, restart, rightsize, rollback, scale", "") for person in ("dev", "sre", "lead")
    ]


def test_somebody_unknown_is_a_sentence(shared: Shell) -> None:
    ended = shared("access", "review", "--person", "drv")
    assert ended.code == 2
    assert "drv" in ended.err
