"""`countersign chat`, from a pipe and in a terminal."""

from pathlib import Path

from tests.support.shell import PROGRAM, Shell
from tests.support.terminal import Terminal

SCRIPT = """\
deploy checkout v42 to production
approve 1
/as sre
approve 1
status checkout in production
"""


def test_a_piped_conversation_is_a_transcript_in_which_each_change_comes_to_its_end(shell: Shell) -> None:
    ended = shell("chat", stdin=SCRIPT)
    assert (ended.code, ended.err) == (0, "")
    out = ended.out
    marks = [
        "dev › deploy checkout v42 to production\n#1 Deploy checkout v42 to production (from v41): pending\n",
        "dev › approve 1\nRefused: Developer asked for #1; somebody else has to approve it.\n",
        "dev › /as sre\nYou are SRE now.\n",
        "sre › approve 1\n👍 #1 Deploy checkout v42 to production (from v41): approved by SRE, starting.\n",
        "✅ #1 Deploy checkout v42 to production (from v41): succeeded.",
        "sre › status checkout in production\n",
        "checkout runs v42 in production: healthy",
    ]
    places = [out.find(mark) for mark in marks]
    assert -1 not in places, out
    assert places == sorted(places)
    assert out.count("✅") == 1
    assert "\x1b" not in out


def test_a_terminal_shows_panels_and_goes_on_listening_while_a_change_runs(unhurried: Shell) -> None:
    with Terminal(PROGRAM, "chat", environ=unhurried.environ) as terminal:
        terminal.wait_for("dev ›")
        terminal.say("deploy checkout v42 to production")
        assert "╭─ #1 Deploy checkout v42 to production" in terminal.wait_for("⏳ pending ─╯")
        assert terminal.colours
        terminal.say("/as sre")
        terminal.wait_for("You are SRE now.")
        terminal.say("approve 1")
        terminal.wait_for("#1 …")
        terminal.say("status search in staging")
        assert "succeeded" not in terminal.wait_for("search runs v41 in staging")
        terminal.wait_for("✅ #1 Deploy checkout v42 to production (from v41): succeeded.")
        terminal.press("\x04")
        assert terminal.ended() == 0


def test_leaving_in_the_middle_leaves_the_change_running(unhurried: Shell) -> None:
    with Terminal(PROGRAM, "chat", "--as", "dev", environ={**unhurried.environ, "NO_COLOR": "1"}) as terminal:
        terminal.wait_for("dev ›")
        terminal.say("deploy web v42 to production")
        terminal.wait_for("pending ─╯")
        assert not terminal.colours
        terminal.say("/as sre")
        terminal.wait_for("You are SRE now.")
        terminal.say("approve 1")
        terminal.wait_for("#1 …")
        terminal.press("\x03")
        terminal.wait_for("What runs goes on without this terminal")
        assert terminal.ended() == 0
    assert unhurried("worker", "--until-idle").code == 0
    assert "web runs v42" in unhurried.ask("dev", "status web in production").json["text"]


def test_somebody_who_is_nobody_is_a_sentence(shell: Shell) -> None:
    ended = shell("chat", "--as", "nobody")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "I know no person called “nobody”. Known: dev, guest, lead, sre.\n"


def test_what_was_typed_is_kept_where_only_its_owner_reads_it(shell: Shell) -> None:
    with Terminal(PROGRAM, "chat", environ=shell.environ) as terminal:
        terminal.wait_for("dev ›")
        terminal.say("pending")
        terminal.wait_for("Nothing")
        terminal.say("/quit")
        assert terminal.ended() == 0
    history = Path(shell.data / "chat-history")
    assert history.stat().st_mode & 0o777 == 0o600
    assert "+pending\n" in history.read_text()
