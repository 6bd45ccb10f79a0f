"""One request through the door of a world, and what is shown of the answer: for the command line itself, and for whoever answers it."""

import json
from typing import TYPE_CHECKING

from bot import logs
from bot.cli import through
from bot.cli.screen import Screen
from bot.usecases.answers import Answer, Exit
from bot.usecases.card import Card
from skills.core.proposal import Origin

if TYPE_CHECKING:
    from bot.bootstrap import World


async def request(world: "World", person: str, text: str, *, key: str) -> Answer:
    """What comes back through the door. The same `key` again proposes and decides nothing new. Raises `UnknownName` for nobody we know."""
    actor = world.actor(person)
    with logs.bound(organization=actor.organization, actor=actor.subject):
        return await world.door.request(actor, text, origin=Origin(edge="cli", words=text), key=key)


def show(answer: Answer, *, as_json: bool, out: Screen, err: Screen) -> None:
    """What went wrong on our side goes to `err`, everything else to `out`."""
    if as_json:
        # ASCII only: whatever stands in a log line reaches neither a terminal's eyes nor a parser's limits.
        out.write(json.dumps(answer.to_json()))
        return
    screen = err if answer.exit in (Exit.BUG, Exit.UNAVAILABLE) else out
    screen.answer(answer)
    screen.taken(answer, goes_on=False)


class Progress:
    """What has moved since it was last asked, as lines that were not said before."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, card: Card) -> list[str]:
        new = [line for line in through.progress_lines(card) if line not in self._said]
        self._said.update(new)
        return new
