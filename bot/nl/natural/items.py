"""The items of a clause: values that name something, and words that do not.

Names are the catalog's, in ASCII, as they stand, in the possessive, or of several words (“payments api”). What merely resembles a name
stays a word: whether that is good enough is for `filling` to say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bot.nl.natural import times
from bot.nl.reading import JOINT, REPOSITORY, Names, apart, is_release
from bot.nl.values import shaped
from bot.nl.vocabulary import NUMBERS, RELEASE_WORDS
from bot.nl.words import Word, words
from skills.core import durations
from skills.core.canonical import Json
from skills.core.skill import Slot

_SPOKEN: Mapping[str, str] = {
    "u": "you", "ya": "you", "pls": "please", "plz": "please", "pleae": "please", "thx": "thanks", "wanna": "want to", "gonna": "going to",
    "let us": "let's", "lets": "let's", "cannot": "can not", "can't": "can not", "cant": "can not", "won't": "will not", "dont": "do not",
    "shan't": "shall not", "ain't": "is not", "i'd": "i would", "we'd": "we would", "gimme": "give me", "whats": "what is", "hows": "how is",
    "whos": "who is", "anyone's": "anyone is", "roll-back": "roll back", "im": "i am", "redeploy": "deploy", "role": "roll",
}  # fmt: skip
_ENDINGS = {"n't": " not", "'re": " are", "'ve": " have", "'ll": " will", "'m": " am", "'d": " would"}
_IS = frozenset(
    {
        "what",
        "who",
        "how",
        "where",
        "when",
        "it",
        "that",
        "there",
        "here",
        "everything",
        "anything",
        "something",
        "nothing",
        "he",
        "she",
    }
)
_PROPOSALS = frozenset({"proposal", "change", "request"})
_NUMBER = re.compile(r"#?[1-9][0-9]{0,14}")
_REVISIONS = frozenset({"revision", "rev"})
_RELEASES = frozenset({"version", "release", "tag", "build", "image", "called"})
_UNITS = frozenset({"replica", "replicas", "pod", "pods", "instance", "instances", "copies", "copy"})
_BY = frozenset({"by", "up", "down"})
"""Words that make the number after them a difference: “down 1” is one less, “down to 1” is one."""
_MORE = {"more": "+", "additional": "+", "extra": "+", "further": "+", "fewer": "-", "less": "-"}
_TIMES = {
    "double": "x2",
    "twice": "x2",
    "doubled": "x2",
    "triple": "x3",
    "tripled": "x3",
    "quadruple": "x4",
    "halve": "/2",
    "half": "/2",
    "halved": "/2",
}
_LESS = frozenset(
    {"down", "reduce", "decrease", "remove", "lower", "shrink", "drop", "downscale", "fewer", "less", "cut"}
)
_PERCENT = re.compile(r"([+-]?)([0-9]{1,4})(?:%|percent)")
_TAG = re.compile(r"v?[0-9][A-Za-z0-9._-]{0,126}|[A-Za-z0-9_][A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*|main|stable|latest")
_ANY_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_NEWEST = re.compile(
    r"(?:to|with|at) (?:the |its |their )?(?:very )?(?:latest|newest|most recent) (?:[a-z]+ ){0,2}?(?:version|release|tag|build|image|chart) "
)
"""“To the latest stable version”: a release like “latest”, which the skill answers with those there are."""
_IMAGE = re.compile(r"[a-z][a-z0-9._-]*:v?[0-9][A-Za-z0-9._-]*")
"""“nginx:1.27.1”."""
_WHOSE = (["what", "did"], ["what", "has"], ["activity", "of"], ["activity", "by"])
"""What stands right before a person."""
_QUOTES = "'\"`“‘«"
_MEASURE = re.compile(
    r"[0-9.]+(?:st|nd|rd|th|gi|mi|ki|gb|mb|kb|ms|s|m|h|d|w|k|g|am|pm)|[0-9]+/[0-9]+|[0-9]{1,2}:[0-9]{2}", re.IGNORECASE
)
_BEFORE_VERB = frozenset({"please", "you", "to", "and", "then", "let's", "we", "i", "bot", "hey", "ok", "just"})
_BEFORE_ONE = frozenset({"to", "by", "at", "exactly", "only", "just"})


@dataclass(frozen=True, kw_only=True)
class Item:
    """One value or one word. `key` is for comparing; `text` is as it was typed. `slot` is None for what is just a word.

    `firm` is false for a number that nothing introduces: it may count replicas or name a revision. `marked` words stood in quotes.
    Of what names a time, `began` is its beginning and `back` how long ago that was.
    """

    key: str
    text: str
    slot: Slot | None = None
    value: Json = None
    firm: bool = True
    marked: bool = False
    began: str = ""
    back: str = ""


class ItemReader:
    """Reads items, with the names, the time and the time zone of one request."""

    def __init__(self, names: Names, now: datetime, zone: tzinfo) -> None:
        self._names = names
        self._now = now
        self._zone = zone
        self._longest = max((name.count("-") + 1 for name in (*names.services, *names.environments)), default=1)

    def read(self, text: str) -> list[Item]:
        """The items of a clause, in order."""
        found = apart(words(text), self._names)
        marked = {word.text for word in found if text[word.start] in _QUOTES and word.end - word.start > len(word.text)}
        return [replace(item, marked=True) if item.text in marked else item for item in self._items(found)]

    def _items(self, spoken: Sequence[Word]) -> list[Item]:
        pairs = list(_expanded(spoken))
        keys = [key for key, _ in pairs]
        less = bool(_LESS & set(keys))
        found: list[Item] = []
        index = 0
        while index < len(pairs):
            count, item = self._at(keys, pairs, index, less=less)
            found.append(item)
            index += count
        return found

    def _at(self, keys: Sequence[str], pairs: Sequence[tuple[str, str]], index: int, *, less: bool) -> tuple[int, Item]:
        rest = keys[index : index + 8]
        text = pairs[index][1]
        if (time := self._time(rest, pairs[index:])) is not None:
            return time
        texts = [text for _, text in pairs[index : index + 8]]
        hit = (
            self._name(rest, texts)
            or self._person(keys, texts, index)
            or _proposal(rest, texts)
            or _revision(rest, texts)
            or _release(rest, texts)
        )
        if hit is None and index and keys[index - 1] not in _BEFORE_VERB:
            hit = self._spaced(rest, texts)
        if hit is not None:
            return hit
        if (amount := _amount(rest, less=less, before=keys[index - 1] if index else "")) is not None:
            count, value, firm = amount
            said = " ".join(text for _, text in pairs[index : index + count])
            return count, Item(key=rest[0], text=said, slot=Slot.REPLICAS, value=value, firm=firm)
        return 1, Item(key=rest[0], text=text)

    def _time(self, keys: Sequence[str], pairs: Sequence[tuple[str, str]]) -> tuple[int, Item] | None:
        """A time, or since when. “Today” and “this week” stay words: they may lie ahead, and whoever wants to know has to look for them."""
        moment = times.read(keys, self._now, self._zone)
        beginning = times.since(keys, self._now, self._zone)
        if beginning is None:
            return None if moment is None else (moment[0], self._timed(Slot.TIME, moment, moment, pairs))
        if keys[0] == "today" or list(keys[:2]) in (["this", "week"], ["this", "month"]):
            word = keys[beginning[0] - 1]
            return beginning[0], replace(
                self._timed(Slot.SINCE, beginning, beginning, pairs), key=word, slot=None, value=None
            )
        if moment is not None and moment[0] >= beginning[0]:
            return moment[0], self._timed(Slot.TIME, moment, beginning, pairs)
        return beginning[0], self._timed(Slot.SINCE, beginning, beginning, pairs)

    def _timed(
        self, slot: Slot, at: tuple[int, datetime], began: tuple[int, datetime], pairs: Sequence[tuple[str, str]]
    ) -> Item:
        said = " ".join(text for _, text in pairs[: at[0]])
        back = durations.spelled(self._now - began[1])
        value, beginning = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (at[1], began[1]))
        return Item(key=f"<{slot.value}>", text=said, slot=slot, value=value, began=beginning, back=back)

    def _spaced(self, keys: Sequence[str], texts: Sequence[str]) -> tuple[int, Item] | None:
        """“Check out”, as speech recognition writes it, where it cannot be a verb."""
        name = self._names.services.get("".join(keys[:2])) if len(keys) > 1 else None
        return (2, Item(key="<service>", text=" ".join(texts[:2]), slot=Slot.SERVICE, value=name)) if name else None

    def _person(self, keys: Sequence[str], texts: Sequence[str], index: int) -> tuple[int, Item] | None:
        """Somebody known, where a person is what has to stand: “what did lead do”. Elsewhere such a word may be anything."""
        name = self._names.people.get(keys[index]) if keys[max(index - 2, 0) : index] in _WHOSE else None
        return (1, Item(key="<person>", text=texts[0], slot=Slot.PERSON, value=name)) if name else None

    def _name(self, keys: Sequence[str], texts: Sequence[str]) -> tuple[int, Item] | None:
        for count in range(min(self._longest, len(keys)), 0, -1):
            joined = "-".join(keys[:count])
            for spelling in dict.fromkeys((joined, joined.removesuffix("'s"), joined.removesuffix("'"))):
                for slot in (Slot.ENVIRONMENT, Slot.SERVICE):
                    if name := self._names.of(slot).get(spelling):
                        return count, Item(key=f"<{slot.value}>", text=" ".join(texts[:count]), slot=slot, value=name)
        return None


def _expanded(spoken: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Key and text of each word, with contractions taken apart."""
    for word in spoken:
        key = word.key.replace("’", "'")
        said = _SPOKEN.get(key)
        if said is None:
            said = next((key.removesuffix(end) + more for end, more in _ENDINGS.items() if key.endswith(end)), key)
            if key.endswith("'s") and key.removesuffix("'s") in _IS:
                said = key.removesuffix("'s") + " is"
            if ":" in key or "@" in key:
                said = key
        parts = said.split() or [key]
        for part in parts:
            yield part, word.text if len(parts) == 1 else part


