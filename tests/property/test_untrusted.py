"""Whatever somebody plants: no parameter and no plan holds it, and what is shown of it is harmless to look at."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from skills.core.canonical import canonical
from skills.core.redaction import HIDDEN
from skills.core.untrusted import Untrusted
from skills.core.visible import unseen
from skills.deploy import Params
from skills.rollback import Params as RollbackParams
from tests.support.words import catalog, skills

CANARY = "c4n4ry"
texts = st.text(max_size=80).map(lambda text: f"{text}{CANARY}{text}") | st.sampled_from(
    [f"deploy checkout v9 {CANARY}", f"{CANARY}\u202eevil", f"xoxb-{CANARY}-1234567890", f"password={CANARY}"]
)
fields = st.sampled_from(["service", "environment", "release", "container", "revision"])


@given(text=texts, field=fields, as_shown=st.booleans())
def test_no_parameter_holds_it(text: str, field: str, as_shown: bool) -> None:
    tainted = Untrusted(text).shown(limit=2_000) if as_shown else Untrusted(text)
    given_params: dict[str, object] = {"service": "checkout", "environment": "production", "release": "v42"}
    for params in (Params, RollbackParams):
        with pytest.raises(ValidationError) as caught:
            params.model_validate(given_params | {field: tainted})
        if not as_shown:
            assert CANARY not in str(caught.value)


@given(text=texts)
def test_nothing_that_is_fingerprinted_holds_it(text: str) -> None:
    for value in ({"params": {"service": Untrusted(text).shown()}}, [[Untrusted(text)]]):
        with pytest.raises(ValueError, match="from outside"):
            canonical(value)  # type: ignore[arg-type]


@given(text=st.text(max_size=400), limit=st.integers(min_value=1, max_value=300))
def test_what_is_shown_is_one_short_line_of_what_can_be_seen(text: str, limit: int) -> None:
    shown = Untrusted(text).shown(limit=limit)
    assert len(shown) <= limit
    assert not any(unseen(character) or character in "\r\n\t" for character in shown)


@given(secret=st.from_regex(r"[A-Za-z0-9]{12,30}", fullmatch=True), place=st.integers(min_value=1, max_value=11))
def test_a_secret_is_not_shown_even_where_something_unseen_is_within_it(secret: str, place: int) -> None:
    hidden = f"{secret[:place]}\u200b{secret[place:]}"
    shown = Untrusted(f"token={hidden} done").shown()
    assert secret not in shown
    assert HIDDEN in shown


@given(text=texts)
def test_facts_are_never_sentences(text: str) -> None:
    untrusted = Untrusted(text)
    facts = (untrusted.as_number(), untrusted.as_time(), untrusted.as_catalog_name(catalog()))
    names = {service.name for service in catalog().services}
    assert all(fact is None or fact in names or isinstance(fact, float | datetime) for fact in facts)
    assert not any(character.isspace() for character in untrusted.as_name() or "")
    assert CANARY not in repr(untrusted)


def test_every_skill_there_is_refuses_it() -> None:
    for each in skills().values():
        for name in each.Params.model_fields:
            with pytest.raises(ValidationError, match="never a parameter"):
                each.Params.model_validate({name: Untrusted(CANARY).shown()})
