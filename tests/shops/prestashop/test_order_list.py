"""Our orders as the shop holds them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping
from app.shops.port import ShopOrder
from app.shops.prestashop.orders.preparation import payment_label, shop_key
from app.shops.prestashop.reads import order_list
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.order_list import key_of, orders, shop_order
from app.shops.prestashop.records import Record, records_in
from app.transport.xml import parse
from tests.shops.builders import an_order
from tests.shops.prestashop.fake_prestashop import NOW, FakePrestashop, a_client, a_setup, some_facts
from tests.shops.prestashop.recordings import recorded, with_recordings
from tests.support.aio import run

ROW = {"product_id": "12", "product_attribute_id": "0", "product_quantity": "2", "product_reference": "LAMPE"}
A_DAY = timedelta(days=1)


def pages(
    shop: FakePrestashop, *, prefix: str = "mkp:", since: datetime = NOW - A_DAY, mapping: ShopMapping | None = None
) -> list[Page[ShopOrder]]:
    setup, facts = a_setup(shop), some_facts()
    mapping = mapping or ShopMapping()

    async def walk() -> list[Page[ShopOrder]]:
        found = orders(
            setup.client,
            facts=facts,
            mapping=mapping,
            catalogue=Catalogue(setup.client, facts=facts, mapping=mapping),
            key_prefix=prefix,
            since=since,
            clock=setup.clock,
        )
        return [page async for page in found]

    return run(walk())


def refs(shop: FakePrestashop, *, prefix: str = "mkp:", since: datetime = NOW - A_DAY) -> list[str]:
    return [order.ref for page in pages(shop, prefix=prefix, since=since) for order in page.items]


def read(record: Record, *, key: str = "mkp:mirakl:MKP-1", mapping: ShopMapping | None = None) -> ShopOrder:
    facts, mapping = some_facts(), mapping or ShopMapping()
    catalogue = Catalogue(a_client(FakePrestashop()), facts=facts, mapping=mapping)
    return shop_order(record, key=key, facts=facts, mapping=mapping, catalogue=catalogue)


def a_record(*rows: Mapping[str, str], **fields: str) -> Record:
    kept = {"id": "9", "current_state": "11", "id_currency": "1", "total_paid": "43.480000", **fields}
    return Record({"date_add": "2026-11-21 17:14:41", **kept}, {"order_rows": rows or [ROW]})


def test_an_order_is_read_with_its_state_total_units_and_time() -> None:
    second = {**ROW, "product_attribute_id": "34", "product_reference": "SHIRT-S", "product_quantity": "1"}

    assert read(a_record(ROW, second, ROW)) == ShopOrder(
        ref="9",
        key="mkp:mirakl:MKP-1",
        marketplace_order_id="MKP-1",
        state="paid",
        total=Money(Decimal("43.48"), "EUR"),
        units={"LAMPE": 4, "SHIRT-S": 1},
        created_at=datetime(2026, 11, 21, 16, 14, 41, tzinfo=UTC),
    )


@pytest.mark.parametrize(("state", "word"), [("2", "paid"), ("4", "shipped"), ("6", "cancelled"), ("8", "paid")])
def test_a_state_is_read_as_it_means(state: str, word: str) -> None:
    assert read(a_record(current_state=state)).state == word


def test_units_go_by_the_accounts_skus() -> None:
    assert read(a_record(), mapping=ShopMapping(sku_prefix="FR_")).units == {"FR_LAMPE": 2}
    assert read(a_record(), mapping=ShopMapping(sku_links={"OLD": "12"})).units == {"OLD": 2}


def test_an_order_id_may_hold_what_keys_are_made_of() -> None:
    assert read(a_record(), key="mkp:mirakl:A:B:C").marketplace_order_id == "A:B:C"


def test_an_order_without_a_state_is_not_whole() -> None:
    assert [read(a_record(current_state=each)).whole for each in ("0", "", "11")] == [False, False, True]


def test_what_the_shop_lost_is_read_as_far_as_it_goes() -> None:
    lost = read(a_record({}, id_currency="7", total_paid="", date_add="0000-00-00 00:00:00"))

    assert (lost.total, lost.units) == (Money(Decimal(0), "XXX"), {"": 0})


@with_recordings
def test_an_order_of_a_real_shop_is_read() -> None:
    (record,) = records_in(parse(recorded("142").body.decode())[0], plural="orders", singular="order") or []

    order = read(record)

    assert (order.ref, order.state, order.total) == ("9", "paid", Money(Decimal("43.48"), "EUR"))
    assert order.units == {"demo_1": 2}
    assert order.created_at == datetime(2026, 11, 21, 16, 14, 41, tzinfo=UTC)


# Listing.


def test_only_our_orders_are_listed_by_their_numbers() -> None:
    shop = FakePrestashop()
    shop.add("orders", 20, gift_message="mkp:mirakl:MKP-2", order_rows=[ROW])
    shop.add("orders", 9, gift_message="mkp:mirakl:MKP-1", order_rows=[ROW])
    shop.add("orders", 10, gift_message="Joyeux anniversaire")
    shop.add("orders", 11, gift_message="")

    (page,) = pages(shop)

    assert [(each.ref, each.key, each.units) for each in page.items] == [
        ("9", "mkp:mirakl:MKP-1", {"LAMPE": 2}),
        ("20", "mkp:mirakl:MKP-2", {"LAMPE": 2}),
    ]
    assert (page.read_at, page.resume, page.remote_now) == (NOW, None, NOW)


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("mkp:", 2),
        ("mkp:mirakl:", 1),
        ("", 2),
        ("m", 2),
        ("mkp:mirakl:MKP-1", 1),
        ("mkp:mirakl:MKP-1-", 0),
        ("MKP:", 0),
        ("mkp:rakuten:", 0),
        ("mkp_", 0),
        ("mkp:%", 0),
        ("mkp:mirakl:[", 0),
        ("mkp:a b:", 0),
        ("%", 0),
        ("Joyeux", 0),
    ],
)
def test_only_keys_that_begin_so_are_listed(prefix: str, found: int) -> None:
    shop = FakePrestashop()
    shop.add("orders", 8, gift_message="MKP:MIRAKL:OTHER")
    shop.add("orders", 9)
    shop.add("orders", 10, gift_message="mkp:amazon-eu:1")
    shop.add("orders", 11, gift_message="Joyeux")

    assert len(refs(shop, prefix=prefix)) == found


def test_orders_made_before_are_left_out_and_one_of_that_second_is_not() -> None:
    shop = FakePrestashop()
    for number, second in enumerate(("16:14:40", "16:14:41", "16:14:42"), start=1):
        shop.add("orders", number, gift_message=f"mkp:mirakl:{number}", date_add=f"2026-11-21 {second}")

    since = datetime(2026, 11, 21, 15, 14, 41, 999, tzinfo=UTC)

    assert refs(shop, since=since) == ["2", "3"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_pages_hold_all_orders_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(order_list, "ORDERS_A_PAGE", 2)
    shop = FakePrestashop()
    for number in range(1, count + 1):
        shop.add("orders", number, gift_message=f"mkp:mirakl:{number}")

    found = pages(shop)

    assert [order.ref for page in found for order in page.items] == [str(number) for number in range(1, count + 1)]
    assert [page.resume is None for page in found] == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize(("made", "listed"), [("17:24:59", ["9"]), ("17:26:00", [])])
def test_an_order_that_may_still_be_made_is_left_out(made: str, listed: list[str]) -> None:
    shop = FakePrestashop()
    shop.add("orders", 9, current_state="0", date_add=f"2026-11-21 {made}")

    assert refs(shop) == listed


def test_suppliers_references_are_learned_before_rows_are_named() -> None:
    shop = FakePrestashop()
    shop.add("orders", 9, order_rows=[ROW])
    shop.add("product_suppliers", 1, id_product=12, product_supplier_reference="F-1")

    (page,) = pages(shop, mapping=ShopMapping(sku_from="supplier_reference"))

    assert page.items[0].units == {"F-1": 2}


@given(
    platform=st.sampled_from(["mirakl", "rakuten", "amazon", "cdiscount"]),
    number=st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=40),
)
def test_a_key_comes_back_as_it_was_wherever_the_shop_kept_its_signs(platform: str, number: str) -> None:
    order = an_order(order_id=number)
    label = payment_label(order).removeprefix("Mirakl ")
    key = f"mkp:{platform}:{number}"

    found = key_of(Record({"gift_message": shop_key(key), "payment": f"{platform.capitalize()} {label}"}))

    assert found == (key if label == number else shop_key(key))


@given(
    made=st.datetimes(min_value=datetime(2026, 10, 24), max_value=datetime(2026, 10, 26)),
    before=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=3)),
)
def test_no_order_is_lost_where_clocks_go_back(made: datetime, before: timedelta) -> None:
    made = made.replace(tzinfo=UTC, microsecond=0)
    shop, facts = FakePrestashop(), some_facts()
    shop.add("orders", 9, date_add=facts.local(made))

    assert refs(shop, since=made - before) == ["9"]
