"""The price sheet: exact numbers, and every mistake with its file and line."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.configuration import load
from skills.core.money import money
from tests.unit.configuration.conftest import Mistakes


def test_prices_are_exactly_what_is_written(folder: Path) -> None:
    (folder / "prices.yaml").write_text("currency: eur\ncpu_hour: 0.0312\nmemory_hour: 1e-3\nerror_percent: 5\n")
    sheet = load(folder, {}).prices
    assert sheet is not None
    assert (sheet.currency, sheet.cpu_hour, sheet.memory_hour, sheet.error) == (
        "EUR", Decimal("0.0312"), Decimal("0.001"), Decimal("0.05")
    )  # fmt: skip
    assert sheet.load_balancer_hour is None


def test_without_the_file_nothing_has_a_price(folder: Path) -> None:
    (folder / "prices.yaml").unlink(missing_ok=True)
    assert load(folder, {}).prices is None


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("cpu_hour: 1", "prices.yaml, line 1: currency: is missing."),
        ("currency: €", "prices.yaml, line 1: currency: “\\u{20ac}” is not a currency; write the three letters of ISO 4217, such as EUR."),
        ("currency: EUR\ncpu_hour: nan", "prices.yaml, line 2: cpu_hour: should be a number, such as 0.0312."),
        ("currency: EUR\ncpu_hour: -1", "prices.yaml, line 2: cpu_hour: should be a price of zero or more; credits and discounts are no prices."),
        ("currency: EUR\nstorage_month: {default: cheap}", "prices.yaml, line 2: storage_month.default: should be a number, such as 0.0312."),
        ("currency: EUR\nfactors: {stagign: 1}", "prices.yaml, line 2: factors.stagign: there is no environment “stagign”. Did you mean staging?"),
        ("currency: EUR\ncpu_hours: 1", "prices.yaml, line 2: cpu_hours: is not a known key. Did you mean cpu_hour?"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(mistakes: Mistakes, text: str, mistake: str) -> None:
    assert mistakes("prices.yaml", text) == [mistake]


def test_a_rule_about_money_has_an_amount_and_something_to_ask_for(folder: Path, mistakes: Mistakes) -> None:
    rule = "rules:\n- name: dear\n  because: Dear.\n  who: {owner: true}\n  monthly_cost_above: {amount: 500.5, currency: EUR}\n"
    more = "  approvals: 1\n  approvers: {owner: true}\n"
    assert mistakes("policies/money.yaml", rule) == [
        "policies/money.yaml, line 2: rules[0]: monthly_cost_above goes with approvals or deny: it is no reason to allow something."
    ]
    (folder / "policies" / "money.yaml").write_text(rule + more)
    (dear,) = [each for each in load(folder, {}).policy.rules if each.name == "dear"]
    assert dear.monthly_cost_above == money("500.5", "EUR")
