"""The requests that reports offer: what an edge may show as something to press or to choose by number."""

from collections.abc import Iterator, Sequence

from bot.usecases.answers import Answer, Answered, Explained
from bot.usecases.door import Door
from skills.core.actor import Actor
from skills.core.report import Command, Finding, Report
from skills.core.skill import Kind
from skills.core.untrusted import Shown


def reports_in(answer: Answer) -> tuple[Report, ...]:
    """The reports of an answer, in order; none of another kind of answer."""
    match answer:
        case Answered():
            return (answer.report,)
        case Explained():
            return tuple(source.report for source in answer.sources)
        case _:
            return ()


def titles(reports: Sequence[Report]) -> str:
    """What these reports are called, on one line."""
    return "; ".join(" ".join(report.title.split()) for report in reports)


def offers_of(reports: Sequence[Report], door: Door, asker: Actor) -> tuple[Command, ...]:
    """Each once, in the order of the reports: those that are whole requests to look at something or to change it.

    A decision is none, because what is approved has to be looked at first; nor is what was read somewhere outside, whoever may have written it.
    """
    commands = (command for report in reports for command in _offered(report))
    offered = {command.text: command for command in commands if not isinstance(command.text, Shown)}
    kinds = (Kind.QUERY, Kind.CHANGE, Kind.RECORD)
    return tuple(each for each in offered.values() if door.kind_of(each.text, asker=asker.subject) in kinds)


def _offered(report: Report) -> Iterator[Command]:
    """What findings offer, and the commands that say what they do; those that say nothing of it are examples."""
    for part in report.parts:
        if isinstance(part, Finding) and part.offer:
            yield part.offer
        elif isinstance(part, Command) and part.does:
            yield part
