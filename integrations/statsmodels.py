"""Forecasts by statsmodels: a structural time series model, estimated by maximum likelihood and played forward.

The level is a random walk with a drift, the week is fixed, and the rest is noise. Ranges are quantiles of simulated futures, so that the
range of a sum takes into account how days depend on each other. Source: A. C. Harvey, “Forecasting, Structural Time Series Models and the
Kalman Filter”, chapter 2.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from skills.core.errors import Unavailable
from skills.core.ports.forecasting import Projection, Range

LONGEST = 180
"""So many days of history are enough; more make it slower and remember what no longer holds."""

WIDER = 1.2
"""Simulated futures know nothing of how uncertain the model's own parameters are. By so much their ranges are widened; measured in tests/evals/costs."""

_FUTURES = 400
_LOW, _HIGH = 0.05, 0.95
_WEEK = 7


class StatsmodelsForecaster:
    """Satisfies `Forecaster`. The library is loaded with the first question: it takes a second and 130 MB."""

    async def project(self, history: Sequence[float], *, ahead: int, sums: Sequence[tuple[int, int]]) -> Projection:
        return await asyncio.to_thread(_project, list(history[-LONGEST:]), ahead, list(sums))


def _project(history: list[float], ahead: int, sums: list[tuple[int, int]]) -> Projection:
    import numpy as np  # noqa: PLC0415 - see the class

    scale = float(np.median(np.abs(history))) or 1.0
    scaled = np.array(history, dtype=float) / scale
    if float(scaled.std()) < 1e-9:
        # What never changed has no likelihood; it goes on as it is.
        value = history[-1]
        same = Range(low=value, expected=value, high=value)
        return Projection(
            days=(same,) * ahead,
            sums=tuple(
                Range(low=value * n, expected=value * n, high=value * n) for n in (end - start for start, end in sums)
            ),
        )
    futures = _futures(scaled, ahead) * scale
    if not np.isfinite(futures).all():
        raise Unavailable("The forecast did not come to finite numbers.", hint="Ask for a shorter time ahead.")
    return Projection(
        days=tuple(_range(np, futures[day]) for day in range(ahead)),
        sums=tuple(_range(np, futures[start:end].sum(axis=0)) for start, end in sums),
    )


def _futures(history: Any, ahead: int) -> Any:
    """Simulated futures, one in each column, one day in each row."""
    import numpy as np  # noqa: PLC0415

    try:
        from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415
    except ModuleNotFoundError:
        raise Unavailable("Forecasts need statsmodels.", hint="Install countersign[forecasts].") from None
    try:
        model = UnobservedComponents(history, "lldtrend", seasonal=_WEEK, stochastic_seasonal=False)
        fitted = model.fit(disp=False, maxiter=100, warn_convergence=False, cov_type="none")
        drawn = fitted.simulate(ahead, repetitions=_FUTURES, anchor="end", rng=np.random.default_rng(0))
    except (np.linalg.LinAlgError, ValueError) as problem:
        raise Unavailable(
            "The forecast could not be computed from these numbers.", hint="Ask for another service or period."
        ) from problem
    return np.asarray(drawn).reshape(ahead, _FUTURES)


def _range(np: Any, values: Any) -> Range:
    low, middle, high = (float(each) for each in np.quantile(values, [_LOW, 0.5, _HIGH]))
    return Range(low=middle - (middle - low) * WIDER, expected=middle, high=middle + (high - middle) * WIDER)
