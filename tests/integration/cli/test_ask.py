"""`countersign ask`, as a script uses it."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.shell import PROGRAM, Shell

PROPOSAL_KEYS = {
    "id", "digest", "status", "skill", "params", "summary", "risk", "steps", "verdict", "expires_at",
}  # fmt: skip


def test_a_question_is_answered_with_a_report(shared: Shell) -> None:
    ended = shared.ask("dev", "status")
    assert (ended.code, ended.err) == (0, ""), ended.out
    answer = ended.json
    assert answer["kind"] == "report"
    assert answer["text"] == "All 8 workloads are healthy."
    table = answer["parts"][0]
    assert table["type"] == "table"
    assert "checkout" in [row[0] for row in table["rows"]]


def test_one_proposes_another_approves_and_it_runs(shell: Shell) -> None:
    proposed = shell.ask("dev", "deploy checkout v42 to production")
    assert proposed.code == 0
    proposal = proposed.json
    assert proposal["kind"] == "proposal"
    assert proposal.keys() >= PROPOSAL_KEYS
    assert (proposal["status"], proposal["skill"]) == ("pending", "deploy")
    assert proposal["verdict"]["outcome"] == "needs"
    assert proposal["verdict"]["approvals_needed"] == 1
    (step,) = proposal["steps"]
    assert step["before"] == "registry.example/checkout:v41"
    assert step["after"] == "registry.example/checkout:v42"

    own = shell.ask("dev", "approve 1")
    assert own.code == 3
    assert own.json["kind"] == "refused"
    assert own.json["text"] == "Developer asked for #1; somebody else has to approve it."

    approved = shell.ask("sre", "approve 1")
    assert (approved.code, approved.err) == (0, "")
    assert approved.json["kind"] == "decision"
    assert approved.json["proposal"]["status"] == "succeeded"
    assert approved.json["proposal"]["digest"] == proposal["digest"]

    again = shell.ask("lead", "approve 1")
    assert again.code == 3
    assert again.json["text"] == "#1 is already succeeded; there is nothing to approve."
    status = shell.ask("dev", "status checkout in production")
    assert status.json["text"] == "checkout runs v42 in production: healthy, 3 of 3 replicas ready."


def test_a_release_that_crashes_goes_back_and_the_exit_code_tells_whoever_asked_for_it(shell: Shell) -> None:
    ended = shell.ask("dev", "deploy search v43 to staging")
    assert ended.code == 4
    assert ended.json["status"] == "failed"
    assert "crashes at start: exit code 1" in ended.json["text"]
    assert "Went back by itself" in ended.json["text"]
    assert "runs v41" in shell.ask("dev", "status search in staging").json["text"]


def test_an_approval_is_done_when_it_is_recorded_whatever_comes_of_it(shell: Shell) -> None:
    shell.ask("dev", "deploy search v43 to production")
    ended = shell.ask("sre", "approve 1")
    assert ended.code == 0
    assert (ended.json["kind"], ended.json["proposal"]["status"]) == ("decision", "failed")


def test_what_policy_allows_at_once_is_run_and_reported_at_its_end(shell: Shell) -> None:
    ended = shell.ask("dev", "restart search in staging")
    assert ended.code == 0
    assert (ended.json["kind"], ended.json["status"]) == ("proposal", "succeeded")


@pytest.mark.parametrize("amount", ["0", "-1", "many", "999", "99999999999999999999"])
def test_an_impossible_number_of_replicas_is_bad_input(shared: Shell, amount: str) -> None:
    ended = shared.ask("dev", f"scale web to {amount} in production")
    assert ended.code == 2
    assert ended.json["kind"] == "clarify"
    assert amount in ended.json["text"]


def test_an_unknown_service_gets_the_nearest_real_one(shared: Shell) -> None:
    ended = shared.ask("dev", "deploy chekout v42 to production")
    assert ended.code == 2
    assert ended.json["text"] == "I know no service called “chekout”. Did you mean checkout?"
    assert ended.json["candidates"] == {"service": ["checkout"]}


def test_an_unknown_person_is_told_who_is_known(shared: Shell) -> None:
    ended = shared.ask("sree", "status")
    assert ended.code == 2
    assert ended.json["candidates"] == {"person": ["sre"]}


def test_a_guest_is_refused(shared: Shell) -> None:
    ended = shared.ask("guest", "deploy checkout v42 to production")
    assert ended.code == 3
    assert ended.json["kind"] == "refused"
    assert ended.json["text"] == "Guest is a guest; guests cannot ask for this."


def test_a_deploy_of_what_already_runs_is_nothing_to_do(shared: Shell) -> None:
    ended = shared.ask("dev", "deploy checkout v41 to production")
    assert ended.code == 0
    assert (ended.json["kind"], ended.json["title"]) == ("report", "Nothing to do")


def test_an_incomplete_request_gets_a_question(shared: Shell) -> None:
    ended = shared.ask("dev", "deploy checkout")
    assert ended.code == 2
    assert ended.json["kind"] == "clarify"
    assert ended.json["missing"]


def test_the_request_may_come_from_standard_input(shared: Shell) -> None:
    ended = shared("ask", "--as", "dev", "--json", "-", stdin="status search in staging\n")
    assert ended.json["title"] == "Status of search in staging"


def test_nothing_to_ask_is_a_sentence(shared: Shell) -> None:
    ended = shared("ask", "--as", "dev", "-")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "There is nothing to ask. For example: countersign ask --as dev status\n"


@pytest.mark.parametrize(
    "text", [b"status \xff\xfe", b"\x1b[2J", "х" * 10_000, "<!channel> *status*", "deploy сheckout v42 to production"]
)
def test_strange_text_is_bad_input_or_beside_the_point_and_nothing_worse(shared: Shell, text: str | bytes) -> None:
    ended = shared("ask", "--as", "dev", "--json", text)
    assert (ended.code, ended.json["kind"]) in [(2, "clarify"), (0, "report")]
    assert ended.err == ""


def test_without_json_a_person_reads_plain_lines(shared: Shell) -> None:
    ended = shared("ask", "--as", "dev", "status", "search", "in", "staging")
    assert ended.code == 0
    assert ended.out.startswith("Status of search in staging\nsearch runs v41 in staging: healthy, 1 of 1")
    assert "\x1b" not in ended.out


def test_a_reader_that_has_gone_is_no_error(shared: Shell) -> None:
    read, write = os.pipe()
    os.close(read)
    process = os.spawnve(
        os.P_NOWAIT,
        "/bin/sh",
        ["sh", "-c", f"exec {PROGRAM} ask --as dev status >&{write} 2>/dev/null"],
        shared.environ,
    )
    os.close(write)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 2)


def test_what_is_left_running_is_finished_by_a_process_of_its_own(shell: Shell) -> None:
    shell.ask("dev", "deploy checkout v42 to production")
    left = shell.ask("sre", "approve 1", "--no-wait")
    assert left.code == 0
    assert left.json["proposal"]["status"] == "approved"
    assert shell("worker", "--until-idle").code == 0  # returns when nothing is left, whoever ran it
    assert "checkout runs v42" in shell.ask("dev", "status checkout in production").json["text"]


def test_ctrl_c_leaves_the_change_running_and_says_so(unhurried: Shell) -> None:
    unhurried.ask("dev", "deploy checkout v42 to production")
    asking = unhurried.start("ask", "--as", "sre", "approve 1")
    until = time.monotonic() + 30
    while "1 under way" not in unhurried.ask("dev", "pending").json["text"]:
        assert time.monotonic() < until
    asking.send_signal(signal.SIGINT)
    _, err = asking.communicate(timeout=30)
    assert asking.returncode == 130
    assert "The change goes on without this terminal." in err.decode()
    assert unhurried("worker", "--until-idle").code == 0
    entries = unhurried("audit", "list", "--subject", "proposal/1", "--json").out
    assert entries.count('"run:succeeded"') == 1
    assert entries.count('"effect:intended"') == 1
    assert "checkout runs v42" in unhurried.ask("dev", "status checkout in production").json["text"]


def test_a_broken_configuration_names_file_and_line(shell: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "organization.yaml").write_text("name: acme\ntimezon: UTC\n")
    ended = shell("--config", str(broken), "ask", "--as", "dev", "--json", "status")
    assert ended.code == 2
    assert ended.json["kind"] == "error"
    assert "organization.yaml, line 2: timezon: is not a known key. Did you mean timezone?" in ended.json["text"]
    assert not (shell.data / "countersign.sqlite3").exists()


def test_a_picture_of_an_answer_without_a_chart_is_none_and_the_answer_stands(shell: Shell, tmp_path: Path) -> None:
    ended = shell("ask", "--as", "dev", "--picture", str(tmp_path / "chart.png"), "status")
    assert ended.code == 2
    assert ended.out.startswith("Status")
    assert ended.err == "There is no chart in that answer, so no picture was written.\n"
    assert not (tmp_path / "chart.png").exists()
