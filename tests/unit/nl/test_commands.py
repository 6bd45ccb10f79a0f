"""What people type, and what is made of it: against the real skills and the demo's names."""

from typing import Any

import pytest

from bot.nl import CommandInterpreter, EmbeddedInterpreter, Interpretation
from skills.core.catalog import Catalog
from tests.support.words import catalog, environment, service, skills

DIGEST = "sha256:" + "0a" * 32


@pytest.fixture(scope="module")
def commands() -> CommandInterpreter:
    return CommandInterpreter(skills(), catalog())


def said(interpretation: Interpretation) -> tuple[str, str | None, dict[str, Any], str]:
    return interpretation.kind, interpretation.skill, dict(interpretation.params), interpretation.reason


CHECKOUT = {"service": "checkout", "environment": "production", "release": "v42"}


@pytest.mark.parametrize(
    "text",
    [
        "deploy checkout v42 to production",
        "deploy v42 of checkout in prod please",
        "Deploy Checkout v42 to PROD.",
        "ship shop-checkout v42 live",
        "release checkout version v42 to the production environment",
        "can you please deploy v42 of the checkout service to production asap, thanks!",
        "could you deploy checkout v42 to production?",
        "hey, deploy checkout:v42 to prod",
        "deploy to production the release v42 of checkout",
        "<@U0BOT> deploy checkout v42 to production",
        "@countersign deploy checkout v42 to production",
        "/deploy checkout v42 to production",
        "deploy `checkout` “v42” to *production*",
        "*deploy checkout v42 to production*",
        "“deploy checkout v42 to production”",
        "deploy <http://checkout.io|checkout> v42 to <https://prod.example|production>",
        "deploy\n  checkout\tv42 to\u00a0production",
    ],
)
def test_one_deploy_can_be_said_in_many_ways(commands: CommandInterpreter, text: str) -> None:
    assert said(commands.interpret(text)) == ("change", "deploy", CHECKOUT, "")


@pytest.mark.parametrize(
    ("text", "skill", "params"),
    [
        ("rollback checkout in production", "rollback", {"service": "checkout", "environment": "production"}),
        ("roll back checkout in prod", "rollback", {"service": "checkout", "environment": "production"}),
        ("roll-back checkout in prod", "rollback", {"service": "checkout", "environment": "production"}),
        (
            "rollback checkout in production to revision 7",
            "rollback",
            {"service": "checkout", "environment": "production", "revision": 7},
        ),
        ("undo checkout prod rev 7", "rollback", {"service": "checkout", "environment": "production", "revision": 7}),
        ("revert checkout prod to #7", "rollback", {"service": "checkout", "environment": "production", "revision": 7}),
        ("restart search in staging", "restart", {"service": "search", "environment": "staging"}),
        ("bounce payments on stg", "restart", {"service": "payments-api", "environment": "staging"}),
        ("scale web to 6 in production", "scale", {"service": "web", "environment": "production", "replicas": 6}),
        ("scale web in prod to six replicas", "scale", {"service": "web", "environment": "production", "replicas": 6}),
        ("scale web to 0 in prod", "scale", {"service": "web", "environment": "production", "replicas": 0}),
        ("scale web to -1 in prod", "scale", {"service": "web", "environment": "production", "replicas": -1}),
        ("scale web to −1 in prod", "scale", {"service": "web", "environment": "production", "replicas": -1}),
        ("scale web to 9999999 in prod", "scale", {"service": "web", "environment": "production", "replicas": 9999999}),
    ],
)
def test_the_other_changes(commands: CommandInterpreter, text: str, skill: str, params: dict[str, Any]) -> None:
    assert said(commands.interpret(text)) == ("change", skill, params, "")


