"""What a person says themselves, sentence by sentence and clause by clause.

Quoted messages, code blocks and quotations of several words are somebody else's: they are cut away before anything is read.
"""

import re
from dataclasses import dataclass

from bot.nl.words import plain

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-z][^<>@#!|:]*>|\{[^{}]*\}", re.DOTALL | re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|&gt;|[0-9]{1,2}[.)]\s).*$", re.MULTILINE)
_FORWARDED = re.compile(
    r"^[ \t]*(?:on .{4,80} wrote:|-{2,} ?(?:forwarded|original) message).*\Z", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
_SPANS = (
    re.compile(r"`[^`\n]*`"),
    re.compile(r'"[^"\n]*"'),
    re.compile(r"“[^“”\n]*”"),
    re.compile(r"«[^«»\n]*»"),
    re.compile(r"„[^„“”\n]*[“”]"),
    re.compile(r"(?<![\w])'[^'\n]* [^'\n]*'(?![\w])"),
)
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!e\.g\.)(?<!i\.e\.)\s+(?=\S)|\n+")
_CLAUSE = re.compile(r"\s*[,;()]\s+|\s*[()]\s*|\s+[–—-]+\s+|\s*[–—]\s*|\s+but\s+", re.IGNORECASE)
_ASYNDETIC = re.compile(
    r"(?<=\S)\s+(?=(?:please\s+(?!$)|pls\s+|plz\s+)?(?:can|could|would|will) (?:you|u) |(?:what's|whats|what is) (?:happening|going on|wrong|up)\b|any (?:ideas?|clues?)\b)",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?<=\s)[—–](?=[A-Za-z]{2})")
"""A phone makes one dash of the two before an option; a dash between clauses has a space on either side, or on none."""
_WH = re.compile(r"(?:\S+ )?(?:what|how|who|when|where|which|why)\b", re.IGNORECASE)
JOINT = "␣"
"""Stands for a space in a quotation that says what to look for, so that it stays one word."""
_SOUGHT = re.compile(
    r"\b(?P<cue>grep|contain(?:s|ing)?|match(?:es|ing)?|mention(?:s|ing)?|say(?:s|ing)|for|with|pattern|text|phrase|string|message|any)(?P<gap>:? )"
    r"(?P<quoted>\"[^\"\n]+\"|“[^“”\n]+”|‘[^‘’\n]+’|«[^«»\n]+»|`[^`\n]+`|'[^'\n]+'(?!\w))",
    re.IGNORECASE,
)
CUT = "…"
"""Stands where something was cut away, so that what is left and right of it does not become one request."""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A part of a sentence between commas. `sentence` counts sentences; `asks` if it ends in a question mark."""

    text: str
    sentence: int
    asks: bool


def without_blocks(text: str) -> str:
    """`text` without quoted messages, code blocks and markup."""
    for pattern in (_FORWARDED, _FENCE, _MARKUP, _QUOTED_LINE):
        text = pattern.sub(f" {CUT} ", text)
    return text


def own_words(text: str) -> str:
    """`text` without quoted messages, code blocks, markup and quotations of several words."""
    text = _SOUGHT.sub(_kept, without_blocks(text))
    whole = text.strip()
    for pattern in _SPANS:
        text = pattern.sub(lambda found: _unless_name(found.group(), whole), text)
    return text


def clauses(text: str) -> list[Clause]:
    """The clauses of what was left by `own_words`."""
    found: list[Clause] = []
    for number, sentence in enumerate(_SENTENCE.split(text)):
        line = _OPTION.sub("--", plain(sentence))
        asks = line.rstrip(" )*_\"'”").endswith("?")
        spoken = [part.strip() for comma_part in _CLAUSE.split(line) for part in _run_together(comma_part)]
        found += [Clause(text=part, sentence=number, asks=asks) for part in spoken if part]
    return found


def _run_together(part: str) -> list[str]:
    """“It hangs can you restart it”: two clauses without a comma, unless the first words are a question (“what can you do”)."""
    return [part] if _WH.match(part) else _ASYNDETIC.split(part)


def _kept(match: re.Match[str]) -> str:
    return f"{match['cue']}{match['gap']}{match['quoted'].replace(' ', JOINT)}"


def _unless_name(quoted: str, whole: str) -> str:
    """A quoted name stays, and so does a message that is quoted as a whole: that is a way of typing a command."""
    if quoted == whole or " " not in quoted.strip("`\"“”«»„' "):
        return quoted
    return f" {CUT} "
