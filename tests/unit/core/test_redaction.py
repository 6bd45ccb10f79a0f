"""Secrets out."""

import pytest

from skills.core.redaction import names_a_secret, redact

TOKEN = "xo" + "xb-1234567890-abcdefghijkl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"using {TOKEN} now", "using (redacted) now"),
        ("DB_PASSWORD=hunter2 retrying", "DB_PASSWORD=(redacted) retrying"),
        ('{"api_key": "abc123", "user": "dev"}', '{"api_key": (redacted), "user": "dev"}'),
        ("postgresql://app:s3cret@db:5432/shop", "postgresql://(redacted)@db:5432/shop"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: (redacted) (redacted)"),
        ("key AKIA" + "IOSFODNN7EXAMPLE", "key (redacted)"),
        ("GET /health 200 in 3 ms", "GET /health 200 in 3 ms"),
        ("image registry.example/checkout:v42", "image registry.example/checkout:v42"),
        ("image registry.example/auth:v42", "image registry.example/auth:v42"),
        ("X-Api-Token:abcdef", "X-Api-Token:(redacted)"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_the_rest_stays(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_private_key_goes_as_a_whole() -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"
    assert redact(f"before\n{key}\nafter") == "before\n(redacted)\nafter"


def test_redacting_twice_changes_nothing_more() -> None:
    once = redact(f"token={TOKEN} password: 'x y'")
    assert redact(once) == once


@pytest.mark.parametrize("name", ["DB_PASSWORD", "api-key", "SLACK_SIGNING_SECRET", "sessionCookie"])
def test_a_telling_name_is_recognised(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.timeout(30)  # it takes some hundredths of a second; with the square of the length it would be minutes
@pytest.mark.parametrize(
    "unit", ["password", "a.", "a-", "eyJ.eyJaaaaaaaa.", "x://", "-----BEGIN PRIVATE KEY-----", "token= "]
)
def test_text_made_to_be_slow_takes_no_longer_than_other_text(unit: str) -> None:
    assert redact(f"{unit * (200_000 // len(unit))} DB_PASSWORD=hunter2").count("hunter2") == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("reason: password=hunter2 was wrong", "reason: password=(redacted) was wrong"),
        ('a=1 db.password : "two words" b=2', "a=1 db.password : (redacted) b=2"),
        ("token=a secret=b, plain=c", "token=(redacted) secret=(redacted), plain=c"),
        ("see /etc/secrets: it is empty", "see /etc/secrets: it is empty"),
        ("s3://key:pass@bucket/x", "s3://(redacted)@bucket/x"),
    ],
)
def test_names_beside_each_other_are_told_apart(text: str, shown: str) -> None:
    assert redact(text) == shown
