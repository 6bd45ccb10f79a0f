"""Evidence about one proposal, and reports about a period: they verify offline, and nothing in them can be changed."""

import asyncio
import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from bot.audit import verify_audit
from bot.audit.evidence import evidence
from bot.audit.report import AuditReport, make_report
from bot.audit.report_pdf import as_pdf
from bot.audit.report_text import as_csv, as_html, sentences
from bot.audit.verify_audit import Bad, verify_evidence
from bot.store import Store
from skills.core.errors import NotAllowed, UnknownName
from skills.core.names import ProposalId
from tests.support.audit import a_keeper, a_public_key, note
from tests.support.databases import NOON, Clock
from tests.support.worlds import Office, open_office

Pack = dict[str, Any]


async def lived(office: Office) -> None:
    """One change that was approved and run, one that was rejected, one that policy refused."""
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("sre", "approve 1")
    await office.run(1)
    await office.say("dev", "scale web to 6 in production")
    await office.say("sre", "reject 2 not now")
    await office.say("guest", "deploy checkout v42 to production")


def keys(office: Office) -> list[verify_audit.Key]:
    return office.world.keeper.keyring.trusted()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, Pack, list[verify_audit.Key]]:
    """An evidence pack, a report, and the keys to verify them with."""

    async def make() -> tuple[Pack, Pack, list[verify_audit.Key]]:
        async with open_office(tmp_path_factory.mktemp("office")) as office:
            await lived(office)
            pack = await evidence(office.world.store, office.world.keeper, ProposalId(1))
            day = datetime(2026, 11, 23, tzinfo=UTC)
            report = await make_report(office.world.store, office.world.keeper, day, day + timedelta(days=1))
            return json.loads(json.dumps(pack)), json.loads(json.dumps(report.pack)), keys(office)

    return asyncio.run(make())


def test_a_pack_shows_plan_verdict_decisions_and_outcome_and_verifies(
    made: tuple[Pack, Pack, list[verify_audit.Key]],
) -> None:
    pack, _, trusted = made
    assert pack["plan"]["summary"] == "Deploy checkout v42 to production (from v41)"
    assert pack["plan"]["steps"][0]["diff"][0]["after"].endswith(":v42")
    assert pack["verdict"]["outcome"] == "needs"
    assert [(each["subject"], each["choice"]) for each in pack["decisions"]] == [("sre", "approve")]
    assert pack["outcome"].startswith("All 3 replicas are up to date")
    count = len(pack["entries"])
    assert verify_evidence(pack, trusted) == (
        f"{count} entries about proposal/1 stand in the log countersign/acme of {count + 4} entries, signed by countersign/acme,"
        " and the plan is the one that was approved. 3 names and 2 texts fit their hashes."
    ).replace(f"{count + 4}", pack["checkpoint"].split("\n")[1])


def test_it_verifies_as_a_program_on_another_machine(
    made: tuple[Pack, Pack, list[verify_audit.Key]], tmp_path: Path
) -> None:
    pack, report, trusted = made
    program = tmp_path / "verify_audit.py"
    program.write_bytes(Path(verify_audit.__file__).read_bytes())

    def verified(pack: Pack, *options: str) -> tuple[int, str]:
        (tmp_path / "pack.json").write_text(json.dumps(pack))
        argv = [sys.executable, "-I", "-B", str(program), "--proof", str(tmp_path / "pack.json"), *options]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert verified(pack, "--key", str(trusted[0]))[0] == 0
    assert verified(report, "--key", str(trusted[0]))[0] == 0
    code, out = verified(pack)
    assert code == 0
    assert out.endswith("compare them with what the organization published, or give --key.\n")
    code, out = verified(pack, "--key", str(a_public_key(2, name="countersign/acme")))
    assert (code, out.split(" over")[0]) == (1, "BAD: The checkpoint")
    assert verified({"kind": "nonsense"}, "--key", str(trusted[0])) == (1, "BAD: The evidence is not readable.\n")


