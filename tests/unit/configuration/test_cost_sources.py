"""costs.yaml: sources in their order, and every mistake with its file and line."""

from pathlib import Path

import pytest

from bot.configuration import load
from bot.configuration.costs import AwsCostsSettings, CostSettings, OpenCostSettings, PricesSource
from tests.unit.configuration.conftest import Mistakes

ALL = """sources:
  - {kind: aws, service_tag: app, environment_tag: stage, environments: {production: prod}, requests_a_day: 20}
  - {kind: opencost, url: "http://opencost:9003/", currency: eur, clusters: {staging: two}, error_percent: 5}
  - {kind: prices}
"""


def test_sources_stand_in_their_order_with_their_keys_from_the_environment(folder: Path) -> None:
    (folder / "costs.yaml").write_text(ALL)
    aws, opencost, prices = load(folder, {"COUNTERSIGN_OPENCOST_KEY": "s3cret"}).costs.sources
    assert isinstance(aws, AwsCostsSettings)
    assert (aws.service_tag, aws.environments, aws.amortized, aws.per_day) == ("app", {"production": "prod"}, True, 20)
    assert isinstance(opencost, OpenCostSettings)
    assert (opencost.url, opencost.currency, opencost.error_percent) == ("http://opencost:9003", "EUR", 5)
    assert opencost.key is not None
    assert opencost.key.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(opencost)
    assert prices == PricesSource()


def test_without_the_file_it_is_the_price_sheet(folder: Path) -> None:
    assert load(folder, {}).costs == CostSettings()


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("sources: []", "costs.yaml, line 1: sources: "),
        ("sources: [{kind: azure}]", "costs.yaml, line 1: sources[0]"),
        ("sources:\n- {kind: opencost, url: 'opencost:9003'}", "costs.yaml, line 2: sources[0].url"),
        ("sources:\n- {kind: opencost, url: 'http://me:secret@opencost'}", "costs.yaml, line 2: "),
        ("sources:\n- {kind: opencost, url: 'http://o', clusters: {prodution: one}}", "costs.yaml, line 2: sources[0].clusters.prodution: there is no environment “prodution”. Did you mean production?"),
        ("sources:\n- {kind: aws, environment_tag: stage}", "costs.yaml, line 2: sources[0]: environment_tag and environments need each other: the tag, and its value for each environment."),
        ("sources:\n- {kind: aws, requests_a_day: 0}", "costs.yaml, line 2: sources[0].requests_a_day"),
        ("sources:\n- {kind: prices}\n- {kind: prices}", "costs.yaml, line 3: sources[1].kind: “prices” is there twice; one of a kind is enough."),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(mistakes: Mistakes, text: str, mistake: str) -> None:
    (found,) = mistakes("costs.yaml", text)
    assert found.startswith(mistake)
