"""What records of offers say, however odd they are."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.order import Fulfilment
from app.marketplaces.amazon.offers.listing_status import listing_status
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import STORES
from tests.marketplaces.amazon.records import FRANCE

FR, DE = STORES["FR"], STORES["DE"]


def a_price(amount: object, *, place: str = FRANCE, audience: object = "ALL") -> dict[str, Any]:
    price = [{"schedule": [{"value_with_tax": amount}]}]
    return {"marketplace_id": place, "currency": "EUR", "audience": audience, "our_price": price}


def a_record(**fields: Any) -> dict[str, Any]:
    return {
        "sku": "A",
        "summaries": [{"marketplaceId": FRANCE, "status": ["BUYABLE", "DISCOVERABLE"]}],
        "attributes": {"purchasable_offer": [a_price(Decimal("24.9"))]},
        "issues": [],
        "offers": [],
        "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 5}],
    } | fields


def test_an_offer_is_read() -> None:
    read = listing_status(a_record())

    assert (read.sku, read.quantity, read.fulfilment, read.on_sale) == ("A", 5, Fulfilment.MERCHANT, True)
    assert (read.listed_in, read.prices) == ((FR,), {FR: Decimal("24.9")})
    assert read.live_offer(ExchangeRates("EUR")).price == Decimal("24.90")


@pytest.mark.parametrize(
    ("availability", "fn_sku", "fulfilment"),
    [
        (["DEFAULT"], "", Fulfilment.MERCHANT),
        (["AMAZON_EU"], "", Fulfilment.MARKETPLACE),
        (["AMAZON_OF_TOMORROW"], "", Fulfilment.MARKETPLACE),
        (["DEFAULT", "AMAZON_EU"], "", Fulfilment.MARKETPLACE),
        (["DEFAULT"], "X001", Fulfilment.MERCHANT),
        ([], "X001", Fulfilment.MARKETPLACE),
        ([], "", Fulfilment.MERCHANT),
    ],
)
def test_whoever_might_be_amazon_is(availability: list[str], fn_sku: str, fulfilment: Fulfilment) -> None:
    record = a_record(
        summaries=[{"marketplaceId": FRANCE, "fnSku": fn_sku}],
        fulfillmentAvailability=[{"fulfillmentChannelCode": channel} for channel in availability],
    )

    assert listing_status(record).fulfilment is fulfilment


def test_what_businesses_pay_is_no_price_for_consumers() -> None:
    record = a_record(attributes={"purchasable_offer": [a_price(1, audience="B2B"), a_price(2, audience=None)]})

    assert listing_status(record).prices == {FR: Decimal(2)}


def test_where_the_price_is_not_reported_what_buyers_pay_counts() -> None:
    paid = {"marketplaceId": FRANCE, "offerType": "B2C", "price": {"currencyCode": "EUR", "amount": "9.90"}}

    assert listing_status(a_record(attributes={}, offers=[paid])).prices == {FR: Decimal("9.90")}
    assert listing_status(a_record(attributes={}, offers=[paid | {"offerType": "B2B"}])).prices == {}


@pytest.mark.parametrize("amount", [None, "", "abc", "NaN", "Infinity", -1, 0, True, [], "1e99"])
def test_a_price_that_is_none_counts_as_zero_so_that_it_is_sent(amount: object) -> None:
    record = a_record(attributes={"purchasable_offer": [a_price(amount)]})

    assert listing_status(record).prices == {FR: Decimal(0)}
    assert listing_status(record).live_offer(ExchangeRates("EUR")).price == 0


def test_errors_say_why_it_is_not_on_sale() -> None:
    issues = [{"code": "8541", "severity": "ERROR"}, {"code": "18027", "severity": "WARNING"}, {"severity": "ERROR"}]
    record = a_record(summaries=[{"marketplaceId": FRANCE, "status": ["DISCOVERABLE"]}], issues=issues)

    assert listing_status(record).live_offer(ExchangeRates("EUR")).inactive == ("8541",)
    assert listing_status(a_record(issues=issues)).live_offer(ExchangeRates("EUR")).inactive == ()
    assert listing_status(a_record(summaries=[])).live_offer(ExchangeRates("EUR")).inactive == ("INACTIVE",)


@pytest.mark.parametrize(
    "fields",
    [
        {"summaries": None, "attributes": [], "offers": {}, "issues": "x", "fulfillmentAvailability": 3},
        {"summaries": [3, {"status": 3, "marketplaceId": "A0NOWHERE"}], "attributes": {"purchasable_offer": [1, {}]}},
        {"fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": "many"}]},
    ],
)
def test_an_odd_record_is_read_as_far_as_it_goes(fields: dict[str, Any]) -> None:
    assert listing_status(a_record(**fields)).sku == "A"
    assert listing_status({}).sku == ""
