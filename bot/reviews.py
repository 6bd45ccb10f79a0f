"""Looking access through again, put together."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bot.configuration import Configuration
from bot.rule_engine import Evaluator, make_survey
from bot.store import Store
from bot.usecases.access import Survey
from bot.usecases.reviewing import Reviewing
from skills.core.registry import Skills


def make_reviews(
    configuration: Configuration,
    store: Store,
    evaluator: Evaluator,
    types: Iterable[type[Any]],
    clock: Callable[[], datetime],
) -> Reviewing:
    """Campaigns as the organization wants them."""
    described = Skills.described(types)

    def survey() -> Survey:
        judge, alike = make_survey(configuration, evaluator)
        return Survey(judge, configuration.catalog, described.values(), clock(), alike=alike)

    return Reviewing(store=store, catalog=configuration.catalog, plan=configuration.reviews, clock=clock, survey=survey)
