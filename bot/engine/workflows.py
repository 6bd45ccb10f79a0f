"""The one workflow there is, as DBOS knows it. Importing this registers it; nothing starts.

Names, argument types and the meaning of a step are part of what is stored in running workflows: change them only together with
`VERSION`, and drain before.
"""

import secrets
from typing import Protocol

import structlog
from dbos import DBOS

from skills.core.errors import Unavailable
from skills.core.names import ProposalId

VERSION = "1"
"""DBOS resumes only workflows of its own version; constant, so that an ordinary upgrade picks up where the last release stopped."""

log = structlog.get_logger()


class Advances(Protocol):
    """What the workflow needs of the runner."""

    async def advance(self, proposal_id: ProposalId) -> bool: ...

    async def give_up(self, proposal_id: ProposalId, reference: str) -> None: ...

    async def pause(self) -> None: ...


_runners: dict[str, Advances] = {}
"""By organization. DBOS calls plain functions, so what they work with has to be found somewhere."""

_ending: set[str] = set()
"""The organizations whose engine is being stopped."""


def serve(organization: str, runner: Advances) -> None:
    """From now on this runner runs the proposals of this organization in this process."""
    _runners[organization] = runner
    _ending.discard(organization)


def end(organization: str) -> None:
    """From now on what goes wrong may be because this process ends, its threads before its runs: no run is given up for that."""
    _ending.add(organization)


def forget(organization: str) -> None:
    """The opposite of `serve`."""
    _runners.pop(organization, None)


@DBOS.workflow(name="run_proposal")
async def run_proposal(organization: str, proposal_id: int) -> None:
    """Advance until there is nothing more to do."""
    while await advance(organization, proposal_id):
        pass


@DBOS.step(name="advance")
async def advance(organization: str, proposal_id: int) -> bool:
    """One thing more; repeatable, because the runner reads first where things stand."""
    return await advanced(organization, proposal_id)


async def advanced(organization: str, proposal_id: int) -> bool:
    """The same without DBOS. Raises only where this process ends: whoever comes next goes on with the run."""
    runner = _runners[organization]
    try:
        return await runner.advance(ProposalId(proposal_id))
    except Unavailable as down:
        log.warning("the store is out of reach; trying again", proposal=proposal_id, problem=str(down))
        await runner.pause()
        return True
    except Exception:
        if organization in _ending:
            raise
        reference = secrets.token_hex(4)
        log.exception("bug in a run", proposal=proposal_id, reference=reference)
        await runner.give_up(ProposalId(proposal_id), reference)
        return False
