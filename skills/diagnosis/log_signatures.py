"""What is known about lines that programs write when something is wrong: how to recognise them, what they mean, what to do.

A signature is a row of `SIGNATURES`, in the order in which they are tried. What is taken out of a line are facts whose syntax is checked
(`FACTS`): a host name, a port, a variable's name; never a piece of free text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from skills.core.untrusted import Shown
from skills.diagnosis.log_records import Level, Record
from skills.diagnosis.log_signature_table import SIGNATURES, Signature

FACTS: Mapping[str, re.Pattern[str]] = {
    "host": re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.?"),
    "port": re.compile(r"[0-9]{1,5}"),
    "variable": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}"),
    "name": re.compile(r"[A-Za-z0-9_@](?:[\w.@/-]{0,120}[\w])?"),
    "path": re.compile(r"/?[\w.@+-]+(?:/[\w.@+-]+){0,30}/?"),
    "account": re.compile(r"[a-z0-9][a-z0-9.-]{0,252}:[a-z0-9][a-z0-9.-]{0,252}"),
    "verb": re.compile(r"[a-z]{2,20}"),
    "resource": re.compile(r"[a-z]{2,63}(?:/[a-z]{2,63})?"),
    "namespace": re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"),
}  # fmt: skip
"""The syntax of each kind of fact. A group of a signature's pattern is called after the kind of what it holds."""


Recognised: TypeAlias = tuple[Signature, Mapping[str, Shown]]
"""A signature, and the facts of a line that bears it, by kind."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Whom a program spoke to. `host` is a DNS name or an address by its syntax, and for display and comparison only."""

    host: Shown
    port: int | None = None

    @property
    def shown(self) -> Shown:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return Shown(host if self.port is None else f"{host}:{self.port}")


@dataclass(frozen=True, kw_only=True)
class Match:
    """A signature that was found, once for each endpoint. `facts` are what else the first line says, by kind; `evidence` is that line."""

    signature: Signature
    count: int
    first: datetime | None
    last: datetime | None
    pod: str
    container: str
    evidence: Shown
    endpoint: Endpoint | None = None
    facts: Mapping[str, Shown] = field(default_factory=dict)


def matches(records: Iterable[tuple[Record, Recognised | None]]) -> tuple[Match, ...]:
    """What was recognised, once for each endpoint, in the order in which it first appeared. A line that names none, beside one that does, is
    taken to speak of the same.
    """
    groups: dict[tuple[str, Shown | None], list[_Held]] = {}
    for record, found in records:
        if found:
            signature, facts = found
            endpoint = _endpoint(facts)
            others = {kind: value for kind, value in facts.items() if not endpoint or kind not in ("host", "port")}
            held = _Held(record=record, signature=signature, endpoint=endpoint, facts=others)
            groups.setdefault((signature.code, endpoint.shown if endpoint else None), []).append(held)
    named = {code for code, endpoint in groups if endpoint}
    return tuple(_match(held) for (code, endpoint), held in groups.items() if endpoint or code not in named)


@dataclass(frozen=True, kw_only=True)
class _Held:
    """One line that bears a signature."""

    record: Record
    signature: Signature
    endpoint: Endpoint | None
    facts: Mapping[str, Shown]


def recognised(record: Record) -> Recognised | None:
    """The first signature that a line bears, with the facts in it. A line that calls itself harmless bears none."""
    if record.level in (Level.DEBUG, Level.INFO):
        return None
    said: str = record.said
    lowered = said.lower()
    for signature in SIGNATURES:
        if not any(hint in lowered for hint in signature.hints):
            continue
        match = signature.pattern.search(said)
        if match:
            return signature, _facts(match)
    return None


def _facts(match: re.Match[str]) -> dict[str, Shown]:
    """The groups whose text has the syntax of its kind."""
    found: dict[str, Shown] = {}
    for group, value in match.groupdict().items():
        kind = group.rstrip("0123456789")
        if value and kind not in found and (FACTS[kind].fullmatch(value) or (kind == "host" and _is_address(value))):
            found[kind] = Shown(value)
    return found


def _endpoint(facts: Mapping[str, Shown]) -> Endpoint | None:
    host, port = facts.get("host"), facts.get("port")
    number = int(port) if port and 0 < int(port) < 65536 else None
    return Endpoint(host=host, port=number) if host else None


def _is_address(value: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F:]{2,39}", value) is not None and value.count(":") >= 2


def _match(group: Sequence[_Held]) -> Match:
    first = group[0]
    times = [held.record.at for held in group if held.record.at]
    return Match(
        signature=first.signature,
        count=len(group),
        first=min(times, default=None),
        last=max(times, default=None),
        pod=first.record.pod,
        container=first.record.container,
        evidence=first.record.said,
        endpoint=first.endpoint,
        facts=first.facts,
    )
