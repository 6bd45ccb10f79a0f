"""Whatever is proposed, decided, delivered twice, edited, drifted, killed or waited for, in whatever order: the bot ends where a small model does."""

import os

from hypothesis import HealthCheck, settings

from tests.support.machine import Machine

EXAMPLES = int(os.environ.get("COUNTERSIGN_MACHINES", "8"))
"""`make bench` makes 100,000 steps."""

TestReferenceModel = Machine.TestCase
TestReferenceModel.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
