"""References to images: what is written is what is read, and nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.core.errors import BadInput
from skills.core.images import ImageReference, reference_of, repository_of, version_of

HOSTS = st.from_regex(r"(?:[a-z0-9]{1,8}\.){1,2}[a-z]{2,5}(?::[0-9]{1,5})?|localhost(?::[0-9]{1,5})?", fullmatch=True)
PARTS = st.from_regex(r"[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join).filter(lambda path: "." not in path.split("/")[0])
REPOSITORIES = st.one_of(PATHS, st.tuples(HOSTS, PATHS).map("/".join))
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)
DIGESTS = st.binary(min_size=32, max_size=32).map(lambda raw: f"sha256:{raw.hex()}")
REFERENCES = st.builds(
    ImageReference, repository=REPOSITORIES, tag=st.one_of(st.just(""), TAGS), digest=st.one_of(st.just(""), DIGESTS)
)


@given(REFERENCES)
def test_a_reference_survives_being_written_and_read(reference):
    assert ImageReference.parse(str(reference)) == reference
    assert repository_of(str(reference)) == reference.repository


@given(st.text(max_size=300))
def test_any_text_is_either_read_in_full_or_refused_with_a_short_sentence(text):
    assert isinstance(version_of(text), str)
    try:
        reference = ImageReference.parse(text)
    except BadInput as refused:
        reference, sentence = None, str(refused)
    if reference is None:
        assert len(sentence) < 800
    else:
        assert str(reference) == text
        assert text.isascii()
        assert not any(character.isspace() for character in text)


@given(REPOSITORIES, TAGS, DIGESTS)
def test_what_a_service_may_run_always_comes_from_its_own_repository(repository, tag, digest):
    for wanted in (tag, digest, f"{repository}:{tag}", f"{repository}@{digest}"):
        if wanted.endswith(":latest") or wanted == "latest":
            continue
        assert reference_of(wanted, repository=repository, service="web").repository == repository
    with pytest.raises(BadInput):
        reference_of(f"{repository}x:{tag}", repository=repository, service="web")


@pytest.mark.parametrize(
    "text",
    [
        "", ":v1", "@", "a@", "a:", "/a", "a/", "a//b", "a:b:c", "a b", "a:v1\n", "A/b:1 ", "Web:1", "a/B:1", "host.example:port/a:1",
        "host.example:123456/a:1", "-a.example/a:1", "a..b", "a___b", "a/-b", "a_/b", "a:.x", "a:" + "t" * 129, "r" * 256,
        "a@sha256:" + "A" * 64, "a@sha256:" + "a" * 63, "a@md5:" + "a" * 32, "https://registry.example/a:1", "а/b:1", "a:v1@sha256:",
    ],
)  # fmt: skip
def test_what_no_registry_would_take_is_refused(text):
    with pytest.raises(BadInput, match="is not an image reference"):
        ImageReference.parse(text)


@pytest.mark.parametrize(
    ("text", "repository", "tag"),
    [
        ("localhost:5000/a", "localhost:5000/a", ""),
        ("[::1]:5000/a:b", "[::1]:5000/a", "b"),
        ("Registry.Example/a/b__c:V1.2_x-3", "Registry.Example/a/b__c", "V1.2_x-3"),
        ("nginx", "nginx", ""),
        ("a:5000", "a", "5000"),
    ],
)
def test_hosts_ports_and_tags_are_told_apart(text, repository, tag):
    assert ImageReference.parse(text) == ImageReference(repository=repository, tag=tag)


def test_reading_takes_time_in_proportion_to_length():
    for text in ("a-" * 50_000, "a." * 50_000 + "/", "-" * 100_000, "a" * 100_000 + "/b:c", "[" + ":" * 100_000):
        with pytest.raises(BadInput):
            ImageReference.parse(text)
