"""What waits for somebody."""

from collections.abc import Sequence

from skills.core import skill
from skills.core.actor import Actor
from skills.core.ports.ledger import Ledger
from skills.core.proposal import Proposal, Status
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query


class Params(skill.Params):
    """Nothing to say."""


class Pending(Query[Params]):
    """Show what waits for approval or is under way."""

    name = "pending"
    aliases = ("queue", "waiting")
    examples = ("pending",)
    phrases = (
        "waiting for", "is waiting", "waits for", "open proposal|request|changes|approval", "list|show … proposal|approval",
        "proposal|request|changes|approval … open|waiting|outstanding|pending", "approval queue|outstanding|pending",
        "pending approval|changes|request|proposal", "what|something|anything|everything … approve|approval|approved|countersign|countersigned",
        "anything|something … pending|waiting|open", "under way", "in flight", "still open", "what|which|who … not … approved",
        "needs|need … approval|approving|second|countersigning", "any request|proposal|approval", "what|who|anything|something waiting|waits",
    )  # fmt: skip

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        proposals = await self._ledger.open()
        if not proposals:
            return Report(title="Pending", summary="Nothing waits for approval and nothing is under way.")
        waiting = [proposal for proposal in proposals if proposal.status is Status.PENDING]
        others = [proposal for proposal in waiting if proposal.requester != asker.subject]
        parts: list[Part] = [_table(proposals)]
        parts += [Command(text=f"approve {proposal.id}", does=proposal.plan.summary) for proposal in others[:5]]
        summary = f"{len(waiting)} waiting for approval, {len(proposals) - len(waiting)} under way."
        return Report(title="Pending", summary=summary, parts=tuple(parts))


def _table(proposals: Sequence[Proposal]) -> Table:
    rows = tuple(
        (
            f"#{proposal.id}",
            proposal.plan.summary,
            proposal.status.value,
            proposal.requester_name,
            proposal.verdict.needed if proposal.status is Status.PENDING else "",
            f"{proposal.expires_at:%H:%M} UTC" if proposal.status is Status.PENDING else "",
        )
        for proposal in proposals
    )
    return Table(columns=("proposal", "what", "state", "asked by", "needs", "expires"), rows=rows)
