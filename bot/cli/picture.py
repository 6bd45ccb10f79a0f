"""`ask --picture FILE`: the charts of an answer as files."""

import sys
from pathlib import Path

from bot.charts.drawing import Pictures
from bot.usecases.answers import Answer, Exit
from bot.usecases.offers import reports_in
from skills.core.report import Chart


async def write_pictures(answer: Answer, file: Path, *, cache: Path) -> Exit:
    """The first chart to `file`, the second to “FILE-2.png”, and so on; what came of it is said on standard error.

    The answer itself has been shown by then, so that nothing that goes wrong here costs it.
    """
    charts = [part for report in reports_in(answer) for part in report.parts if isinstance(part, Chart)]
    if not charts:
        return _said("There is no chart in that answer, so no picture was written.", Exit.CLARIFY)
    pictures = Pictures(cache)
    for number, chart in enumerate(charts, start=1):
        target = file if number == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")
        png = await pictures.draw(chart)
        if png is None:
            return _said("The chart could not be drawn; the log says why.", Exit.BUG)
        try:
            target.write_bytes(png)
        except OSError as problem:
            return _said(f"{target} cannot be written: {problem.strerror or problem}.", Exit.CLARIFY)
        _said(f"The picture is in {target}.", Exit.DONE)
    return Exit.DONE


def _said(sentence: str, exit: Exit) -> Exit:
    print(sentence, file=sys.stderr)
    return exit
