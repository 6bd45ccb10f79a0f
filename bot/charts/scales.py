"""Numbers as people say them: “1.2k”, “340 ms”, “2.5 %”, “1.5 GiB”."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from skills.core.report import Chart, Curve

_TIMES = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_TIME_UNITS = {
    "h": 3600.0,
    "min": 60.0,
    "s": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "milliseconds": 1e-3,
    "µs": 1e-6,
    "us": 1e-6,
}
_BYTES = ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))
_THOUSANDS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MINUTES_FROM = 120.0
"""Seconds up to which a time is still told in seconds: “90 s” needs no arithmetic."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How the values of a unit are told: divided by `divisor`, with `suffix` behind. `name` is what stands beside an axis."""

    divisor: float = 1.0
    suffix: str = ""
    name: str = ""

    def told(self, value: float, *, digits: int | None = None) -> str:
        """“340 ms”. Without `digits`, so many that three figures are significant."""
        shown = value / self.divisor
        if digits is None:
            digits = 0 if shown == 0 else max(0, min(4, 2 - math.floor(math.log10(abs(shown)))))
            text = f"{shown:.{digits}f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
        else:
            text = f"{shown:.{digits}f}"
        return f"{'0' if text in ('-0', '') else text}{self.suffix}"


def scale_of(unit: str, top: float) -> Scale:
    """The scale on which values up to `top` of this unit read best. Times, bytes and ratios are known; others get k, M and G."""
    plain = unit.strip()
    if plain.lower() in _TIME_UNITS:
        return _time(_TIME_UNITS[plain.lower()], top)
    if plain.lower() in ("bytes", "byte", "b"):
        return _stepped(_BYTES, top, smallest=" B")
    if plain.lower() in ("ratio", "fraction"):
        return Scale(divisor=0.01, suffix=" %")
    if plain.lower() in ("%", "percent"):
        return Scale(suffix=" %")
    for divisor, suffix in _THOUSANDS:
        if top >= divisor:
            return Scale(divisor=divisor, suffix=suffix, name=plain)
    return Scale(name=plain)


def told(value: float, unit: str) -> str:
    """One value by itself, with its unit: “340 ms”, “1.2k req/s”."""
    scale = scale_of(unit, abs(value))
    return f"{scale.told(value)} {scale.name}".strip()


def known(curves: Iterable[Curve]) -> list[float]:
    """All values there are; gaps, and numbers that are none, left out."""
    return [value for curve in curves for _, value in curve.points if value is not None and math.isfinite(value)]


def most_telling(chart: Chart, most: int) -> tuple[list[Curve], list[Curve]]:
    """The curves worth a name, in their order, and the others: where there are more than `most`, those with the highest peaks have one."""
    if len(chart.curves) <= most:
        return list(chart.curves), []
    peaks = sorted(chart.curves, key=lambda curve: max(known([curve]), default=-math.inf), reverse=True)
    named = {id(curve) for curve in peaks[: most - 1]}
    return [c for c in chart.curves if id(c) in named], [c for c in chart.curves if id(c) not in named]


def _time(unit: float, top: float) -> Scale:
    seconds = top * unit
    for step, name in _TIMES:
        if seconds >= (_MINUTES_FROM * step / 60 if step >= 60 else step):
            return Scale(divisor=step / unit, suffix=f" {name}")
    name = next(name for step, name in _TIMES if step == (1e-6 if seconds > 0 else unit))
    return Scale(divisor=(1e-6 if seconds > 0 else unit) / unit, suffix=f" {name}")


def _stepped(steps: Iterable[tuple[float, str]], top: float, *, smallest: str) -> Scale:
    for divisor, suffix in steps:
        if top >= divisor:
            return Scale(divisor=divisor, suffix=f" {suffix}")
    return Scale(suffix=smallest)