@pytest.mark.parametrize(
    ("release", "understood"),
    [
        (f"registry.example/checkout@{DIGEST}", f"registry.example/checkout@{DIGEST}"),
        ("registry.example:5000/shop/checkout:V42-rc.1", "registry.example:5000/shop/checkout:V42-rc.1"),
        ("<http://registry.example/checkout:v42|registry.example/checkout:v42>", "registry.example/checkout:v42"),
        (
            f"<http://registry.example/checkout|registry.example/checkout>@{DIGEST}",
            f"registry.example/checkout@{DIGEST}",
        ),
        ("2026.11.23", "2026.11.23"),
        ("main-7f3a", "main-7f3a"),
        ("latest", "latest"),
        ("version stabil", "stabil"),
    ],
)
def test_a_release_is_taken_as_it_was_written(commands: CommandInterpreter, release: str, understood: str) -> None:
    found = commands.interpret(f"deploy checkout {release} to staging")
    assert found.params == {"service": "checkout", "environment": "staging", "release": understood}
    assert found.complete


@pytest.mark.parametrize(
    ("text", "skill", "params"),
    [
        ("status", "status", {}),
        ("status checkout", "status", {"service": "checkout"}),
        ("status of checkout in prod?", "status", {"service": "checkout", "environment": "production"}),
        ("checkout status", "status", {"service": "checkout"}),
        ("what's the status of everything in staging?", "status", {"environment": "staging"}),
        (
            "show me the history of checkout in production",
            "history",
            {"service": "checkout", "environment": "production"},
        ),
        ("what is pending?", "pending", {}),
        ("help", "help", {}),
        ("help deploy", "help", {"skill": "deploy"}),
        ("help ship", "help", {"skill": "deploy"}),
        ("deploy help", "help", {"skill": "deploy"}),
    ],
)
def test_looking(commands: CommandInterpreter, text: str, skill: str, params: dict[str, Any]) -> None:
    assert said(commands.interpret(text)) == ("query", skill, params, "")


@pytest.mark.parametrize(
    ("text", "skill", "params"),
    [
        ("approve 17", "approve", {"proposal": 17}),
        ("please approve #17.", "approve", {"proposal": 17}),
        ("lgtm 17", "approve", {"proposal": 17}),
        ("cancel 17", "cancel", {"proposal": 17}),
        ("cancel 17 please", "cancel", {"proposal": 17}),
    ],
)
def test_deciding(commands: CommandInterpreter, text: str, skill: str, params: dict[str, Any]) -> None:
    assert said(commands.interpret(text)) == ("decision", skill, params, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("reject 17 not during the sale", "not during the sale"),
        ("reject #17: Not during “Black Friday”, because it's busy!", "Not during “Black Friday”, because it's busy!"),
        ("reject 17 because of the sale", "of the sale"),
        ("reject please proposal 17 – währenddessen nie 🙅", "währenddessen nie 🙅"),
        ("reject 17 too risky?", "too risky?"),
        ("reject 17 ask <@U02SRE|sre> or <!channel> &amp; wait", "ask @sre or @channel & wait"),
    ],
)
def test_free_text_is_the_rest_of_the_line_as_it_was_typed(
    commands: CommandInterpreter, text: str, reason: str
) -> None:
    assert said(commands.interpret(text)) == ("decision", "reject", {"proposal": 17, "reason": reason}, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("deploy checkout v42 to production because the Fix is urgent", "the Fix is urgent"),
        ("deploy checkout v42 to production, because: we don't wait?", "we don't wait?"),
        ("deploy checkout v42 to production (reason: OPS-12)", "OPS-12"),
        ("deploy checkout v42 to production reason: OPS-12", "OPS-12"),
    ],
)
def test_what_follows_because_is_the_reason(commands: CommandInterpreter, text: str, reason: str) -> None:
    assert said(commands.interpret(text)) == ("change", "deploy", CHECKOUT, reason)


