"""What a model's interpreter can reach in a running world, followed object by object: words, names, prompts and its own line."""

import gc
import types
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Settings, World, open_world
from bot.engine.engine import Engine
from bot.nl.model.langchain_chat import LangChainChat
from bot.store import Database, Store
from bot.usecases.decide import Decide
from bot.usecases.door import Door
from bot.usecases.propose import Propose
from integrations.by_environment import ByEnvironment
from integrations.memory.cluster import MemoryCluster
from skills.core.skill import Change
from tests.support.agents import Saying, calls, explained, says
from tests.support.worlds import CONFIG

FORBIDDEN = (Store, Database, Door, Propose, Decide, Engine, World, MemoryCluster, ByEnvironment)
_MOST = 300_000
_ROADS = (types.ModuleType, type, types.CodeType, types.BuiltinFunctionType, types.FrameType)
"""Everybody reaches every module and class; what matters is which objects somebody holds."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    for each in CONFIG.iterdir():
        (folder / each.name).symlink_to(each)
    (folder / "organization.yaml").unlink()
    text = (CONFIG / "organization.yaml").read_text()
    (folder / "organization.yaml").write_text(f"{text}\nmodel:\n  name: gpt-x\n  base_url: http://127.0.0.1:9/v1\n")
    return folder


def reached(root: object) -> list[Any]:
    """Every object that `root` holds, and those hold, and so on."""
    seen, found, waiting = {id(root)}, [root], deque([root])
    while waiting:
        each = waiting.popleft()
        for held in _held(each):
            if id(held) in seen or isinstance(held, _ROADS):
                continue
            assert len(seen) < _MOST, "it holds more than it should"
            seen.add(id(held))
            found.append(held)
            waiting.append(held)
    return found


def _held(each: object) -> list[Any]:
    if isinstance(each, types.FunctionType):
        # Not its globals, which are the module's.
        return [*(each.__closure__ or ()), *(each.__defaults__ or ()), *(each.__kwdefaults__ or {}).values()]
    return gc.get_referents(each)


async def test_the_model_holds_no_store_no_engine_no_cluster_and_no_way_to_approve(
    config: Path, tmp_path: Path
) -> None:
    settings = Settings.from_environ({"COUNTERSIGN_MODEL_KEY": "k"}, config=config, data=tmp_path / "data")
    async with open_world(settings) as world:
        assert world.model is not None
        held = reached(world.model)
        assert [type(each).__name__ for each in held if isinstance(each, FORBIDDEN)] == []
        changes = [each for each in held if isinstance(each, Change)]
        assert changes
        assert [vars(each) for each in changes] == [{}] * len(changes)


async def test_a_question_leaves_nothing_in_the_models_hands(config: Path, tmp_path: Path) -> None:
    settings = Settings.from_environ({"COUNTERSIGN_MODEL_KEY": "k"}, config=config, data=tmp_path / "data")
    async with open_world(settings) as world:
        assert world.model is not None
        model = Saying(calls(("history", {"service": "checkout"})), says("Nothing differs."))
        world.model.agent._talker = LangChainChat(lambda: model)
        told = await explained(world.model.agent, partial(world.door._look, world.actor("dev")))
        assert (told.prose, len(told.found)) == ("Nothing differs.", 3)
        assert [type(each).__name__ for each in reached(world.model) if isinstance(each, FORBIDDEN)] == []


async def test_the_same_search_does_find_a_store_where_there_is_one(config: Path, tmp_path: Path) -> None:
    async with open_world(Settings.from_environ({}, config=config, data=tmp_path / "data")) as world:
        assert any(isinstance(each, Store) for each in reached(world.door))


async def test_langchain_is_not_imported_before_somebody_asks(config: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom bot.bootstrap import Settings, open_world\n"
        "async def main():\n"
        f"    async with open_world(Settings.from_environ({{}}, config=Path({str(config)!r}), data=Path({str(tmp_path / 'd')!r}))):\n"
        "        print([name for name in sys.modules if name.startswith(('langchain', 'openai'))])\n"
        "asyncio.run(main())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CONFIG.parent)
    assert ended.stdout.strip() == "[]"
