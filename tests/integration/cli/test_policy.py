"""`countersign policy`."""

import json
import shutil
from pathlib import Path

from tests.support.shell import Shell


def test_explained_simulated_tested_and_bundled(shell: Shell, config: Path, bytecode: Path, tmp_path: Path) -> None:
    shell.ask("dev", "deploy checkout v42 to production")
    explained = shell("policy", "explain", "1", "--json").json
    assert explained["different"] is False
    assert explained["now"]["rules"] == ["production-needs-a-second-person", "high-risk-needs-operations"]
    assert explained["recorded"]["policy"] == explained["now"]["policy"]
    assert explained["facts"]["actor"]["teams"] == ["shop"]
    same = shell("policy", "simulate", "--since", "1d")
    assert (same.code, same.out.splitlines()[1]) == (0, "0 of 1 requests since 1d would be decided differently.")

    stricter = tmp_path / "stricter"
    shutil.copytree(config, stricter)
    (stricter / "policies" / "own.rego").write_text(
        'package countersign.policy\n\nimport rego.v1\n\ndeny contains {"rule": "no", "because": "No."} if input.plan\n'
    )
    (stricter / "policies" / "own_test.rego").write_text(
        "package countersign.policy\n\nimport rego.v1\n\ntest_it if count(deny) == 0 with input as {}\n\n"
        'test_that if count(deny) == 0 with input as {"plan": {}}\n'
    )
    other = Shell(tmp_path / "data", bytecode=bytecode, config=stricter)
    simulated = other("policy", "simulate", "--json")
    assert simulated.code == 1
    assert [each["now"]["reasons"] for each in simulated.json["different"]] == [["No."]]
    tested = other("policy", "test")
    assert tested.code == 1
    assert "✗ policies/own_test.rego, line 7: test_that is not true.\n" in tested.out
    bundled = other("policy", "bundle", str(tmp_path / "bundle"))
    assert bundled.code == 0
    assert (tmp_path / "bundle" / "policies" / "own.rego").exists()
    assert "by_skill" in json.loads((tmp_path / "bundle" / "data.json").read_text())["countersign"]
    assert other("policy", "bundle", str(tmp_path / "bundle")).code == 2


def test_what_makes_no_sense_is_bad_input(shared: Shell) -> None:
    assert shared("policy", "explain", "99").code == 2
    assert shared("policy", "simulate", "--since", "ages").code == 2


def test_what_was_refused_is_simulated_too(shell: Shell, config: Path, bytecode: Path, tmp_path: Path) -> None:
    stricter = tmp_path / "stricter"
    shutil.copytree(config, stricter)
    (stricter / "policies" / "own.rego").write_text(
        'package countersign.policy\n\nimport rego.v1\n\ndeny contains {"rule": "no", "because": "No."} if input.plan\n'
    )
    strict = Shell(tmp_path / "data", bytecode=bytecode, config=stricter)
    assert strict.ask("dev", "deploy checkout v42 to production").code == 3
    simulated = shell("policy", "simulate", "--json")
    assert simulated.code == 1
    (found,) = simulated.json["different"]
    assert (found["proposal"], found["name"], found["summary"]) == (
        None, "refused, entry 1", "Deploy checkout v42 to production (from v41)",
    )  # fmt: skip
    assert (found["recorded"]["outcome"], found["now"]["outcome"]) == ("deny", "needs")
    assert "refused, entry 1" in shell("policy", "simulate").out
    assert strict("policy", "simulate").code == 0
