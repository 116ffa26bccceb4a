"""The prices of an offer go out as they came in, but for the plain one."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.marketplaces.mirakl.prices import CanNotBeResent, other_prices, plain_price, price_rows

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OLD, NEW = Decimal("34.90"), Decimal("31.00")


def an_entry(channel: str | None = None, price: object = OLD, **changes: Any) -> dict[str, Any]:
    """Return an entry of `all_prices` with every field an operator tells."""
    return {
        "channel_code": channel,
        "unit_origin_price": price,
        "unit_discount_price": None,
        "discount_start_date": None,
        "discount_end_date": None,
        "volume_prices": [],
    } | changes


def sent(record: dict[str, Any], *, price: Decimal = NEW, decimals: int = 2, now: datetime = NOW) -> list[Any]:
    return list(price_rows("S", price=price, other_prices=other_prices(record), decimals=decimals, now=now))


DISCOUNT: dict[str, Any] = {
    "unit_discount_price": Decimal("29.90"),
    "discount_start_date": "2026-03-01T00:00:00Z",
    "discount_end_date": "2026-03-31T21:59:59Z",
}
DISCOUNT_ROW = {
    "discount-price": "29.90",
    "discount-start-date": "2026-03-01T00:00:00Z",
    "discount-end-date": "2026-03-31T21:59:59Z",
}


@pytest.mark.parametrize(
    ("record", "price"),
    [
        ({"price": OLD}, OLD),
        ({"price": Decimal("29.90"), "all_prices": [an_entry("BE", 36), an_entry(None, OLD, **DISCOUNT)]}, OLD),
        ({"price": OLD, "all_prices": [an_entry("BE", 36)]}, OLD),
        ({"price": 35}, Decimal(35)),
        ({"price": 30, "all_prices": [an_entry(None, 28, start_date="2026-03-01"), an_entry()]}, OLD),
        ({"price": Decimal("29.90"), "discount": {"origin_price": OLD, "discount_price": Decimal("29.90")}}, OLD),
        ({"price": None, "all_prices": [an_entry(None, None)]}, Decimal(0)),
        ({"price": Decimal("1E+999999")}, Decimal(0)),
        ({}, Decimal(0)),
    ],
)
def test_the_plain_price_is_the_one_before_discounts(record: dict[str, Any], price: Decimal) -> None:
    assert plain_price(record) == price


@pytest.mark.parametrize(
    "record", [{}, {"price": OLD}, {"all_prices": []}, {"all_prices": [an_entry()]}, {"discount": None}]
)
def test_an_offer_with_one_price_has_nothing_to_keep(record: dict[str, Any]) -> None:
    assert other_prices(record) == ""
    assert sent(record) == [{"offer-sku": "S", "price": "31.00"}]


def test_a_discount_is_kept() -> None:
    assert sent({"all_prices": [an_entry(**DISCOUNT)]}) == [{"offer-sku": "S", "price": "31.00", **DISCOUNT_ROW}]


@pytest.mark.parametrize("name", ["price", "discount_price"])
def test_a_discount_reported_alone_is_kept(name: str) -> None:
    discount = {
        name: Decimal("29.90"),
        "start_date": "2026-03-01T00:00:00Z",
        "end_date": "2026-03-31T21:59:59Z",
        "ranges": [{"quantity_threshold": 5, "price": Decimal("27.00")}],
    }

    assert sent({"price": OLD, "discount": discount}) == [
        {"offer-sku": "S", "price": "31.00", **DISCOUNT_ROW, "discount-ranges": "5|27.00"}
    ]


def test_channels_keep_their_prices_and_follow_the_plain_one() -> None:
    entries = [an_entry("FR", Decimal("35.00")), an_entry(), an_entry("BE", 36, **DISCOUNT)]

    assert sent({"all_prices": entries}) == [
        {"offer-sku": "S", "price": "31.00"},
        {"offer-sku": "S", "price": "35.00", "channels": "FR"},
        {"offer-sku": "S", "price": "36", "channels": "BE", **DISCOUNT_ROW},
    ]


def test_prices_of_a_season_are_kept_until_it_is_over() -> None:
    sales = {"start_date": "2026-03-01T00:00:00Z", "end_date": "2026-03-31T21:59:59Z"}
    past = {"start_date": None, "end_date": "2026-02-01T00:00:00Z"}
    entries = [an_entry(None, 28, **sales), an_entry(), an_entry(None, 27, **past)]

    assert sent({"all_prices": entries}) == [
        {"offer-sku": "S", "price": "31.00"},
        {
            "offer-sku": "S",
            "price": "28",
            "start-date": "2026-03-01T00:00:00Z",
            "end-date": "2026-03-31T21:59:59Z",
        },
    ]


def test_prices_by_quantity_are_kept() -> None:
    steps = [
        {"quantity_threshold": 1, "unit_origin_price": OLD, "unit_discount_price": None},
        {"quantity_threshold": 5, "unit_origin_price": Decimal("109.20"), "unit_discount_price": Decimal("99.00")},
        {"quantity_threshold": 10, "unit_origin_price": Decimal("108.70"), "unit_discount_price": None},
    ]

    assert sent({"all_prices": [an_entry(volume_prices=steps)]}) == [
        {"offer-sku": "S", "price": "31.00", "price-ranges": "5|109.20,10|108.70", "discount-ranges": "5|99.00"}
    ]


@pytest.mark.parametrize(("ended", "kept"), [(timedelta(hours=12), True), (timedelta(days=2), False)])
def test_a_discount_that_is_over_is_left_out(ended: timedelta, kept: bool) -> None:
    over = {**DISCOUNT, "discount_end_date": (NOW - ended).isoformat()}

    [row] = sent({"all_prices": [an_entry(**over)]})

    assert ("discount-price" in row, "discount-end-date" in row) == (kept, kept)


@pytest.mark.parametrize("date", ["soon", "2026-13-45"])
def test_a_discount_whose_end_can_not_be_understood_is_kept(date: str) -> None:
    [row] = sent({"all_prices": [an_entry(**{**DISCOUNT, "discount_end_date": date})]})

    assert row["discount-end-date"] == date


@pytest.mark.parametrize(
    "record",
    [
        {"all_prices": [an_entry(), an_entry()]},
        {"all_prices": [an_entry(), an_entry("BE", customer_group_ids=["VIP"])]},
        {"all_prices": [an_entry(), an_entry("BE", None)]},
        {"all_prices": [an_entry(), an_entry("BE", "36,00")]},
        {"all_prices": [an_entry(volume_prices={"5": 30})]},
        {"all_prices": [an_entry(volume_prices=[{"unit_origin_price": OLD}])]},
        {"all_prices": [an_entry(unit_discount_price="29,90")]},
        {"discount": "29.90"},
        {"discount": {"start_date": "2026-03-01"}},
    ],
)
def test_prices_that_can_not_be_given_back_let_no_price_out(record: dict[str, Any]) -> None:
    assert other_prices(record)

    with pytest.raises(CanNotBeResent):
        sent(record)


@pytest.mark.parametrize("kept", ["[", "7", '["x"]', '[{"offer-sku":"another"}]', '[{"unheard":"of"}]', "{}"])
def test_a_text_that_is_not_ours_lets_no_price_out(kept: str) -> None:
    with pytest.raises(CanNotBeResent):
        list(price_rows("S", price=NEW, other_prices=kept, decimals=2, now=NOW))


def test_a_new_field_beside_the_plain_price_changes_nothing() -> None:
    assert sent({"all_prices": [an_entry(price_id=7)]}) == [{"offer-sku": "S", "price": "31.00"}]


@pytest.mark.parametrize(
    ("price", "decimals", "text"),
    [("31", 2, "31.00"), ("31.005", 2, "31.01"), ("31.5", 0, "32"), ("31.12345", 4, "31.1235"), ("1E+2", 2, "100.00")],
)
def test_the_plain_price_has_the_decimals_that_the_operator_takes(price: str, decimals: int, text: str) -> None:
    [row] = sent({}, price=Decimal(price), decimals=decimals)

    assert row["price"] == text


def test_what_is_kept_is_short_and_readable() -> None:
    kept = other_prices({"all_prices": [an_entry(), an_entry("BE", 36)]})

    assert json.loads(kept) == [{"channels": "BE", "price": "36"}]


records = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*an_entry(), "quantity_threshold", "price", "ranges"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(all_prices=records, discount=records)
def test_whatever_an_operator_says_prices_are_read_and_sent_or_refused(all_prices: object, discount: object) -> None:
    record = {"all_prices": all_prices, "discount": discount}
    plain_price(record)

    try:
        rows = sent(record)
    except CanNotBeResent:
        return

    assert rows[0]["price"] == "31.00"
    assert all(row["offer-sku"] == "S" for row in rows)