def _proposal(keys: Sequence[str], texts: Sequence[str]) -> tuple[int, Item] | None:
    """“#17”, “proposal 17”."""
    named = len(keys) > 1 and keys[0] in _PROPOSALS and _NUMBER.fullmatch(keys[1]) is not None
    said = keys[1] if named else keys[0]
    if not named and not (said.startswith("#") and _NUMBER.fullmatch(said)):
        return None
    count = 2 if named else 1
    text = " ".join(texts[:count])
    return count, Item(key="<proposal>", text=text, slot=Slot.PROPOSAL, value=int(said.lstrip("#")))


def _revision(keys: Sequence[str], texts: Sequence[str]) -> tuple[int, Item] | None:
    if len(keys) > 1 and keys[0] in _REVISIONS:
        digits = keys[2] if keys[1] in ("number", "no") and len(keys) > 2 else keys[1]
        count = 3 if digits is not keys[1] else 2
        number = NUMBERS.get(digits) if not digits.lstrip("#").isdecimal() else int(digits.lstrip("#")[:15])
        if number is not None and digits.isascii():
            return count, Item(key="<revision>", text=" ".join(texts[:count]), slot=Slot.REVISION, value=number)
    return None


def _release(keys: Sequence[str], texts: Sequence[str]) -> tuple[int, Item] | None:
    if keys[0] == JOINT and len(keys) > 1 and _ANY_TAG.fullmatch(texts[1]):
        return 2, Item(key="<release>", text=texts[1], slot=Slot.RELEASE, value=texts[1])
    if newest := _NEWEST.match(f"{' '.join(keys)} "):
        count = len(newest.group().split())
        return count, Item(key="<release>", text=" ".join(texts[:count]), slot=Slot.RELEASE, value="latest")
    if len(keys) > 1 and keys[0] in _RELEASES and _TAG.fullmatch(texts[1]) and keys[1] not in NUMBERS:
        return 2, Item(key="<release>", text=texts[1], slot=Slot.RELEASE, value=texts[1])
    if _IMAGE.fullmatch(texts[0]) and not NUMBERS.get(texts[0]):
        return 1, Item(key="<release>", text=texts[0], slot=Slot.RELEASE, value=texts[0])
    numeric = (
        keys[0].lstrip("+-").replace("%", "").isdecimal()
        or _MEASURE.fullmatch(keys[0])
        or re.fullmatch(r"[0-9]+x", keys[0])
    )
    if (
        not numeric
        and Slot.OBJECT not in shaped(texts[0])
        and not REPOSITORY.fullmatch(texts[0])
        and is_release(texts[0])
        and keys[0] not in RELEASE_WORDS
        and texts[0].isascii()
    ):
        return 1, Item(key="<release>", text=texts[0], slot=Slot.RELEASE, value=texts[0])
    return None


