"""What a service writes, and what that means."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.ports.logs import LogQuery, Logs
from skills.core.report import Command, Finding, Part, Report, Table, Text
from skills.core.skill import Query
from skills.core.untrusted import Shown, Untrusted
from skills.core.workload_change import place
from skills.diagnosis.logs import LogStudy, Match, Said, study

_MOST_TEMPLATES, _MOST_TAIL, _USUAL_TAIL = 15, 40, 10
_NONE = "—"


class Params(skill.Params):
    """Whose lines, and which of them."""

    service: skill.Service = Field(description="The service whose logs are wanted")
    environment: skill.Environment | None = Field(
        default=None, description="The environment that it runs in; the first protected one if not given"
    )
    since: skill.Duration | None = Field(
        default=None, description="For how long back; an hour or what is kept if not given"
    )
    grep: skill.Pattern | None = Field(default=None, description="Only lines with this text in them")
    container: skill.Container | None = Field(default=None, description="Only this container")
    pod: skill.ObjectName | None = Field(default=None, description="Only this pod")
    tail: skill.Count | None = Field(default=None, description="How many of the last lines are shown as they are")
    previous: skill.Flag = Field(default=False, description="The containers that ran before the present ones")


class ServiceLogs(Query[Params]):
    """Read the logs of a service: the first error, what is known about it, and the shapes of all lines."""

    name = "logs"
    aliases = ("tail", "grep")
    examples = ("logs checkout in production", "logs checkout --since 15m --grep timeout", "logs checkout --previous")
    phrases = (
        "logs", "log of|for|from", "log line|lines|message|messages", "tail … logs", "output of", "what … log|logged", "log|logs output", "does|do|did|has … log|logged|print|printed any|an|a", "recent|latest log", "error|errors in … log|logs",
        "log|logs … say|says|said", "stack trace|traces", "what … printing|printed|writing|wrote|written|logging",
        "logs of|from|for", "fetch|show|get|give|see|pull|tail|retrieve|display|view|check|read … logs",
        "fetch|show|get|give|see|pull|tail|retrieve|display|view|check|read|collect|dump|print|stream … logs of|from|for|in", "error|errors|message|messages … in … logs", "line|lines of|from|for", "last|latest|recent … lines|line", "what did|does|do|has|have|is|was … log|logs|print|prints|write|writes", "exception|exceptions … throw|throws|thrown|of|in",
        "which|what exception|exceptions", "wrote|writes|printed|prints to stdout|stderr", "stdout|stderr",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, logs: Logs) -> None:
        self._catalog = catalog
        self._logs = logs

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service = self._catalog.service(params.service)
        environment = self._catalog.usual(params.environment)
        query = LogQuery(
            place=place(service, environment),
            pods=(params.pod,) if params.pod else (),
            containers=(params.container,) if params.container else (),
            back=params.since,
            pattern=params.grep or "",
            previous=params.previous,
        )
        page = await self._logs.read(query)
        # Lines made to be slow take a second or two, and others wait for answers meanwhile.
        seen = await asyncio.to_thread(study, page.lines, tail=min(params.tail or _USUAL_TAIL, _MOST_TAIL))
        title = f"Logs of {service.name} in {environment.name}"
        parts = [*_findings(seen, self._catalog, environment.name), *_tables(seen)]
        parts += [Text(text=sentence) for sentence in (*page.partial, *seen.partial)]
        if seen.traces:
            offered = f"traces {service.name} in {environment.name}"
            parts.append(Command(text=offered, does="follow the requests that failed"))
        return Report(title=title, summary=_summary(seen, service.name, params), parts=tuple(parts))


def _findings(seen: LogStudy, catalog: Catalog, environment: str) -> Iterator[Part]:
    for match in seen.signatures:
        yield _finding(match, catalog, environment)
    first = seen.first_error
    if first:
        lines = (*seen.before, first, *seen.after)
        yield Finding(
            text=f"The first error was in container {first.container} of pod {first.pod}.",
            evidence=tuple(_line(each) for each in lines),
            severity="error",
            since=first.at,
        )


def _finding(match: Match, catalog: Catalog, environment: str) -> Finding:
    """A signature, with the dependency by the name that the catalog has for it."""
    signature, endpoint = match.signature, match.endpoint
    whom = Untrusted(endpoint.host.partition(".")[0]).as_catalog_name(catalog) if endpoint else None
    about = f" It is about {whom}." if whom else ""
    return Finding(
        text=f"{signature.meaning}{about}",
        evidence=(match.evidence, f"{match.count} line{'' if match.count == 1 else 's'} like it, in pod {match.pod}"),
        severity="error",
        since=match.first,
        confidence="likely",
        remedy=signature.remedy,
        offer=Command(text=f"logs {whom} in {environment}", does=f"read the logs of {whom}") if whom else None,
    )


def _tables(seen: LogStudy) -> Iterator[Part]:
    if seen.stacks:
        causes = tuple(
            (str(each.count), _time(each.first), each.language.value, each.cause) for each in seen.stacks[:10]
        )
        yield Table(title="Stack traces, by their cause", columns=("count", "first", "language", "cause"), rows=causes)
    if seen.templates:
        shown = seen.templates[:_MOST_TEMPLATES]
        rows = tuple(
            (str(each.count), _time(each.first), _time(each.last), each.level.name.lower(), each.pattern)
            for each in shown
        )
        more = f" ({len(shown)} of {len(seen.templates)})" if len(seen.templates) > len(shown) else ""
        yield Table(
            title=f"Shapes of the lines{more}",
            columns=("count", "first (UTC)", "last (UTC)", "level", "shape"),
            rows=rows,
        )
    if seen.tail:
        last = tuple((_time(each.at), each.pod, each.container, each.text) for each in seen.tail)
        yield Table(title="The last lines", columns=("time (UTC)", "pod", "container", "line"), rows=last)


def _summary(seen: LogStudy, service: str, params: Params) -> str:
    if not seen.lines:
        narrowed = any((params.since, params.grep, params.container, params.pod, params.previous))
        return f"{service} has written nothing{' that fits' if narrowed else ''}."
    counted = f"{seen.lines} line{'' if seen.lines == 1 else 's'}"
    if not seen.errors:
        warned = f", {seen.warnings} of them warnings" if seen.warnings else ""
        return f"I see no errors in {counted} of {service}{warned}."
    found = f"{seen.errors} error{'' if seen.errors == 1 else 's'} in {counted} of {service}"
    if seen.signatures:
        return f"{found}. {seen.signatures[0].signature.meaning}"
    since = f", the first at {_time(seen.first_error.at)} UTC" if seen.first_error and seen.first_error.at else ""
    return f"{found}{since}."


def _line(said: Said) -> Shown:
    return Shown(f"{_time(said.at)} {said.text}")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else _NONE
