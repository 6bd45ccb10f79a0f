"""Incidents in both databases: written once, read as they stand, looked after by one process at a time."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.store import Database, Store
from bot.store.incident_effects import EffectState
from bot.usecases.incident_book import Book
from skills.core.actor import Actor
from skills.core.errors import UnknownName
from skills.core.incident import Entry, IncidentId, Phase, Verb
from skills.core.names import Organization, Subject
from tests.support.databases import NOON, Clock

LEASE = timedelta(seconds=30)


def actor(name: str, organization: str = "acme") -> Actor:
    return Actor(subject=Subject(name), name=name, organization=Organization(organization))


def declared(title: str = "checkout returns 500s", *, confidential: bool = False, by: str = "dev") -> Entry:
    facts = {"title": title, "severity": "sev2", "service": "checkout", "confidential": confidential}
    return Entry(at=NOON, verb=Verb.DECLARED, text=title, by=by, by_name=by, source="cli", facts=facts)


def note(text: str) -> Entry:
    return Entry(at=NOON, verb=Verb.NOTE, text=text, by="dev", source="cli")


RESOLVED = Entry(at=NOON + timedelta(hours=1), verb=Verb.RESOLVED, text="over", by="dev", facts={"cause": "the pool"})


async def test_the_same_request_twice_is_one_incident(store: Store) -> None:
    book = Book(store, lambda: NOON)
    first = await book.declare(declared(), key="k1", of="checkout")
    again = await book.declare(declared(), key="k1", of="something else")
    assert (first.new, again.new, again.incident.id) == (True, False, first.incident.id)
    assert len(await store.audit.entries()) == 1


async def test_of_ten_who_declare_the_same_at_once_one_does_and_the_others_are_told_of_it(store: Store) -> None:
    book = Book(store, lambda: NOON)
    written = await asyncio.gather(*(book.declare(declared(), key=f"k{n}", of="checkout") for n in range(10)))
    assert sum(each.new for each in written) == 1
    assert {each.incident.id for each in written} == {IncidentId(1)}


async def test_after_the_end_of_one_the_next_about_the_same_is_another(store: Store) -> None:
    book = Book(store, lambda: NOON)
    first = await book.declare(declared(), key="k1", of="checkout")
    await book.write(first.incident.id, [RESOLVED], key="k2")
    second = await book.declare(declared(), key="k3", of="checkout")
    assert second.new
    assert [each.id for each in await store.incidents.open()] == [2]
    assert [each.phase for each in await store.incidents.past(NOON)] == [Phase.INVESTIGATING, Phase.RESOLVED]


async def test_entries_are_written_once_for_each_key_and_come_in_their_order(store: Store) -> None:
    book = Book(store, lambda: NOON)
    id = (await book.declare(declared(), key="k1", of="checkout")).incident.id
    assert (await book.write(id, [note("one"), note("two")], key="k2")).new
    assert not (await book.write(id, [note("one"), note("two")], key="k2")).new
    assert [(each.seq, each.text) for each in await store.incidents.entries(id)] == [
        (1, "checkout returns 500s"),
        (2, "one"),
        (3, "two"),
    ]
    assert [each.text for each in await store.incidents.entries(id, limit=1)] == ["two"]
    with pytest.raises(UnknownName, match="#9"):
        await book.write(IncidentId(9), [note("lost")], key="k3")


async def test_secrets_are_kept_neither_in_entries_nor_in_the_log(store: Store) -> None:
    book = Book(store, lambda: NOON)
    id = (await book.declare(declared(), key="k1", of="checkout")).incident.id
    await book.write(id, [note("the token is xoxb-123456789012-abc")], key="k2")
    assert (await store.incidents.entries(id))[-1].text == "the token is (redacted)"
    assert "xoxb" not in "".join(json.dumps(each.facts) for each in await store.audit.entries())


async def test_a_confidential_one_is_not_there_for_others_and_its_words_are_not_in_the_log(store: Store) -> None:
    book = Book(store, lambda: NOON)
    id = (await book.declare(declared("salaries leaked", confidential=True), key="k1", of="k1")).incident.id
    assert (await book.incident(id, asker=actor("dev"))) is not None
    sre = actor("sre")
    assert await book.incident(id, asker=sre) is None
    assert await book.open(asker=sre) == []
    assert await book.past(since=NOON, asker=sre) == []
    assert await book.entries(id, asker=sre) == ()
    [entry] = await store.audit.entries()
    assert entry.verb == "incident:declared"
    assert "salaries" not in json.dumps(entry.facts)
    assert len(str(entry.facts["written"])) == 64


async def test_another_organization_has_incidents_of_its_own(database: Database, store: Store) -> None:
    await Book(store, lambda: NOON).declare(declared(), key="k1", of="checkout")
    other = database.store(Organization("other"))
    assert await other.incidents.open() == ()
    assert (await Book(other, lambda: NOON).declare(declared(), key="k1", of="checkout")).incident.id == 1


async def test_an_incident_is_looked_after_by_one_process_until_its_lease_ends(store: Store, clock: Clock) -> None:
    id = (await Book(store, lambda: NOON).declare(declared(), key="k1", of="checkout")).incident.id
    [(mine, entries)] = await store.incidents.claim("a", clock(), LEASE)
    assert (mine.id, entries) == (id, 1)
    assert await store.incidents.claim("b", clock(), LEASE) == ()
    clock.forward(seconds=31)
    assert len(await store.incidents.claim("b", clock(), LEASE)) == 1
    await store.incidents.let_go(id, "a", followed=1, due_at=None)
    assert await store.incidents.claim("a", clock(), LEASE) == (), "whoever lost the lease cannot end that of another"
    await store.incidents.let_go(id, "b", followed=1, due_at=clock() + timedelta(minutes=5))
    assert await store.incidents.claim("a", clock(), LEASE) == ()
    clock.forward(seconds=301)
    assert len(await store.incidents.claim("a", clock(), LEASE)) == 1


async def test_what_was_meant_is_due_again_the_later_the_more_often_it_failed(store: Store, clock: Clock) -> None:
    id = (await Book(store, lambda: NOON).declare(declared(), key="k1", of="checkout")).incident.id
    await store.incident_effects.mean(id, "room")
    await store.incident_effects.mean(id, "room")
    effect = (await store.incident_effects.of(id))["room"]
    assert (effect.state, effect.attempts, effect.due_at) == (EffectState.MEANT, 2, clock() + timedelta(seconds=4))
    await store.incident_effects.conclude(id, "room", EffectState.DONE, "C1")
    assert (await store.incident_effects.of(id))["room"].detail == "C1"
