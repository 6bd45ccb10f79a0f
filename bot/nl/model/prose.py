"""A model's words made fit to be shown: nothing in them that a chat would make a link, a mention, a picture or a heading of.

Words come in pieces. `Cleanser` holds back the word that is not finished yet, since half a link is none; whatever the pieces are, the same
text comes out.
"""

import re
import unicodedata

from bot.nl.words import hidden


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MOST = 2_500
"""Characters of a whole explanation."""

_LONGEST_WORD = 300
_MORE = " …"
_LINK, _ADDRESS, _TOO_LONG = "(link removed)", "(address removed)", "(left out)"
_ALTERED = str.maketrans({"<": "‹", ">": "›", "`": "'", "[": "(", "]": ")", "|": "¦"})
_FULL_STOP = re.compile(r"(?<=[A-Za-z0-9-])[。｡](?=[A-Za-z0-9])")
_LEADING_AT = re.compile(r"(?<![A-Za-z0-9])@+")
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]*:/|(?:mailto|tel|sms|javascript|vbscript|data|slack|ftp|ssh|git|file|http|https):\S",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[^\s@]@[^\s@]")
_IMAGE_DIGEST = re.compile(r"@sha256:[0-9a-f]{6,64}\b")
_RUN_ON = re.compile(r"(?<=[a-z0-9)])\.(?=[A-Z][a-z])")
_DOTTED = re.compile(r"(?:[\w-]+\.)+(?P<last>xn--[\w-]+|[^\W\d_]{2,})")
_HOST_AND_PATH = re.compile(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?/[^0-9\s]")
_FILES = _set(
    "yaml yml json jsonl toml txt log conf cfg ini env xml csv tsv html css js ts jsx tsx java kt go rb php cpp hpp sql lock gz tgz tar bak tmp"
    " pem crt key service socket timer proto tpl jinja ipynb"
)
"""What files end in and domains do not."""
_FILES_LIKE_DOMAINS = _set("md py sh rs tf pl")
"""What files end in, and countries' domains too."""
_PRERELEASE = re.compile(
    r"v?[0-9]+(?:\.[0-9]+)+[-.+_]?(?:[\w-]+\.)*(?:alpha|beta|rc|pre|final|snapshot|canary)", re.IGNORECASE
)
_TARGET = re.compile(r"\]\([^\s)]*\)?")
_COMMANDED = re.compile(r"<[@!#][^\s<>]*>?")
_ENTITY = re.compile(r"&(?:#\w{1,8}|[a-zA-Z]{2,8});")
_HEADING = re.compile(r"#{1,6}")
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""They choose between pictures of the letter before them, and nobody sees them."""
_RULE = re.compile(r"[-=_*¦:+]{3,}")


class Cleanser:
    """For one explanation. What `more` and `end` return, put together, is `said`, of at most `MOST` characters."""

    def __init__(self) -> None:
        self.said = ""
        self._word = ""
        self._gap = ""
        self._room = MOST - len(_MORE)
        self._begun = False
        self._line_begins = True
        self._skipping = False

    def more(self, piece: str) -> str:
        """What of the text so far can be shown, beyond what was returned before."""
        return self._told("".join(self._letter(each) for each in _seen(piece)))

    def end(self) -> str:
        """The rest."""
        return self._told(self._finished())

    def _told(self, text: str) -> str:
        self.said += text
        return text

    def _letter(self, letter: str) -> str:
        if letter.isspace():
            done = self._finished()
            self._gap = _wider(self._gap, letter) if self._begun else ""
            self._line_begins = self._line_begins or letter == "\n"
            self._skipping = False
            return done
        if self._skipping:
            return ""
        self._word += letter
        if len(self._word) > _LONGEST_WORD:
            self._word, self._skipping, self._line_begins = "", True, False
            return self._fitted(_TOO_LONG)
        return ""

    def _finished(self) -> str:
        word, self._word = self._word, ""
        if not word:
            return ""
        word = _clean(word)
        if self._line_begins:
            word = _unformatted(word)
            self._line_begins = not word
        return self._fitted(word) if word else ""

    def _fitted(self, word: str) -> str:
        """The word behind what white space came before it, as long as there is room."""
        text, self._gap, self._begun = self._gap + word, "", True
        if self._room <= 0:
            return ""
        if len(text) > self._room:
            self._room = 0
            return _MORE
        self._room -= len(text)
        return text


def _seen(text: str) -> str:
    """`text` without what nobody sees, and without letters that only look like ASCII ones by their width or style."""
    return "".join(_plain(each) for each in text)


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isprintable() else (" " if letter in "\t\r" else "\n" if letter == "\n" else "")
    if letter in "\u2028\u2029\u0085":
        return "\n"
    if letter.isspace():
        return " "
    if hidden(letter) or unicodedata.category(letter) in ("Cn", "Me") or letter in _SELECTORS:
        return ""
    alike = unicodedata.normalize("NFKC", letter)
    return alike if len(alike) == 1 and alike.isascii() and alike.isprintable() else letter


def _clean(word: str) -> str:
    """One word, with what surrounds it, as it may be shown; "" if nothing is left of it."""
    word = _LEADING_AT.sub("", _without_markup(word).translate(_ALTERED))
    if _MAIL.search(_IMAGE_DIGEST.sub("", word)):
        return _ADDRESS
    word = _RUN_ON.sub(". ", _FULL_STOP.sub(".", word))
    if _SCHEME.search(word) or "//" in word or _HOST_AND_PATH.search(word):
        return _LINK
    return _undotted(word)


def _without_markup(word: str) -> str:
    """Taking something out may bring something together, so it is done until nothing is found."""
    while True:
        before = word
        word = _TARGET.sub("]", _COMMANDED.sub("", _ENTITY.sub("", word)))
        word = word.replace("![", "[").replace("**", "").replace("__", "")
        if word == before:
            return word


def _undotted(word: str) -> str:
    """A domain is taken out; a file's name that could be one gets another dot; numbers and versions stay."""
    for found in _DOTTED.finditer(word):
        last = found["last"].lower()
        if last in _FILES_LIKE_DOMAINS and found.group().count(".") == 1:
            word = word.replace(found.group(), found.group().replace(".", "·"))
        elif last not in _FILES and not _PRERELEASE.fullmatch(found.group()):
            return _LINK
    return word


def _unformatted(word: str) -> str:
    """The first word of a line, already clean, without what would make it a heading, a quotation, a fence or a rule."""
    word = word.lstrip("›")
    if word.startswith(("'''", "~~~")) or _HEADING.fullmatch(word) or _RULE.fullmatch(word):
        return ""
    return "-" if word in ("*", "+", "•") else word


def _wider(gap: str, letter: str) -> str:
    """White space so far: one blank, one line's end, or one empty line."""
    if letter != "\n":
        return gap or " "
    return "\n\n" if "\n" in gap else "\n"
