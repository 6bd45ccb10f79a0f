"""A chart as a PNG that reads well on a phone, on a white page and on Slack's dark one.

The picture brings its own dark ground, so that it looks the same on both. Curves are told apart by their dashes and by names at their ends,
not by colour alone. Only matplotlib's figures are used, never its global state, and one picture is drawn at a time: it is not safe for threads.
"""

import io
import math
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.charts.layout import labels_apart, marks_apart, plain_words, thinned
from bot.charts.scales import Scale, known, most_telling, scale_of
from skills.core.report import Chart, Curve, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SIZE = (1200, 675)
NAMED = 8
"""So many curves have a name; where there are more, the last name is “others”."""

_DPI = 100
_GROUND, _EDGE, _INK, _FAINT, _GRID = "#20242b", "#4a515d", "#f2f4f7", "#aab2bf", "#3a414c"
_LOOKS = (
    ("#5ab4f0", "solid"), ("#ffb02e", (0, (6, 2))), ("#3ddc97", (0, (2, 1.4))), ("#ff7b72", (0, (8, 2, 2, 2))),
    ("#d8a6ff", (0, (4, 1.5, 1, 1.5, 1, 1.5))), ("#f5e663", (0, (1, 1.2))), ("#7de2e2", (0, (10, 3))), ("#ffffff", (0, (3, 3))),
)  # fmt: skip
_BIG, _MIDDLE, _SMALL = 29.0, 22.0, 20.5
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.125, 0.74, 0.12, 0.69
_MARK_ROWS = 3
_NAME_ENDS = 6
"""Characters at the end of a curve's name that stay when it is cut: neighbours often differ there alone."""

_LOCK = threading.Lock()


def picture(chart: Chart) -> bytes:
    """The chart as a PNG of `SIZE` pixels. Blocks for a tenth of a second, and the first time for about one; may be called from any thread."""
    with _LOCK:
        return _drawn(chart)


def _drawn(chart: Chart) -> bytes:
    # A second and 60 MB that only those pay who look at a picture.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(SIZE[0] / _DPI, SIZE[1] / _DPI), dpi=_DPI, facecolor=_GROUND, edgecolor=_EDGE, linewidth=4)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((_LEFT, _BOTTOM, _RIGHT - _LEFT, _TOP - _BOTTOM), facecolor=_GROUND)
    values = known(chart.curves)
    scale = scale_of(chart.unit, max(map(abs, values), default=0.0))
    begin, end = _span(chart)
    axes.set_xlim(_days(begin), _days(end))
    named, others = most_telling(chart, NAMED)
    for curve in others:
        _curve(axes, curve, (_FAINT, "solid"), width=1.5)
    for curve, look in zip(named, _LOOKS, strict=False):
        _curve(axes, curve, look, width=3.5)
    _upwards(axes, values, scale)
    _along(axes, begin, end)
    if not _moments(chart):
        axes.set_xticks([])
    if values:
        _names(figure, axes, chart, named, others)
    else:
        _words(figure, (_LEFT + _RIGHT) / 2, (_BOTTOM + _TOP) / 2, "no data in this time", _MIDDLE, ha="center")
    unnamed = _marks(figure, axes, chart.marks)
    _heading(figure, chart, scale, _when(begin, end) if _moments(chart) else "", unnamed)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=_DPI, facecolor=_GROUND, edgecolor=_EDGE)
    return drawn.getvalue()


def _curve(axes: "Axes", curve: Curve, look: tuple[str, Any], *, width: float) -> None:
    """A line, broken at its gaps; a point that stands alone between gaps is a dot."""
    colour, dashes = look
    points = thinned(curve)
    xs = [_days(at) for at, _ in points]
    ys = [value if value is not None and math.isfinite(value) else math.nan for _, value in points]
    axes.plot(xs, ys, color=colour, linestyle=dashes, linewidth=width, solid_capstyle="round", dash_capstyle="butt")
    padded = [math.nan, *ys, math.nan]
    alone = [i for i, y in enumerate(ys) if not math.isnan(y) and math.isnan(padded[i]) and math.isnan(padded[i + 2])]
    axes.plot([xs[i] for i in alone], [ys[i] for i in alone], "o", color=colour, markersize=width * 2.2)


