from decimal import Decimal
from typing import Any

import pytest

from app.connection_config import plain, read_config, shown
from app.domain.order import Fulfilment
from app.errors import BadInput
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import REGIONS
from tests.marketplaces.amazon.builders import a_config


def test_countries_become_amazons_ids_however_they_are_written() -> None:
    assert a_config(marketplaces="fr, DE;gb").marketplaces == "FR,DE,UK"
    assert a_config(marketplaces=["A13V1IB3VIYZZH", "UK"]).marketplaces == "FR,UK"
    assert a_config(marketplaces="UK").marketplace_ids == ("A1F83G8C2ARO7P",)
    assert a_config(marketplaces="").marketplace_ids == ()


def test_a_stored_configuration_is_read_back_as_it_was() -> None:
    config = a_config(marketplaces=["FR", "DE"], channels="AFN")

    assert read_config(AmazonConfig, plain(config)) == config
    assert config.fulfilments == {Fulfilment.MARKETPLACE}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("marketplaces", "FR,US"),
        ("marketplaces", "Atlantis"),
        ("channels", "FBA"),
        ("channels", ""),
        ("seller_id", "my shop"),
        ("client_secret", " "),
        ("client_secret", '"secret-of-nobody"'),
        ("refresh_token", "Atzr|a b"),
        ("region", "MOON"),
        ("base_url", "http://api.example.test"),
        ("currency", "XXX"),
        ("rates", "GBP"),
        ("rates", "GBP=0"),
        ("rates", "GBP=0,86"),
        ("rates", "GBP=-1"),
        ("rates", "GBP=1e3"),
        ("rates", "XXX=1"),
        ("rates", "GBP=0.86,GBP=0.87"),
        ("rates", "EUR=1.1"),
        ("token_url", "ftp://api.example.test"),
        ("base_url", "https://user@api.example.test"),
        ("base_url", "https://:secret-of-nobody@api.example.test"),
        ("base_url", "https://api.example.test:99999"),
        ("token_url", "https://api.example.test:0"),
    ],
)
def test_what_can_not_work_is_refused_with_its_field_and_without_its_value(field: str, value: str) -> None:
    values: dict[str, Any] = plain(a_config()) | {field: value}

    with pytest.raises(BadInput) as caught:
        read_config(AmazonConfig, values)

    assert caught.value.field == field
    assert "secret-of-nobody" not in str(caught.value)


def test_the_currency_of_prices_is_the_regions_unless_it_is_reported() -> None:
    assert a_config().exchange_rates == ExchangeRates("EUR")
    assert a_config(region="NA", marketplaces="US").exchange_rates.currency == "USD"
    assert a_config(region="FE", marketplaces="JP").exchange_rates.currency == "JPY"
    assert a_config(currency="gbp").exchange_rates.currency == "GBP"


@pytest.mark.parametrize("rates", ["GBP=0.86,PLN=4.30", "gbp=0.86; PLN=4.30", ["GBP=0.86", "PLN=4.30"]])
def test_rates_are_read_however_they_are_written(rates: object) -> None:
    config = a_config(rates=rates)

    assert config.exchange_rates.rates == {"GBP": Decimal("0.86"), "PLN": Decimal("4.30")}
    assert read_config(AmazonConfig, plain(config)) == config


def test_secrets_are_not_shown() -> None:
    assert {name for name, value in shown(a_config()).items() if value == "(set)"} == {"client_secret", "refresh_token"}


def test_another_address_brings_its_own_login() -> None:
    config = a_config(base_url="https://sandbox.example/amazon/")

    assert config.api_root == "https://sandbox.example/amazon"
    assert config.token_address == "https://sandbox.example/amazon/auth/o2/token"
    assert a_config().api_root == REGIONS["EU"]
    assert a_config(region="NA", marketplaces="US").api_root == REGIONS["NA"]
