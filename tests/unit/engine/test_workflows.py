"""What becomes of a run where something goes wrong that nobody thought of."""

from collections.abc import Iterator

import pytest

from bot.engine import workflows
from skills.core.names import ProposalId


class Broken:
    """A runner that meets a bug, or whose process has let go of its threads already."""

    def __init__(self) -> None:
        self.given_up: list[int] = []

    async def advance(self, proposal_id: ProposalId) -> bool:
        raise RuntimeError("cannot schedule new futures after shutdown")

    async def give_up(self, proposal_id: ProposalId, reference: str) -> None:
        self.given_up.append(proposal_id)

    async def pause(self) -> None:
        raise AssertionError("nothing is waited for")


@pytest.fixture
def runner() -> Iterator[Broken]:
    runner = Broken()
    workflows.serve("acme", runner)
    yield runner
    workflows.forget("acme")


async def test_a_bug_settles_its_run_as_unknown(runner: Broken) -> None:
    assert await workflows.advanced("acme", 7) is False
    assert runner.given_up == [7]


async def test_what_goes_wrong_because_the_process_ends_is_left_to_the_next_one(runner: Broken) -> None:
    workflows.end("acme")
    with pytest.raises(RuntimeError):
        await workflows.advanced("acme", 7)
    assert runner.given_up == []


async def test_an_engine_that_is_started_again_knows_bugs_again(runner: Broken) -> None:
    workflows.end("acme")
    workflows.serve("acme", runner)
    assert await workflows.advanced("acme", 7) is False
    assert runner.given_up == [7]
