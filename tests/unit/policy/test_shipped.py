"""The rules that come along pass the tests that come along."""

from bot.policy.bundle import bundle
from bot.policy.facts import FIELDS
from integrations.rego.testing import run_tests


def test_the_shipped_rules_pass_their_own_tests() -> None:
    found = bundle((), {}, {})
    tested = run_tests(found.modules, found.tests, found.data, shipped=found.shipped, fields=FIELDS)
    assert len(tested) >= 8
    assert [each for each in tested if not each.passed] == []
