"""Somebody asks who approved a change, by which rule, and what was said, and is answered from the audit log."""

from pathlib import Path

from skills.core.report import Report, Table, Text
from tests.support.worlds import open_office


async def test_who_approved_by_which_rule_and_what_it_was_like_before(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.say("dev", "deploy checkout v42 to production please")
        await office.say("sre", "approve 1")
        await office.run(1)
        report = (await office.say("lead", "audit 1")).report
    assert isinstance(report, Report)
    assert report.summary.startswith(
        "#1 Deploy checkout v42 to production (from v41): asked by Developer, approved by SRE, last entry: "
    )
    told, states, entries = (part for part in report.parts[:3])
    assert isinstance(told, Text)
    assert "by the rules production-needs-a-second-person" in told.text
    assert isinstance(states, Table)
    assert states.rows[0][0] == "checkout in production"
    assert any(row[2].endswith(":v41") and row[3].endswith(":v42") for row in states.rows)
    assert isinstance(entries, Table)
    assert [row[3] for row in entries.rows][:3] == ["proposal:created", "proposal:approve", "proposal:approved"]


async def test_a_proposal_that_the_log_does_not_know_is_said_to_be_none(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        report = (await office.say("lead", "audit 99")).report
    assert report is not None
    assert report.summary == "The audit log has nothing about #99."
