"""What the README shows is true."""

import re
import sys
import types
from pathlib import Path

import pytest

from bot.configuration import load
from bot.nl.commands import CommandInterpreter
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.names import Organization, Subject
from skills.core.registry import Skills, discover
from skills.core.skill import Query, Skill

README = (Path(__file__).parents[3] / "README.md").read_text()
ANYBODY = Actor(subject=Subject("ada"), name="Ada", organization=Organization("acme"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration that the README calls the smallest one for a real cluster."""
    files = ("organization.yaml", "environments.yaml", "people.yaml", "policies/changes.yaml", "catalog/services.yaml")
    written = blocks("yaml")
    assert len(written) == len(files)
    for name, text in zip(files, written, strict=True):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_smallest_configuration_is_one(config: Path) -> None:
    loaded = load(config, {}, skills=[each.name for each in discover()])
    assert [each.environment.name for each in loaded.environments] == ["production"]
    assert loaded.environments[0].releases == "unchecked"
    assert loaded.catalog.service("checkout").image == "registry.example/checkout"
    assert not loaded.simulated


async def test_the_skill_in_one_file_is_a_skill(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = blocks("python")
    module = types.ModuleType("skills.title")
    monkeypatch.setitem(sys.modules, "skills.title", module)
    exec(source, module.__dict__)
    (title,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Skill) and each is not Query
    ]
    catalog = load(config, {}).catalog
    skills = Skills.build([title], {Catalog: catalog})
    understood = CommandInterpreter(skills, catalog).interpret("title checkout")
    assert (understood.kind, understood.skill) == ("query", "title")
    report = await skills["title"].answer(title.Params(**understood.params), asker=ANYBODY)  # type: ignore[index, attr-defined]
    assert report.summary == "checkout is called checkout."


def test_every_command_that_is_named_is_there() -> None:
    from bot.cli.arguments import parser

    known = next(action for action in parser()._actions if action.dest == "command").choices
    assert known is not None
    named = set(re.findall(r"countersign(?: --[a-z]+ \S+)* ([a-z][a-z-]+)", README)) - {"can", "is", "has", "reads"}
    assert named <= set(known), named - set(known)
