"""budgets.yaml: exact amounts, and every mistake with its file and line."""

from pathlib import Path

import pytest

from bot.configuration import load
from skills.core.budget import Budget
from skills.core.money import money
from skills.core.periods import Unit
from tests.unit.configuration.conftest import Mistakes

ONE = "budgets:\n- {name: all, amount: 12.5, currency: EUR"


def test_budgets_are_exactly_what_is_written(folder: Path) -> None:
    (folder / "budgets.yaml").write_text(f"{ONE}, per: quarter, environment: staging, alerts: [50, 90]}}\n")
    assert load(folder, {}).budgets == (
        Budget(name="all", amount=money("12.5", "EUR"), per=Unit.QUARTER, environment="staging", alerts=(50, 90)),
    )


def test_without_the_file_there_are_none(folder: Path) -> None:
    (folder / "budgets.yaml").unlink(missing_ok=True)
    assert load(folder, {}).budgets == ()


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (f"{ONE}, environment: stagign}}", "budgets.yaml, line 2: budgets[0].environment: there is no environment “stagign”. Did you mean staging?"),
        (f"{ONE}}}\n- {{name: all, amount: 1, currency: EUR}}", "budgets.yaml, line 3: budgets[1].name: there are two budgets called all."),
        (f"{ONE}, alerts: [100, 80]}}", "budgets.yaml, line 2: budgets[0].alerts: should rise, each per cent once, such as [80, 100]."),
        (f"{ONE}, service: checkout, team: shop}}", "budgets.yaml, line 2: budgets[0]: a budget is for a service or for a team, not for both."),
        ("budgets:\n- {name: all, amount: 0, currency: EUR}", "budgets.yaml, line 2: budgets[0]: a budget of nothing is always exceeded; leave it out, or deny what costs."),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(mistakes: Mistakes, text: str, mistake: str) -> None:
    assert mistakes("budgets.yaml", text) == [mistake]
