"""Nothing personal stands in an audit entry in clear text: neither who somebody is nor what they typed.

Which facts are personal goes by their names. So whoever adds a kind of entry, or a fact to one, has to say here what it holds, and these
tests fail until they do.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store import sealing
from bot.store.tables import audit_entries
from skills.core.names import Subject
from tests.support.worlds import Office, open_office

SOURCE = Path(__file__).parents[2] / "bot"
WHO, NAME, TYPED = "zanzibar", "Zanzibar Quagga", "okapi"
SEALED = sealing._PEOPLE | sealing._TYPED | sealing._TOLD

KINDS = {
    "access-review": {"opened", "asked", "answered", "closed", "escalated"},
    "audit": {"acknowledged", "archived", "erased"},
    "effect": {"intended", "read-back", "applied", "verified", "failed", "unknown"},
    "grant": {"given", "revoked", "used"},
    "incident": set(),  # one for each verb of an incident; all alike
    "lock": {"taken", "released", "stolen"},
    "override": {"taken", "ended"},
    "page": {"opened", "called", "outside", "outside-failed", "unanswered", "urgent"},
    "proposal": {
        "allowed", "approve", "approved", "cancel", "code-given", "created", "expired", "forged", "glass-broken", "glass-overdue",
        "glass-reviewed", "reject", "void",
    },
    "request": {"denied"},
    "run": {"started", "succeeded", "failed", "unknown"},
}  # fmt: skip
"""Every kind of entry that is written. Look at what a new one holds before it is added: what people typed, or who they are, needs a name
that `bot/store/sealing.py` knows."""

PLAIN = frozenset({
    "action", "after", "answer", "attempts", "checkup", "executor", "params", "room", "step", "told", "asked", "bundle", "campaign", "compensating", "confidential", "cost", "detail", "digest", "due", "edge", "edit",
    "end", "entries", "environment", "environments", "fingerprint", "gives", "glass", "grant", "incident", "keep", "lock", "membership", "most", "number",
    "offered", "ordinal", "outcome", "plan", "policy", "proposal", "question", "questions", "replicas", "request", "revoke", "risk", "rotation", "rules",
    "seen", "service", "services", "since", "skill", "source", "start", "state", "stepped_up", "summary", "target", "unanswered", "unanswered_revoked",
    "until", "urgency", "uses", "verdict", "was",
})  # fmt: skip
"""Facts that say nothing about a person; a verdict's reasons are sealed by themselves."""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        catalog = office.world.catalog
        named = {"dev": WHO}
        catalog.people = tuple(
            replace(
                each,
                actor=replace(
                    each.actor,
                    subject=Subject(named.get(each.actor.subject, each.actor.subject)),
                    name=NAME if each.actor.subject == "dev" else each.actor.name,
                ),
            )
            for each in catalog.people
        )
        yield office


async def a_day(office: Office) -> None:
    """Of everything something, each with words that give somebody away."""
    because = f"because {TYPED} said so"
    for who, text in (
        (WHO, f"deploy checkout v42 to production {because}"),
        ("sre", f"reject 1 {TYPED} is against it"),
        (WHO, f"deploy checkout v42 to production {because}"),
        ("sre", "approve 2"),
        (WHO, f"scale web to 4 in staging {because}"),
        (WHO, f"scale web to 5 in production {because}"),
        (WHO, f"cancel 4 {TYPED} changed their mind"),
        ("guest", f"deploy checkout v42 to production {because}"),
        (WHO, f"lock search {because}"),
        ("sre", f"steal search {because}"),
        ("sre", "unlock search"),
        ("sre", f"grant {WHO} restart search in production {because}"),
        (WHO, "restart search in production"),
        ("sre", "revoke 1"),
        (WHO, f"incident declare checkout is down, says {TYPED}"),
        ("sre", f"incident note {TYPED} restarted it"),
        (WHO, f"page checkout {because}"),
        (WHO, "cover checkout for 4h"),
    ):
        await office.say(who, text)
    await office.run(2)
    await office.world.reviews.open(by=WHO, reason=f"{TYPED} wants it")
    await office.say("lead", f"access revoke 1 {because}")
    office.time.pass_by(days=14)
    await office.world.reviews.tick()
    await office.world.door.sweep()


async def test_neither_who_somebody_is_nor_what_they_typed_stands_in_an_entry(office: Office) -> None:
    await a_day(office)
    entries = await office.world.store.audit.entries(limit=1_000)
    clear = str([(each.actor, dict(each.facts)) for each in entries])
    assert WHO in clear
    assert TYPED in clear
    async with office.world.database.reading() as connection:
        bodies = [row.body for row in await connection.execute(select(audit_entries.c.body))]
    plans = re.compile(r'"plan":\{.*?\},"policy"', re.DOTALL)
    told = [body for body in bodies if re.search(f"{WHO}|{NAME}|{TYPED}", plans.sub("", body), re.IGNORECASE)]
    assert told == []
    kinds = {each.verb.partition(":")[0] for each in entries}
    assert kinds >= {"access-review", "grant", "incident", "lock", "page", "proposal", "request", "run"}


async def test_every_fact_that_is_written_is_one_that_somebody_looked_at(office: Office) -> None:
    await a_day(office)
    found = {(each.verb, name) for each in await office.world.store.audit.entries(limit=1_000) for name in each.facts}
    unknown = sorted(f"{name} of {verb}" for verb, name in found if name not in SEALED | PLAIN)
    assert not unknown, "; ".join(unknown)


def test_every_kind_of_entry_that_is_written_is_one_that_somebody_looked_at() -> None:
    written = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        written |= set(re.findall(r'record\(\s*f?"([a-z-]+):([a-z-]+|\{[^"]*\})"', text))
        written |= {("access-review", verb) for verb in re.findall(r'_note\(tx, \w+, "([a-z-]+)"', text)}
    assert len(written) > 30
    unknown = {
        (kind, verb)
        for kind, verb in written
        if kind not in KINDS or (not verb.startswith("{") and verb not in KINDS[kind])
    }
    assert unknown == set()
