"""The card of a proposal, as it stands in a channel."""

from collections.abc import Iterator, Sequence

from bot.slack.views.blocks import Block, actions, button, context, fields, fitted, header, section, small_words, words
from bot.slack.views.text import MORE, at, clip, code, code_lines, lasted, mention, one_line, plain, safe
from bot.usecases.card import Card, StepLine
from skills.core.plan import FieldChange
from skills.core.proposal import Choice, EffectState, Status

APPROVE, REJECT, DETAILS, CANCEL = "approve", "reject", "details", "cancel"
BREAK_GLASS = "break-glass"
TAKE_BACK = "take_back"
_STEPS_SHOWN = 6
_BAR = 10
_STATES = {
    EffectState.INTENT: "🔄",
    EffectState.APPLIED: "🔄",
    EffectState.VERIFIED: "✅",
    EffectState.FAILED: "❌",
    EffectState.UNKNOWN: "❓",
}


def card_blocks(card: Card, *, called: Sequence[str] = ()) -> list[Block]:
    """The whole message. Its buttons carry the proposal's handle and nothing else. `called` are the Slack accounts of those who may approve: naming them so tells their phones."""
    return fitted(list(_blocks(card, called)))


def card_text(card: Card) -> str:
    """What a notification or a screen reader says."""
    return plain(f"{card.mark} {card.sentence} Asked for by {card.requester}.", 500)


def final_sentence(card: Card) -> str:
    """How it ended, as mrkdwn without the mention of whoever asked."""
    took = f" It took {lasted(card.took)}." if card.took else ""
    return f"{card.mark} {safe(card.sentence, 1500)}{took}"


def progress(step: StepLine) -> str:
    """“🔄 ▰▰▱ 2 of 3 ready: waiting for the third”, as mrkdwn; empty before the run."""
    if not step.state:
        return ""
    mark = "↩️" if step.compensating else _STATES[EffectState(step.state)]
    counts = f" {bar(step.ready, step.wanted)} {step.ready} of {step.wanted} ready" if step.wanted else ""
    text = f" {safe(step.text, 400)}" if step.text else ""
    return f"{mark}{counts}{' ·' if counts and text else ''}{text}"


