"""What the salted hashes in entries hide, as it goes out with an export, a proof or a report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store import Store
from bot.store.sealing import Kept, Person, opened
from skills.core.errors import Anticipated


@dataclass(frozen=True, kw_only=True)
class Disclosed:
    """Entries in clear text, and the lines that prove it to somebody who has their bodies."""

    entries: Sequence[dict[str, Any]]
    people: Sequence[Mapping[str, str]]
    texts: Sequence[Mapping[str, Any]]


async def disclosed(store: Store, written: Sequence[tuple[int, str]]) -> Disclosed:
    """Of entries as (number, body). Raises `Anticipated` for clear text that is not what was hashed."""
    bodies = [(seq, json.loads(body)) for seq, body in written]
    found = await store.audit.clear_text(bodies)
    return Disclosed(
        entries=[_opened(seq, body, found.people, found.of(seq)) for seq, body in bodies],
        people=[person_json(person) for _, person in sorted(found.people.items())],
        texts=[text_json(seq, kept) for seq, _ in bodies for _, kept in sorted(found.of(seq).items())],
    )


def person_json(person: Person) -> dict[str, str]:
    """A line of `people`."""
    if person.erasure is not None:
        return {"pseudonym": person.pseudonym, "erasure": person.erasure}
    return {"pseudonym": person.pseudonym, "salt": person.salt or "", "name": person.name or ""}


def text_json(seq: int, kept: Kept) -> dict[str, Any]:
    """A line of `texts`."""
    if kept.erasure is not None:
        return {"entry": seq, "field": kept.field, "erasure": kept.erasure}
    return {"entry": seq, "field": kept.field, "salt": kept.salt, "text": kept.text}


def line(said: Mapping[str, Any]) -> str:
    """As it stands in a file."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"


def _opened(
    seq: int, body: Mapping[str, Any], people: Mapping[str, Person], texts: Mapping[str, Kept]
) -> dict[str, Any]:
    try:
        return opened(body, people, texts)
    except (KeyError, TypeError, ValueError) as error:
        raise Anticipated(
            f"What entry {seq} of the audit log hides cannot be read; somebody changed it.",
            hint="Run `countersign audit verify` to see what can be trusted.",
        ) from error
