"""A judge for tests: rules and times as values, Rego in process, the catalog as given."""

from collections.abc import Mapping

from bot.policy import Judge
from bot.policy.bundle import bundle
from bot.policy.facts import FIELDS
from integrations.rego import RegoEngine
from skills.core.calendar import Calendar, Period
from skills.core.catalog import Catalog
from skills.core.policy import Rule

NOBODY = Catalog(declared=(), environments=(), people=())


def engine(
    *rules: Rule, modules: Mapping[str, str] | None = None, seconds: float = 30.0, fields: frozenset[str] = FIELDS
) -> RegoEngine:
    """The bundle of these rules and modules, compiled on first use. Machines that run tests are slow: half a minute."""
    found = bundle(rules, modules or {}, {})
    return RegoEngine(
        found.modules, found.data, fingerprint=found.fingerprint, shipped=found.shipped, fields=fields, seconds=seconds
    )


def judge(
    *rules: Rule,
    freezes: tuple[Period, ...] = (),
    windows: tuple[Period, ...] = (),
    modules: Mapping[str, str] | None = None,
    catalog: Catalog = NOBODY,
    seconds: float = 30.0,
) -> Judge:
    """The judge of these rules."""
    rego = engine(*rules, modules=modules, seconds=seconds)
    return Judge(rego=rego, rules=rules, catalog=catalog, calendar=Calendar(freezes=freezes, windows=windows))
