"""What was concluded, as somebody reads it on a phone at night: the cause, since when, what to do, and then what proves it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.views.blocks import Block, actions, button, context, section
from bot.slack.views.text import clip, code, safe, since
from skills.core.report import Command, Finding

OFFER = "offer"
_SEVERITIES = {"critical": "🔴", "error": "🔴", "warning": "🟠", "info": "🔵"}


@dataclass(frozen=True, kw_only=True)
class Detail:
    """How much is told: characters of each text, lines of evidence, rows of a table, and how many findings at all.

    A `brief` finding has its button beside it instead of below.
    """

    cause: int = 800
    chain: int = 600
    remedy: int = 600
    evidence: int = 5
    line: int = 300
    rows: int = 40
    findings: int = 40
    brief: bool = False


DETAILS = (
    Detail(),
    Detail(cause=400, chain=300, remedy=300, evidence=3, line=200),
    Detail(cause=300, chain=200, remedy=200, evidence=2, line=120, rows=20),
    Detail(cause=240, chain=150, remedy=150, evidence=1, line=100, rows=15, brief=True),
    Detail(cause=200, chain=0, remedy=120, evidence=0, rows=12, brief=True),
    Detail(cause=160, chain=0, remedy=0, evidence=0, rows=10, findings=30, brief=True),
    Detail(cause=140, chain=0, remedy=0, evidence=0, rows=8, findings=20, brief=True),
    Detail(cause=120, chain=0, remedy=0, evidence=0, rows=5, findings=10, brief=True),
)
"""From everything to what must be said; the first that fits a message is used for all of it, so that findings are shortened evenly."""


class Buttons:
    """The buttons of one message: by the text of an offer, the opaque value that its button carries. An offer that has none is words."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._made = 0

    def of(self, offer: Command | None) -> Block | None:
        if offer is None or offer.text not in self._values:
            return None
        self._made += 1
        return button(offer.text, f"{OFFER}_{self._made}", self._values[offer.text])


def finding_blocks(finding: Finding, detail: Detail, buttons: Buttons) -> Iterator[Block]:
    """The finding in three blocks at most; in one or two where it is brief."""
    pressed = buttons.of(finding.offer)
    told = section("\n".join(line for line in _lines(finding, detail, has_button=bool(pressed)) if line))
    yield _with(told, pressed) if detail.brief else told
    if pressed and not detail.brief:
        yield actions([pressed])
    shown = [f"• {safe(evidence, detail.line)}" for evidence in finding.evidence[: detail.evidence]]
    if more := len(finding.evidence) - len(shown):
        shown.append(f"and {more} more observation{'s' if more > 1 else ''}")
    if shown and detail.evidence:
        yield context("\n".join(shown))


def command_block(command: Command, buttons: Buttons) -> Block:
    """What could be asked next: beside what it does, a button that asks it, or else the words to type."""
    pressed = buttons.of(command)
    if pressed:
        return _with(section(safe(command.does, 300)), pressed)
    return section(f"{code(command.text)} {safe(command.does, 300)}")


def _lines(finding: Finding, detail: Detail, *, has_button: bool) -> Iterator[str]:
    yield f"{_SEVERITIES.get(finding.severity, '🔵')} *{safe(finding.text, detail.cause) or '…'}*"
    severity = finding.severity if finding.severity != "info" else ""
    begun = f"since {since(finding.since)}" if finding.since else ""
    yield " · ".join(fact for fact in (safe(severity, 20), safe(finding.confidence, 30), begun) if fact)
    if detail.chain and finding.chain:
        yield clip(" → ".join(safe(link, 100) for link in finding.chain), detail.chain)
    if detail.remedy and finding.remedy:
        yield f"*To do:* {safe(finding.remedy, detail.remedy)}"
    if finding.offer and not has_button:
        yield f"{code(finding.offer.text)} {safe(finding.offer.does, 200)}"


def _with(block: Block, accessory: Block | None) -> Block:
    extra: dict[str, Any] = {"accessory": accessory} if accessory else {}
    return {**block, **extra}
