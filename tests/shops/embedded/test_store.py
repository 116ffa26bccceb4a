"""The embedded shop's questions, on both databases."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.store import embedded
from app.store.embedded import MissingProducts, OrderContent, OrderLine, Product, Saved, StoredOrder
from app.store.engine import Store
from tests.shops.builders import NOW, PLACED
from tests.shops.embedded.under_test import OTHER_SHOP_ID, SHOP_ID, a_product, an_embedded_shop
from tests.support.aio import run


def a_content(key: str = "mkp:mirakl:1", *, units: dict[str, int] | None = None) -> OrderContent:
    lines = tuple(
        OrderLine(
            line_id="same",
            sku=f"theirs-{sku}",
            product_sku=sku,
            title=sku,
            quantity=quantity,
            unit_price=Decimal("1.10"),
            total=Decimal("1.10") * quantity,
        )
        for sku, quantity in (units or {"LAMPE": 2}).items()
    )
    return OrderContent(
        shop_id=SHOP_ID,
        key=key,
        platform="mirakl",
        marketplace_order_id=key.rpartition(":")[2],
        state="paid",
        currency="EUR",
        total=Decimal("12.345"),
        shipping_method="home",
        placed_at=PLACED,
        created_at=NOW,
        lowers_stock=True,
        lines=lines,
        person=b"sealed person",
        addresses=b"sealed addresses",
    )


def created(store: Store, content: OrderContent) -> StoredOrder:
    made = run(store.write(embedded.create_order, content))
    assert isinstance(made, StoredOrder)
    return made


def quantities(store: Store, shop_id: str = SHOP_ID) -> dict[str, int]:
    return {product.sku: product.quantity for product in run(store.read(embedded.products_after, shop_id))}


def test_an_order_is_read_as_it_was_written(store: Store) -> None:
    an_embedded_shop(store, stock={"Z": 5, "LAMPE": 5})
    content = a_content(units={"Z": 1, "LAMPE": 2})

    made = created(store, content)

    assert made.content == content
    assert run(store.read(embedded.order_by_key, SHOP_ID, key=content.key)) == made


def test_an_order_takes_its_units_in_its_own_shop_only(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5, "OTHER": 5})

    created(store, a_content(units={"LAMPE": 2}))

    assert quantities(store) == {"LAMPE": 3, "OTHER": 5}
    assert quantities(store, OTHER_SHOP_ID) == {"LAMPE": 5, "OTHER": 5}


def test_a_key_that_is_taken_returns_the_order_that_took_it(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5})
    first = created(store, a_content())

    second = created(store, replace(a_content(), total=Decimal(99), person=b"someone else"))

    assert second == first
    assert quantities(store) == {"LAMPE": 3}


def test_two_shops_may_hold_the_same_key(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5})
    one = created(store, a_content())

    another = created(store, replace(a_content(), shop_id=OTHER_SHOP_ID))

    assert another.id != one.id
    assert quantities(store) == quantities(store, OTHER_SHOP_ID) == {"LAMPE": 3}


def test_products_that_are_missing_are_named_and_nothing_is_made(store: Store) -> None:
    tested = an_embedded_shop(store, stock={"LAMPE": 5})

    answer = run(store.write(embedded.create_order, a_content(units={"B": 1, "LAMPE": 1, "A": 1})))

    assert answer == MissingProducts(("B", "A"))
    assert (run(tested.orders()), run(tested.customers()), quantities(store)) == (0, 0, {"LAMPE": 5})


def test_cancelling_gives_back_the_units_of_the_product(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5})
    made = created(store, a_content())

    answers = [run(store.write(embedded.cancel_order, SHOP_ID, order_id=made.id, now=NOW)) for _ in range(2)]

    assert answers == ["cancelled", "already_cancelled"]
    assert quantities(store) == {"LAMPE": 5}


def test_an_order_of_another_shop_is_not_cancelled(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5})
    made = created(store, a_content())

    assert run(store.write(embedded.cancel_order, OTHER_SHOP_ID, order_id=made.id, now=NOW)) is None
    assert quantities(store) == {"LAMPE": 3}


def test_orders_are_listed_page_by_page_oldest_first(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5})
    keys = [f"mkp:mirakl:{number}" for number in (3, 1, 2)]
    for key in keys:
        created(store, a_content(key))
    created(store, replace(a_content("mkp:mirakl:9"), shop_id=OTHER_SHOP_ID))

    first = run(store.read(embedded.orders_after, SHOP_ID, limit=2))
    second = run(store.read(embedded.orders_after, SHOP_ID, order_id=first[-1].id, limit=2))

    assert [order.content.key for order in first + second] == keys
    assert run(store.read(embedded.orders_after, SHOP_ID, order_id=second[-1].id, limit=2)) == []


def test_products_are_listed_page_by_page(store: Store) -> None:
    skus = ["a", "B", "É", "-", "é", "b", "A"]
    an_embedded_shop(store, stock=dict.fromkeys(skus, 1))
    listed: list[str] = []

    while page := run(store.read(embedded.products_after, SHOP_ID, sku=listed[-1] if listed else "", limit=2)):
        listed += [product.sku for product in page]

    assert sorted(listed) == sorted(skus)


def test_saving_products_says_what_it_did(store: Store) -> None:
    an_embedded_shop(store, stock={"SAME": 1, "OTHER": 1})
    changed = a_product("OTHER", quantity=9, price="0.50", title="Lampe", ean="96385074")

    saved = run(
        store.write(
            embedded.save_products,
            SHOP_ID,
            products=[changed, a_product("SAME", quantity=1), a_product("NEW")],
            now=NOW,
        )
    )

    assert saved == Saved(added=1, changed=1, unchanged=1)
    assert run(store.read(embedded.products_by_sku, SHOP_ID, skus=["OTHER"])) == {"OTHER": changed}


@pytest.mark.parametrize("field", ["title", "ean", "price", "quantity"])
def test_every_column_counts_as_a_change(sqlite_store: Store, field: str) -> None:
    an_embedded_shop(sqlite_store, stock={"A1": 50})
    other = a_product("A1", title="other", ean="96385074", price="1.00", quantity=1)
    changed: Product = replace(a_product("A1"), **{field: getattr(other, field)})

    saved = run(sqlite_store.write(embedded.save_products, SHOP_ID, products=[changed], now=NOW))

    assert saved == Saved(added=0, changed=1, unchanged=0)


def test_more_skus_than_a_statement_takes(store: Store) -> None:
    an_embedded_shop(store, stock={"LAMPE": 5})
    asked = [f"SKU-{number}" for number in range(70_000)] + ["LAMPE"]

    assert run(store.read(embedded.products_by_sku, SHOP_ID, skus=asked)).keys() == {"LAMPE"}
