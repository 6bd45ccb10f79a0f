"""Names: what is real, what is near, what only looks alike."""

import pytest

from skills.core.catalog import Catalog, Environment, Service, nearest, shown
from skills.core.errors import UnknownName
from skills.core.names import EnvironmentName, ServiceName


def service(name: str, *depends_on: str, **more: object) -> Service:
    return Service(name=ServiceName(name), depends_on=tuple(map(ServiceName, depends_on)), **more)  # type: ignore[arg-type]


CATALOG = Catalog(
    declared=(
        service("checkout", "payments-api"),
        service("payments-api", aliases=("payments",)),
        service("web", "checkout"),
    ),
    environments=(Environment(name=EnvironmentName("production"), namespace="production", aliases=("prod",)),),
    people=(),
)


def test_aliases_and_case_lead_to_the_same_service() -> None:
    assert CATALOG.service("payments").name == CATALOG.service("Payments-API").name == "payments-api"


def test_a_typo_gets_the_nearest_real_names() -> None:
    with pytest.raises(UnknownName) as caught:
        CATALOG.service("chekout")
    assert str(caught.value) == "I know no service called “chekout”. Did you mean checkout?"


def test_nothing_near_gets_the_list() -> None:
    with pytest.raises(UnknownName) as caught:
        CATALOG.environment("zzz")
    assert str(caught.value) == "I know no environment called “zzz”. Known: prod, production."


def test_a_look_alike_letter_is_shown_and_never_matched() -> None:
    with pytest.raises(UnknownName) as caught:
        CATALOG.service("сheckout")
    assert "“с” is U+0441" in str(caught.value)
    assert "\\u{441}heckout" in str(caught.value)


def test_control_characters_and_length_are_tamed_when_quoted() -> None:
    assert shown("a\x1b[31mb") == "a\\u{1b}[31mb"
    assert len(shown("x" * 10_000)) == 61


def test_dependents_are_found_through_others_and_loops_end() -> None:
    assert CATALOG.dependents(ServiceName("payments-api")) == ("checkout", "web")
    loop = Catalog(declared=(service("a", "b"), service("b", "a")), environments=(), people=())
    assert loop.dependents(ServiceName("a")) == ("b",)


def test_a_declared_service_wins_over_a_discovered_namesake() -> None:
    catalog = Catalog(declared=(service("web", owner="shop"),), environments=(), people=())
    catalog.learn([service("web", owner="nobody"), service("cart")])
    assert [each.name for each in catalog.services] == ["web", "cart"]
    assert catalog.service("web").owner == "shop"


def test_nearest_is_empty_where_nothing_is_close() -> None:
    assert nearest("qqqq", ["checkout", "web"]) == ()


def test_the_environment_that_a_question_means_is_the_named_one_or_where_it_matters_most() -> None:
    staging = Environment(name=EnvironmentName("staging"), namespace="s")
    production = Environment(name=EnvironmentName("production"), namespace="p", protected=True)

    both = Catalog(declared=(), environments=(staging, production), people=())

    assert both.usual(None) is production
    assert both.usual("staging") is staging
    assert Catalog(declared=(), environments=(staging,), people=()).usual(None) is staging
