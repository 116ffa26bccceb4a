"""What is published of a product: quantity and price by the merchant's rules."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.offer import ShopOffer
from app.domain.pricing import Rounding, Rules, published_price, published_quantity


def a_product(price: str = "100.00", *, excl: str | None = None, quantity: int = 10, active: bool = True) -> ShopOffer:
    without_tax = Decimal(excl) if excl else None
    return ShopOffer(sku="LAMPE", quantity=quantity, price_incl=Decimal(price), price_excl=without_tax, active=active)


@pytest.mark.parametrize(
    ("quantity", "reserved", "rules", "published"),
    [
        (10, 0, Rules(), 10),
        (10, 3, Rules(), 7),
        (10, 3, Rules(buffer=2), 5),
        (10, 3, Rules(buffer=20), 0),
        (2, 5, Rules(), 0),
        (-4, 0, Rules(), 0),
        (10, 0, Rules(max_quantity=4), 4),
        (3, 0, Rules(max_quantity=4), 3),
        (10, 0, Rules(max_quantity=0), 0),
    ],
)
def test_what_is_free_is_offered_less_the_buffer_and_capped(
    quantity: int, reserved: int, rules: Rules, published: int
) -> None:
    assert published_quantity(a_product(quantity=quantity), reserved=reserved, rules=rules) == published


def test_an_inactive_product_is_not_for_sale() -> None:
    assert published_quantity(a_product(active=False), reserved=0, rules=Rules()) == 0


def test_prices_are_sent_with_taxes_or_without_where_the_shop_knows_these() -> None:
    without = Rules(price_tax="excl")

    assert published_price(a_product("120.00", excl="100.00"), rules=Rules()) == Decimal("120.00")
    assert published_price(a_product("120.00", excl="100.00"), rules=without) == Decimal("100.00")
    assert published_price(a_product("120.00"), rules=without) == Decimal("120.00")


def test_the_multiplier_comes_before_the_offset() -> None:
    rules = Rules(multiplier=Decimal("1.10"), offset=Decimal("2.50"))

    assert published_price(a_product("100.00"), rules=rules) == Decimal("112.50")


@pytest.mark.parametrize(
    ("price", "rounding", "published"),
    [
        ("10.004", "cent", "10.00"),
        ("10.005", "cent", "10.01"),
        ("10.49", "whole", "10.00"),
        ("10.50", "whole", "11.00"),
        ("10.00", "up_99", "10.99"),
        ("10.99", "up_99", "10.99"),
        ("10.991", "up_99", "11.99"),
        ("10.96", "up_95", "11.95"),
        ("10.90", "up_90", "10.90"),
        ("0.10", "up_90", "0.90"),
    ],
)
def test_a_price_is_rounded_as_the_merchant_likes_it(price: str, rounding: Rounding, published: str) -> None:
    assert str(published_price(a_product(price), rules=Rules(rounding=rounding))) == published


@pytest.mark.parametrize("price", ["0", "0.00", "-5.00"])
@pytest.mark.parametrize("rounding", ["cent", "whole", "up_99", "up_90"])
def test_a_product_without_a_price_does_not_get_one_from_the_rules(price: str, rounding: Rounding) -> None:
    rules = Rules(multiplier=Decimal(2), offset=Decimal("9.50"), rounding=rounding)

    assert published_price(a_product(price), rules=rules) <= 0


@pytest.mark.parametrize("rounding", ["cent", "whole", "up_99", "up_95", "up_90"])
def test_rules_that_leave_nothing_of_a_price_are_left_to_the_guards(rounding: Rounding) -> None:
    assert published_price(a_product("5.00"), rules=Rules(offset=Decimal("-5.00"), rounding=rounding)) <= 0


@given(
    st.decimals("0.01", "99999", places=2),
    st.sampled_from(["up_99", "up_95", "up_90"]),
    st.decimals("0.1", "3", places=2),
)
def test_a_price_with_an_ending_is_never_lower_and_less_than_one_higher(
    price: Decimal, rounding: Rounding, multiplier: Decimal
) -> None:
    published = published_price(a_product(str(price)), rules=Rules(rounding=rounding, multiplier=multiplier))

    assert price * multiplier <= published < price * multiplier + 1
    assert str(published).endswith(rounding.removeprefix("up_"))
