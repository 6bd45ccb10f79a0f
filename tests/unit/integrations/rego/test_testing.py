"""Tests of policies: what passes, what fails, and that neither is taken for the other."""

import pytest

from bot.policy.bundle import bundle
from bot.policy.facts import FIELDS
from integrations.rego import Outcome, run_tests

HEAD = "package countersign.policy\n\nimport rego.v1\n\n"
POLICY = HEAD + 'deny contains {"rule": "v", "because": "No."} if input.plan.params.version == "v42"\n'


def run(test: str, *, policy: str = POLICY) -> list[tuple[str, str]]:
    found = bundle((), {"policies/own.rego": policy}, {"policies/own_test.rego": HEAD + test})
    tested = run_tests(found.modules, found.tests, found.data, shipped=found.shipped, fields=FIELDS)
    assert any(each.file == "countersign/rules_test.rego" for each in tested) or len(tested) == 1
    return [(each.name, each.problem) for each in tested if each.file == "policies/own_test.rego"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('count(deny) == 1 with input as {"plan": {"params": {"version": "v42"}}}', ""),
        ('count(deny) == 1 with input.plan.params.version as "v42"', ""),
        ('count(deny) == 1 with input.plan.params.version as "v41"', "is not true."),
        ('not deny[{"rule": "v", "because": "No."}] with input.plan.params as {"version": "v41"}', ""),
        ('version := "v42"; found := deny with input.plan.params as {"version": version}; some one in found; one.rule == "v"', ""),
        ('found := deny with input.plan.params.version as "v42"; count(found) == 0', "is not true."),
        ('count(deny) == 1 with input.plan.params.version as "v42"; count(deny) == 1 with input as {}', "is not true."),
        ("1 == 2", "is not true."),
        ("1 / 0 == 1", "The policies could not be evaluated: divide by zero."),
        ('count(deny) == 0 with input as input.nothing_here', "there is no input.nothing_here."),
        ("count(deny) == 0 with time.now_ns as 5", "nothing says what time is; declare it with some or :=."),
    ],
)  # fmt: skip
def test_a_test_passes_only_if_every_line_holds(body: str, problem: str) -> None:
    ((_, said),) = run(f"test_it if {{\n\t{body}\n}}\n")
    assert said.startswith(problem)
    assert bool(said) is bool(problem)


def test_a_rule_of_the_test_may_be_the_input() -> None:
    helper = '_asked := {"plan": {"params": {"version": "v42"}}}\n\n'
    assert run(helper + "test_it if {\n\tcount(deny) == 1 with input as _asked\n}\n") == [("test_it", "")]


def test_the_same_name_twice_is_a_failure() -> None:
    assert (
        run("test_a if true\n\ntest_a if true\n")
        == [("test_a", "stands here twice; give each test a name of its own.")] * 2
    )


def test_a_mistake_in_a_policy_fails_the_tests() -> None:
    found = bundle((), {"policies/own.rego": HEAD + "deny contains xyzzy\n"}, {})
    (tested,) = run_tests(found.modules, found.tests, found.data, shipped=found.shipped, fields=FIELDS)
    assert tested == Outcome(
        file="policies/own.rego", line=5, name="(mistake)",
        problem="nothing says what xyzzy is; declare it with some or :=.",
    )  # fmt: skip


def test_with_is_refused_outside_of_tests() -> None:
    policy = HEAD + 'deny contains {"rule": "x", "because": "B."} if allow with input as {}\n'
    found = bundle((), {"policies/own.rego": policy}, {})
    (tested,) = run_tests(found.modules, found.tests, found.data, shipped=found.shipped, fields=FIELDS)
    assert tested.problem == "with is for tests, in files whose name ends with _test.rego."
