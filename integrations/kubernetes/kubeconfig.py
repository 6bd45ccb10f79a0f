"""What is wrong with a kubeconfig that the client would not take, in a sentence."""

from pathlib import Path
from typing import Any

import yaml

from skills.core.catalog import nearest, shown

_MOST_NAMES = 8


def what_is_wrong(path: Path | None, context: str | None, error: Exception) -> str:
    """Why the file at `path` does not lead to a cluster; the client's own words never leave, because they may quote a credential."""
    if path is None or not path.is_file():
        return f"{type(error).__name__}. Check that the credentials are there and valid."
    content = _content(path)
    if content is None:
        return f"{path} is no kubeconfig."
    names = [str(each.get("name")) for each in content.get("contexts") or () if isinstance(each, dict)]
    wanted = context or str(content.get("current-context") or "")
    if not wanted:
        return f"{path} has no current context. {_choice(names)}".rstrip()
    if wanted not in names:
        close = nearest(wanted, names) or names[:_MOST_NAMES]
        return f"{path} has no context “{shown(wanted)}”. {_choice(close)}".rstrip()
    return f"{type(error).__name__}. Check the cluster and the user of context {shown(wanted)} in {path}."


def _content(path: Path) -> dict[str, Any] | None:
    """The file as a mapping that has contexts, or nothing."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("contexts"), list) else None


def _choice(names: "list[str] | tuple[str, ...]") -> str:
    return f"It has {', '.join(shown(name) for name in names[:_MOST_NAMES])}." if names else ""
