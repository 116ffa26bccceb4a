"""What is particular to the embedded shop; what every shop does is in tests/contract."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.domain.money import Money
from app.domain.order import Order
from app.errors import Refused
from app.shops.port import CancelOutcome, ImportPlan, Match, ShopOrder
from app.store import embedded
from app.store.engine import Store
from tests.shops.builders import a_line, a_plan, an_intent, an_order, plan_for
from tests.shops.embedded.under_test import SHOP_ID, EmbeddedUnderTest, an_embedded_shop
from tests.support.aio import run

PRIVATE = ("Lefèvre", "Zoé", "rue de l", "59000", "639980001", "39 98 00", "abc123", "anonymous.example", "RELAIS-77")


@pytest.fixture
def tested(sqlite_store: Store) -> EmbeddedUnderTest:
    return an_embedded_shop(sqlite_store, stock={"LAMPE": 50})


def created(tested: EmbeddedUnderTest, order: Order, *, plan: ImportPlan | None = None) -> ShopOrder:
    """Create an order as the task plans it, unless said otherwise."""
    plan = plan or run(plan_for(tested.shop, order))
    made = run(tested.shop.create_order(order, plan=plan, intent=an_intent(order)))
    assert isinstance(made, ShopOrder)
    return made


def test_an_empty_shop_says_how_to_fill_it(sqlite_store: Store) -> None:
    (finding,) = run(an_embedded_shop(sqlite_store, stock={}).shop.check())

    assert not finding.ok
    assert "no product" in finding.sentence
    assert "marketcron shop load-catalog" in finding.fix


@pytest.mark.parametrize(("skus", "words"), [(1, "1 product."), (3, "3 products.")])
def test_a_filled_shop_counts_its_products(sqlite_store: Store, skus: int, words: str) -> None:
    shop = an_embedded_shop(sqlite_store, stock={f"SKU-{number}": 1 for number in range(skus)}).shop

    (finding,) = run(shop.check())

    assert finding.ok
    assert finding.sentence == f"The shop has {words}"


def test_what_was_resolved_says_when(tested: EmbeddedUnderTest) -> None:
    tested.clock.advance(60)

    assert run(tested.shop.resolve(["LAMPE"])).read_at == tested.clock.now()


def test_any_currency_and_any_decimals_are_kept(sqlite_store: Store) -> None:
    tested = an_embedded_shop(sqlite_store, stock={"LAMPE": 50}, currency="PLN")
    order = an_order(a_line(price="0.333", quantity=3, currency="PLN"), currency="PLN")

    made = created(tested, order)

    assert made.total == Money(Decimal("0.999"), "PLN")


def test_an_order_in_another_currency_than_the_shops_is_refused_by_both_names(tested: EmbeddedUnderTest) -> None:
    order = an_order(a_line(price="99.00", currency="SEK"), currency="SEK")

    with pytest.raises(Refused) as refused:
        run(tested.shop.create_order(order, plan=run(plan_for(tested.shop, order)), intent=an_intent(order)))

    assert refused.value.reason == "CURRENCY_UNKNOWN"
    assert refused.value.params == {"currency": "SEK", "expected": "EUR"}
    assert run(tested.orders()) == 0


def test_an_order_to_a_pick_up_point_needs_no_address(tested: EmbeddedUnderTest) -> None:
    order = an_order(address=None, pickup_point="RELAIS-77")

    made = created(tested, order)

    assert made.units == {"LAMPE": 1}


def test_an_order_shipped_by_the_marketplace_needs_no_address(tested: EmbeddedUnderTest) -> None:
    order = an_order(address=None, buyer=None)
    plan = run(plan_for(tested.shop, order, state="shipped", stock="keep"))

    assert created(tested, order, plan=plan).state == "shipped"


def test_a_product_that_is_gone_since_it_was_resolved_is_refused(tested: EmbeddedUnderTest) -> None:
    order = an_order(a_line("LAMPE"), a_line("GONE"))
    plan = a_plan(Match(sku=sku, ref=sku, title="", active=True, available=1) for sku in ("LAMPE", "GONE"))

    with pytest.raises(Refused, match="“GONE”") as refusal:
        run(tested.shop.create_order(order, plan=plan, intent=an_intent(order)))

    assert refusal.value.reason == "SKU_UNKNOWN"
    assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (0, 0, 50)


def test_stock_is_taken_from_the_product_behind_another_sku(tested: EmbeddedUnderTest) -> None:
    order = an_order(a_line("FR-LAMPE", quantity=2))
    match = Match(sku="FR-LAMPE", ref="LAMPE", title="Lampe", active=True, available=50)

    made = created(tested, order, plan=a_plan([match]))
    lowered = run(tested.stock("LAMPE"))
    run(tested.shop.cancel_order(made.ref, intent=an_intent(order)))

    assert made.units == {"FR-LAMPE": 2}
    assert (lowered, run(tested.stock("LAMPE"))) == (48, 50)


def test_a_cancelled_order_keeps_its_key(tested: EmbeddedUnderTest) -> None:
    order = an_order()
    plan = run(plan_for(tested.shop, order))
    made = created(tested, order, plan=plan)
    assert run(tested.shop.cancel_order(made.ref, intent=an_intent(order))) is CancelOutcome.CANCELLED

    again = created(tested, order, plan=plan)

    assert (again.ref, again.state) == (made.ref, "cancelled")
    assert run(tested.stock("LAMPE")) == 50


@pytest.mark.parametrize("ref", ["999", "", "-1", "abc", "1 OR 1=1", "9" * 40, "²", "1\0"])
def test_cancelling_an_order_that_is_not_there_is_refused(tested: EmbeddedUnderTest, ref: str) -> None:
    with pytest.raises(Refused, match="no order") as refusal:
        run(tested.shop.cancel_order(ref, intent=an_intent(an_order())))

    assert (refusal.value.reason, refusal.value.side) == ("SHOP_REFUSED", "shop")


def test_texts_no_database_holds_are_freed_of_what_it_refuses(store: Store) -> None:
    shop = an_embedded_shop(store, stock={"LAMPE": 50}).shop
    order = an_order(a_line(title="La\0mpe \ud83d", line_id="1\0"))

    run(shop.create_order(order, plan=run(plan_for(shop, order)), intent=an_intent(order)))

    (stored,) = run(store.read(embedded.orders_after, SHOP_ID))
    assert [(line.title, line.line_id) for line in stored.content.lines] == [("Lampe ?", "1")]


def test_buyers_lie_encrypted_in_the_database(tested: EmbeddedUnderTest) -> None:
    order = an_order(pickup_point="RELAIS-77")
    run(tested.shop.create_order(order, plan=run(plan_for(tested.shop, order)), intent=an_intent(order)))

    (stored,) = run(tested.store.read(embedded.orders_after, SHOP_ID))
    folder = Path(make_url(tested.store.url).database or "").parent
    written = b"".join(file.read_bytes() for file in folder.glob("marketcron.db*"))

    assert b"mkp:mirakl:MKP-1" in written
    assert not [word for word in PRIVATE if word.encode() in written or word in repr(stored)]
    assert "59000" in tested.cipher.open(stored.content.addresses)
