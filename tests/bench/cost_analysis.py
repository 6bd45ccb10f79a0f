"""How well unusual days are found and costs are foreseen, on series with known truth, and how long that takes for each.

Beside it in the same run: the rule that most people begin with (three standard deviations over the last 28 days), and a forecast that only
repeats the last weeks.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import date
from statistics import fmean, pstdev

from integrations.memory.forecasts import SeasonalNaive
from integrations.statsmodels import StatsmodelsForecaster
from skills.core.ports.forecasting import Forecaster
from skills.costing.anomalies import Anomaly, Course
from tests.bench.figures import show
from tests.evals.costs.foreseen import all_foretold, coverage
from tests.evals.costs.judging import all_series, figures, judge, judged_by

SEEDS = range(100, 120)


def three_sigma(days: Sequence[tuple[date, float | None]]) -> list[Anomaly]:
    """Whatever is more than three standard deviations off the mean of the 28 days before; days in a row are one."""
    found: list[Anomaly] = []
    for index in range(28, len(days)):
        day, value = days[index]
        past = [each for _, each in days[index - 28 : index] if each is not None]
        middle, out = fmean(past), 3 * pstdev(past)
        if value is None or abs(value - middle) <= out:
            continue
        if found and (day - found[-1].end).days == 1:
            found[-1] = Anomaly(
                start=found[-1].start, end=day, expected=middle, actual=value, score=0, course=Course.PASSED
            )
            continue
        found.append(Anomaly(start=day, end=day, expected=middle, actual=value, score=0, course=Course.PASSED))
    return found


async def forecasts(name: str, forecaster: Forecaster) -> None:
    began = time.perf_counter()
    held = await all_foretold(SEEDS, forecaster)
    took = time.perf_counter() - began
    show("cost forecast", by=name, ms_each=round(took / len(held) * 3000, 1), **coverage(held))


def main() -> None:
    series = all_series(SEEDS)
    began = time.perf_counter()
    judged = [judge(each) for each in series]
    show(
        "cost anomalies",
        by="ours",
        ms_each=round((time.perf_counter() - began) / len(series) * 1000, 1),
        **figures(judged),
    )
    plain = [judged_by(each, three_sigma(each.days)) for each in series]
    show("cost anomalies", by="three standard deviations", **figures(plain))
    asyncio.run(forecasts("statsmodels", StatsmodelsForecaster()))
    asyncio.run(forecasts("the last weeks again", SeasonalNaive()))


if __name__ == "__main__":
    main()
