"""Compares the clear text beside the audit log with the hashes in it, and what was erased with what the log says was."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.store.sealing import Kept, Person, at, name_of, text_of

ERASED = "audit:erased"
"""The verb of an entry that says what was erased."""

ARCHIVED = "audit:archived"
"""The verb of an entry that says up to where entries were archived: `upto`, and what the archived ones among `ERASED` said (`erasures`)."""


class Hidden:
    """Goes along with a walk over the entries. `problem` is the first thing that does not fit, with the number of the entry where one can be named."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        self.problem: tuple[str, int | None] | None = None
        self._people = people
        self._sound = set[str]()
        self._erased: dict[str, Any] = {}
        self._said: dict[str, tuple[int, str]] = {}
        for pseudonym, person in sorted(people.items()):
            self._check_person(pseudonym, person)

    def over(self, seq: int, body: Mapping[str, Any], texts: Mapping[str, Kept]) -> None:
        """The next entry, with the rows beside it by their place."""
        try:
            for place in body.get("people", ()):
                if at(body, place) not in self._sound:
                    self._found(f"Whom entry {seq} names is not what was written.", seq)
            if texts.keys() != set(body.get("texts", ())):
                raise KeyError  # noqa: TRY301 - told in one place
            for place, kept in texts.items():
                text_of(kept, at(body, place))
        except (AttributeError, KeyError, TypeError, ValueError):
            self._found(f"The clear text of entry {seq} is not what was written.", seq)
        self.note(seq, texts)
        if body.get("verb") == ERASED:
            facts = body["facts"]
            self._said[str(facts.get("erasure"))] = (seq, str(facts.get("fingerprint")))
        elif body.get("verb") == ARCHIVED:
            said = body["facts"].get("erasures") or {}
            self._said |= {str(erasure): (seq, str(fingerprint)) for erasure, fingerprint in said.items()}

    def note(self, seq: int, texts: Mapping[str, Kept]) -> None:
        """Count what was erased of an entry, also of one that is not looked at because it was archived."""
        for place, kept in sorted(texts.items()):
            if kept.erasure is not None:
                self._of(kept.erasure).update(f"{seq} {place}\n".encode())

    def finish(self) -> None:
        """What was erased is what the log says was."""
        for erasure, digest in self._erased.items():
            seq, fingerprint = self._said.get(erasure, (None, ""))
            if digest.hexdigest() != fingerprint:
                self._found("Personal data is gone that no entry says was erased.", seq)
        for erasure, (seq, _) in self._said.items():
            if erasure not in self._erased:
                self._found(f"What entry {seq} says was erased is there.", seq)

    def _check_person(self, pseudonym: str, person: Person) -> None:
        try:
            name_of(person)
        except (AttributeError, ValueError):
            return
        self._sound.add(pseudonym)
        if person.erasure is not None:
            self._of(person.erasure).update(f"{pseudonym}\n".encode())

    def _of(self, erasure: str) -> Any:
        return self._erased.setdefault(erasure, hashlib.sha256())

    def _found(self, problem: str, seq: int | None) -> None:
        self.problem = self.problem or (problem, seq)
