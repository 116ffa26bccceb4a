"""One price of the shop, and what it is in each marketplace."""

from decimal import Decimal

import pytest

from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import STORES, AmazonStore

FR, DE, UK, PL, JP = (STORES[country] for country in ("FR", "DE", "UK", "PL", "JP"))
EUROS = ExchangeRates("EUR", {"GBP": Decimal("0.86"), "PLN": Decimal("4.30"), "JPY": Decimal("160.25")})


@pytest.mark.parametrize(
    ("country", "price", "shown"),
    [
        ("FR", "24.90", "24.90"),
        ("UK", "24.90", "21.41"),
        ("UK", "0.01", "0.01"),
        ("PL", "0.25", "1.08"),
        ("JP", "9.90", "1586"),
    ],
)
def test_a_price_is_rounded_to_what_the_currency_has(country: str, price: str, shown: str) -> None:
    local = EUROS.local(Decimal(price), STORES[country])

    assert str(local) == shown


def test_without_a_rate_there_is_no_price() -> None:
    assert EUROS.local(Decimal(1), STORES["SE"]) is None
    assert ExchangeRates("USD").local(Decimal(1), FR) is None


def test_marketplaces_that_agree_give_the_price() -> None:
    shown = {DE: Decimal("24.90"), FR: Decimal("24.90"), UK: Decimal("21.41"), PL: Decimal("107.07")}

    assert EUROS.shop_price(shown) == (Decimal("24.90"), True)


@pytest.mark.parametrize("odd", [{DE: Decimal("24.91")}, {UK: Decimal("21.40")}, {FR: Decimal(0)}])
def test_one_that_differs_is_noticed(odd: dict[AmazonStore, Decimal]) -> None:
    shown = {DE: Decimal("24.90"), FR: Decimal("24.90"), UK: Decimal("21.41")} | odd

    price, everywhere = EUROS.shop_price(shown)

    assert price in {Decimal("24.90"), Decimal("24.91"), Decimal(0)}
    assert not everywhere


def test_a_marketplace_without_a_rate_does_not_count() -> None:
    assert EUROS.shop_price({FR: Decimal("24.90"), STORES["SE"]: Decimal("1.00")}) == (Decimal("24.90"), True)
    assert EUROS.shop_price({STORES["SE"]: Decimal("1.00")}) == (Decimal(0), True)
    assert EUROS.shop_price({}) == (Decimal(0), True)


@pytest.mark.parametrize("cents", [1, 990, 1999, 2490, 123_456])
@pytest.mark.parametrize("country", ["PL", "JP"])
def test_a_price_is_known_again_where_only_a_finer_currency_shows_it(country: str, cents: int) -> None:
    price, store = Decimal(cents).scaleb(-2), STORES[country]
    local = EUROS.local(price, store)

    assert local is not None
    assert EUROS.shop_price({store: local}) == (price, True)


def test_where_only_a_coarser_currency_shows_it_a_price_that_looks_the_same_is_reported() -> None:
    reported, _ = EUROS.shop_price({UK: Decimal("21.41")})

    assert EUROS.local(reported, UK) == Decimal("21.41")
