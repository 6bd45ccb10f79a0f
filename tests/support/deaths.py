"""Dying at every boundary of a story, without ending a process for each: the folder as it stands there is all that a killed one leaves.

A copy of the files at a boundary is what SIGKILL at that boundary leaves, rollback journal included, so going on from the copy is a restart.
Where nothing but a rollback journal differs from what the boundary before left, the restart would be the same, and is not made twice unless
asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from integrations.memory.simulation import Simulation
from tests.support.boundaries import Boundaries
from tests.support.stories import Story, living, told_once

Files = dict[str, bytes]


@dataclass(kw_only=True)
class Left:
    """What a death left: the files, and the boundaries at which a process that died left exactly these."""

    files: Files
    boundaries: list[int] = field(default_factory=list)

    def put(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder


@dataclass(kw_only=True)
class Sweep:
    """The boundaries of one life, by name, and everything that dying at one of them leaves."""

    crossed: list[str]
    left: list[Left]


async def lived(folder: Path, story: Story, *, executor: str = "first", journals: bool = False) -> Sweep:
    """Live to the end of the story in `folder`, asserting that it ends well, and keep what stood there at each boundary.

    With `journals`, what differs in a rollback journal only is kept apart.
    """
    left: list[Left] = []

    def crossing(number: int, _name: str) -> None:
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        if not left or _kept(left[-1].files, journals) != _kept(files, journals):
            left.append(Left(files=files))
        left[-1].boundaries.append(number)

    boundaries = Boundaries(crossing)
    folder.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        boundaries.watch(patch)
        async with living(folder, story, boundaries=boundaries, executor=executor) as (office, outside, life):
            await life()
            sweep = Sweep(crossed=list(boundaries.crossed), left=list(left))
            await told_once(office, outside, story)
    return sweep


async def revived(folder: Path, left: Left, story: Story, *, executor: str = "heir") -> None:
    """Start again from what was left, and assert that the story ends as it would have."""
    boundaries = Boundaries()
    async with living(left.put(folder), story, boundaries=boundaries, executor=executor) as (office, outside, life):
        await life()
        await told_once(office, outside, story)


def _kept(files: Files, journals: bool) -> Files:
    return {name: content for name, content in files.items() if journals or not name.endswith("-journal")}


@contextmanager
def quick_restarts() -> Iterator[None]:
    """Read the description of the simulated world once: it is most of what a restart costs here, and no part of what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Simulation, "load", staticmethod(cache(Simulation.load)))
        yield
