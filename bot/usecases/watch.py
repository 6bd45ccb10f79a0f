"""Seeing a proposal through, whichever process runs it: by reading the store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from bot.store import Store
from skills.core.names import ProposalId
from skills.core.proposal import Proposal, Status

POLL = 0.1
"""Seconds between two looks."""

PATIENT_POLL = 1.0
"""The same, where it takes minutes."""


async def watch(
    store: Store, proposal_id: ProposalId, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[Proposal]:
    """The proposal now and whenever it has changed, progress included; ends with its settled state."""
    seen = 0
    while True:
        proposal = await store.proposal(proposal_id)
        if proposal is None:
            return
        if proposal.version != seen:
            seen = proposal.version
            yield proposal
        if proposal.status.settled:
            return
        await sleep(POLL)


async def checked(
    store: Store, proposal_id: ProposalId, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Proposal | None:
    """The settled proposal once its service was looked at; None where that is not going to be."""
    while True:
        proposal = await store.proposal(proposal_id)
        if proposal is None or proposal.checkup is None:
            return None
        if proposal.checkup.health:
            return proposal
        await sleep(PATIENT_POLL)


def waits_for_somebody_else(proposal: Proposal) -> bool:
    """Is there nothing to do but wait for a person?"""
    return proposal.status is Status.PENDING
