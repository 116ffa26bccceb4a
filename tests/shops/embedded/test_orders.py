"""The listing of orders for whoever packs the parcels."""

import json
from typing import Any

import pytest

from app.domain.order import Address, Buyer
from app.errors import SetupWrong
from app.keys import Cipher, Keys
from app.shops.embedded import orders as orders_module
from app.shops.embedded.mapping import flat_rows
from app.shops.embedded.orders import orders
from app.store.engine import Store
from tests.shops.builders import ADDRESS, BUYER, a_line, an_intent, an_order, plan_for
from tests.shops.embedded.under_test import SHOP_ID, EmbeddedUnderTest, an_embedded_shop
from tests.support.aio import run
from tests.support.sentences import detail_and_fix


@pytest.fixture
def tested(sqlite_store: Store) -> EmbeddedUnderTest:
    return an_embedded_shop(sqlite_store, stock={"LAMPE": 50, "CAFETIERE": 50})


def listed(tested: EmbeddedUnderTest, *, cipher: Cipher | None = None, addresses: bool = False) -> list[dict[str, Any]]:
    async def walk() -> list[dict[str, Any]]:
        return [order async for order in orders(tested.store, SHOP_ID, cipher or tested.cipher, addresses=addresses)]

    return run(walk())


def held(tested: EmbeddedUnderTest, *, order_id: str = "MKP-1", buyer: Buyer | None = BUYER, street: str = "") -> None:
    address = Address(last_name="Lefèvre", street_1=street, phone="+33 6 39 98 00 01") if street else ADDRESS
    lines = (a_line(quantity=2, price="12.9", shipping="4.5", title="Lampe"), a_line("CAFETIERE", price="7"))
    order = an_order(*lines, order_id=order_id, buyer=buyer, address=address, pickup_point="RELAIS-77")
    plan = run(plan_for(tested.shop, order))
    run(tested.shop.create_order(order, plan=plan, intent=an_intent(order)))


def test_an_order_is_listed_without_its_buyer(tested: EmbeddedUnderTest) -> None:
    held(tested)

    assert listed(tested) == [
        {
            "ref": "1",
            "marketplace_order_id": "MKP-1",
            "platform": "mirakl",
            "state": "paid",
            "total": {"amount": "37.30", "currency": "EUR"},
            "created_at": "2026-11-21T09:20:00Z",
            "placed_at": "2026-11-21T08:00:00Z",
            "lines": [
                {
                    "sku": "LAMPE",
                    "title": "Lampe",
                    "quantity": 2,
                    "unit_price": {"amount": "12.90", "currency": "EUR"},
                    "total": {"amount": "30.30", "currency": "EUR"},
                },
                {
                    "sku": "CAFETIERE",
                    "title": "Lampe d'été",
                    "quantity": 1,
                    "unit_price": {"amount": "7.00", "currency": "EUR"},
                    "total": {"amount": "7.00", "currency": "EUR"},
                },
            ],
            "shipments": [],
        }
    ]


def test_an_order_is_listed_with_its_parcels(tested: EmbeddedUnderTest) -> None:
    held(tested)
    run(tested.ship("1", number="6A001", units={"LAMPE": 2}))
    tested.wait(60)
    run(tested.ship("1", number="", carrier=""))

    (order,) = listed(tested)

    assert order["state"] == "shipped"
    assert order["shipments"] == [
        {
            "parcel": 1,
            "carrier": "Colissimo",
            "tracking": "6A001",
            "url": "",
            "shipped_at": "2026-11-21T09:20:00Z",
            "pieces": {"LAMPE": 2},
        },
        {"parcel": 2, "carrier": "", "tracking": "", "url": "", "shipped_at": "2026-11-21T09:21:00Z", "pieces": None},
    ]


