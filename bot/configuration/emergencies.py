"""The part of organization.yaml about emergencies."""

from collections.abc import Set as AbstractSet
from datetime import timedelta

from bot.configuration.checking import unknown
from bot.configuration.problems import Problem
from bot.configuration.shapes import BreakGlassShape
from skills.core.glass import GlassRules


def break_glass(shape: BreakGlassShape | None, roles: AbstractSet[str], problems: list[Problem]) -> GlassRules | None:
    """Who may break glass, and how; None where nobody may."""
    if shape is None:
        return None
    for role in shape.roles:
        if role not in roles:
            text = unknown("role", role, sorted(roles))
            problems.append(Problem(file="organization.yaml", line=0, field="break_glass.roles", text=text))
    return GlassRules(
        roles=frozenset(shape.roles), holds=timedelta(minutes=shape.minutes), by_requester=shape.requester
    )
