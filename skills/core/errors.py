"""Failures that were thought of: each is a sentence fit to show, with a hint what to try.

Anything else that is raised is a bug; the edges log it once and give the person a short reference.
A refusal by policy is not here: it is a `Verdict`.
"""

from collections.abc import Sequence


class Anticipated(Exception):
    """Something went wrong in a way we know how to explain."""

    def __init__(self, text: str, *, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} {self.hint}".strip()


class BadInput(Anticipated):
    """What was asked for makes no sense as it stands; nothing was changed."""


class UnknownName(BadInput):
    """A name that nothing here bears, with the nearest real ones."""

    def __init__(self, kind: str, given: str, candidates: Sequence[str] = (), *, hint: str = "") -> None:
        self.kind = kind
        self.given = given
        self.candidates = tuple(candidates)
        super().__init__(f"I know no {kind} called “{given}”.", hint=hint or did_you_mean(self.candidates))


class Ambiguous(BadInput):
    """More than one thing fits; a person has to choose."""

    def __init__(self, text: str, *, slot: str, candidates: Sequence[str]) -> None:
        self.slot = slot
        self.candidates = tuple(candidates)
        super().__init__(text, hint=f"Say which: {', '.join(candidates)}.")


class NothingToDo(Anticipated):
    """The world already is as asked."""


class NotAllowed(Anticipated):
    """Something other than policy stands in the way: an owner of the field, a lock, a state that forbids it."""


class Unavailable(Anticipated):
    """An outside system did not answer, or would not; what was attempted is named."""


class Unclear(Unavailable):
    """A change was sent and no answer came back: it may or may not have happened."""


class Conflict(Anticipated):
    """The target changed between looking and acting; nothing was done."""


class PlanChanged(Anticipated):
    """Planning again gave another plan than the one that was approved; nothing was done."""


def did_you_mean(candidates: Sequence[str]) -> str:
    """“Did you mean a, b or c?”, or nothing."""
    if not candidates:
        return ""
    *head, last = candidates
    return f"Did you mean {', '.join(head)} or {last}?" if head else f"Did you mean {last}?"
