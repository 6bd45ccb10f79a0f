"""Who did what in a time, as the audit log tells it in chat."""

from bot.usecases.answers import Answered
from skills.core.report import Table
from tests.support.worlds import Office


async def told(office: Office, text: str) -> tuple[str, list[tuple[str, ...]]]:
    answer = await office.say("lead", text)
    assert isinstance(answer, Answered), answer.text
    rows = [row for part in answer.report.parts if isinstance(part, Table) for row in part.rows]
    return answer.report.summary, rows


async def a_day(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production because of the sale")
    await office.say("sre", "reject 1 not today")
    await office.say("dev", "scale web to 4 in staging")
    await office.say("sre", "lock search because of the migration")
    await office.say("dev", "incident declare confidential: somebody stole a laptop")
    office.time.pass_by(days=1)


async def test_what_somebody_did_is_told_with_the_numbers_of_the_entries(office: Office) -> None:
    await a_day(office)
    summary, rows = await told(office, "what did sre do yesterday")
    assert summary == "2 entries of 23 November 2026: 1 × proposal:reject, 1 × lock:taken."
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        ("2", "SRE", "proposal:reject", "proposal/1"),
        ("5", "SRE", "lock:taken", "lock/1"),
    ]


async def test_it_is_narrowed_down_by_what_was_asked_for(office: Office) -> None:
    await a_day(office)
    _, rows = await told(office, "activity deploy in production yesterday")
    assert [row[3] for row in rows] == ["proposal:created", "proposal:reject"]
    _, rows = await told(office, "activity web yesterday")
    assert {row[4] for row in rows} == {"proposal/2"}
    summary, rows = await told(office, "activity today")
    assert (summary, rows) == ("The audit log has nothing of that from 24 November 2026.", [])


async def test_nobody_hears_of_incidents_here_and_everybody_how_to_prove_it(office: Office) -> None:
    await a_day(office)
    answer = await office.say("lead", "activity yesterday")
    said = str(answer.report.to_json() if isinstance(answer, Answered) else "")
    assert "laptop" not in said
    assert "incident" not in said
    assert "countersign audit report --from 2026-11-23 --to 2026-11-23 --format json" in said
