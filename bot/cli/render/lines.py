"""What a card and a report say, as labelled lines, before anybody decides on boxes and colours.

Both faces of the terminal are made from these: the one with panels and the plain one that reads well aloud.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.cli.render.safe import harmless, one_line
from bot.cli.render.times import deadline, lasted
from bot.usecases.answers import Prose
from bot.usecases.card import Card, StepLine
from skills.core.proposal import EffectState, Status
from skills.core.report import Finding, Report

_DIFF_SHOWN = 12
_STATES = {
    "": " ",
    EffectState.INTENT: "…",
    EffectState.APPLIED: "…",
    EffectState.VERIFIED: "✓",
    EffectState.FAILED: "✗",
    EffectState.UNKNOWN: "?",
}
TONES = {
    Status.PENDING: "yellow",
    Status.APPROVED: "cyan",
    Status.RUNNING: "cyan",
    Status.SUCCEEDED: "green",
    Status.FAILED: "red",
    Status.UNKNOWN: "magenta",
    Status.REJECTED: "red",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line under a label ("" continues the label above). `style` is a rich style; words never depend on it."""

    text: str
    label: str = ""
    style: str = ""


def card_lines(card: Card, *, now: datetime, details: bool = False) -> Iterator[Line]:
    """A card in reading order. With `details` the whole diff and the digest are there too."""
    yield Line(label="Requested by", text=_asked(card))
    if card.instead:
        yield Line(text=f"Not right? Cancel it, and say for example “{card.instead}”.", style="dim")
    if card.reason:
        yield Line(label="Reason", text=one_line(card.reason))
    for index, step in enumerate(card.steps):
        yield from step_lines(step, label=f"Step {index + 1}" if len(card.steps) > 1 else "Step", details=details)
    yield Line(label="Risk", text=one_line(card.risk), style=_risk_style(card.risk))
    yield Line(label="Blast radius", text=one_line(card.blast_radius))
    if card.cost:
        yield Line(label="Cost (estimate)", text=one_line(card.cost))
    yield from _if_it_fails(card)
    for index, note in enumerate(card.notes):
        yield Line(label="" if index else "Note", text=one_line(note))
    yield Line(label="Verdict", text=one_line(card.verdict))
    for reason in card.verdict_reasons:
        yield Line(text=one_line(reason), style="dim")
    yield from _standing(card, now)
    if details:
        yield Line(label="Digest", text=card.digest)
        yield Line(label="Audit", text=card.audit)


def step_lines(step: StepLine, *, label: str, details: bool = False) -> Iterator[Line]:
    """One step: before → after, its diff, how far it got, and the log of whatever failed."""
    yield Line(label=label, text=f"{one_line(step.action)} {one_line(step.target)}", style="bold")
    yield Line(text=f"{one_line(step.before)} → {one_line(step.after)}")
    shown = step.diff if details else step.diff[:_DIFF_SHOWN]
    for change in shown:
        path = one_line(change.path)
        if change.before is not None:
            yield Line(text=f"- {path}: {one_line(change.before)}", style="red")
        if change.after is not None:
            yield Line(text=f"+ {path}: {one_line(change.after)}", style="green")
    if len(step.diff) > len(shown):
        yield Line(text=f"and {len(step.diff) - len(shown)} more fields", style="dim")
    if step.state:
        yield Line(text=progress(step), style=_state_style(step.state))
    yield from log_lines(step)


def log_lines(step: StepLine) -> Iterator[Line]:
    """The last lines of the container at fault."""
    for line in step.log:
        yield Line(text=f"│ {harmless(line).strip()}", style="dim")


def progress(step: StepLine) -> str:
    """How far a step got, on one line: “✓ 3 of 3 updated, 3 ready: rolled out”."""
    counts = f"{step.updated} of {step.wanted} updated, {step.ready} ready" if step.wanted else ""
    text = one_line(step.text)
    said = text if not counts or str(step.wanted) in text else ": ".join(part for part in (counts, text) if part)
    back = "going back: " if step.compensating else ""
    return f"{_STATES.get(step.state, ' ')} {back}{said or 'beginning'}"


def heading(card: Card) -> str:
    """“#3 Deploy checkout v42 to production”."""
    return f"#{card.id} {one_line(card.title)}"


def in_the_words_of(prose: Prose) -> str:
    """The heading of a model's words, which nobody has checked."""
    return f"In the words of {one_line(prose.model)}, which nobody has checked"


def _asked(card: Card) -> str:
    if card.offered:
        return one_line(f"{card.requester}, by choosing “{card.words}”, offered by the report “{card.offered}”")
    if card.words and card.natural:
        return one_line(f"{card.requester}, asked in words: «{card.words}»")
    return one_line(f"{card.requester}, “{card.words}”" if card.words else card.requester)


def _if_it_fails(card: Card) -> Iterator[Line]:
    if not card.on_failure:
        yield Line(label="If it fails", text="it stays as it is and you are told")
        return
    for index, step in enumerate(card.on_failure):
        what = f"{one_line(step.action)}: {one_line(step.before)} → {one_line(step.after)}"
        yield Line(label="" if index else "If it fails", text=what)
        if step.state:
            yield Line(text=progress(step), style=_state_style(step.state))
        yield from log_lines(step)


def _standing(card: Card, now: datetime) -> Iterator[Line]:
    """Who may approve, who did, until when, how it ended."""
    for index, approval in enumerate(card.approved_by):
        yield Line(label="" if index else "Approved by", text=one_line(approval))
    if card.glass:
        yield Line(label="Broken glass", text=one_line(card.glass), style="red")
    if card.status is Status.PENDING:
        yield Line(label="May approve", text=one_line(card.approvers))
    if card.expires_at:
        yield Line(
            label="Expires" if card.status is Status.PENDING else "Start by", text=deadline(card.expires_at, now)
        )
    if card.outcome:
        took = f" ({lasted(card.took)})" if card.took else ""
        yield Line(label="Outcome", text=f"{one_line(card.outcome)}{took}", style=TONES.get(card.status, ""))
    yield from health_lines(card)


def health_lines(card: Card) -> Iterator[Line]:
    """How the service does after the run, or when that is looked at, and what would help."""
    if card.watched_until:
        yield Line(label=card.health_title, text=f"watching until {card.watched_until:%H:%M:%S} UTC", style="dim")
    elif card.health:
        yield Line(label=card.health_title, text=f"{card.health_mark} {one_line(card.health)}")
    for reason in card.health_reasons:
        yield Line(text=one_line(reason))
    if card.offer:
        yield Line(text=f"To {one_line(card.offer.does)}, say: {one_line(card.offer.text)}", style="yellow")


def _risk_style(risk: str) -> str:
    return {"low": "green", "medium": "yellow", "high": "red"}.get(risk.split(":", 1)[0], "")


def _state_style(state: str) -> str:
    return {EffectState.VERIFIED: "green", EffectState.FAILED: "red", EffectState.UNKNOWN: "magenta"}.get(
        EffectState(state), "cyan"
    )


def says_it_again(report: Report) -> bool:
    """Is the first part a finding that says the very same as the sentence above it?"""
    first = report.parts[0] if report.parts else None
    return isinstance(first, Finding) and first.text == report.summary