CHANGES: list[Callable[[Pack], object]] = [
    lambda pack: pack["plan"].update(summary="Deploy nothing"),
    lambda pack: pack["plan"]["steps"][0].update(after="v43"),
    lambda pack: pack["verdict"].update(outcome="allow"),
    lambda pack: pack["decisions"].clear(),
    lambda pack: pack["decisions"][0].update(subject="lead"),
    lambda pack: pack["entries"].pop(0),
    lambda pack: pack["entries"][1].update(body=pack["entries"][1]["body"].replace("reason", "season")),
    lambda pack: pack["entries"][1].update(seq=1),
    lambda pack: pack["entries"][0]["proof"].pop(),
    lambda pack: pack["entries"][0]["proof"].append("00" * 32),
    lambda pack: pack.update(checkpoint=pack["checkpoint"].replace("countersign/acme\n", "countersign/other\n")),
    lambda pack: pack.update(subject="proposal/2"),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_whatever_is_changed_in_a_pack_is_found(made: tuple[Pack, Pack, list[verify_audit.Key]], number: int) -> None:
    pack = json.loads(json.dumps(made[0]))
    CHANGES[number](pack)
    with pytest.raises(Bad):
        verify_evidence(pack, made[2])


@given(st.data())
def test_whatever_entry_is_taken_from_a_report_or_changed_is_found(
    made: tuple[Pack, Pack, list[verify_audit.Key]], data: st.DataObject
) -> None:
    report = json.loads(json.dumps(made[1]))
    number = data.draw(st.integers(0, len(report["entries"]) - 1))
    match data.draw(st.sampled_from(["remove", "change", "cut", "swap"])):
        case "remove":
            report["entries"].pop(number)
        case "change":
            body = report["entries"][number]["body"]
            report["entries"][number]["body"] = body.replace('"actor":"', '"actor":"x')
        case "cut":
            report["entries"] = report["entries"][: number + 1]
            if number + 1 == len(made[1]["entries"]):
                return
            report["last"] = report["first"] + number
        case _:
            other = (number + 1) % len(report["entries"])
            report["entries"][number], report["entries"][other] = report["entries"][other], report["entries"][number]
    with pytest.raises(Bad):
        verify_evidence(report, made[2])


@pytest.mark.parametrize("total", [1, 2, 7, 20])
async def test_any_part_of_the_log_is_proven_complete(store: Store, tmp_path: Path, clock: Clock, total: int) -> None:
    for number in range(total):
        await note(store, first=number)
        clock.forward(hours=1)
    keeper = a_keeper(store, tmp_path, clock=clock)
    for first in range(total):
        for last in range(first, total):
            start, end = NOON + timedelta(hours=first), NOON + timedelta(hours=last, minutes=1)
            report = await make_report(store, keeper, start, end)
            assert report.pack["first"] == max(1, first)
            assert report.pack["last"] == min(total, last + 2)
            verify_evidence(report.pack, [a_public_key()])


async def test_a_clock_that_was_set_back_is_told_and_leaves_nothing_out(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    for hours in (0, 1, -48, 49):
        clock.forward(hours=hours)
        await note(store)
    report = await make_report(store, a_keeper(store, tmp_path, clock=clock), NOON, NOON + timedelta(days=1))
    assert report.set_back == [3]
    assert (report.pack["first"], report.pack["last"]) == (1, 4)
    assert sentences(report)[-1].startswith("A clock was set back: entries 3 bear an earlier time than the one before.")
    verify_evidence(report.pack, [a_public_key()])


async def the_report(office: Office) -> AuditReport:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    return await make_report(office.world.store, office.world.keeper, day, day + timedelta(days=1))


async def test_a_report_lists_every_change_as_csv_and_html(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await lived(office)
        report = await the_report(office)
    rows = list(csv.DictReader(io.StringIO(as_csv(report))))
    assert [(row["number"], row["requester"], row["summary"], row["result"]) for row in rows] == [
        ("1", "dev", "Deploy checkout v42 to production (from v41)", "succeeded"),
        ("2", "dev", "Scale web in production from 4 to 6 replicas", "reject"),
    ]
    assert rows[0]["decisions"].startswith("approve by sre at 2026-11-23T")
    formula = replace(report, rows=[replace(report.rows[0], summary="=1+1")])
    assert "'=1+1" in as_csv(formula)
    assert rows[0]["targets"] == "checkout in production"
    page = as_html(report, title="Acme <Platform>")
    assert "<h1>Acme &lt;Platform&gt;: changes from 2026-11-23 to 2026-11-23 (UTC)</h1>" in page
    assert "2 proposals, and 1 requests that policy refused." in page
    assert "src=" not in page
    assert "href=" not in page


async def test_a_report_is_a_pdf_that_says_the_same_on_as_many_pages_as_it_takes(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await lived(office)
        report = await the_report(office)
    one = replace(report.rows[0], summary="Ändere Ж <b>nothing</b> " + "long " * 200)
    made = as_pdf(replace(report, rows=[*report.rows, *[one] * 60]), title="Acme <Platform>")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
    assert len(pages) > 5
    assert "Acme <Platform>: changes from 2026-11-23 to 2026-11-23 (UTC)" in pages[0]
    assert "62 proposals, and 1 requests that policy refused." in pages[0]
    assert "which are numbered without gaps" in " ".join(pages[0].split())
    assert "Ändere Ж <b>nothing</b>" in pages[1]
    assert f"page {len(pages)}" in pages[-1]
    assert report.pack["checkpoint"].split("\n")[2][:20] in "".join(pages[-2:]).replace("\n", "")
    assert made == as_pdf(replace(report, rows=[*report.rows, *[one] * 60]), title="Acme <Platform>")


async def test_what_is_not_in_the_log_cannot_be_proven(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        with pytest.raises(
            NotAllowed, match=r"There is nothing to prove: the audit log is empty, or was never signed."
        ):
            await evidence(office.world.store, office.world.keeper, ProposalId(1))
        await lived(office)
        with pytest.raises(UnknownName, match=r"I know no proposal called “#99”."):
            await evidence(office.world.store, office.world.keeper, ProposalId(99))
        far = datetime(2020, 1, 1, tzinfo=UTC)
        with pytest.raises(
            NotAllowed, match=r"There is no signed entry from 2020-01-01 to just before 2020-01-02 00:00 UTC."
        ):
            await make_report(office.world.store, office.world.keeper, far, far + timedelta(days=1))