def _upwards(axes: "Axes", values: Sequence[float], scale: Scale) -> None:
    """From zero, so that a small wobble does not look like a cliff; few lines, told in short numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415 - as above

    axes.tick_params(axis="y", length=0, labelsize=_SMALL, labelcolor=_INK, pad=8)
    axes.grid(axis="y", color=_GRID, linewidth=1.5)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(_FAINT)
    if not values:
        axes.set_yticks([])
        return
    top, bottom = max([*values, 0.0]), min([*values, 0.0])
    room = (top - bottom) * 0.08 or scale.divisor
    low, high = bottom - (room if bottom < 0 else 0.0), top + (room if top > 0 or not bottom else 0.0)
    axes.set_ylim(low / scale.divisor, high / scale.divisor)
    ticks = [float(tick) for tick in MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(*axes.get_ylim())]
    digits = _digits(ticks)
    axes.set_ylim(low, high)
    axes.set_yticks([tick * scale.divisor for tick in ticks if low <= tick * scale.divisor <= high])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: scale.told(value, digits=digits) if value else "0"))


def _along(axes: "Axes", begin: datetime, end: datetime) -> None:
    """Times of day in UTC; days where there are several."""
    from matplotlib.dates import AutoDateLocator, DateFormatter  # noqa: PLC0415 - as above

    long = end - begin
    written = "%H:%M" if long <= timedelta(hours=36) else "%b %d\n%H:%M" if long <= timedelta(days=4) else "%b %d"
    axes.xaxis.set_major_locator(AutoDateLocator(tz=UTC, minticks=3, maxticks=6))  # type: ignore[no-untyped-call]  # its stubs leave it out
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M:%S" if long < timedelta(minutes=3) else written, tz=UTC))  # type: ignore[no-untyped-call]  # as above
    axes.tick_params(axis="x", length=8, width=1.5, color=_FAINT, labelsize=_SMALL, labelcolor=_INK, pad=6)


def _heading(figure: "Figure", chart: Chart, scale: Scale, when: str, unnamed: int) -> None:
    title = _words(figure, 0.025, 0.955, chart.title, _BIG, va="top", weight="bold")
    _narrowed(figure, title, SIZE[0] * 0.95)
    more = f"{unnamed} more moments marked" if unnamed else ""
    below = " · ".join(said for said in (scale.name, when, more) if said)
    _words(figure, 0.025, 0.875, below, _SMALL, va="top", color=_FAINT)


def _names(figure: "Figure", axes: "Axes", chart: Chart, named: Sequence[Curve], others: Sequence[Curve]) -> None:
    """Each curve's name and last value beside its end, moved apart where ends are close, with a piece of its line to know it by."""
    low, high = axes.get_ylim()
    ends = [(_last(curve), curve) for curve in named]
    wanted = [(value - low) / ((high - low) or 1.0) if value is not None else 0.0 for value, _ in ends]
    every = [*wanted, *([0.0] if others else [])]
    heights = labels_apart(every, least=1.0 / max(NAMED + 1, 1))
    for (value, curve), look, height in zip(ends, _LOOKS, heights, strict=False):
        now = scale_of(chart.unit, abs(value)).told(value) if value is not None else "–"
        _name(figure, curve.name, f" {now}", height, look)
    if others:
        _name(figure, f"{len(others)} others", "", heights[-1], (_FAINT, "solid"))


