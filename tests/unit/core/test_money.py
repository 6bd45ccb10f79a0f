"""Money is exact, and never of two currencies at once."""

from decimal import Decimal

import pytest

from skills.core.money import Money, TwoCurrencies, money, spoken, totals


def test_amounts_of_one_currency_add_up_to_the_cent() -> None:
    assert sum([money("0.10", "EUR")] * 2, money("0.10", "EUR")) == money("0.30", "EUR")


@pytest.mark.parametrize("act", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a.share(b)])
def test_two_currencies_are_never_added_or_compared(act) -> None:
    with pytest.raises(TwoCurrencies, match="EUR and USD do not make one amount"):
        act(money("1", "EUR"), money("1", "USD"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-inf", "", "ten", "1,5", 1.5, True, None])
def test_what_is_no_exact_number_is_no_amount(amount) -> None:
    with pytest.raises(ValueError, match=r"is no (exact )?amount"):
        money(amount, "EUR")


@pytest.mark.parametrize("code", ["", "EURO", "€", "E1R", "credits"])
def test_what_is_no_code_is_no_currency(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        money("1", code)


@pytest.mark.parametrize(
    ("amount", "code", "exact", "brief"),
    [
        ("1234.5", "EUR", "€1,234.50", "€1,234"),
        ("-3", "USD", "−$3.00", "−$3.00"),
        ("12.345", "CHF", "12.34 CHF", "12.34 CHF"),
        ("1234.5", "JPY", "¥1,234", "¥1,234"),
        ("0.0042", "EUR", "€0.00", "€0.004"),
        ("0", "EUR", "€0.00", "€0.00"),
        ("1E+3", "EUR", "€1,000.00", "€1,000"),
    ],
)
def test_how_money_is_spelled(amount: str, code: str, exact: str, brief: str) -> None:
    assert (str(money(amount, code)), money(amount, code).brief) == (exact, brief)


def test_a_difference_has_its_sign() -> None:
    assert (money("412", "EUR").signed, money("-9.5", "EUR").signed) == ("+€412", "−€9.50")


def test_sums_are_kept_by_currency_with_the_largest_first() -> None:
    found = totals([money("20", "USD"), money("400", "EUR"), money("12", "EUR")])
    assert found == (money("412", "EUR"), money("20", "USD"))
    assert spoken(found) == "€412 and $20.00"
    assert spoken([]) == "nothing"


def test_a_share_of_nothing_is_unknown() -> None:
    assert money("1", "EUR").share(money("0", "EUR")) is None
    assert money("1", "EUR").share(money("4", "EUR")) == Decimal("0.25")


def test_as_json_it_is_the_same_again() -> None:
    assert Money.from_json(money("1E+3", "eur").to_json()) == money("1000", "EUR")
    assert money("1E+3", "EUR").to_json() == {"amount": "1000", "currency": "EUR"}
