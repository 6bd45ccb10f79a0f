"""What the store refuses, besides what the database itself cannot do (`skills.core.errors.Unavailable`)."""

from skills.core.errors import Anticipated, Unavailable
from skills.core.names import ProposalId


class LostOwnership(Anticipated):
    """Another process has taken this run over; the one that meets this stops at once and writes nothing more."""

    def __init__(self, proposal: ProposalId, *, epoch: int) -> None:
        self.proposal = proposal
        self.epoch = epoch
        super().__init__(f"Another process has taken over the run of proposal {proposal}; this one has stopped.")


class SafeMode(Unavailable):
    """Nothing may be changed until a person has looked at the audit log; `problem` is what was noticed about it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"I am in safe mode and only answer questions, because the audit log is not the one that I remember: {problem}",
            hint="Somebody who may has to look at it and run “countersign audit acknowledge”.",
        )


class AlreadyAsked(Anticipated):
    """The same request was stored before; look it up with `proposal_by_request`."""

    def __init__(self, request_key: str) -> None:
        self.request_key = request_key
        super().__init__("This request was made before; it has its proposal already.")


class AlreadyIntended(Anticipated):
    """This effect has its intent already: read the target back before doing anything."""

    def __init__(self, proposal: ProposalId, *, ordinal: int) -> None:
        self.proposal = proposal
        self.ordinal = ordinal
        super().__init__(f"Effect {ordinal} of proposal {proposal} was begun before.")


class Unaudited(RuntimeError):
    """A transaction changed a proposal, a decision or an effect and recorded nothing: a bug, so nothing was written."""
