"""Where an environment keeps its logs and traces, with the keys for them from the environment variables."""

from collections.abc import Mapping

from pydantic import SecretStr

from bot.configuration.problems import Problem
from bot.configuration.secrets import secret
from bot.configuration.settings import LokiSettings, OpenSearchSettings, TracesSettings
from bot.configuration.shapes import EnvironmentShape, LokiShape, OpenSearchShape


def logs(
    entry: EnvironmentShape, environ: Mapping[str, str], problems: list[Problem]
) -> LokiSettings | OpenSearchSettings | None:
    """The service that keeps logs; None where the cluster itself is asked."""
    match entry.logs:
        case LokiShape() as loki:
            return LokiSettings(
                url=loki.url,
                auth=loki.auth,
                tenant=loki.tenant,
                labels=loki.labels.model_dump(),
                key=_key("COUNTERSIGN_LOGS_KEY", entry.name, environ, problems),
            )
        case OpenSearchShape() as opensearch:
            return OpenSearchSettings(
                url=opensearch.url,
                auth=opensearch.auth,
                index=opensearch.index,
                fields=opensearch.fields.model_dump(),
                key=_key("COUNTERSIGN_LOGS_KEY", entry.name, environ, problems),
            )
        case _:
            return None


def traces(entry: EnvironmentShape, environ: Mapping[str, str], problems: list[Problem]) -> TracesSettings | None:
    """The service that keeps traces, if one does."""
    if entry.traces is None:
        return None
    key = _key("COUNTERSIGN_TRACES_KEY", entry.name, environ, problems)
    return TracesSettings(kind=entry.traces.kind, url=entry.traces.url, auth=entry.traces.auth, key=key)


def _key(name: str, environment: str, environ: Mapping[str, str], problems: list[Problem]) -> SecretStr | None:
    """The environment's own key, in NAME_PRODUCTION, before the one for all of them, in NAME. None is needed everywhere."""
    own = f"{name}_{environment.upper().replace('-', '_')}"
    return secret(environ, own, problems) or secret(environ, name, problems)
