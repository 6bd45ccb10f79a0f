"""Charts as pictures: whatever is in them, a picture comes out, or the log says why not."""

import asyncio
import io
import math
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from PIL import Image

from bot.charts.drawing import Pictures
from bot.charts.picture import SIZE, picture
from skills.core.report import Chart, Curve, Mark
from tests.support.reports import NOON, a_chart


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def colours(png: bytes) -> set[tuple[int, ...]]:
    found = opened(png).convert("RGB").getcolors(maxcolors=SIZE[0] * SIZE[1])
    return {colour for _, colour in found or ()}  # type: ignore[misc]  # RGB colours are triples


def curve(name: str, *values: float | None) -> Curve:
    return Curve(name=name, points=tuple((NOON + timedelta(minutes=n), value) for n, value in enumerate(values)))


NASTY: dict[str, Chart] = {
    "nothing": a_chart(curves=(), marks=()),
    "no points": a_chart(curves=(curve("a"),)),
    "only gaps": a_chart(curves=(curve("a", None, None),)),
    "one point": a_chart(curves=(curve("a", 5.0),)),
    "lonely points": a_chart(curves=(curve("a", None, 5.0, None, 7.0, None),)),
    "no numbers": a_chart(curves=(curve("a", math.nan, math.inf, -math.inf, 1.0),)),
    "zeros": a_chart(curves=(curve("a", 0.0, 0.0, 0.0),)),
    "below zero": a_chart(unit="", curves=(curve("a", -5.0, -1.0),)),
    "huge and tiny": a_chart(unit="", curves=(curve("a", 1e300, 1e-300),)),
    "formulas and foreign letters": a_chart(title="$x_{1$ \\frac 日本 🔥\x07", curves=(curve("$\\alpha$ 🔥", 1.0, 2.0),)),
    "long words": a_chart(title="x" * 5000, curves=(curve("n" * 5000, 1.0, 2.0),), marks=(Mark(at=NOON, text="m" * 5000),)),
    "many curves": a_chart(curves=tuple(curve(f"c{n}", *range(60)) for n in range(60))),
    "many marks": a_chart(marks=tuple(Mark(at=NOON + timedelta(minutes=n), text=f"deploy v{n}") for n in range(60))),
    "a year": a_chart(curves=(Curve(name="a", points=((NOON, 1.0), (NOON + timedelta(days=365), 2.0))),)),
}  # fmt: skip


@pytest.mark.parametrize("chart", NASTY.values(), ids=NASTY.keys())
def test_anything_can_be_drawn(chart: Chart) -> None:
    assert opened(picture(chart)).size == SIZE


def test_it_brings_its_own_dark_ground_and_as_many_colours_as_curves() -> None:
    image = opened(picture(a_chart()))
    corner = image.convert("RGBA").getpixel((20, 650))
    assert corner == (0x20, 0x24, 0x2B, 255)
    seen = colours(picture(a_chart()))
    assert {(0x5A, 0xB4, 0xF0), (0xFF, 0xB0, 0x2E)} <= seen


def test_a_gap_is_not_drawn_over() -> None:
    solid = (0x5A, 0xB4, 0xF0)
    whole = opened(picture(a_chart(marks=(), curves=(curve("a", *[5.0] * 60),)))).convert("RGB")
    torn = opened(picture(a_chart(marks=(), curves=(curve("a", *[5.0] * 20, *[None] * 20, *[5.0] * 20),)))).convert(
        "RGB"
    )
    row = next(y for y in range(SIZE[1]) if whole.getpixel((500, y)) == solid)
    assert torn.getpixel((300, row)) == solid
    assert torn.getpixel((510, row)) != solid
    assert torn.getpixel((800, row)) == solid


def test_the_same_chart_is_the_same_picture_from_any_thread() -> None:
    drawn: list[bytes] = []
    threads = [threading.Thread(target=lambda: drawn.append(picture(a_chart()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 1


def test_nobody_pays_for_pictures_before_the_first() -> None:
    look = "import sys, bot.slack.edge, bot.cli.ask, bot.cli.chat, bot.cli.render.panels; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout == "False\n"


async def test_a_failure_is_one_line_in_the_log(tmp_path: Path) -> None:
    def broken(_: Chart) -> bytes:
        raise ZeroDivisionError("no")

    with structlog.testing.capture_logs() as logged:
        assert await Pictures(tmp_path, paint=broken).draw(a_chart()) is None
    assert [(entry["event"], entry["problem"]) for entry in logged] == [
        ("a chart was not drawn", "ZeroDivisionError: no")
    ]


async def test_one_that_takes_too_long_is_gone_without(tmp_path: Path) -> None:
    leave = threading.Event()

    def slow(_: Chart) -> Any:
        leave.wait(30)

    with structlog.testing.capture_logs() as logged:
        assert await Pictures(tmp_path, paint=slow, patience=0.01).draw(a_chart()) is None
    leave.set()
    assert logged[0]["event"] == "a chart was not drawn"


async def test_meanwhile_everything_else_goes_on(tmp_path: Path) -> None:
    asked = asyncio.create_task(Pictures(tmp_path).draw(a_chart()))
    await asyncio.sleep(0)
    assert not asked.done()
    assert (await asked or b"").startswith(b"\x89PNG")
