"""Parameters given by name: `--since 15m`, `--grep "connection refused"`, `--previous`, `-n shop`.

Every parameter has its own name as an option, with `-` for `_`; besides, there are the words that people know from kubectl. A phone makes
one dash of two, so “—since” is the same. An option that the skill does not have is a word that was not understood.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.nl.fields import Field
from bot.nl.reading import Names, Reading
from bot.nl.values import LEADS, value_of
from bot.nl.words import Word
from skills.core.canonical import Json
from skills.core.skill import Slot

_OPTION = re.compile(r"(?:--|[—–])(?P<name>[A-Za-z][A-Za-z-]{0,40})(?:=(?P<value>.*))?|-(?P<letter>[A-Za-z])")
_QUOTED = re.compile(r"\"[^\"\n]+\"|“[^“”\n]+”|‘[^‘’\n]+’|«[^«»\n]+»|`[^`\n]+`|(?<![\w])'[^'\n]+'(?![\w])")
_QUOTES = "\"“”‘’«»`'"
_KNOWN: Mapping[str, Slot] = LEADS | {
    "n": Slot.NAMESPACE,
    "c": Slot.CONTAINER,
    "e": Slot.PATTERN,
    "filter": Slot.PATTERN,
    "env": Slot.ENVIRONMENT,
    "app": Slot.SERVICE,
    "version": Slot.RELEASE,
    "tag": Slot.RELEASE,
    "image": Slot.RELEASE,
    "to-revision": Slot.REVISION,
}
_NUMERIC = (Slot.REPLICAS, Slot.REVISION, Slot.PROPOSAL, Slot.INCIDENT)
_NUMBER = re.compile(r"#?([0-9]{1,15})")


def joined(found: Sequence[Word], line: str) -> list[Word]:
    """The words, with what stands between quotes as one."""
    spans = [match.span() for match in _QUOTED.finditer(line)]
    result: list[Word] = []
    for word in found:
        within = next((start for start, end in spans if word.start < end and word.end > start), None)
        if within is not None and result and result[-1].end > within:
            last = result[-1]
            text = line[last.start : word.end].strip().rstrip(",;:!?.…")
            text = "".join(character for character in text if character not in _QUOTES)
            result[-1] = Word(text=text, start=last.start, end=word.end, asks=last.asks or word.asks)
        else:
            result.append(word)
    return result


def take(found: Sequence[Word], fields: Sequence[Field], names: Names, reading: Reading) -> list[Word]:
    """Note what is given by name in `reading`, and return the other words."""
    rest: list[Word] = []
    waiting = list(found)
    while waiting:
        word = waiting.pop(0)
        match = _OPTION.fullmatch(word.text)
        each = _meant((match["name"] or match["letter"]).lower(), fields) if match else None
        if match is None:
            rest.append(word)
        elif each is None:
            reading.unknown.append((word, None))
        elif each.slot is Slot.FLAG:
            reading.flags[each.name] = (match["value"] or "").lower() not in ("false", "no", "0")
        elif match["value"]:
            _note(each, replace(word, text=match["value"]), names, reading)
        elif waiting and not _OPTION.fullmatch(waiting[0].text):
            _note(each, waiting.pop(0), names, reading)
        else:
            reading.unknown.append((word, None))
    return rest


def _meant(name: str, fields: Sequence[Field]) -> Field | None:
    """The parameter that an option names."""
    own = next((each for each in fields if each.name.replace("_", "-") == name), None)
    if own is not None:
        return own
    flags = [each for each in fields if each.slot is Slot.FLAG and each.name.startswith(name)]
    if len(name) == 1 and len(flags) == 1 and name not in _KNOWN:
        return flags[0]
    slot = _KNOWN.get(name)
    return next((each for each in fields if each.slot is slot), None) if slot else None


def _note(each: Field, word: Word, names: Names, reading: Reading) -> None:
    assert each.slot is not None
    value = _value(each.slot, word, names)
    if value is None:
        reading.unknown.append((word, each.slot))
    else:
        reading.take(each.slot, value)


def _value(slot: Slot, word: Word, names: Names) -> Json:
    if known := names.of(slot):
        return known.get(word.key)
    if slot in _NUMERIC:
        match = _NUMBER.fullmatch(word.key)
        return int(match[1]) if match else None
    if slot in (Slot.RELEASE, Slot.CONTAINER):
        return word.text
    return value_of(slot, word.text)
