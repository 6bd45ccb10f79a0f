"""What opens over the channel: why reject, in which emergency, and every detail of a plan."""

from collections.abc import Iterator

from bot.slack.views.blocks import (
    METADATA,
    TITLE,
    VIEW_BLOCKS,
    Block,
    context,
    fitted,
    header,
    section,
    small_words,
    words,
)
from bot.slack.views.card import diff_lines, progress
from bot.slack.views.text import code, code_lines, plain, safe
from bot.usecases.card import Card, StepLine

REJECTED, GLASS_BROKEN = "rejected", "glass-broken"
WHY, REASON, INCIDENT = "why", "reason", "incident"
_PIECE, _ROOM = 1800, 2900
"""Characters of a diff that go into one section, and what they may become when escaped."""
_PIECES = 12


def reject_view(card: Card, metadata: str) -> Block:
    """Asks why. `metadata` comes back with the answer; it is opaque."""
    return {
        "type": "modal",
        "callback_id": REJECTED,
        "private_metadata": _metadata(metadata),
        "title": _title(f"Reject #{card.id}"),
        "submit": {"type": "plain_text", "text": "Reject"},
        "close": {"type": "plain_text", "text": "Back"},
        "blocks": [
            words(card.title, 300),
            {
                "type": "input",
                "block_id": WHY,
                "label": {"type": "plain_text", "text": "Why? The requester reads this."},
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "min_length": 2,
                    "max_length": 500,
                },
            },
        ],
    }


def break_glass_view(card: Card, metadata: str) -> Block:
    """Asks in which incident, and why. `metadata` comes back with the answer; it is opaque."""
    return {
        "type": "modal",
        "callback_id": GLASS_BROKEN,
        "private_metadata": _metadata(metadata),
        "title": _title(f"Break glass for #{card.id}"),
        "submit": {"type": "plain_text", "text": "Break glass"},
        "close": {"type": "plain_text", "text": "Back"},
        "blocks": [
            words(card.title, 300),
            small_words(
                "It runs without the approvals that are missing. Others are told now, and look at it afterwards."
            ),
            {
                "type": "input",
                "block_id": INCIDENT,
                "label": {"type": "plain_text", "text": "In which open incident? Its number."},
                "element": {"type": "plain_text_input", "action_id": INCIDENT, "max_length": 10},
            },
            {
                "type": "input",
                "block_id": WHY,
                "label": {"type": "plain_text", "text": "Why can it not wait?"},
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "min_length": 2,
                    "max_length": 500,
                },
            },
        ],
    }


def details_view(card: Card) -> Block:
    """Every step with its complete diff, what happens if it fails, the digest and how to audit it."""
    return {
        "type": "modal",
        "callback_id": "details",
        "title": _title(f"Proposal #{card.id}"),
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": fitted(list(_details(card)), most=VIEW_BLOCKS, characters=60_000),
    }


def _details(card: Card) -> Iterator[Block]:
    yield words(card.sentence, 1500)
    if card.words:
        how = f"asked in words: «{card.words}»" if card.natural else f"asked: “{card.words}”"
        if card.offered:
            how = f"pressed: “{card.words}”, offered by the report “{card.offered}”"
        yield small_words(f"{card.requester} {how}", 2000)
    if card.reason:
        yield small_words(f"Reason: {card.reason}", 1000)
    for number, step in enumerate(card.steps, start=1):
        yield from _step(step, f"Step {number}")
    for step in card.on_failure:
        yield from _step(step, "If it fails")
    yield section(f"*Risk* {safe(card.risk, 800)}\n*Blast radius* {safe(card.blast_radius, 1500)}")
    if card.cost:
        yield section(f"*Cost (estimate)* {safe(card.cost, 1000)}")
    yield section(f"*Verdict* {safe(card.verdict, 300)}\n*May approve* {safe(card.approvers, 800)}")
    for reason in card.verdict_reasons:
        yield small_words(reason, 800)
    for note in card.notes:
        yield words(f"⚠️ {note}", 1000)
    yield section(f"*Digest*\n{code(card.digest)}\n*Audit*\n{code(card.audit)}")


def _step(step: StepLine, title: str) -> Iterator[Block]:
    yield header(f"{title}: {step.action}")
    lines = [safe(step.target, 500), f"{code(step.before, 1000)} → {code(step.after, 1000)}", progress(step)]
    yield section("\n".join(line for line in lines if line))
    pieces = list(_pieces(diff_lines(step.diff)))
    yield from (section(code_lines(piece, _ROOM)) for piece in pieces[:_PIECES])
    if len(pieces) > _PIECES:
        yield context("The rest of the diff is in the audit log.")
    if step.log:
        yield section(code_lines("\n".join(step.log), _ROOM))


def _pieces(text: str) -> Iterator[str]:
    """Whole lines, as many as fit a section; a line that alone does not fit is cut."""
    gathered = ""
    for line in text.split("\n") if text else ():
        if gathered and len(gathered) + len(line) > _PIECE:
            yield gathered
            gathered = ""
        gathered = f"{gathered}\n{line}" if gathered else line
    if gathered:
        yield gathered


def _title(text: str) -> Block:
    return {"type": "plain_text", "text": plain(text, TITLE)}


def _metadata(text: str) -> str:
    if len(text) > METADATA:
        raise ValueError("private_metadata is for an opaque id")
    return text
