"""Text as people and Slack write it, made plain and cut into words.

Slack turns dotted names into links, straight quotes into curly ones, and marks what is code or bold; none of that is meant. Characters
that cannot be seen, and those that change the direction of reading, are another matter: they make a text that is not what it looks
like, and are refused.
"""

import re
from dataclasses import dataclass

from skills.core import catalog
from skills.core.visible import unseen

LONGEST = 2_000
"""Characters. A request is a sentence, not a document."""

_MARKED = re.compile(r"<(?P<target>[^<>|\n]{1,1000})(?:\|(?P<label>[^<>\n]{1,1000}))?>")
_WRAPPINGS = {"`": "`", "*": "*", "_": "_", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "(": ")", "[": "]"}
_QUOTES = "\"'`“”„‘’«»"
_ENDINGS = ",;:!?.…"
_DASHES = re.compile(r"^[−–—](?=[0-9])")
_REASON = re.compile(r"(?:^|(?<=[\s,;(]))(?:because:?(?=\s|$)|reason:)\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word: `text` as it is meant, `start` and `end` where it stands, `asks` if a question mark follows."""

    text: str
    start: int
    end: int
    asks: bool = False

    @property
    def key(self) -> str:
        """For comparing. Letters outside of ASCII stay as they are: some of them become ASCII in lower case."""
        return self.text.lower() if self.text.isascii() else self.text.replace("’", "'")


def plain(text: str) -> str:
    """`text` on one line, with Slack's markup resolved to what people see."""
    text = " ".join(_unescaped(_MARKED.sub(_seen, text)).split())
    if len(text) > 2 and _WRAPPINGS.get(text[0]) == text[-1] and not {text[0], text[-1]} & set(text[1:-1]):
        text = text[1:-1].strip()
    return text


def hidden(text: str) -> tuple[str, ...]:
    """The code points in `text` that nobody can see, or that change how the rest is read, as U+XXXX."""
    if text.isascii() and text.isprintable():
        return ()
    return tuple(f"U+{ord(each):04X}" for each in dict.fromkeys(text) if unseen(each))


def split_reason(text: str) -> tuple[str, str]:
    """The request, and what stands after “because” or “reason:”."""
    match = _REASON.search(text)
    if match is None:
        return text, ""
    head, reason = text[: match.start()], text[match.end() :].strip()
    return head, reason.removesuffix(")") if head.endswith("(") else reason


def words(text: str) -> list[Word]:
    """The words of a plain text, each without the punctuation and quotes around it; punctuation alone is none."""
    found = []
    for match in re.finditer(r"\S+", text):
        word, asks = _bare(match.group())
        if word:
            found.append(Word(text=word, start=match.start(), end=match.end(), asks=asks))
        elif asks and found:
            last = found[-1]
            found[-1] = Word(text=last.text, start=last.start, end=last.end, asks=True)
    return found


def quoted(word: str) -> str:
    """`word` as it may be repeated to somebody: short, ASCII, and nothing in it that a chat would act on."""
    shown = catalog.shown(word.replace("’", "'"))
    return "“" + shown.translate({ord("<"): "‹", ord(">"): "›", ord("`"): "'"}) + "”"


def _bare(word: str) -> tuple[str, bool]:
    asks = False
    while word:
        before = word
        if len(word) > 1 and _WRAPPINGS.get(word[0]) == word[-1]:
            word = word[1:-1]
        asks = asks or word.endswith("?")
        word = word.rstrip(_ENDINGS).strip(_QUOTES)
        word = word.lstrip("([") if ")" not in word and "]" not in word else word
        word = word.rstrip(")]") if "(" not in word and "[" not in word else word
        if word == before:
            break
    return _DASHES.sub("-", word), asks


def _unescaped(text: str) -> str:
    """The three characters that Slack escapes, and no other entity."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _seen(match: re.Match[str]) -> str:
    """What Slack shows for one `<…>`: a link's label, or a mention's name without its power."""
    target, label = match["target"], match["label"]
    if target[0] == "@" or target[0] == "!":
        name = (label or target[1:].partition("^")[2] or target[1:]).lstrip("@")
        return f"@{name}"
    if target[0] == "#":
        return f"#{(label or target[1:]).lstrip('#')}"
    if re.match(r"(?:https?|mailto|tel):", target):
        return label or target
    return match.group()
