"""What became of a proposal, as entries of the incident that it happened in."""

from collections.abc import Iterator

from skills.core.incident import Entry, Verb
from skills.core.proposal import Proposal

OF_PROPOSALS = (Verb.PROPOSAL, Verb.DECISION, Verb.RUN, Verb.HEALTH)
"""The verbs of what follows."""


def of_proposals(proposal: Proposal) -> Iterator[Entry]:
    """Asked for, decided, ended, looked at again; `mark` in the facts tells one from another for ever."""
    source, name = f"proposal/{proposal.id}", f"#{proposal.id}"
    asked = f"{proposal.requester_name} asked for {name}: {proposal.plan.summary}"
    yield Entry(
        at=proposal.created_at, verb=Verb.PROPOSAL, text=asked, by=proposal.requester, by_name=proposal.requester_name, source=source,
        facts={"mark": f"{source}:asked"},
    )  # fmt: skip
    for each in proposal.decisions:
        why = f": {each.reason}" if each.reason else ""
        yield Entry(
            at=each.at, verb=Verb.DECISION, text=f"{each.name} said {each.choice} to {name}{why}", by=each.subject, by_name=each.name, source=source,
            facts={"mark": f"{source}:{each.choice}:{each.subject}"},
        )  # fmt: skip
    if proposal.started_at:
        yield Entry(
            at=proposal.started_at, verb=Verb.RUN, text=f"{name} began: {proposal.plan.summary}", source=source, facts={"mark": f"{source}:began"},
        )  # fmt: skip
    if proposal.settled_at:
        text = f"{name} {proposal.status}" + (f": {proposal.outcome}" if proposal.outcome else "")
        yield Entry(
            at=proposal.settled_at, verb=Verb.RUN, text=text, source=source, facts={"mark": f"{source}:{proposal.status}"},
        )  # fmt: skip
    if proposal.checkup and proposal.checkup.health:
        health = proposal.checkup.health
        text = f"After {name}: {health.condition}" + (f", {health.text}" if health.text else "")
        yield Entry(
            at=proposal.checkup.due_at, verb=Verb.HEALTH, text=text, source=source, facts={"mark": f"{source}:health"},
        )  # fmt: skip
