"""What a study of logs finds: what came first, what is said over and over, and nothing that was not said."""

import pytest

from skills.core.ports.logs import LONGEST_LINE
from skills.diagnosis.logs import Language, Level, study
from tests.support.log_lines import NINE, lines, written

PYTHON = """
INFO starting
Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    connect()
  File "/app/db.py", line 40, in connect
    raise OperationalError("no route")
OperationalError: could not reach orders-db

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/main.py", line 14, in <module>
    raise StartError("start failed") from error
StartError: start failed
INFO exiting
"""
JAVA = """
2026-11-23 09:00:01.123 ERROR 1 --- [main] o.s.boot.SpringApplication : Application run failed
org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'
\tat org.springframework.beans.factory.support.AbstractBeanFactory.doGetBean(AbstractBeanFactory.java:323)
\tat com.acme.Main.main(Main.java:12)
Caused by: java.lang.IllegalStateException: pool is shut down
\tat com.acme.Pool.get(Pool.java:88)
\t... 12 more
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)
\t... 20 common frames omitted
"""
GO = """
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x6f1c2a]

goroutine 1 [running]:
main.(*Server).handle(0x0, {0x7f, 0x1})
\t/app/server.go:42 +0x1d
main.main()
\t/app/main.go:12 +0x25
exit status 2
"""
NODE = """
node:internal/modules/cjs/loader:1225
  throw err;
  ^

Error: Cannot find module '@shop/design-tokens'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at async start (file:///app/index.mjs:3:7)
    at /app/server.js:10:5
"""
DOTNET = """
Unhandled exception. System.InvalidOperationException: start failed ---> System.Net.Sockets.SocketException: Connection refused
   at System.Net.Sockets.Socket.Connect(EndPoint remoteEP)
   --- End of inner exception stack trace ---
   at Shop.Program.Main(String[] args) in /src/Program.cs:line 12
"""
RUBY = """
/app/config.rb:12:in `fetch': key not found: "DATABASE_URL" (KeyError)
\tfrom /app/config.rb:12:in `load'
\tfrom /app/main.rb:3:in `<main>'
"""


@pytest.mark.parametrize(
    ("text", "language", "cause", "raised"),
    [
        (PYTHON, Language.PYTHON, "OperationalError: could not reach orders-db", "StartError: start failed"),
        (JAVA, Language.JAVA, "java.net.ConnectException: Connection refused", "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'"),
        (GO, Language.GO, "panic: runtime error: invalid memory address or nil pointer dereference", "panic: runtime error: invalid memory address or nil pointer dereference"),
        (NODE, Language.NODE, "Error: Cannot find module '@shop/design-tokens'", "Error: Cannot find module '@shop/design-tokens'"),
        (DOTNET, Language.DOTNET, "System.Net.Sockets.SocketException: Connection refused", "Unhandled exception. System.InvalidOperationException: start failed ---> System.Net.Sockets.SocketException: Connection refused"),
        (RUBY, Language.RUBY, 'key not found: "DATABASE_URL" (KeyError)', '/app/config.rb:12:in `fetch\': key not found: "DATABASE_URL" (KeyError)'),
    ],
    ids=["python", "java", "go", "node", "dotnet", "ruby"],
)  # fmt: skip
def test_a_stack_trace_is_told_by_its_cause(text: str, language: Language, cause: str, raised: str) -> None:
    (stack,) = study(written(text)).stacks

    assert (stack.language, stack.cause, stack.raised, stack.count) == (language, cause, raised, 1)


def test_traces_with_one_cause_are_one_and_are_counted() -> None:
    (stack,) = study(written("\n".join([PYTHON.strip("\n")] * 3))).stacks

    assert stack.count == 3
    assert stack.first == NINE.replace(second=1)


def test_a_trace_within_one_line_of_json_is_read() -> None:
    line = r'{"level":50,"msg":"charge failed","err":{"type":"Error","message":"boom","stack":"Error: boom\n    at pay (/app/pay.js:3:7)"}}'
    seen = study(lines([line]))

    assert [(stack.language, stack.cause) for stack in seen.stacks] == [(Language.NODE, "Error: boom")]
    assert seen.first_error is not None
    assert seen.first_error.text == "Error: boom"


def test_the_first_error_wins_over_the_loudest() -> None:
    loud = ["ERROR request failed: no order"] * 50
    seen = study(lines(["INFO starting", "WARN slow", "ERROR cannot open index, format 12", *loud]))

    assert seen.first_error is not None
    assert seen.first_error.text == "ERROR cannot open index, format 12"
    assert seen.first_error.at == NINE.replace(second=2)
    assert [said.text for said in seen.before] == ["INFO starting", "WARN slow"]
    assert [said.text for said in seen.after] == ["ERROR request failed: no order"] * 3
    assert (seen.errors, seen.warnings, seen.lines) == (51, 1, 53)


def test_the_first_error_of_a_trace_is_its_cause() -> None:
    first = study(written(PYTHON)).first_error

    assert first is not None
    assert first.text == "OperationalError: could not reach orders-db"


def test_lines_are_read_in_the_order_of_their_times_whichever_pod_wrote_them() -> None:
    late = lines(["ERROR second"], pod="a", start=NINE.replace(minute=5))
    early = lines(["ERROR first"], pod="b")

    first = study([*late, *early]).first_error

    assert first is not None
    assert (first.text, first.pod) == ("ERROR first", "b")