def test_the_address_is_listed_when_asked_for(tested: EmbeddedUnderTest) -> None:
    held(tested)

    (order,) = listed(tested, addresses=True)

    assert order["customer"] == {
        "first_name": "Zoé",
        "last_name": "Lefèvre",
        "company": "Chez Zoé",
        "tax_id": "",
        "locale": "",
        "email": "buyer@anonymous.example",
    }
    assert order["shipping_address"]["street_1"] == "12 rue de l'Église"
    assert order["billing_address"]["city"] == "Lille"
    assert (order["pickup_point"], order["shipping_method"]) == ("RELAIS-77", "À domicile")
    assert json.loads(json.dumps(order)) == order


def test_the_recipient_stands_in_for_a_buyer_without_name(tested: EmbeddedUnderTest) -> None:
    held(tested, buyer=None)

    (order,) = listed(tested, addresses=True)

    assert (order["customer"]["last_name"], order["customer"]["email"]) == ("Lefèvre", "buyer@anonymous.example")


def test_a_shop_without_orders_lists_none(tested: EmbeddedUnderTest) -> None:
    assert listed(tested) == []


def test_every_page_is_walked_through(tested: EmbeddedUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders_module, "PAGE", 2)
    numbers = [f"MKP-{number}" for number in range(5)]
    for number in numbers:
        held(tested, order_id=number)

    assert [order["marketplace_order_id"] for order in listed(tested)] == numbers


def test_addresses_of_another_secret_key_say_what_to_do(tested: EmbeddedUnderTest) -> None:
    held(tested)
    stranger = Keys("another secret that is long enough, too").cipher

    with pytest.raises(SetupWrong) as refused:
        listed(tested, cipher=stranger, addresses=True)
    assert "SECRET_KEY_PREVIOUS" in detail_and_fix(refused.value)
    assert len(listed(tested, cipher=stranger)) == 1


def test_a_spreadsheet_gets_one_row_a_line(tested: EmbeddedUnderTest) -> None:
    held(tested)

    first, second = flat_rows(listed(tested)[0])

    assert first == {
        "ref": "1",
        "marketplace_order_id": "MKP-1",
        "platform": "mirakl",
        "state": "paid",
        "order_total": "37.30",
        "currency": "EUR",
        "created_at": "2026-11-21T09:20:00Z",
        "placed_at": "2026-11-21T08:00:00Z",
        "sku": "LAMPE",
        "title": "Lampe",
        "quantity": "2",
        "unit_price": "12.90",
        "line_total": "30.30",
        "carrier": "",
        "tracking": "",
    }
    assert second["sku"] == "CAFETIERE"


def test_a_spreadsheet_gets_the_parcels_that_hold_a_line(tested: EmbeddedUnderTest) -> None:
    held(tested)
    run(tested.ship("1", number="6A001", units={"LAMPE": 1}))
    run(tested.ship("1", number="=1Z002", carrier="UPS"))

    rows = list(flat_rows(listed(tested)[0]))

    assert [(row["carrier"], row["tracking"]) for row in rows] == [
        ("Colissimo, UPS", "6A001, =1Z002"),
        ("UPS", "'=1Z002"),
    ]


def test_a_spreadsheet_gets_the_addresses_in_columns(tested: EmbeddedUnderTest) -> None:
    held(tested)

    rows = list(flat_rows(listed(tested, addresses=True)[0]))

    assert rows[0]["customer_last_name"] == rows[0]["shipping_last_name"] == "Lefèvre"
    assert (rows[0]["shipping_street_1"], rows[0]["billing_city"]) == ("12 rue de l'Église", "Lille")
    assert rows[0]["pickup_point"] == "RELAIS-77"
    assert rows[0].keys() == rows[1].keys()


def test_a_spreadsheet_never_runs_what_a_buyer_typed(tested: EmbeddedUnderTest) -> None:
    held(tested, street='=HYPERLINK("https://evil.example")')

    row = next(flat_rows(listed(tested, addresses=True)[0]))

    assert row["shipping_street_1"] == '\'=HYPERLINK("https://evil.example")'
    assert row["shipping_phone"] == "+33 6 39 98 00 01"
