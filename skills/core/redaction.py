"""Secrets out, before anything is shown, logged, stored or sent.

Works on shapes that are secret wherever they stand (tokens, keys, credentials in URLs) and on names that promise a secret
(`DB_PASSWORD=…`). It errs on the side of hiding.
"""

import re

HIDDEN = "(redacted)"

_TELLING_NAME = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|apikey|access[-_]?key|private[-_]?key|credential|auth|cookie|session|dsn|salt|signing|webhook)"
_NAME = re.compile(_TELLING_NAME, re.IGNORECASE)
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{6,}"), HIDDEN),
    (
        re.compile(
            r"\b(?:gh[pousr]_|github_pat_|glpat-|sk-|rk_|sk_live_|pk_live_|npm_|pypi-|hf_|dop_v1_|SG\.)[A-Za-z0-9_.-]{8,}"
        ),
        HIDDEN,
    ),
    (re.compile(r"\bsu-[a-z2-9]{4}-[a-z2-9]{4}\b"), HIDDEN),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{30,}"), HIDDEN),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)([a-z0-9+.-]://)[^\s/:@]*:[^\s/@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"https://hooks\.slack\.com/\S+"), HIDDEN),
)
_NAMED = re.compile(r"(?<![\w./-])([\w.-]+)[\"']?\s*[=:]\s*")
"""Any name and what leads to its value. Whether the name is telling is asked afterwards: one pattern for both takes the square of the time."""
_VALUE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|(?!\(redacted\))[^\s,;&\"']+")


def redact(text: str) -> str:
    """`text` with everything that looks like a secret replaced by “(redacted)”. Takes time in proportion to its length."""
    for pattern, replacement in _SHAPES:
        text = pattern.sub(replacement, text)
    return _without_named(text)


def _without_named(text: str) -> str:
    """`text` without the values of names that promise a secret."""
    kept: list[str] = []
    done = 0
    for match in _NAMED.finditer(text):
        if match.start() < done or not _NAME.search(match[1]):
            continue
        value = _VALUE.match(text, match.end())
        if value:
            kept += [text[done : value.start()], HIDDEN]
            done = value.end()
    return "".join([*kept, text[done:]])


def names_a_secret(name: str) -> bool:
    """Does a field or variable of this name usually hold a secret?"""
    return bool(_NAME.search(name))