@pytest.mark.parametrize(
    ("line", "level", "said"),
    [
        ('{"level":"error","msg":"charge failed","error":"timeout"}', Level.ERROR, "charge failed: timeout"),
        ('{"severity":"WARNING","message":"slow"}', Level.WARNING, "slow"),
        ('{"level":50,"time":1,"msg":"pino"}', Level.ERROR, "pino"),
        ('{"@timestamp":"x","log":{"level":"info"},"message":"nested"}', Level.INFO, "nested"),
        ('{"log.level":"debug","message":"flat"}', Level.DEBUG, "flat"),
        ('level=error msg="cannot pay" err="no money"', Level.ERROR, 'level=error msg="cannot pay" err="no money"'),
        ("ts=1 level=info msg=ready status=200", Level.INFO, "ts=1 level=info msg=ready status=200"),
        ("E1123 09:00:00.123456       1 leaderelection.go:330] lost the lease", Level.ERROR, "lost the lease"),
        ("W1123 09:00:00.123456 1 a/b.go:1] x", Level.WARNING, "x"),
        ("2026-11-23T09:00:00.123Z ERROR [main] failed", Level.ERROR, "ERROR [main] failed"),
        ("2026-11-23 09:00:00,123 - app - CRITICAL - gone", Level.FATAL, "app - CRITICAL - gone"),
        ("[warn] low", Level.WARNING, "[warn] low"),
        ("fail: Microsoft.Hosting[1] x", Level.ERROR, "fail: Microsoft.Hosting[1] x"),
        ("GET /errors 200 error_count=0", Level.UNKNOWN, "GET /errors 200 error_count=0"),
        ("the information desk", Level.UNKNOWN, "the information desk"),
        ("\x1b[31mERROR\x1b[0m red", Level.ERROR, "ERROR red"),
        ('{"level":"error","msg":"cut o', Level.ERROR, "cut o"),
        ("{not json", Level.UNKNOWN, "{not json"),
    ],
)
def test_a_line_is_read_as_what_it_is(line: str, level: Level, said: str) -> None:
    (seen,) = study(lines([line])).tail

    assert (seen.level, seen.text) == (level, said)


def test_lines_that_differ_only_in_what_varies_are_one_template() -> None:
    many = [f"INFO served order {number} to 10.0.0.{number % 250} in {number}ms" for number in range(40)]
    seen = study(lines([*many, "ERROR payment 17 was refused", "ERROR payment 18 was refused"]))

    assert [(each.pattern, each.count, each.level) for each in seen.templates] == [
        ("ERROR payment <*> was refused", 2, Level.ERROR),
        ("INFO served order <*> to <*> in <*>ms", 40, Level.INFO),
    ]
    assert seen.templates[0].example == "ERROR payment 17 was refused"
    assert seen.templates[1].first == NINE


def test_trace_ids_of_bad_lines_are_noted_whatever_the_notation() -> None:
    ids = [character * 32 for character in "abcd"]
    seen = study(
        lines(
            [
                f'{{"level":"error","msg":"x","trace_id":"{ids[0]}"}}',
                f"ERROR failed trace_id={ids[1]}",
                f"ERROR failed traceparent=00-{ids[2]}-00f067aa0ba902b7-01",
                f"INFO fine trace_id={ids[3]}",
                "ERROR failed trace_id=drop-table",
            ]
        )
    )

    assert seen.traces == tuple(ids[:3])


def test_no_lines_are_an_answer() -> None:
    seen = study([])

    assert (seen.lines, seen.first_error, seen.templates, seen.stacks, seen.signatures) == (0, None, (), (), ())


def test_binary_is_named_and_not_shown() -> None:
    seen = study(lines(["\x00\x01\x02\x03PNG\ufffd\ufffd\ufffd\x07", "INFO fine"]))

    assert [said.text for said in seen.tail] == ["(binary)", "INFO fine"]


def test_secrets_are_not_shown_wherever_they_stand() -> None:
    body = [f"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{number}" for number in range(3)]
    seen = study(
        lines(
            [
                "ERROR cannot reach postgres://shop:hunter2@db:5432/orders",
                '{"level":"error","msg":"login","password":"hunter2","error":"token=hunter2 is wrong"}',
                "-----BEGIN RSA PRIVATE KEY-----",
                *body,
                "-----END RSA PRIVATE KEY-----",
                "ERROR Authorization: Bearer hunter2hunter2",
            ]
        )
    )

    assert "hunter2" not in repr(seen)
    assert "MIIEvQ" not in repr(seen)
    assert [said.text for said in seen.tail[2:7]] == ["(redacted)"] * 5


@pytest.mark.timeout(60)  # it takes a second or two; with the square of a line's length it would be many minutes
def test_however_much_is_logged_only_so_much_is_looked_at() -> None:
    hostile = ("x", "password", "a.", '{"a":', "ERROR a:", "dial tcp a:1", "http://a 429 ", "1", "->1:1: ")
    huge = lines([unit * (LONGEST_LINE // len(unit)) for unit in hostile] * 250)

    seen = study(huge)

    assert seen.partial == ("I looked at the last 2000 of 2250 lines.",)
    assert all(len(each.example) <= 500 for each in seen.templates)
    assert all(len(said.text) <= 500 for said in seen.tail)
