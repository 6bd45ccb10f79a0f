"""Which proposal somebody means to take back when they correct themselves."""

from collections.abc import Iterable, Sequence

from bot.nl.turns import BOT, Turn
from skills.core.proposal import Proposal, Status


def corrected(waiting: Iterable[Proposal], better: Proposal, thread: Sequence[Turn]) -> Proposal | None:
    """The one that `better` is asked for instead of, or None: of the same person, from the same place, still pending, and what the thread was about."""
    about = next((turn for turn in reversed(thread) if turn.who == BOT and turn.skill), None)
    if about is None:
        return None
    meant = [each for each in waiting if each.id != better.id and _alike(each, better) and _is(each, about)]
    return max(meant, key=lambda each: each.id, default=None)


def _alike(earlier: Proposal, better: Proposal) -> bool:
    before, now = earlier.origin, better.origin
    here = before.edge == now.edge and before.place.get("channel") == now.place.get("channel")
    return here and earlier.status is Status.PENDING and earlier.requester == better.requester


def _is(proposal: Proposal, about: Turn) -> bool:
    named = (
        (about.params.get("service"), proposal.plan.services),
        (about.params.get("environment"), proposal.plan.environments),
    )
    return proposal.plan.skill == about.skill and all(name in targets for name, targets in named if name)
