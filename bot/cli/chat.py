"""`countersign chat`: a conversation in the terminal."""

import argparse
import sys
import uuid
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bot import logs
from bot.bootstrap import World, open_world
from bot.cli import loop, through
from bot.cli.background import hand_over
from bot.cli.beside.listener import answering
from bot.cli.beside.wire import world_of
from bot.cli.completing import completions
from bot.cli.followers import Followers
from bot.cli.mishap import answer_to
from bot.cli.piped import piped
from bot.cli.render.lines import TONES
from bot.cli.render.safe import harmless, one_line
from bot.cli.screen import Screen, reads_plainly
from bot.cli.waiting import Waiting
from bot.nl.turns import Turn
from bot.ticking import ticking
from bot.usecases.answers import Answer, Decided, Proposed
from bot.usecases.offers import offers_of, reports_in, titles
from skills.core.actor import Actor
from skills.core.errors import Anticipated, BadInput
from skills.core.names import ProposalId
from skills.core.proposal import Origin
from skills.core.report import Command

if TYPE_CHECKING:
    from bot.settings import Settings

HISTORY = "chat-history"
_TURNS = 20
HELP = """\
Besides what you may ask for, a conversation in the terminal knows:
  1, 2, …      what the last report offers under this number
  /as PERSON   go on as somebody else; this terminal takes you at your word
  /details N   proposal N with its whole diff and its digest
  /help        what you may ask for, and this
  /quit        leave; what runs goes on without you"""


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Talk until the person leaves."""
    return loop.run(_chat(arguments, settings))


async def _chat(arguments: argparse.Namespace, settings: "Settings") -> int:
    left_running, fingerprint = False, world_of(settings)
    try:
        async with open_world(settings) as world:
            screen = Screen(plain=arguments.plain or reads_plainly(sys.stdout), clock=world.clock)
            actor = world.actor(arguments.person) if arguments.person else first_person(world)
            try:
                async with through.running(world), ticking(world), answering(world, fingerprint):
                    await Conversation(world, screen, actor).hold()
            finally:
                left_running = await through.unfinished(world)
    finally:
        if left_running:
            hand_over(settings)
            print("What runs goes on without this terminal; “status” and “pending” say how far it is.", file=sys.stderr)
    return 0


def first_person(world: World) -> Actor:
    """Who talks where nobody said: the first person who may. Raises `BadInput` where clusters are real, or nobody may."""
    people = [person.actor for person in world.catalog.people if person.actor.active and not person.actor.guest]
    if not people or not world.configuration.simulated:
        raise BadInput("Say who you are.", hint="For example: countersign chat --as dev")
    return people[0]


class Conversation:
    """One person at a time, and what they set going."""

    def __init__(self, world: World, screen: Screen, actor: Actor) -> None:
        self._world = world
        self._screen = screen
        self._actor = actor
        self._offers: tuple[Command, ...] = ()
        self._offered_by = ""
        self._turns: deque[Turn] = deque(maxlen=_TURNS)
        self._followers = Followers(world, screen)
        self._interactive = sys.stdin.isatty() and sys.stdout.isatty()

    async def hold(self) -> None:
        """Answer line after line. From a pipe, each change is seen to its end before the next line is read."""
        self._welcome()
        try:
            async for line in self._lines():
                if line in ("/quit", "/exit", "quit", "exit"):
                    break
                if line:
                    await self._hear(line)
                if not self._interactive:
                    await self._followers.until_idle()
        finally:
            await self._followers.stop()

    def _lines(self) -> AsyncIterator[str]:
        def prompt() -> str:
            return str(self._actor.subject)

        if not self._interactive:
            return piped(sys.stdin, prompt)
        from bot.cli.line_editor import typed  # noqa: PLC0415 - a quarter of a second that pipes do not need

        history = self._world.configuration.data / HISTORY
        return typed(prompt, lambda line: completions(self._world, line), history)

    def _welcome(self) -> None:
        title = one_line(self._world.configuration.organization.title)
        self._screen.line(f"{title}: you are {self._actor.name}. /help says what you can do, /quit leaves.", "bold")
        if self._world.configuration.simulated:
            self._screen.line(
                "A world to try things in: ask “deploy checkout v42 to production”, then “/as sre” and “approve 1”."
            )

    async def _hear(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        try:
            match word:
                case "/as":
                    self._actor = self._world.actor(rest)
                    self._screen.line(f"You are {self._actor.name} now.")
                case "/details":
                    await self._details(rest)
                case "/help":
                    await self._ask("help")
                    self._screen.line(HELP)
                case _ if len(line) < 3 and line.isdecimal() and 0 < int(line) <= len(self._offers):
                    await self._ask(self._offers[int(line) - 1].text, offered=self._offered_by)
                case _ if word.startswith("/") and len(word) > 1:
                    await self._ask(line[1:])
                case _:
                    await self._ask(line)
        except Anticipated as problem:
            self._screen.answer(answer_to(problem))

    async def _ask(self, text: str, *, offered: str = "") -> None:
        """One request; `offered` is the title of the report that offered it, where it was chosen by its number."""
        origin = Origin(edge="cli", words=text, offered=offered)
        actor = self._actor
        with logs.bound(organization=actor.organization, actor=actor.subject), loop.interruptible() as stop:
            answer = await self._world.door.request(
                actor,
                text,
                origin=origin,
                key=f"cli:{uuid.uuid4()}",
                thread=tuple(self._turns),
                audience=Waiting(self._screen, stop),
            )
        self._turns += (Turn(who=actor.subject, text=text), answer.turn)
        if isinstance(answer, Decided):
            self._screen.line(f"{answer.card.mark} {harmless(answer.card.sentence)}", TONES.get(answer.card.status, ""))
        else:
            self._screen.answer(answer, numbers=self._number(answer))
            self._screen.taken(answer, goes_on=True)
        if isinstance(answer, Proposed | Decided) and not answer.proposal.status.settled:
            self._followers.follow(answer.proposal.id)

    def _number(self, answer: Answer) -> dict[str, int]:
        """What to type for each offer of this report; those of the one before are then over."""
        if reports := reports_in(answer):
            self._offers = offers_of(reports, self._world.door, self._actor)
            self._offered_by = titles(reports)
        return {offer.text: number for number, offer in enumerate(self._offers, start=1)}

    async def _details(self, number: str) -> None:
        digits = number.strip().lstrip("#")
        card = await self._world.door.card(ProposalId(int(digits))) if digits.isdecimal() and len(digits) < 10 else None
        if card is None:
            raise BadInput(
                f"I know no proposal “{one_line(number)[:60]}”.", hint="“pending” lists those that are open."
            )
        self._screen.card(card, details=True)
