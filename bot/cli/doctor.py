"""`countersign doctor`: looks at everything that has to work, and says of each thing that does not how to mend it."""

import argparse
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.audit.keyring import NotSigned
from bot.bootstrap import Check, World, open_world
from bot.cli import loop
from bot.cli.doctor_glass import break_glass
from bot.cli.render.safe import harmless
from bot.configuration import Configuration, ConfigurationError, load
from bot.engine.lock import EngineLock
from bot.rule_engine import problems
from bot.store import SafeMode, schema
from bot.usecases.answers import Exit
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated
from skills.core.registry import discover

if TYPE_CHECKING:
    from bot.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One line of the examination. `exit` is what the command returns if this is the worst that is wrong."""

    check: Check
    exit: Exit = Exit.UNAVAILABLE


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """0 if all is well, 2 if the configuration has to be mended, 4 if only a connection has."""
    return loop.run(_doctor(arguments, settings))


async def _doctor(arguments: argparse.Namespace, settings: "Settings") -> int:
    found: list[Examined] = []
    async for examined in examine(settings):
        found.append(examined)
        if not arguments.json:
            _say(examined.check)
    wrong = [examined for examined in found if not examined.check.ok]
    if arguments.json:
        checks = [{"what": each.check.what, "ok": each.check.ok, "text": each.check.text} for each in found]
        print(json.dumps({"ok": not wrong, "checks": checks}))
    else:
        things = "thing is" if len(wrong) == 1 else "things are"
        print(f"\n{len(wrong)} {things} not well." if wrong else "\nAll is well.")
    return exit_of(found)


def exit_of(found: Iterable[Examined]) -> Exit:
    """The configuration first: there is no use in looking at a connection that is wrongly described."""
    return min((examined.exit for examined in found if not examined.check.ok), default=Exit.DONE)


async def examine(settings: "Settings") -> AsyncIterator[Examined]:
    """Every check, in the order in which they depend on each other. Raises nothing that was thought of."""
    yield Examined(check=data_folder(settings.data), exit=Exit.CLARIFY)
    try:
        configuration = load(settings.config, _environ(settings), skills=[each.name for each in discover()])
    except ConfigurationError as mistakes:
        for problem in mistakes.problems:
            yield Examined(check=Check(what="configuration", ok=False, text=str(problem)), exit=Exit.CLARIFY)
        return
    yield Examined(check=_configuration(configuration), exit=Exit.CLARIFY)
    async for examined in _slack(configuration):
        yield examined
    try:
        async with open_world(settings) as world:
            async for check in _world(world):
                yield Examined(check=check)
    except Anticipated as problem:
        yield Examined(check=Check(what="database", ok=False, text=str(problem)))


async def _world(world: World) -> AsyncIterator[Check]:
    for check in await world.check():
        yield check
    yield await _policies(world)
    yield await break_glass(world)
    yield await world.check_model()
    if world.catalog.membership:
        yield _memberships(world.catalog)
    yield _size(world)
    yield await _audit(world)
    yield await _signing(world)
    async for check in _anchors(world):
        yield check
    yield _engine(world)


async def _policies(world: World) -> Check:
    """Do the policies decide? Where they do not, everything is refused, so this has to be mended first."""
    found = await problems(world.evaluator)
    if found:
        return Check(
            what="policies", ok=False, text="\n".join(["They decide nothing, so everything is refused.", *found])
        )
    return Check(what="policies", ok=True, text=world.evaluator.fingerprint[:60])


def _say(check: Check) -> None:
    mark = "✓" if check.ok else "✗"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        mark = f"\x1b[{32 if check.ok else 31}m{mark}\x1b[0m"
    first, *more = harmless(check.text).splitlines() or [""]
    print("\n".join([f"{mark} {check.what}: {first}", *(f"    {line.strip()}" for line in more)]), flush=True)


def _environ(settings: "Settings") -> dict[str, str]:
    return {**settings.environ, "COUNTERSIGN_DATA": str(settings.data)}


def data_folder(folder: Path) -> Check:
    """Is the folder there, or can it be made, and may we write in it?"""
    what = "data folder"
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        return Check(
            what=what, ok=False, text=f"{existing} is a file. Move it, or choose a folder with COUNTERSIGN_DATA."
        )
    if not os.access(existing, os.W_OK | os.X_OK):
        hint = f"Make it writable for user {os.getuid()}, or choose another with COUNTERSIGN_DATA."
        return Check(what=what, ok=False, text=f"{existing} cannot be written to. {hint}")
    return Check(what=what, ok=True, text=str(folder) if existing == folder.absolute() else f"{folder} will be created")


def _configuration(configuration: Configuration) -> Check:
    catalog = configuration.catalog
    counted = (
        f"{len(catalog.services)} services, {len(catalog.environments)} environments, {len(catalog.people)} people"
    )
    return Check(
        what="configuration", ok=True, text=f"{configuration.folder}: {configuration.organization.title}, {counted}"
    )


async def _slack(configuration: Configuration) -> AsyncIterator[Examined]:
    """Are there tokens, and does Slack know them?"""
    slack = configuration.slack
    if not (slack.bot_token or slack.app_token or slack.signing_secret):
        text = f"not configured, which is fine without Slack; otherwise set {' and '.join(slack.missing)}"
        yield Examined(check=Check(what="slack", ok=True, text=text))
        return
    if slack.missing:
        text = f"{' and '.join(slack.missing)} must be set for {slack.mode} mode (Slack's app settings show them)."
        yield Examined(check=Check(what="slack", ok=False, text=text), exit=Exit.CLARIFY)
    if slack.bot_token:
        from bot.cli.slack_token import try_token  # noqa: PLC0415 - loads Slack's client

        yield Examined(check=await try_token(slack.bot_token, api_url=slack.api_url, team=slack.team))


def _memberships(catalog: Catalog) -> Check:
    """Whose roles and teams do not count, because nobody confirmed them lately?"""
    what = "memberships"
    old = [str(person.actor.subject) for person in catalog.people if not catalog.counts(person)]
    if not old:
        return Check(what=what, ok=True, text="all confirmed")
    text = f"not confirmed lately, so without roles and teams: {', '.join(old)}. Look at them, and set “confirmed” in people.yaml."
    return Check(what=what, ok=False, text=text)


def _size(world: World) -> Check:
    what = "database size"
    path = Path(world.database.url.database or "")
    if world.database.url_kind != "sqlite" or not path.exists():
        return Check(what=what, ok=True, text="kept by the database server")
    return Check(what=what, ok=True, text=f"{path.stat().st_size / 1024:,.0f} kB at revision {schema.HEAD}")


async def _audit(world: World) -> Check:
    what = "audit log"
    try:
        found = await world.store.audit.verify(expect=await world.keeper.signed_heads())
    except Anticipated as problem:
        return Check(what=what, ok=False, text=str(problem))
    if found.ok:
        return Check(what=what, ok=True, text=f"intact, {found.size} entries")
    text = f"NOT as it was written: {found.problem} Keep a copy of the database, and run “countersign audit verify”."
    return Check(what=what, ok=False, text=text)


async def _signing(world: World) -> Check:
    """Is it safe mode, and who signs?"""
    what = "audit checkpoints"
    try:
        alarms = await world.store.alarms.open()
        if alarms:
            return Check(what=what, ok=False, text=str(SafeMode(alarms[0].problem)))
        signer = world.keeper.keyring.signer()
        last = await world.store.checkpoints.latest()
    except NotSigned as unsigned:
        return Check(what=what, ok=True, text=str(unsigned))
    except Anticipated as problem:
        return Check(what=what, ok=False, text=str(problem))
    if world.keeper.trouble:
        return Check(what=what, ok=False, text=world.keeper.trouble)
    signed = f"{last.size} entries are signed" if last else "nothing is signed yet"
    return Check(what=what, ok=True, text=f"{signed}; the key is {signer.key.name}+{signer.key.id.hex()}")


async def _anchors(world: World) -> AsyncIterator[Check]:
    """Does each take the latest signed head?"""
    try:
        await world.anchoring.publish()
    except Anticipated as problem:
        yield Check(what="audit anchors", ok=False, text=str(problem))
        return
    for anchor in world.anchoring.anchors:
        trouble = world.anchoring.trouble.get(anchor.name, "")
        yield Check(what=f"audit {anchor.name}", ok=not trouble, text=trouble or "holds the latest signed head")


def _engine(world: World) -> Check:
    """Who runs what is approved."""
    what = "engine"
    if world.database.url_kind != "sqlite":
        return Check(what=what, ok=True, text="any number of processes share it")
    lock = EngineLock(world.settings.data)
    if lock.acquire():
        lock.release()
        return Check(what=what, ok=True, text="free; the next process that needs it takes it")
    return Check(what=what, ok=True, text=f"running in process {lock.holder() or 'unknown'}")