@pytest.mark.parametrize(
    "text",
    [
        "don't deploy checkout v42 to production",
        "don’t deploy checkout v42 to production",
        "do not deploy checkout v42 to production",
        "never deploy checkout v42 to production",
        "please don't deploy checkout v42 to production",
        "should we deploy checkout v42 to production?",
        "can we deploy checkout v42 to production?",
        "can I deploy checkout v42 to production?",
        "why did you deploy checkout v42 to production",
        "who can deploy checkout v42 to production",
        "did sre deploy checkout v42 to production",
        "when you deploy checkout v42 to production",
        "if tests pass deploy checkout v42 to production",
        "deploy checkout v42 to production?",
        "deploy checkout v42 to production ?",
        "deploy? checkout v42 to production",
        "deploy checkout v42 to production tomorrow",
        "deploy checkout v42 to production at 5pm",
        "rollback checkout in production at 7",
        "scale web from 3 to 6 in production",
        "deploy checkout v42 from staging to production",
        "deploy checkout v42 not to production",
        "deploy checkout v42 to production. Don't!",
        "deploy checkout v42 to production, not",
        "deploy anything but checkout v42 to production",
        "deploy checkout v42 to staging, not production",
        "deploy checkout v42 to staging and production",
        "deploy checkout and web v42 to production",
        "deploy checkout v42 and v43 to production",
        "deploy checkout v42 to production then restart web",
        "/deploy checkout v42 to production unless it is late",
        "the deploy of checkout v42 to production",
        "I said deploy checkout v42 to production",
        "deploy checkout v42 to ~production~ staging",
        "deploy checkout v4* to production",
        "scale web to .5 in production",
        "scale web to 6.5 in production",
        "scale web to 50% in production",
        "scale web to ~6 in production",
        "scale web to - 6 in production",
        "scale web to +-6 in production",
        "scale web by 2 in production",
        "approve 17 18",
        "approve 17?",
        "approve 17 not",
        "don't approve 17",
        "approve seventeen",
        "undeploy checkout v42 in production",
    ],
)
def test_negation_questions_and_conditions_never_change_anything(commands: CommandInterpreter, text: str) -> None:
    found = commands.interpret(text)
    assert found.kind in ("clarify", "none")
    assert found.question
    assert found.confidence == 0.0


@pytest.mark.parametrize(
    ("text", "question", "completions"),
    [
        (
            "deploy checkout v42",
            "Where to? staging or production.",
            ("deploy checkout v42 to staging", "deploy checkout v42 to production"),
        ),
        (
            "restart search because it leaks",
            "In which environment? staging or production.",
            ("restart search in staging because it leaks", "restart search in production because it leaks"),
        ),
        ("deploy checkout to prod", "Which release? For example: deploy checkout v42 to production", ()),
        (
            "restart in staging",
            "Which service? checkout, payments-api, search or web.",
            (
                "restart checkout in staging",
                "restart payments-api in staging",
                "restart search in staging",
                "restart web in staging",
            ),
        ),
        ("scale web in prod", "How many replicas? For example: scale web to 6 in production", ()),
        ("approve", "Which proposal? Give its number. For example: approve 17", ()),
        (
            "reject 17",
            "Why? Say it at the end, in your own words. For example: reject 17 not during the sale",
            (),
        ),
        (
            "deploy",
            (
                "Which service? checkout, payments-api, search or web. Where to? staging or production. Which release?"
                " For example: deploy checkout v42 to production"
            ),
            (),
        ),
    ],
)
def test_what_is_missing_is_asked_for(
    commands: CommandInterpreter, text: str, question: str, completions: tuple[str, ...]
) -> None:
    found = commands.interpret(text)
    assert (found.kind, found.question, found.completions) == ("clarify", question, completions)


