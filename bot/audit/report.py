"""Every change of a period, from the log alone, and the proof that no entry of the period is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from bot.audit.disclosing import disclosed
from bot.audit.evidence import decisions, signed_log
from bot.audit.keeper import Keeper
from bot.store import Store
from bot.store.columns import instant
from skills.core.errors import NotAllowed

KIND = "countersign-report/1"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One proposal as the log tells it up to the end of the log; empty where something has not happened. Times as in the log, UTC."""

    number: str
    asked_at: str
    requester: str
    summary: str
    risk: str
    targets: str
    verdict: str
    rules: str
    decisions: str
    digest: str
    started_at: str
    ended_at: str
    result: str
    outcome: str
    entries: str


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """`pack` holds every entry of the period with one on either side, and what leads from them to the signed root.

    `denied` counts refusals by policy; `set_back` are the numbers of entries that bear an earlier time than the one before.
    """

    start: datetime
    end: datetime
    rows: Sequence[Row]
    denied: int
    set_back: Sequence[int]
    pack: Mapping[str, Any]


async def make_report(store: Store, keeper: Keeper, start: datetime, end: datetime) -> AuditReport:
    """About start <= time < end. Raises `NotAllowed` where the log has nothing of that time, or is not signed."""
    note, checkpoint = await signed_log(keeper)
    span = await store.audit.span(start, end)
    gone = await store.audit.archived()
    if gone and (span is None or await store.audit.before(start) <= gone):
        raise NotAllowed(
            f"Entries 1 to {gone}, in an archive, reach into the time from {start:%Y-%m-%d} on, so a report from the database would not be complete.",
            hint="Ask from a later day on; the archive has the rest.",
        )
    if span is None or span[0] > checkpoint.size:
        raise NotAllowed(f"There is no signed entry from {start:%Y-%m-%d} to just before {end:%Y-%m-%d %H:%M} UTC.")
    first, last = max(1, span[0] - 1), min(checkpoint.size, span[1] + 1)
    written = await store.audit.written(first=first, last=last)
    edges = await store.tree.edges(first, last, checkpoint.size)
    clear = await disclosed(store, written)
    entries = clear.entries
    inside = [entry for entry in entries if instant(start) <= entry["at"] < instant(end)]
    pack = {
        "kind": KIND,
        "from": instant(start),
        "to": instant(end),
        "first": first,
        "last": last,
        "checkpoint": note,
        "keys": [str(key) for key in keeper.keyring.trusted()],
        "left": [each.hex() for each in edges.left],
        "right": [each.hex() for each in edges.right],
        "entries": [{"seq": seq, "body": body} for seq, body in written],
        "people": clear.people,
        "texts": clear.texts,
    }
    subjects = dict.fromkeys(entry["subject"] for entry in inside if entry["subject"].startswith("proposal/"))
    rows = [await _row(store, subject, checkpoint.size) for subject in subjects]
    return AuditReport(
        start=start,
        end=end,
        rows=[row for row in rows if row],
        denied=sum(entry["verb"] == "request:denied" for entry in inside),
        set_back=[later["seq"] for earlier, later in pairwise(entries) if later["at"] < earlier["at"]],
        pack=pack,
    )


async def _row(store: Store, subject: str, size: int) -> Row | None:
    """None for what the log speaks of without saying how it was asked for."""
    entries = (await disclosed(store, await store.audit.written(subject=subject, last=size))).entries
    created = next((entry for entry in entries if entry["verb"] == "proposal:created"), None)
    if created is None:
        return None
    facts = created["facts"]
    started = _first(entries, "run:started")
    ended = next((entry for entry in entries if entry["verb"].startswith("run:") and entry is not started), None)
    said = [f"{each['choice']} by {each['subject']} at {each['at']}" for each in decisions(entries)]
    steps = facts["plan"]["steps"]
    return Row(
        number=subject.partition("/")[2],
        asked_at=created["at"],
        requester=created["actor"],
        summary=facts["summary"],
        risk=facts["risk"],
        targets=", ".join(
            dict.fromkeys(f"{step['target']['service']} in {step['target']['environment']}" for step in steps)
        ),
        verdict=facts["verdict"]["outcome"],
        rules=", ".join(facts["verdict"]["rules"]),
        decisions="; ".join(said),
        digest=facts["digest"],
        started_at=started["at"] if started else "",
        ended_at=ended["at"] if ended else "",
        result=(ended or entries[-1])["verb"].partition(":")[2],
        outcome=ended["facts"].get("outcome", "") if ended else "",
        entries=", ".join(str(entry["seq"]) for entry in entries),
    )


def _first(entries: Sequence[Mapping[str, Any]], verb: str) -> Mapping[str, Any] | None:
    return next((entry for entry in entries if entry["verb"] == verb), None)
