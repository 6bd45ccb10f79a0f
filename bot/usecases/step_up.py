"""Proving once more that it is you: a code that is good for one person, one plan and a few minutes, and is used up by its first use.

It is given out where the bot is run, on its command line, and typed where the plan is approved. So whoever approves holds the account in
chat and has a way in there: a stolen chat session alone approves nothing. Of a code only a salted, slow hash is kept.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.store import Store
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.errors import NotAllowed
from skills.core.proposal import Proposal, Status

LIFETIME = timedelta(minutes=5)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else when it is read aloud or off a screen."""
_TRIES = 5


class StepUp:
    """Gives out codes and takes them. `choose` picks one of the characters it is given."""

    def __init__(
        self, *, store: Store, clock: Callable[[], datetime], choose: Callable[[str], str] = secrets.choice
    ) -> None:
        self._store = store
        self._clock = clock
        self._choose = choose

    async def give(self, actor: Actor, proposal: Proposal) -> str:
        """A code for this person and this plan, in place of an earlier one. Raises `NotAllowed` where there is nothing to approve."""
        if proposal.status is not Status.PENDING:
            raise NotAllowed(f"#{proposal.id} is {proposal.status.value}; there is nothing to approve.")
        if not any(requirement.step_up for requirement in proposal.verdict.requirements):
            raise NotAllowed(f"#{proposal.id} needs no code.", hint=f"Say: approve {proposal.id}")
        first, second = ("".join(self._choose(_ALPHABET) for _ in range(4)) for _ in range(2))
        code = f"su-{first}-{second}"
        async with self._store.begin() as tx:
            facts: dict[str, Json] = {"digest": proposal.digest, "minutes": int(LIFETIME.total_seconds()) // 60}
            tx.record("proposal:code-given", f"proposal/{proposal.id}", facts, actor=actor.subject)
        until = self._clock() + LIFETIME
        salt = secrets.token_hex(16)
        hashed = await asyncio.to_thread(_hash, code, actor, proposal, salt)
        kept: Json = {"hash": hashed, "salt": salt, "tries": 0, "until": until.isoformat()}
        await self._store.remember(_key(actor, proposal), kept, until)
        return code

    async def take(self, actor: Actor, proposal: Proposal, code: str) -> None:
        """Use the code up. Raises `NotAllowed` for any other than the one that was given to this person for this plan; five of those end it.

        Whoever tries takes the code away first, so that of many tries at once one is looked at and the others find none.
        """
        key = _key(actor, proposal)
        kept = await self._store.take(key)
        if not isinstance(kept, Mapping):
            raise _no(proposal, "There is no code for you that is still good")
        hashed = await asyncio.to_thread(_hash, code.strip().lower(), actor, proposal, str(kept.get("salt", "")))
        if not hmac.compare_digest(str(kept["hash"]), hashed):
            await self._wrong(key, kept)
            raise _no(proposal, "That is not the code that was given to you for this plan")

    async def _wrong(self, key: str, kept: Mapping[str, Json]) -> None:
        """Put the code back, if it has tries left, for no longer than it was good for."""
        tries = int(str(kept["tries"])) + 1
        if tries < _TRIES:
            until = datetime.fromisoformat(str(kept["until"]))
            await self._store.remember(key, {**kept, "tries": tries}, until)


def how(proposal: Proposal) -> str:
    """What somebody has to do who wants to approve it."""
    return f"Where Countersign runs, type: countersign step-up {proposal.id} --as YOU. Then say here: approve {proposal.id} --code su-…"


def _key(actor: Actor, proposal: Proposal) -> str:
    return f"step-up:{proposal.id}:{actor.subject}"


def _hash(code: str, actor: Actor, proposal: Proposal, salt: str) -> str:
    """Slow on purpose: there are 40 bits in a code, and whoever reads the database has five minutes to find them."""
    said = f"{code}\0{actor.subject}\0{proposal.id}\0{proposal.digest}".encode()
    return hashlib.scrypt(said, salt=salt.encode(), n=2**14, r=8, p=1).hex()


def _no(proposal: Proposal, why: str) -> NotAllowed:
    return NotAllowed(f"{why}; #{proposal.id} is not approved.", hint=how(proposal))
