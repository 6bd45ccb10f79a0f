"""Ways to change one byte of what was approved."""

import json
import random
from typing import Any

from skills.core.plan import Plan


def mutated(plan: Plan, dice: random.Random) -> str:
    """The plan as it lies in the store, with one byte changed, added or taken away."""
    stored = json.dumps(plan.to_json(), separators=(",", ":"))
    at = dice.randrange(len(stored))
    byte = chr(dice.randrange(32, 127))
    match dice.randrange(3):
        case 0:
            return stored[:at] + byte + stored[at + 1 :]
        case 1:
            return stored[:at] + byte + stored[at:]
        case _:
            return stored[:at] + stored[at + 1 :]


def means_the_same(stored: str, plan: Plan) -> bool:
    """Is this the same JSON, only written otherwise?"""
    try:
        return bool(json.loads(stored) == plan.to_json())
    except ValueError:
        return False


def still_approved(stored: str, plan: Plan) -> bool:
    """Would a run take what is stored for what was approved?"""
    try:
        read: Any = json.loads(stored)
        return Plan.from_json(read).digest == plan.digest
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
