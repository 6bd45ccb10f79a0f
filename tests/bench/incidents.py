"""From one sentence to a room with its card, people, page and first looks; and a long incident opened again.

Every call to the chat and the pager takes 100 ms, as a distant API would. The lower bound beside it is what these calls take one after the other.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot.incidents import make_war_room
from bot.usecases.answers import Answered
from skills.core import incident_told
from skills.core.incident import Entry, IncidentId, Verb
from tests.bench.figures import show, show_times
from tests.support.war_rooms import Outside
from tests.support.worlds import Office, open_office

LATENCY = 0.1
ENTRIES = 5000
TIMES = 20
SHOWN = 200
"""Lines that `incident timeline` shows."""


class Distant(Outside):
    """Counts its calls, and has the bench wait for each."""

    def _call(self) -> None:
        super()._call()
        time.sleep(LATENCY)


async def declared(office: Office, outside: Outside) -> float:
    """Seconds from the sentence to the moment when nothing is left to be made."""
    look = make_war_room(office.world, rooms=outside, boards=outside, pager=outside)
    started = time.perf_counter()
    answer = await office.say("dev", "incident declare checkout returns 500s sev2")
    assert isinstance(answer, Answered), answer
    await look()
    assert outside.rooms
    assert outside.pages
    assert "incident/1/troubleshoot" in outside.boards
    return time.perf_counter() - started


async def filled(office: Office) -> None:
    """Give the incident `ENTRIES` more entries."""
    now = office.time()
    some = [
        Entry(at=now + timedelta(seconds=n), verb=Verb.NOTE, text=f"line {n}", by="dev", source="cli")
        for n in range(ENTRIES)
    ]
    async with office.world.store.begin() as tx:
        await tx.incidents.write(IncidentId(1), some, key="many")


async def opened(office: Office, limit: int) -> Sequence[float]:
    """How long it takes to read where it stands, its card, and the newest `limit` lines of its time line."""
    now = office.time()
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        incident = await office.world.store.incidents.incident(IncidentId(1))
        assert incident
        incident_told.card(incident, now=now)
        entries = await office.world.store.incidents.entries(incident.id, limit=limit)
        incident_told.timeline(incident, entries)
        taken.append(time.perf_counter() - started)
        assert len(entries) == limit
    return taken


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_office(Path(folder)) as office:
            outside = Distant()
            seconds = await declared(office, outside)
            bound = outside.calls * LATENCY
            show(
                "incidents: declare to room complete, 100 ms a call",
                seconds=round(seconds, 2),
                calls=outside.calls,
                ratio_to_lower_bound=round(seconds / bound, 2),
            )
            await filled(office)
            show_times(f"incidents: open one with {ENTRIES} entries, as it is shown", await opened(office, SHOWN))
            show_times(f"incidents: the same, with all {ENTRIES}", await opened(office, ENTRIES))


if __name__ == "__main__":
    asyncio.run(main())
