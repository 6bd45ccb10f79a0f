"""Whatever is logged is read: nothing raises, nothing grows, no secret shows, and nothing that was said becomes a plain string."""

from hypothesis import given
from hypothesis import strategies as st

from skills.core.untrusted import Shown
from skills.diagnosis.logs import study
from tests.support.log_lines import lines

PIECES = (
    "ERROR ", "INFO ", "{", "}", '"level":"error"', '"msg":', '"', ":", ",", "level=error ", "msg=", "Traceback (most recent call last):",
    '  File "x.py", line 1', "Caused by: ", "\tat a.b.C.d(E.java:1)", "panic: ", "goroutine 1 [running]:", " ---> ", "x.rb:1:in `f': boom (E)",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "dial tcp ", "10.0.0.1:5432", "[::1]:80", "connection refused", "lookup ", "no such host",
    "E1123 09:00:00.1 1 a.go:1] ", "trace_id=", "a" * 32, "2026-11-23T09:00:00Z ", "\x00", "\x1b[31m", "\ufffd", "\u202e", "\n", " ", "é", "<*>",
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@given(st.lists(TEXT, max_size=30))
def test_anything_is_read(texts: list[str]) -> None:
    seen = study(lines(texts))

    assert seen.lines == len(texts)
    assert sum(template.count for template in seen.templates) <= len(texts)
    shown = (
        [said.text for said in seen.tail]
        + [each.pattern for each in seen.templates]
        + [each.cause for each in seen.stacks]
    )
    shown += [match.evidence for match in seen.signatures]
    assert all(isinstance(each, Shown) and len(each) <= 600 for each in shown)
    assert all("\x1b" not in each and "\u202e" not in each and "\x00" not in each for each in shown)
    for match in seen.signatures:
        assert match.endpoint is None or " " not in match.endpoint.shown
        assert all(" " not in fact and len(fact) <= 600 for fact in match.facts.values())


@given(st.lists(st.one_of(TEXT, st.just("password=hunter2"), st.just('{"token":"hunter2","msg":"x"}')), max_size=12))
def test_a_secret_by_its_name_is_never_shown(texts: list[str]) -> None:
    assert "hunter2" not in repr(study(lines(texts)))
