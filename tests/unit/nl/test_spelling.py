"""A request spelled out again means the same when it is read again."""

from pathlib import Path

import pytest

from bot.configuration import load
from bot.nl import EmbeddedInterpreter
from bot.nl.fields import fields_of
from bot.nl.questions import spelled
from skills.core.names import SkillName
from skills.core.registry import Skills, discover

CONFIG = Path(__file__).parents[3] / "config"
TYPES = discover()
SKILLS = Skills.described(TYPES)
CATALOG = load(CONFIG, {}, skills=[each.name for each in TYPES]).catalog


@pytest.mark.parametrize("replicas", [3, "x2", "/2", "+2", "-1", "+50%", "-50%"])
def test_a_number_of_replicas_is_spelled_as_it_is_read(replicas: int | str) -> None:
    skill = SKILLS[SkillName("scale")]
    params = {"service": "checkout", "environment": "staging", "replicas": replicas}
    text = spelled(skill, fields_of(skill), params)
    assert EmbeddedInterpreter(SKILLS, CATALOG).interpret(text).params == params, text
