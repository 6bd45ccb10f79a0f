"""`countersign story`: the demonstration, played in a world of its own and checked while it is told."""

import argparse
import asyncio
import dataclasses
import sys
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from bot.bootstrap import World, open_world
from bot.cli import loop, through
from bot.cli.followers import tell_end
from bot.cli.render.plain import plain_table
from bot.cli.render.safe import one_line
from bot.cli.screen import WIDEST, Screen
from bot.usecases.answers import Answer, Answered, Decided, Proposed, Refused
from bot.usecases.card import Card
from skills.core.proposal import Origin, Proposal, Status
from skills.core.report import Finding, Report, Table

if TYPE_CHECKING:
    from bot.settings import Settings

_PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.1
_WHY = "why is checkout failing in production?"


class NotAsTold(Exception):
    """Something in the story did not go as it should."""


def run(_arguments: argparse.Namespace, settings: "Settings") -> int:
    """0 if everything went as told, 1 if not."""
    width = min(Console().width, WIDEST) if sys.stdout.isatty() else WIDEST
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    return 0 if loop.run(play(console, settings)) else 1


async def play(console: Console, settings: "Settings") -> bool:
    """Play the story with the configuration of `settings`, in a data folder that is thrown away. Says whether all went as told."""
    with tempfile.TemporaryDirectory(prefix="countersign-story-") as folder:
        environ = _without_connections(settings.environ)
        async with open_world(dataclasses.replace(settings, data=Path(folder), environ=environ)) as world:
            try:
                await world.start_engine()
                await _Story(console, world).tell()
            except NotAsTold as problem:
                console.print(Text(f"\n✗ Not as told: {problem}", style="bold red"))
                return False
    console.print(Text("\n✓ Everything went as told.", style="bold green"))
    return True


def _without_connections(environ: Mapping[str, str]) -> dict[str, str]:
    """The same environment without what would lead out of the story: a shared database, Slack."""
    return {name: value for name, value in environ.items() if not name.startswith(("COUNTERSIGN_DATABASE", "SLACK_"))}


