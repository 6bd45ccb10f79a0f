"""What can be typed after `countersign`. Nothing of the product is imported here, so that `--help` is instant."""

import argparse
from typing import NoReturn

EXIT_CODES = """\
exit codes:
  0    done, proposed, or waiting for somebody else
  1    a bug in Countersign; the sentence has a reference that finds it in the log
  2    a question back, or input that makes no sense
  3    refused by policy, or by whoever looks after the target
  4    an outside system is unavailable, or the change that was asked for was run and did not succeed
  130  stopped with Ctrl-C (a change that is running goes on)
"""

TROUBLESHOOT_EXITS = """\
exit codes:
  0    looked: the report is the result, whatever was found
  1    a bug in Countersign; the sentence has a reference that finds it in the log
  2    no such namespace, service or environment, or input that makes no sense
  4    nothing could be looked at: the cluster is unavailable or forbids everything
"""

ENVIRONMENT = """\
environment:
  COUNTERSIGN_CONFIG  the configuration folder (default: config/)
  COUNTERSIGN_DATA    where the database and the log live (default: .countersign/)
  COUNTERSIGN_LOG     how much to log: debug, info, warning or error
  COUNTERSIGN_MODEL_KEY, OPENAI_API_KEY
                      the key of the language model, where one is configured
  COUNTERSIGN_OPA_TOKEN
                      the bearer token of the policy server, where one is configured
  COUNTERSIGN_AUDIT_KEY, COUNTERSIGN_AUDIT_KEY_FILE
                      the Ed25519 key that signs the audit log, in PEM (default with SQLite: a key made in the data folder)
  COUNTERSIGN_LOGS_KEY, COUNTERSIGN_TRACES_KEY
                      the keys of what keeps logs and traces; those of one environment have its name behind (…_KEY_PRODUCTION)
  COUNTERSIGN_LISTEN  host:port that “serve” listens on, instead of the configured one
  COUNTERSIGN_DRAIN_SECONDS, COUNTERSIGN_GRACE_SECONDS
                      on stopping, how long “serve” is unready first (0.5), and what runs may still take (20)
"""