@pytest.mark.parametrize(
    ("text", "question", "completions"),
    [
        (
            "deploy chekout v42 to production",
            "I know no service called “chekout”. Did you mean checkout?",
            ("deploy checkout v42 to production",),
        ),
        (
            "deploy checkout v42 to prodution",
            "I know no environment called “prodution”. Did you mean production?",
            ("deploy checkout v42 to production",),
        ),
        (
            "deploy chekout v42 to prodution",
            (
                "I know no service called “chekout”. Did you mean checkout?"
                " I know no environment called “prodution”. Did you mean production?"
            ),
            ("deploy checkout v42 to production",),
        ),
        (
            "deploy checkout2 v42 to stg",
            "I know no service called “checkout2”. Did you mean checkout?",
            ("deploy checkout v42 to staging",),
        ),
        (
            "status of kafka",
            "I know no service called “kafka”. Known: checkout, payments-api, search, web. For example: status",
            (),
        ),
        (
            "scale web to many in production",
            "“many” is not a number of replicas; say for instance 3. For example: scale web to 6 in production",
            (),
        ),
        (
            "rollback checkout in production to v41",
            "“v41” is not a revision; those are numbers such as 7. For example: rollback checkout in production",
            (),
        ),
        ("approve it", "“it” is not the number of a proposal; those look like 17. For example: approve 17", ()),
        ("help deplyo", "I know no request called “deplyo”. Did you mean deploy?", ("help deploy",)),
        (
            "deploy checkout v42 to production tomorrow",
            "I did not understand “tomorrow”. Nothing was asked for. If it is the reason, put it after “because”.",
            (),
        ),
        (
            "deploy checkout v42 v43 to production",
            "Which release: v42 or v43? One at a time.",
            ("deploy checkout v42 to production", "deploy checkout v43 to production"),
        ),
        (
            "deploy checkout and search v42 to prod",
            "Which service: checkout or search? One at a time.",
            ("deploy checkout v42 to production", "deploy search v42 to production"),
        ),
        (
            "restart search in staging?",
            "That reads as a question. To ask for it, say: restart search in staging",
            ("restart search in staging",),
        ),
        (
            "deplyo checkout v42 to prod",
            "I know no request called “deplyo”. Did you mean deploy?",
            ("deploy checkout v42 to prod",),
        ),
        (
            "should we deploy checkout v42 to prod",
            "I did not understand “should”. Begin with what should be done. Say “help” to see what can be asked.",
            (),
        ),
    ],
)
def test_what_was_not_understood_is_named_and_the_nearest_offered(
    commands: CommandInterpreter, text: str, question: str, completions: tuple[str, ...]
) -> None:
    found = commands.interpret(text)
    assert (found.kind, found.question, found.completions) == ("clarify", question, completions)


def test_what_is_open_is_told_as_data_too(commands: CommandInterpreter) -> None:
    found = commands.interpret("deploy chekout to prod")
    assert found.skill == "deploy"
    assert found.params == {"environment": "production"}
    assert found.missing == ("release",)
    assert found.unresolved == {"service": "chekout"}
    assert found.candidates == {"service": ("checkout",)}
    assert found.completions == ()


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("", "Say what should be done. Say “help” to see what can be asked."),
        ("  ??? ", "Say what should be done. Say “help” to see what can be asked."),
        ("good morning", "I did not understand “good”, “morning”. Say “help” to see what can be asked."),
    ],
)
def test_words_about_nothing_here_are_left_to_others(commands: CommandInterpreter, text: str, question: str) -> None:
    found = commands.interpret(text)
    assert (found.kind, found.skill, found.question) == ("none", None, question)


def test_a_command_of_its_own_needs_no_verb(commands: CommandInterpreter) -> None:
    assert said(commands.interpret("v42 of checkout in prod please", skill="deploy")) == (
        "change",
        "deploy",
        CHECKOUT,
        "",
    )
    assert said(commands.interpret("deploy checkout v42 to prod", skill="deploy")) == ("change", "deploy", CHECKOUT, "")
    assert said(commands.interpret("17 too risky", skill="reject"))[2] == {"proposal": 17, "reason": "too risky"}
    assert said(commands.interpret("", skill="status")) == ("query", "status", {}, "")
    assert said(commands.interpret("help", skill="deploy")) == ("query", "help", {"skill": "deploy"}, "")


def test_another_verb_within_a_command_of_its_own_is_not_followed(commands: CommandInterpreter) -> None:
    found = commands.interpret("rollback checkout prod", skill="deploy")
    assert (found.kind, found.skill, found.missing) == ("clarify", "deploy", ("release",))
    assert found.question.startswith("I did not understand “rollback”.")


def test_only_usable_skills_are_suggested_and_all_are_understood(commands: CommandInterpreter) -> None:
    assert commands.interpret("deplyo checkout v42 to prod", usable={"status"}).candidates == {}
    assert commands.interpret("deploy checkout v42 to prod", usable={"status"}).kind == "change"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("deploy сheckout v42 to production", "“\\u{441}heckout”. It has letters outside of ASCII (“с” is U+0441)"),
        (
            "deploy chec\u212aout v42 to production",
            "“chec\\u{212a}out”. It has letters outside of ASCII (“\u212a” is U+212A)",
        ),
        ("deploy checkout v42 to prоduction", "“pr\\u{43e}duction”. It has letters outside of ASCII (“о” is U+043E)"),
    ],
)
def test_look_alike_letters_are_shown_for_what_they_are(commands: CommandInterpreter, text: str, shown: str) -> None:
    found = commands.interpret(text)
    assert found.kind == "clarify"
    assert shown in found.question
    assert found.completions == ()


