from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.amazon.caller import Caller, talk

Json = dict[str, Any]


def amounts(shares: list[Json]) -> dict[str, Decimal]:
    return {share["type"]: Decimal(share["subtotal"]["amount"]) for share in shares}


def explained(total: Decimal, shares: dict[str, Decimal], *, tax_added: bool) -> bool:
    """Say whether the parts make that total, with tax added or inside, and the discount taken off."""
    counted = sum(abs(amount) * (-1 if kind == "DISCOUNT" else 1) for kind, amount in shares.items() if kind != "TAX")
    return total == counted + (shares.get("TAX", Decimal()) if tax_added else 0)


def orders(count: int = 40, *, seed: int = 1, **body: Any) -> list[Json]:
    async def script(caller: Caller) -> list[Json]:
        await caller.make(count, **body)
        found: list[Json] = (await caller.page())["orders"]
        return found

    return talk(script, seed=seed)


@pytest.mark.parametrize("money", ["tax_added", "tax_included"])
@pytest.mark.parametrize("sign", ["positive", "negative"])
def test_every_item_adds_up_to_the_cent_in_its_reading(money: str, sign: str) -> None:
    for order in orders(money=money, discount_sign=sign, discount=True, gift=True, lines=3):
        for item in order["orderItems"]:
            shares = amounts(item["proceeds"]["breakdowns"])
            total = Decimal(item["proceeds"]["proceedsTotal"]["amount"])
            assert explained(total, shares, tax_added=money == "tax_added")
            assert shares["ITEM"] == Decimal(item["product"]["price"]["unitPrice"]["amount"]) * item["quantityOrdered"]
            assert shares.get("DISCOUNT", Decimal()) * (-1 if sign == "negative" else 1) >= 0


def test_items_add_up_to_the_order() -> None:
    for order in orders(lines=3):
        items = [Decimal(item["proceeds"]["proceedsTotal"]["amount"]) for item in order["orderItems"]]
        assert sum(items) == Decimal(order["proceeds"]["grandTotal"]["amount"])


def test_both_readings_and_both_signs_are_about() -> None:
    seen = set()
    for order in orders(80, discount=True):
        shares = amounts(order["proceeds"]["breakdowns"])
        added = explained(Decimal(order["proceeds"]["grandTotal"]["amount"]), shares, tax_added=True)
        seen.add((added, shares["DISCOUNT"] < 0, "TAX" in shares))

    assert {(added, negative) for added, negative, _ in seen} == {(a, b) for a in (True, False) for b in (True, False)}
    assert {taxed for _, _, taxed in seen} == {True, False}


def test_details_stand_under_tax_and_discount_alone_and_add_up() -> None:
    for order in orders(discount=True):
        for item in order["orderItems"]:
            for share in item["proceeds"]["breakdowns"]:
                details = share.get("detailedBreakdowns", [])
                assert bool(details) == (share["type"] in ("TAX", "DISCOUNT"))
                if details:
                    total = sum(Decimal(each["value"]["amount"]) for each in details)
                    assert total == Decimal(share["subtotal"]["amount"])


def test_a_total_that_no_reading_explains() -> None:
    [order] = orders(1, money="unexplained", discount=False)
    item = order["orderItems"][0]
    shares, total = amounts(item["proceeds"]["breakdowns"]), Decimal(item["proceeds"]["proceedsTotal"]["amount"])

    assert not explained(total, shares, tax_added=True)
    assert not explained(total, shares, tax_added=False)


def test_the_control_api_knows_the_same_totals() -> None:
    async def script(caller: Caller) -> list[bool]:
        await caller.make(20, lines=2)
        totals = {order["id"]: order["total"] for order in (await caller.state())["orders"]}
        found = (await caller.page())["orders"]
        return [order["proceeds"]["grandTotal"]["amount"] == totals[order["orderId"]] for order in found]

    assert talk(script) == [True] * 20


def test_an_order_can_be_made_to_cost_something_else() -> None:
    async def script(caller: Caller) -> str:
        [order_id] = await caller.make(lines=2)
        await caller.change(order_id, total="123.45")
        total: str = (await caller.read(order_id))["proceeds"]["grandTotal"]["amount"]
        return total

    assert talk(script) == "123.45"


@pytest.mark.parametrize("body", [{"state": "cancelled"}, {"mcf": True, "fulfilment": "marketplace"}])
def test_some_orders_have_no_amounts(body: Json) -> None:
    [order] = orders(1, **body)

    assert "proceeds" not in order
    assert "price" not in order["orderItems"][0]["product"]
