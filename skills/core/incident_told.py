"""An incident in words: the card that stays current, its time line, a draft for those who wait, and the post-mortem."""

from collections.abc import Sequence
from datetime import datetime

from skills.core.incident import Entry, Incident, Phase, Role, Verb
from skills.core.incident_figures import acknowledged_in, length, restored_in
from skills.core.incident_record import offers
from skills.core.report import Finding, Part, Report, Table, Text


def card(incident: Incident, *, now: datetime) -> Report:
    """Where it stands: what everybody who comes in wants to know first."""
    lasted = length((incident.resolved_at or now) - incident.declared_at)
    state = f"over after {lasted}" if incident.resolved_at else f"{incident.phase} for {lasted}"
    facts = [("severity", f"{incident.severity}: {incident.severity.meaning}"), ("stands", state)]
    facts += [("service", incident.service)] if incident.service else []
    facts += [("declared", f"{incident.declared_at:%Y-%m-%d %H:%M} UTC by {incident.declared_by_name}")]
    facts += [("began", f"{incident.began_at:%Y-%m-%d %H:%M} UTC")] if incident.began_at else []
    facts += [("on it", incident.acknowledged_by_name or "nobody yet")] if incident.open else []
    facts += [(role.value, name) for role, (_, name) in sorted(incident.roles.items())]
    facts += [("room", f"#{incident.room.name}")] if incident.room else []
    facts += [("cause", incident.cause)] if incident.cause else []
    facts += [("last update", incident.updates[-1][1])] if incident.updates else []
    facts += [("linked", ", ".join(incident.links))] if incident.links else []
    facts += [("review", f"{incident.review_on:%Y-%m-%d %H:%M} UTC")] if incident.review_on else []
    parts: list[Part] = [Table(columns=("", ""), rows=tuple(facts)), *_work(incident), *offers(incident)]
    secret = " (confidential)" if incident.confidential else ""
    return Report(title=f"Incident #{incident.id}{secret}", summary=f"{incident.title}: {state}.", parts=tuple(parts))


def timeline(incident: Incident, entries: Sequence[Entry]) -> Report:
    """What happened, each with its number, where it is known from, and a link where there is one."""
    rows = tuple(
        (str(each.seq), f"{each.at:%m-%d %H:%M:%S}", each.text, each.link or each.source or "—") for each in entries
    )
    table = Table(columns=("", "UTC", "what", "from"), rows=rows)
    count = f"{len(rows)} entr{'y' if len(rows) == 1 else 'ies'}"
    return Report(title=f"Time line of incident #{incident.id}", summary=f"{incident.title}: {count}.", parts=(table,))


def draft(incident: Incident, entries: Sequence[Entry], *, now: datetime) -> str:
    """A status update from facts alone, for a person to send or to change."""
    where = f" of {incident.service}" if incident.service else ""
    stands = {
        Phase.INVESTIGATING: "We are looking for the cause.",
        Phase.IDENTIFIED: "The cause is known, and we are mending it.",
        Phase.MONITORING: "It is mended, and we are watching it.",
        Phase.RESOLVED: "It is over.",
        Phase.MERGED: "It is being dealt with in another incident.",
    }[incident.phase]
    cause = next((each.what for each in incident.hypotheses if each.holds), "") or incident.cause
    done = [each.text for each in entries if each.verb in (Verb.RUN, Verb.HEALTH)][-2:]
    sentences = [f"{incident.title} ({incident.severity}{where}), since {incident.declared_at:%H:%M} UTC.", stands]
    sentences += [f"Cause: {cause}."] if cause else []
    sentences += [f"Done: {'; '.join(text.rstrip('.') for text in done)}."] if done else []
    every = incident.severity.update_every
    if incident.open and every:
        sentences.append(f"The next update comes by {now + every:%H:%M} UTC.")
    return " ".join(sentences)