@pytest.mark.parametrize(
    ("character", "point"),
    [
        ("\u200b", "U+200B"),
        ("\u202e", "U+202E"),
        ("\x00", "U+0000"),
        ("\x1b", "U+001B"),
        ("\ufeff", "U+FEFF"),
        ("\ud800", "U+D800"),
    ],
)
def test_characters_that_cannot_be_seen_are_refused(commands: CommandInterpreter, character: str, point: str) -> None:
    for text in (f"deploy check{character}out v42 to prod", f"reject 17 no{character}t now"):
        found = commands.interpret(text)
        assert found.kind == "clarify"
        assert found.question == (
            f"The text holds characters that cannot be seen ({point}), so it may not be what it looks like."
            " Type it again, please."
        )


def test_ten_thousand_characters_are_not_read(commands: CommandInterpreter) -> None:
    found = commands.interpret("deploy " + "x" * 10_000)
    assert found.kind == "clarify"
    assert found.question == "That is too long for a request: 10,007 characters, and 2,000 are read."


@pytest.mark.parametrize(
    "word", ["<!channel>", "<!here|here>", "&lt;!channel&gt;", "<@U02SRE>", "<!subteam^S1|@sre>", "`rm`-rf*"]
)
def test_nothing_is_repeated_that_a_chat_would_act_on(commands: CommandInterpreter, word: str) -> None:
    question = commands.interpret(f"deploy {word} v42 to production").question
    assert not set("<>`") & set(question)


def test_a_long_word_is_repeated_in_short(commands: CommandInterpreter) -> None:
    question = commands.interpret(f"deploy {'x' * 1900} v42 to production").question
    assert f"“{'x' * 60}…”" in question


@pytest.mark.parametrize(
    "text",
    [
        "<@U0BOT> <@U02SRE> deploy checkout v42 to production",
        "<@U0BOT> tell <@U02SRE> to deploy checkout v42 to production",
        "deploy checkout v42 to production cc <@U02SRE>",
    ],
)
def test_a_mention_of_somebody_else_is_not_skipped(commands: CommandInterpreter, text: str) -> None:
    found = commands.interpret(text)
    assert found.kind == "clarify"
    assert not found.completions


def test_only_environments_of_the_service_are_offered() -> None:
    names = Catalog(
        declared=(service("batch", environments=("staging",)),),
        environments=(environment("staging"), environment("production")),
        people=(),
    )
    found = CommandInterpreter(skills(), names).interpret("restart batch")
    assert found.question == "In which environment? staging."
    assert found.completions == ("restart batch in staging",)


def test_a_service_discovered_since_is_known() -> None:
    names = catalog()
    commands = CommandInterpreter(skills(), names)
    assert commands.interpret("restart mailer in staging").kind == "clarify"
    names.learn([service("mailer")])
    assert commands.interpret("restart mailer in staging").kind == "change"


def test_a_name_wins_over_filler_numbers_and_verbs() -> None:
    names = Catalog(
        declared=(service("version"), service("42"), service("status")),
        environments=(environment("staging"),),
        people=(),
    )
    commands = CommandInterpreter(skills(), names)
    assert commands.interpret("restart version in staging").params["service"] == "version"
    assert commands.interpret("deploy 42 v1 to staging").params == {
        "service": "42", "release": "v1", "environment": "staging"
    }  # fmt: skip
    assert commands.interpret("restart status in staging").params["service"] == "status"


def test_a_container_is_named_after_its_word(commands: CommandInterpreter) -> None:
    found = commands.interpret("deploy checkout v42 to production container web")
    assert said(found) == ("change", "deploy", {**CHECKOUT, "container": "web"}, "")


def test_every_example_of_every_skill_is_understood() -> None:
    interpreter = EmbeddedInterpreter(skills(), catalog())
    for skill in skills().values():
        for example in skill.examples:
            found = interpreter.interpret(example)
            assert found.complete, example
            assert found.skill == skill.name