class _Parser(argparse.ArgumentParser):
    """Complains in one sentence instead of printing the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. Try “{self.prog} --help”.\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line. `command` of what it parses is the name of a module in `bot.cli`."""
    top = _Parser(
        prog="countersign",
        description="Ask in plain words, see exactly what would change, have a second person countersign it.",
        epilog=f"{EXIT_CODES}\n{ENVIRONMENT}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument("--config", metavar="DIR", help="the configuration folder, instead of COUNTERSIGN_CONFIG")
    top.add_argument("--data", metavar="DIR", help="the data folder, instead of COUNTERSIGN_DATA")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _conversation(commands)
    _operation(commands)
    _troubleshoot(commands)
    _audit(commands)
    _policy(commands)
    _access(commands)
    _feedback(commands)
    _notices(commands)
    _step_up(commands)
    return top


def _conversation(commands: "argparse._SubParsersAction[_Parser]") -> None:
    chat = commands.add_parser("chat", help="a conversation in the terminal, with cards and live progress")
    chat.add_argument("--as", dest="person", metavar="PERSON", default="", help="who is talking; taken on trust")
    chat.add_argument("--plain", action="store_true", help="no boxes and no colours, for screen readers")
    ask = commands.add_parser(
        "ask",
        help="one request, for people and for scripts",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ask.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who is asking; taken on trust")
    ask.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    ask.add_argument("--plain", action="store_true", help="no boxes and no colours, for screen readers")
    ask.add_argument(
        "--picture",
        metavar="FILE",
        help="write the answer's chart to this file, as a PNG (further ones to FILE-2.png …)",
    )
    waiting = ask.add_mutually_exclusive_group()
    waiting.add_argument(
        "--wait", type=float, default=60.0, metavar="SECONDS", help="how long to wait for a running change (60)"
    )
    waiting.add_argument("--no-wait", dest="wait", action="store_const", const=0.0, help="leave it running and return")
    ask.add_argument("text", nargs="+", metavar="TEXT", help="the request; “-” reads it from standard input")
    interpret = commands.add_parser(
        "interpret", help="say how requests are understood: JSON lines in, JSON lines out, and nothing is done"
    )
    interpret.add_argument(
        "--interpreter", choices=("embedded", "model"), default="embedded", help="which one is asked (embedded)"
    )
    model = commands.add_parser("model", help="what was sent to the language model")
    verbs = model.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs")
    last = verbs.add_parser("last", help="the last of it, redacted as it was sent, and what came of it")
    last.add_argument("--count", type=int, default=10, metavar="N", help="how many, 50 at most (10)")
    last.add_argument("--json", action="store_true", help="print one JSON object a line")
    commands.add_parser("story", help="play the demonstration in a world of its own, and check that it goes as told")


def _operation(commands: "argparse._SubParsersAction[_Parser]") -> None:
    commands.add_parser("serve", help="serve Slack, run what is approved, answer health checks")
    worker = commands.add_parser("worker", help="run what is approved or unfinished")
    worker.add_argument("--until-idle", action="store_true", required=True, help="return when nothing is left to run")
    doctor = commands.add_parser(
        "doctor", help="check the configuration and every connection, and say how to mend them"
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    skills = commands.add_parser("skills", help="what can be asked for")
    skills.add_argument("--json", action="store_true", help="print one JSON object")
    manifest = commands.add_parser("manifest", help="print the Slack app manifest")
    manifest.add_argument("--mode", choices=("socket", "http"), help="how Slack reaches us (default: as configured)")
    manifest.add_argument("--request-url", metavar="URL", default="", help="where Slack sends requests in http mode")
    commands.add_parser("demo-slack", help="the demonstration behind a local Slack-compatible server")


def _troubleshoot(commands: "argparse._SubParsersAction[_Parser]") -> None:
    troubleshoot = commands.add_parser(
        "troubleshoot",
        help="what is wrong in a namespace or a cluster, why, and what to do",
        epilog=TROUBLESHOOT_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = troubleshoot.add_argument
    add("--namespace", metavar="NS", default="", help="look at this namespace (default: the environment's)")
    add("--environment", metavar="NAME", default="", help="the environment of the configuration that is meant")
    add("--cluster", action="store_true", help="look at all namespaces")
    add("--service", metavar="NAME", default="", help="only what concerns the workload, Service or pods of this name")
    add(
        "--kubeconfig",
        metavar="FILE",
        default="",
        help="a cluster outside of the configuration, which is not read then",
    )
    add("--context", metavar="NAME", default="", help="the context in the kubeconfig (default: its current one)")
    add("--json", action="store_true", help="print one JSON object")
    add("--plain", action="store_true", help="no boxes and no colours, for screen readers")
    add("--codes", action="store_true", help="print the table of codes that findings have, and look at nothing")


def _audit(commands: "argparse._SubParsersAction[_Parser]") -> None:
    audit = commands.add_parser("audit", help="list, verify, export and prove the audit log; end safe mode")
    verbs = audit.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs")
    listing = verbs.add_parser("list", help="the entries, oldest first")
    listing.add_argument("--subject", default="", metavar="SUBJECT", help="only about this, for example proposal/17")
    listing.add_argument("--actor", default="", metavar="PERSON", help="only what this person did")
    listing.add_argument("--since", default="", metavar="DAY", help="only from this day on (UTC), like 2026-01-01")
    listing.add_argument("--after", type=int, default=0, metavar="N", help="only entries after this number")
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="at most this many (100)")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")
    verify = verbs.add_parser("verify", help="recompute every fingerprint and name the first bad entry")
    verify.add_argument(
        "--expect", metavar="SIZE:ROOT", help="a head noted earlier, which the log must still contain unchanged"
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    export = verbs.add_parser("export", help="write the log and its verifier into a directory, for auditors")
    export.add_argument("directory", metavar="DIR", help="new, or an earlier export of this log, which is replaced")
    export.add_argument("--archive", metavar="DIR", help="where the entries are that are no longer in the database")
    archive = verbs.add_parser(
        "archive", help="write the log as export does, verify it, and take old entries out of the database"
    )
    archive.add_argument("directory", metavar="DIR", help="new, or the archive of before, which grows")
    archive.add_argument(
        "--before", required=True, metavar="DAY", help="entries from before this day (UTC), like 2026-01-01"
    )
    archive.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who archives it")
    proof = verbs.add_parser(
        "proof", help="all that proves one proposal, as JSON that verify_audit.py verifies offline"
    )
    proof.add_argument("proposal", type=int, metavar="PROPOSAL", help="its number")
    proof.add_argument("--output", metavar="FILE", help="a new file, instead of standard output")
    report = verbs.add_parser("report", help="every change of a period, for an auditor")
    report.add_argument(
        "--from", dest="start", required=True, metavar="DAY", help="the first day (UTC), like 2026-01-01"
    )
    report.add_argument("--to", dest="end", required=True, metavar="DAY", help="the last day (UTC), included")
    report.add_argument(
        "--format", choices=("csv", "html", "json", "pdf"), default="csv",
        help="csv, a page for a browser, a pdf, or json: every entry of the period with the proof that none is left out (csv)",
    )  # fmt: skip
    report.add_argument("--output", metavar="FILE", help="a new file, instead of standard output")
    erase = verbs.add_parser("erase", help="erase a person, or what was typed about a proposal, for ever")
    erase.add_argument("subject", metavar="SUBJECT", help="person/NAME or proposal/NUMBER")
    erase.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who erases it")
    erase.add_argument("--reason", required=True, metavar="TEXT", help="why, for the audit log; name nobody in it")
    verbs.add_parser("keys", help="the public keys that checkpoints are trusted by")
    acknowledge = verbs.add_parser("acknowledge", help="end safe mode, after looking at what was noticed")
    acknowledge.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who has looked")
    acknowledge.add_argument("--reason", required=True, metavar="TEXT", help="what happened, for the audit log")


def _policy(commands: "argparse._SubParsersAction[_Parser]") -> None:
    policy = commands.add_parser(
        "policy", help="test the policies, explain a verdict, or see what another policy would change"
    )
    verbs = policy.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs")
    test = verbs.add_parser("test", help="run every *_test.rego (exit code 1 if one fails)")
    test.add_argument("--json", action="store_true", help="print one JSON object")
    bundle = verbs.add_parser("bundle", help="write what an OPA server has to load")
    bundle.add_argument("folder", metavar="DIR", help="a folder that does not exist yet, or is empty")
    explain = verbs.add_parser("explain", help="which rules speak of a proposal, and what facts they see")
    explain.add_argument("proposal", type=int, metavar="PROPOSAL", help="its number")
    explain.add_argument("--json", action="store_true", help="print one JSON object, with every fact")
    simulate = verbs.add_parser(
        "simulate",
        help="which recorded proposals the policies of --config would decide differently (exit code 1 if there are any)",
    )
    simulate.add_argument("--since", default="30d", metavar="LENGTH", help="how far back, for example 12h, 30d (30d)")
    simulate.add_argument("--json", action="store_true", help="print one JSON object")


def _access(commands: "argparse._SubParsersAction[_Parser]") -> None:
    access = commands.add_parser("access", help="who could do what, by which rule")
    verbs = access.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs")
    review = verbs.add_parser("review", help="everybody, every skill, every environment, as policy decides now")
    review.add_argument("--person", default="", metavar="PERSON", help="only what this person may do")
    form = review.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object a line")
    form.add_argument("--csv", action="store_true", help="print a table for a spreadsheet")
    campaign = verbs.add_parser(
        "campaign", help="look access through again: each role and team, asked of somebody else"
    )
    steps = campaign.add_subparsers(dest="step", metavar="STEP", required=True, title="steps")
    opening = steps.add_parser("open", help="ask about everybody")
    opening.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who opens it")
    opening.add_argument("--reason", metavar="TEXT", required=True, help="why now, for the audit log")
    showing = steps.add_parser("show", help="every question and its answer")
    showing.add_argument("campaign", type=int, nargs="?", metavar="N", help="its number (the newest)")
    showing.add_argument("--waiting", action="store_true", help="only what is not answered")
    form = showing.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object a line")
    form.add_argument("--csv", action="store_true", help="print a table for a spreadsheet")
    answering = steps.add_parser("answer", help="keep or revoke")
    answering.add_argument("word", choices=("keep", "revoke"), help="what the answer is")
    answering.add_argument("questions", type=int, nargs="+", metavar="QUESTION", help="their numbers")
    answering.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who answers")
    answering.add_argument("--reason", metavar="TEXT", required=True, help="why")


def _feedback(commands: "argparse._SubParsersAction[_Parser]") -> None:
    feedback = commands.add_parser("feedback", help="what people thought of answers, newest first")
    feedback.add_argument("--limit", type=int, default=100, metavar="N", help="at most this many (100)")
    feedback.add_argument("--json", action="store_true", help="print one JSON object a line")


def _notices(commands: "argparse._SubParsersAction[_Parser]") -> None:
    notices = commands.add_parser("notices", help="what was said unasked, to people and in channels, newest first")
    notices.add_argument("--limit", type=int, default=100, metavar="N", help="at most this many (100)")
    notices.add_argument("--json", action="store_true", help="print one JSON object a line")


def _step_up(commands: "argparse._SubParsersAction[_Parser]") -> None:
    step_up = commands.add_parser(
        "step-up", help="a code that proves it is you who approves, where policy asks for one"
    )
    step_up.add_argument("proposal", type=int, metavar="PROPOSAL", help="its number")
    step_up.add_argument("--as", dest="person", required=True, metavar="PERSON", help="who will approve")
    step_up.add_argument("--json", action="store_true", help="print one JSON object")