def bar(ready: int, wanted: int) -> str:
    """Progress in at most ten pieces."""
    pieces = min(wanted, _BAR)
    full = min(pieces, ready * pieces // wanted) if wanted else 0
    return "▰" * full + "▱" * (pieces - full)


def diff_lines(diff: tuple[FieldChange, ...]) -> str:
    """The fields that change, as lines that begin with “-” or “+”."""
    lines: list[str] = []
    for change in diff:
        if change.before is not None:
            lines.append(f"- {change.path}: {one_line(change.before)}")
        if change.after is not None:
            lines.append(f"+ {change.path}: {one_line(change.after)}")
    return "\n".join(lines)


def _blocks(card: Card, called: Sequence[str]) -> Iterator[Block]:
    yield header(f"{card.mark} #{card.id} {card.title}")
    yield small_words(_asked(card))
    if card.instead:
        yield small_words(f"Not right? Cancel it, and mention me here with, for example, “{card.instead}”.")
    for step in card.steps[:_STEPS_SHOWN]:
        yield from _step(step)
    if len(card.steps) > _STEPS_SHOWN:
        yield small_words(f"and {len(card.steps) - _STEPS_SHOWN} more steps{MORE}")
    for step in card.on_failure:
        if step.state:
            yield from _step(step, title="Going back")
    yield fields(*_facts(card, called))
    if card.verdict_reasons and card.status is Status.PENDING:
        yield small_words(" ".join(card.verdict_reasons))
    for note in card.notes[:4]:
        yield words(f"⚠️ {note}", 500)
    yield from _ending(card)
    yield from _buttons(card)
    yield context(f"digest {code(card.digest[:12])} · audit {code(card.audit)}")


def _ending(card: Card) -> Iterator[Block]:
    """How it ended, and how the service does since, or when that is looked at."""
    if card.outcome:
        took = f" (took {lasted(card.took)})" if card.took else ""
        yield words(f"{card.mark} {clip(card.outcome, 1500)}{took}")
    if card.watched_until:
        yield context(f"Watching how it does until {at(card.watched_until)}.")
    elif card.health:
        yield section(health_sentence(card))


def _buttons(card: Card) -> Iterator[Block]:
    offered = [button(f"Propose: {card.offer.text}", TAKE_BACK, card.handle)] if card.offer else []
    chosen = [_button(card, name) for name in card.buttons]
    if offered or chosen:
        yield actions([*offered, *chosen])


def health_sentence(card: Card) -> str:
    """“🔴 Verdict: degraded – errors 0.2 % → 8.1 % (5 min)” and the reasons, as mrkdwn."""
    said = [
        f"{card.health_mark} {card.health_title}: {safe(card.health, 800)}",
        *(safe(each, 400) for each in card.health_reasons[:4]),
    ]
    return "\n".join(said)


def _asked(card: Card) -> str:
    said = f"{card.requester}{_said(card)}" if card.words else card.requester
    because = f" · reason: {clip(one_line(card.reason), 300)}" if card.reason else ""
    return f"{said}{because}"


def _said(card: Card) -> str:
    """The requester's own words, as theirs. They are the one thing on a card that nobody here has checked."""
    quoted = clip(one_line(card.words), 500)
    if card.offered:
        return f" pressed: “{quoted}”, offered by the report “{clip(one_line(card.offered), 150)}”"
    return f" asked in words: «{quoted}»" if card.natural else f" asked: “{quoted}”"


def _step(step: StepLine, *, title: str = "") -> Iterator[Block]:
    head = f"*{title or safe(step.action, 60)}* {safe(step.target, 200)}"
    lines = [head, f"{code(step.before)} → {code(step.after)}", progress(step)]
    yield section("\n".join(line for line in lines if line))
    if step.diff and not step.state:
        yield section(code_lines(diff_lines(step.diff), 900))
    if step.log:
        yield section(code_lines("\n".join(step.log[-8:]), 900))


def _facts(card: Card, called: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "Risk", safe(card.risk, 300)
    yield "Blast radius", safe(card.blast_radius, 300)
    if card.cost:
        yield "Cost (estimate)", safe(card.cost, 400)
    if not card.status.settled:
        yield "If it fails", safe(_if_it_fails(card), 300)
        yield "Verdict", safe(card.verdict, 200)
    if card.approved_by:
        yield "Approved by", safe(", ".join(card.approved_by), 300)
    if card.glass:
        yield "Broken glass", safe(card.glass, 900)
    if card.status is Status.PENDING:
        yield "May approve", " or ".join(map(mention, called)) or safe(card.approvers, 300)
    if card.expires_at:
        yield ("Expires" if card.status is Status.PENDING else "Starts before"), at(card.expires_at)


def _if_it_fails(card: Card) -> str:
    if not card.on_failure:
        return "it stays as it is and you are told"
    return "; ".join(f"{step.action}: {step.before} → {step.after}" for step in card.on_failure)


def _button(card: Card, name: str) -> Block:
    match name:
        case Choice.APPROVE:
            return button("Approve", APPROVE, card.handle, style="primary")
        case Choice.REJECT:
            return button("Reject…", REJECT, card.handle, style="danger")
        case Choice.CANCEL:
            return button("Cancel", CANCEL, card.handle, confirm=_sure(card))
        case Choice.BREAK_GLASS:
            return button("Break glass…", BREAK_GLASS, card.handle)
        case _:
            return button("Details", DETAILS, card.handle)


def _sure(card: Card) -> Block:
    return {
        "title": {"type": "plain_text", "text": f"Cancel #{card.id}?"},
        "text": {"type": "plain_text", "text": plain(f"{card.title} will not happen.", 300)},
        "confirm": {"type": "plain_text", "text": "Cancel it"},
        "deny": {"type": "plain_text", "text": "Keep it"},
    }