def postmortem(incident: Incident, entries: Sequence[Entry]) -> str:
    """The document, as Markdown: what is known stands there, and what only people know is asked for in italics."""
    began = incident.began_at or incident.declared_at
    times = [
        ("Began", f"{began:%Y-%m-%d %H:%M} UTC"),
        (
            "Detected",
            f"{incident.declared_at:%Y-%m-%d %H:%M} UTC, {length(incident.declared_at - began)} after it began",
        ),
        ("Acknowledged after", length(acknowledged_in(incident))),
        ("Mitigated after", length(restored_in(incident))),
        ("Resolved after", length(incident.resolved_at - began if incident.resolved_at else None)),
    ]
    changes = [each for each in entries if each.verb in (Verb.PROPOSAL, Verb.RUN)]
    lines = [
        f"# Incident #{incident.id}: {markdown(incident.title)}", "",
        f"Severity {incident.severity}; service {incident.service or '—'}; commander {incident.roles.get(Role.COMMANDER, ('', '—'))[1]}.", "",
        "## Impact", "", f"{incident.severity.meaning.capitalize()}, for {length((incident.mitigated_at or incident.resolved_at or began) - began)}. *Who noticed, and what did it cost them?*", "",
        "## Times", "", *(f"- {name}: {value}" for name, value in times), "",
        "## Cause", "", markdown(incident.cause) or "*Not told yet.*", "",
        *(f"- {'confirmed' if each.holds else 'ruled out' if each.holds is False else 'open'}: {markdown(each.what)}" for each in incident.hypotheses), "",
        "## Changes", "", *([f"- {each.at:%H:%M} {markdown(each.text)}" for each in changes] or ["None went through the bot."]), "",
        "## What went well", "", *(_went_well(incident) or ["*What should stay as it is?*"]), "",
        "## Action items", "", *([_item(incident, each.number) for each in incident.tasks] or ["None yet: “incident task …” adds one."]), "",
        "## Time line (UTC)", "",
        *(f"- {each.at:%Y-%m-%d %H:%M:%S} {markdown(each.text)}{f' ({each.link})' if each.link else ''}" for each in entries), "",
    ]  # fmt: skip
    if incident.review_on:
        lines += [f"Review: {incident.review_on:%Y-%m-%d %H:%M} UTC.", ""]
    return "\n".join(lines)


def markdown(text: str) -> str:
    """Somebody's words on one line, with nothing in them that Markdown would take for more than words."""
    line = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\`*_{}[]<>#|!" else each for each in line)


def _work(incident: Incident) -> list[Part]:
    parts: list[Part] = []
    for each in incident.hypotheses:
        known = {None: "open", True: "confirmed", False: "ruled out"}[each.holds]
        severity = "warning" if each.holds is None else "info"
        parts.append(Finding(text=f"Hypothesis {each.number} ({known}): {each.what}", severity=severity))
    if incident.tasks:
        rows = tuple(
            (
                str(each.number),
                each.what,
                each.owner_name or "nobody",
                f"{each.due:%Y-%m-%d %H:%M} UTC" if each.due else "",
                "done" if each.done_at else "",
            )
            for each in incident.tasks
        )
        parts.append(Table(title="Tasks", columns=("", "what", "whose", "due", ""), rows=rows))
    return parts


def _went_well(incident: Incident) -> list[str]:
    quick, slow = acknowledged_in(incident), incident.severity.acknowledge_within
    found = []
    if quick is not None and slow is not None and quick <= slow:
        found.append(f"- Somebody was on it within {length(quick)}.")
    if incident.updates:
        found.append(f"- Stakeholders were told {len(incident.updates)} time{'s' if len(incident.updates) > 1 else ''}.")  # fmt: skip
    return found


def _item(incident: Incident, number: int) -> str:
    task = incident.tasks[number - 1]
    due = f", due {task.due:%Y-%m-%d}" if task.due else ""
    return f"- [{'x' if task.done_at else ' '}] {markdown(task.what)} ({task.owner_name or 'nobody yet'}{due})"


def in_pieces(document: str, *, longest: int = 2500) -> tuple[Text, ...]:
    """A document as paragraphs that any edge can show."""
    pieces: list[str] = [""]
    for line in document.split("\n"):
        if len(pieces[-1]) + len(line) > longest:
            pieces.append("")
        pieces[-1] += f"{line[:longest]}\n"
    return tuple(Text(text=piece.strip("\n")) for piece in pieces if piece.strip())