def _amount(  # noqa: PLR0911 - one return for each way to say it
    keys: Sequence[str], *, less: bool, before: str
) -> tuple[int, Json, bool] | None:
    """How many words say how many, the number (or how it relates to the present one), and whether it is plainly about replicas."""
    if (multiple := _multiple(keys[0])) is not None:
        return 1, multiple, True
    if (part := _percentage(keys, "-" if less else "+")) is not None:
        return *part, True
    second, third = (*keys[1:3], "", "")[:2]
    if keys[0] in ("another", "additional") and (number := _number(second)) is not None:
        return 2, f"+{number}", True
    number = 1 if keys[0] == "single" and second in _UNITS else _number(keys[0])
    if number is None or (keys[0] in ("one", "zero") and before not in _BEFORE_ONE and second not in (*_UNITS, *_MORE)):
        return None
    if second in _MORE or second == "times":
        return 2, f"{_MORE.get(second, 'x')}{number}", True
    if second in _UNITS and third in _MORE:
        return 3, f"{_MORE[third]}{number}", True
    signed = keys[0][0] == "+" and before != "to"
    if signed or before in _BY or (second in _UNITS and before in ("remove", "drop", "cut")):
        sign = keys[0][0] if keys[0][0] in "+-" else "-" if less or before == "down" else "+"
        return 1, f"{sign}{abs(number)}", True
    return 1, number, second in _UNITS


def _multiple(key: str) -> str | None:
    """“Double”, “2x”."""
    if match := re.fullmatch(r"x([0-9]{1,2})|([0-9]{1,2})x", key):
        return f"x{int(match[1] or match[2])}"
    if re.fullmatch(r"/[2-9]", key):
        return key
    return _TIMES.get(key)


def _percentage(keys: Sequence[str], sign: str) -> tuple[int, str] | None:
    """“50%”, “50 percent more”; `sign` is what the verb says about it."""
    count = 2 if len(keys) > 1 and keys[1] in ("%", "percent") else 1
    match = _PERCENT.fullmatch(keys[0] + ("%" if count == 2 else ""))
    if match is None:
        return None
    more = keys[count] if len(keys) > count else ""
    return count + (more in _MORE), f"{_MORE.get(more, match[1] or sign)}{int(match[2])}%"


def _number(key: str) -> int | None:
    if re.fullmatch(r"[+-]?[0-9]{1,15}", key):
        return int(key)
    return NUMBERS.get(key)
