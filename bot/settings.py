"""Where the world is described and where it is remembered. Imports next to nothing, because every command begins here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the world is described and where it is remembered."""

    config: Path
    data: Path
    environ: Mapping[str, str]

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], *, config: Path | None = None, data: Path | None = None
    ) -> "Settings":
        """From COUNTERSIGN_CONFIG and COUNTERSIGN_DATA, unless given. Defaults: `config/` here, or the one shipped; `.countersign/`."""
        chosen = config or (Path(environ["COUNTERSIGN_CONFIG"]) if environ.get("COUNTERSIGN_CONFIG") else None)
        folder = data or Path(environ.get("COUNTERSIGN_DATA") or ".countersign")
        return cls(config=chosen or _default_config(), data=folder.expanduser(), environ=environ)


def _default_config() -> Path:
    here = Path("config")
    shipped = Path(__file__).resolve().parent.parent / "config"
    return here if (here / "organization.yaml").exists() or not shipped.exists() else shipped
