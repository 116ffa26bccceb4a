"""One order on both sides: the same, or what differs and why."""

import pytest

from app.domain.comparison import in_both, only_on_marketplace
from app.domain.intake import Intake
from app.domain.order import OrderState

S = OrderState


def verdict(on_marketplace: OrderState, in_shop: str, *, total: str = "10.00 EUR") -> tuple[str, str]:
    found = in_both(on_marketplace=on_marketplace, marketplace_total=total, in_shop=in_shop, shop_total="10.00 EUR")
    return found.outcome, found.code


@pytest.mark.parametrize(
    ("on_marketplace", "in_shop"),
    [
        (S.TO_SHIP, "paid"),
        (S.PARTIALLY_SHIPPED, "paid"),
        (S.SHIPPED, "shipped"),
        (S.CLOSED, "shipped"),
        (S.CANCELLED, "cancelled"),
        (S.REFUSED, "cancelled"),
        (S.UNKNOWN, "paid"),
    ],
)
def test_the_same_on_both_sides(on_marketplace: OrderState, in_shop: str) -> None:
    assert verdict(on_marketplace, in_shop) == ("matched", "")


@pytest.mark.parametrize(
    ("on_marketplace", "in_shop", "code"),
    [
        (S.CANCELLED, "paid", "CANCELLED_THERE_ONLY"),
        (S.REFUSED, "shipped", "CANCELLED_THERE_ONLY"),
        (S.TO_SHIP, "cancelled", "CANCELLED_IN_SHOP"),
        (S.SHIPPED, "cancelled", "CANCELLED_IN_SHOP"),
        (S.TO_SHIP, "shipped", "SHIPPED_HERE_ONLY"),
        (S.SHIPPED, "paid", "SHIPPED_THERE_ONLY"),
        (S.CLOSED, "paid", "SHIPPED_THERE_ONLY"),
    ],
)
def test_another_state(on_marketplace: OrderState, in_shop: str, code: str) -> None:
    assert verdict(on_marketplace, in_shop) == ("state_differs", code)


def test_another_total() -> None:
    assert verdict(S.TO_SHIP, "paid", total="9.99 EUR") == ("total_differs", "TOTAL_DIFFERS")
    # What is cancelled on both sides costs nobody anything.
    assert verdict(S.CANCELLED, "cancelled", total="0.00 EUR") == ("matched", "")


def test_an_order_that_has_to_be_in_the_shop_says_why_it_is_not() -> None:
    said = {
        intake: found.code
        for intake in Intake
        if (found := only_on_marketplace(intake, "SKU_UNKNOWN", {"sku": "LAMPE"})) is not None
    }

    assert said == {
        Intake.IMPORTED: "DELETED_IN_SHOP",
        Intake.CLOSED: "DELETED_IN_SHOP",
        Intake.DUE: "NOT_YET_IMPORTED",
        Intake.CREATING: "NOT_YET_IMPORTED",
        Intake.BLOCKED: "SKU_UNKNOWN",
        Intake.NEEDS_PERSON: "SKU_UNKNOWN",
    }