def _name(figure: "Figure", name: str, now: str, height: float, look: tuple[str, Any]) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - as above

    y = _BOTTOM + height * (_TOP - _BOTTOM)
    colour, dashes = look
    piece = Line2D([_RIGHT + 0.008, _RIGHT + 0.043], [y, y], color=colour, linestyle=dashes, linewidth=4)
    piece.set_transform(figure.transFigure)
    figure.add_artist(piece)
    text = _words(figure, _RIGHT + 0.05, y, name, _SMALL, va="center", color=colour)
    _narrowed(figure, text, SIZE[0] * (0.985 - _RIGHT - 0.05), keep=_NAME_ENDS, behind=now)


def _marks(figure: "Figure", axes: "Axes", marks: Sequence[Mark]) -> int:
    """A line for each moment; its words above the plot, in as many rows as keep them apart. How many had to go without words."""
    first, last = axes.get_xlim()
    width = SIZE[0] * (_RIGHT - _LEFT)
    shown = sorted((mark for mark in marks if first <= _days(mark.at) <= last), key=lambda mark: mark.at)
    texts = [_words(figure, 0, 0, f"{m.at.astimezone(UTC):%H:%M} {m.text}", _SMALL * 0.9, va="center") for m in shown]
    wide = [_narrowed(figure, text, width * (0.45 if len(texts) < 4 else 0.33)) for text in texts]
    at = [(_days(mark.at) - first) / (last - first) * width for mark in shown]
    spots = marks_apart(at, wide, room=width, rows=_MARK_ROWS)
    for x, text, spot in zip(at, texts, spots, strict=True):
        axes.axvline(first + x / width * (last - first), color=_FAINT, linewidth=2, linestyle=(0, (1, 1.5)), zorder=1)
        if spot is None:
            text.remove()
            continue
        left, row = spot
        text.set_position((_LEFT + left / SIZE[0], _TOP + 0.022 + row * 0.042))
    return spots.count(None)


def _words(figure: "Figure", x: float, y: float, words: str, size: float, *, color: str = _INK, **how: Any) -> "Text":
    """Words as they are: no formulas in dollar signs, no characters without a shape."""
    return figure.text(
        x, y, plain_words(words), fontsize=size, color=color, family="DejaVu Sans", parse_math=False, **how
    )


def _narrowed(figure: "Figure", text: "Text", most: float, *, keep: int = 0, behind: str = "") -> float:
    """Cut the words until they are at most so many pixels wide, but for the last `keep` and what stands `behind` them; the width."""
    words = text.get_text()
    head, tail = (words[:-keep], words[-keep:]) if 0 < keep < len(words) else (words, "")
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # every Agg canvas has one
    text.set_text(f"{words}{behind}")
    while (wide := text.get_window_extent(renderer).width) > most and len(head) > 1:
        head = head[:-1].rstrip()
        text.set_text(f"{head}…{tail}{behind}")
    return float(wide)


def _moments(chart: Chart) -> list[datetime]:
    return [at for curve in chart.curves for at, _ in curve.points] or [mark.at for mark in chart.marks]


def _span(chart: Chart) -> tuple[datetime, datetime]:
    """From the first to the last moment there is; half an hour around a single one."""
    moments = _moments(chart) or [datetime(1970, 1, 1, tzinfo=UTC)]
    begin, end = min(moments), max(moments)
    if begin == end:
        begin, end = begin - timedelta(minutes=15), end + timedelta(minutes=15)
    return begin.astimezone(UTC), end.astimezone(UTC)


def _when(begin: datetime, end: datetime) -> str:
    days = f"{begin:%Y-%m-%d}" if begin.date() == end.date() else f"{begin:%Y-%m-%d} to {end:%Y-%m-%d}"
    return f"{days}, times in UTC"


def _days(moment: datetime) -> float:
    """As matplotlib counts: days since 1970."""
    return moment.timestamp() / 86400


def _last(curve: Curve) -> float | None:
    """The value at the end; None where the curve ends in a gap."""
    return next(iter(known([Curve(name="", points=curve.points[-1:])])), None)


def _digits(ticks: Sequence[float]) -> int:
    """Digits behind the point that tell neighbouring ticks apart."""
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    return next((n for n in range(5) if abs(round(step, n) - step) < step * 1e-6), 4)
