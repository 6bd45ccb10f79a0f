"""How often what came to be was in the range that was told before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from skills.core.ports.forecasting import Forecaster
from skills.costing.foreseeing import foresee
from tests.evals.costs.judging import LEAST
from tests.evals.costs.series import FIRST, QUIET, SHAPES, YEAR, made

AHEAD = (14, 30, 90)
"""Days, as for the rest of a month, a month, and a quarter."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One forecast: was the truth within it, above or below, and how far is each end from the middle, as a share?"""

    shape: str
    ahead: int
    inside: bool
    above: bool
    width: float


async def foretold(shape: str, seed: int, forecaster: Forecaster) -> list[Held]:
    """Forecasts from a day in the middle of a year in which things went wrong before; what goes wrong later, nobody could know."""
    rng = Random(f"when/{shape}/{seed}")
    now = rng.randrange(QUIET + 45, YEAR - max(AHEAD))
    seen, truth = made(shape, seed), _to_come(shape, seed, now)
    last = FIRST + timedelta(days=now - 1)
    until = [last + timedelta(days=ahead + 1) for ahead in AHEAD]
    outlook = await foresee(seen.days[:now], forecaster, until=until, least=LEAST)
    assert outlook is not None
    held = []
    for ahead, told in zip(AHEAD, outlook.sums, strict=True):
        came = sum(truth[now : now + ahead])
        width = (told.high - told.low) / 2 / abs(told.expected)
        inside, above = told.low <= came <= told.high, came > told.high
        held.append(Held(shape=shape, ahead=ahead, inside=inside, above=above, width=width))
    return held


def _to_come(shape: str, seed: int, now: int) -> list[float]:
    """What it would go on to cost if nothing else went wrong; whole days, all known."""
    return [value or 0.0 for value in made(shape, seed, gaps=False, events_before=now).values]


async def all_foretold(seeds: Iterable[int], forecaster: Forecaster) -> list[Held]:
    return [held for seed in seeds for shape in SHAPES for held in await foretold(shape, seed, forecaster)]


def coverage(held: Sequence[Held]) -> dict[str, float | int]:
    """The share of truths within, and the usual half width, over all and for each length."""
    figures: dict[str, float | int] = {
        "forecasts": len(held),
        "held": _share(held),
        "above": round(sum(each.above for each in held) / len(held), 3),
    }
    for ahead in AHEAD:
        some = [each for each in held if each.ahead == ahead]
        figures[f"held {ahead} days"] = _share(some)
        figures[f"half width {ahead} days"] = round(sorted(each.width for each in some)[len(some) // 2], 3)
    return figures


def by_shape(held: Sequence[Held]) -> str:
    shapes = dict.fromkeys(each.shape for each in held)
    return "\n".join(f"{shape:20}{_share([each for each in held if each.shape == shape]):8.3f}" for shape in shapes)


def _share(held: Sequence[Held]) -> float:
    return round(sum(each.inside for each in held) / len(held), 3)