class _Story:
    """Says who asks what, shows the answer, and insists on what it has to be."""

    def __init__(self, console: Console, world: World) -> None:
        self._console = console
        self._world = world
        self._screen = Screen(plain=False, clock=world.clock, console=console)

    async def tell(self) -> None:
        """The whole story. Raises `NotAsTold` at the first thing that is not as it should be."""
        _insist(
            self._world.configuration.simulated,
            "the configuration has a real cluster; the story only plays in simulated ones",
        )
        await self._two_people()
        await self._by_itself_back()
        await self._proof()

    async def _two_people(self) -> None:
        self._chapter("One asks, another countersigns")
        proposal = await self._propose("deploy checkout v42 to production")
        self._say("The one who asked cannot approve it, and a guest can do nothing at all.")
        await self._refused("dev", f"approve {proposal.id}")
        await self._refused("guest", f"approve {proposal.id}")
        await self._refused("guest", "deploy checkout v42 to production")
        self._say("The SRE can. What runs is exactly what the card showed.")
        await self._run(proposal, Status.SUCCEEDED)
        await self._runs_version("v42")

    async def _by_itself_back(self) -> None:
        self._chapter("A release that crashes goes back by itself")
        proposal = await self._propose("deploy checkout v43 to production")
        asking = asyncio.create_task(self._why())
        try:
            card = await self._run(proposal, Status.FAILED)
        finally:
            missed = asking.cancel()
        if missed:  # on a slow machine it is over before anybody could ask; then the answer tells of what was
            await self._report("sre", _WHY)
        _insist(
            any(step.log for step in (*card.steps, *card.on_failure)), "the last log lines of the crash are not shown"
        )
        _insist(all(step.state == "verified" for step in card.on_failure), "the way back was not verified")
        await self._runs_version("v42")

    async def _why(self) -> None:
        """While it goes wrong, the SRE asks for the cause, as soon as there is one to be seen."""
        while True:
            answer = await self._request("sre", _WHY)
            if isinstance(answer, Answered) and any(isinstance(part, Finding) for part in answer.report.parts):
                break
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        self._typed("sre", _WHY)
        self._screen.answer(answer)

    async def _proof(self) -> None:
        self._chapter("Anyone can prove it later")
        history = await self._report("lead", "history checkout in production")
        told = str(history.to_json())
        _insist("v42" in told and "v43" in told, "the history does not tell of v42 and v43")
        found = await self._world.store.audit.verify()
        _insist(found.ok, f"the audit log does not verify: {found.problem}")
        self._say(f"The audit log verifies: {found.size} entries. Its root, worth keeping elsewhere:\n{found.root}\n")
        entries = await self._world.store.audit.entries(limit=found.size)
        rows = tuple((str(e.seq), f"{e.at:%H:%M:%S}", e.actor, e.verb, e.subject) for e in entries)
        self._console.print(Text(plain_table(Table(columns=("no.", "at (UTC)", "who", "what", "about"), rows=rows))))

    async def _propose(self, text: str) -> Proposal:
        answer = await self._ask("dev", text)
        _insist(isinstance(answer, Proposed), f"“{text}” was not proposed: {answer.text}")
        assert isinstance(answer, Proposed)
        _insist(answer.proposal.status is Status.PENDING, f"#{answer.proposal.id} does not wait for a second person")
        return answer.proposal

    async def _refused(self, person: str, text: str) -> None:
        answer = await self._ask(person, text)
        _insist(isinstance(answer, Refused), f"“{text}” by {person} was not refused: {answer.text}")

    async def _run(self, proposal: Proposal, wanted: Status) -> Card:
        """The SRE approves, and it comes to the end that it should."""
        answer = await self._ask("sre", f"approve {proposal.id}", show=False)
        _insist(isinstance(answer, Decided), f"the SRE's approval was not taken: {answer.text}")
        said: set[str] = set()

        def tell(card: Card) -> None:
            for line in through.progress_lines(card):
                if line not in said:
                    said.add(line)
                    self._screen.line(line, "cyan", indent=2)

        end = await through.see_through(self._world, answer, seconds=_PATIENCE_SECONDS, tell=tell)
        assert isinstance(end, Decided)
        tell_end(self._screen, end.card)
        _insist(
            end.proposal.status is wanted,
            f"#{proposal.id} should have {wanted.value}; it is {end.proposal.status.value}",
        )
        return end.card

    async def _runs_version(self, version: str) -> None:
        report = await self._report("dev", "status checkout in production")
        _insist(version in report.summary, f"checkout should run {version} in production; {report.summary}")

    async def _report(self, person: str, text: str) -> Report:
        answer = await self._ask(person, text)
        _insist(isinstance(answer, Answered), f"“{text}” was not answered: {answer.text}")
        assert isinstance(answer, Answered)
        return answer.report

    async def _ask(self, person: str, text: str, *, show: bool = True) -> Answer:
        """One request as this person, with what was typed and what came back on the screen."""
        self._typed(person, text)
        answer = await self._request(person, text)
        if show:
            self._screen.answer(answer)
        return answer

    async def _request(self, person: str, text: str) -> Answer:
        origin = Origin(edge="cli", words=text)
        key = f"story:{uuid.uuid4()}"
        return await self._world.door.request(self._world.actor(person), text, origin=origin, key=key)

    def _typed(self, person: str, text: str) -> None:
        self._console.print(Text.assemble("\n", (person, "bold cyan"), (" › ", "dim"), (one_line(text), "bold")))

    def _chapter(self, title: str) -> None:
        self._console.print()
        self._console.print(Rule(Text(title, style="bold"), align="left", characters="─"))

    def _say(self, text: str) -> None:
        self._console.print(Text(f"\n{text}", style="italic"))


def _insist(condition: bool, otherwise: str) -> None:
    if not condition:
        raise NotAsTold(otherwise)
