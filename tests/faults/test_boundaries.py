"""The process dies before and after every commit, effect, send and reading of the clock of the core stories, and then goes on.

Whatever was left, the story ends as it would have: one effect for each step of a consumed approval, each after its intent; no run that hangs;
a log without a gap; the outcome told once. `make bench` dies twice, at every pair of boundaries, and by SIGKILL.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engines import make_engine
from tests.support.boundaries import CLOCK, COMMIT, EFFECT, SEND, Boundaries
from tests.support.deaths import lived, quick_restarts, revived
from tests.support.stories import STORIES, Story, living

BY_NAME = {story.name: story for story in STORIES}
DENSE = tuple(story for story in STORIES if story.name != "a release that works")
"""What a release that works goes through, one that goes back goes through too."""


@pytest.fixture(autouse=True)
def restarts() -> Iterator[None]:
    with quick_restarts():
        yield


@pytest.mark.parametrize("story", DENSE, ids=lambda story: story.name.replace(" ", "-"))
async def test_dying_at_any_boundary_of_a_story_changes_nothing_of_how_it_ends(
    tmp_path: Path, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = await lived(tmp_path / "life", story)
    covered: set[int] = set()
    for number, left in enumerate(sweep.left):
        try:
            await revived(tmp_path / str(number), left, story)
        except AssertionError as wrong:
            names = [f"{at} ({sweep.crossed[at]})" for at in left.boundaries]
            raise AssertionError(f"after dying at {', '.join(names)}: {wrong}") from wrong
        covered.update(left.boundaries)
    with capsys.disabled():
        print(f"\n{story.name}: {len(covered)}/{len(sweep.crossed)} boundaries covered", end="")
    assert covered == set(range(len(sweep.crossed)))


async def test_dying_twice_changes_nothing_either(tmp_path: Path) -> None:
    """Some pairs, each checked by `revived`; all of them are in `make bench`."""
    story = BY_NAME["a release that goes back"]
    first = await lived(tmp_path / "life", story)
    for one, left in list(enumerate(first.left))[7::24]:
        again = await lived(left.put(tmp_path / f"{one}"), story, executor="heir")
        for other, left_again in list(enumerate(again.left))[5::17]:
            await revived(tmp_path / f"{one}-{other}", left_again, story, executor="heir's heir")


async def test_nothing_gets_past_the_boundaries(tmp_path: Path) -> None:
    """What the database, the cluster and Slack count by themselves is what was crossed."""
    committed = 0

    def count(_connection: object) -> None:
        nonlocal committed
        committed += 1

    boundaries = Boundaries()
    story = BY_NAME["a release that goes back"]
    with pytest.MonkeyPatch.context() as patch:
        boundaries.watch(patch)
        patch.setattr("bot.store.database.make_engine", _counting(count))
        async with living(tmp_path, story, boundaries=boundaries) as (office, outside, life):
            await life()
            assert boundaries.count(COMMIT) == committed
            assert boundaries.count(EFFECT) == len(office.cluster.effects) == 2
            changing = [method for _, method in outside.calls if method.startswith("chat.")]
            assert (
                boundaries.count(SEND)
                == len(changing)
                == len(outside.messages) + sum(each["updates"] for each in outside.messages)
            )
            assert boundaries.count(CLOCK) > 0
            assert {office.world.clock, office.world.database.clock} == {outside}


def _counting(count: Callable[[object], None]) -> Callable[[URL], AsyncEngine]:
    """Engines that tell of each commit."""

    def make(url: URL) -> AsyncEngine:
        engine = make_engine(url)
        event.listen(engine.sync_engine, "commit", count)
        return engine

    return make
