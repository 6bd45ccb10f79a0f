"""What a finding says, as lines, before anybody decides on colours: the cause first, what proves it last."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.cli.render.lines import Line
from bot.cli.render.safe import one_line
from bot.cli.render.times import since
from skills.core.report import Command, Finding

EVIDENCE = 6
_TONES = {"critical": "bold red", "error": "red", "warning": "yellow", "info": "cyan"}


def finding_lines(finding: Finding, *, now: datetime, numbers: Mapping[str, int]) -> Iterator[Line]:
    """The cause, and below it what stands under it. `numbers` are what to type for the offers, by their text."""
    yield Line(text=one_line(finding.text), style=_TONES.get(finding.severity, ""))
    severity = finding.severity if finding.severity != "info" else ""
    begun = since(finding.since, now) if finding.since else ""
    if facts := [one_line(fact) for fact in (severity, finding.confidence, begun) if fact]:
        yield Line(text=" · ".join(facts))
    if finding.chain:
        yield Line(text=" → ".join(map(one_line, finding.chain)))
    if finding.remedy:
        yield Line(text=f"To do: {one_line(finding.remedy)}", style="bold")
    if finding.offer:
        yield Line(text=offer(finding.offer, numbers), style="bold cyan")
    for evidence in finding.evidence[:EVIDENCE]:
        yield Line(text=f"- {one_line(evidence)}", style="dim")
    if (more := len(finding.evidence) - EVIDENCE) > 0:
        said = f"and {more} more observation{'s' if more > 1 else ''}; “ask --json” has them all"
        yield Line(text=said, style="dim")


def offer(command: Command, numbers: Mapping[str, int]) -> str:
    """“1) rollback checkout in production: go back to v42”; without a number it is what to type."""
    number = numbers.get(command.text)
    head = f"{number}) " if number else ""
    return f"{head}{one_line(command.text)}{f': {one_line(command.does)}' if command.does else ''}"
