"""Secrets come from the environment, directly or as the name of a file, and from nowhere else."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.configuration.problems import Problem

_LARGEST = 8 * 1024
_SHAPES = re.compile(
    r"\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{4,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|hf_|pypi-|npm_)[A-Za-z0-9_-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|\b[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/@$][^\s/@]*@"
)
"""Narrower than redaction's: a description may speak of a token, but may not hold one."""


def holds_a_secret(text: str) -> bool:
    """Does this configuration value look like a token, a key or a URL with a password?"""
    return _SHAPES.search(text) is not None


def secret(environ: Mapping[str, str], name: str, problems: list[Problem]) -> SecretStr | None:
    """The secret in variable `name`, or in the file that `name_FILE` names; None where neither is set.

    Surrounding white space is dropped. Notes a problem if both are set or the file cannot be read; no problem text holds the value.
    """
    direct, file = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if direct and file:
        problems.append(_problem(name, f"is set, and so is {name}_FILE; set one of them."))
        return None
    if file:
        direct = _content(Path(file), f"{name}_FILE", problems)
    return SecretStr(direct) if direct else None


def _content(path: Path, variable: str, problems: list[Problem]) -> str:
    try:
        with path.open(encoding="utf-8") as stream:
            content = stream.read(_LARGEST + 1).strip()
    except (OSError, UnicodeDecodeError):
        problems.append(_problem(variable, "names a file that cannot be read."))
        return ""
    if not content or len(content) > _LARGEST:
        problems.append(_problem(variable, "names a file that is empty or far too long for a secret."))
        return ""
    return content


def _problem(variable: str, text: str) -> Problem:
    return Problem(file="environment", line=0, field=variable, text=text)
