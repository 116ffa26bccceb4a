"""`shop test-order`: an order that proves the set-up and leaves the shop as it was, whatever goes wrong."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.domain.wording import in_english
from app.sandbox.prestashop.installation.products import add_products
from app.shops import port
from app.shops.port import HasCarriers, HasStates, Shop
from app.shops.prestashop.checks.rights import needed
from app.store.engine import Store
from tests.contract.shops.under_test import SKUS, STOCK
from tests.shops.prestashop.configured_shop import RESOURCES, VERBS, line, troubles
from tests.shops.prestashop.troubled import Killed, Troubled
from tests.shops.prestashop.under_test import PrestashopUnderTest, a_prestashop, an_article

CANCELLED = 6
KEY = "mkp:test:TEST-20261121T092000"


def a_world(store: Store, **switches: Any) -> PrestashopUnderTest:
    tested = a_prestashop(store, stock=dict.fromkeys(SKUS, STOCK))
    if switches:
        asyncio.run(tested.switch(**switches))
    return tested


def try_order(shop: Shop, **options: Any) -> Sequence[Finding]:
    assert isinstance(shop, port.TestsOrders)
    return asyncio.run(shop.try_order(**options))


def not_cancelled(tested: PrestashopUnderTest) -> list[int]:
    """Return the orders of the shop that are not cancelled."""
    return [each["id"] for each in asyncio.run(tested.state())["orders"] if each["state"] != CANCELLED]


def is_as_before(tested: PrestashopUnderTest) -> bool:
    """Return whether nothing stands in the shop, nothing lies about and its stock is whole."""
    seen = asyncio.run(tested.state())
    orphans = [each for each in seen["carts"] if not each["ordered"]]
    return (
        not not_cancelled(tested)
        and not orphans
        and not seen["specific_prices"]
        and set(seen["stock"].values()) == {STOCK}
    )


@pytest.mark.parametrize("variant", ["A", "B"])
@pytest.mark.parametrize("version", ["8.2.1", "9.0.0", "1.7.8.11", "1.7.7.8"])
def test_a_shop_that_is_set_up_well_passes_and_is_left_as_it_was(
    sqlite_store: Store, version: str, variant: str
) -> None:
    tested = a_world(sqlite_store, version=version, variant=variant)

    findings = try_order(tested.shop)

    assert troubles(findings) == []
    assert is_as_before(tested)


@pytest.mark.parametrize("version", ["8.2.1", "1.7.8.11"])
def test_a_key_with_the_rights_that_the_check_asks_for_is_enough(sqlite_store: Store, version: str) -> None:
    # Italy, where it delivers to, has regions.
    wanted = {**needed(patches=version.startswith("8"), mapping=ShopMapping()), "states": ["get"]}
    denied = {
        resource: [verb.upper() for verb in VERBS if verb not in wanted.get(resource, ())] for resource in RESOURCES
    }
    tested = a_world(sqlite_store, version=version, denied=denied)

    findings = [*asyncio.run(tested.shop.check()), *try_order(tested.shop)]

    assert troubles(findings) == []


def test_each_step_is_reported(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)

    said = {each.code: each.sentence for each in try_order(tested.shop)}

    assert said["TEST_ORDER"] == "The test order 1 was made: TEST-20261121T092000, 1 × “LAMPE” (“Article 8”)."
    assert said["STOCK"] == "Its stock went down once: 50, then 49."
    assert said["TOTAL"] == "Its total is €24.89, of which €4.90 shipping: right to the cent."
    assert said["STATE"] == "It has the status “Paiement accepté”."
    assert said["PAYMENT"] == "It has one payment: €24.89 as “Test TEST-20261121T092000”."
    assert said["STOCK_BACK"] == "Its unit is back: the stock is 50 again."
    assert {"ROWS", "CARRIER", "MAILS", "CANCELLED"} <= said.keys()


def test_the_mails_that_the_shop_sent_are_reported(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, variant="A")

    said = {each.code: each.sentence for each in try_order(tested.shop)}

    assert asyncio.run(tested.state())["mails"] == {"order_conf": 1, "payment": 1}
    assert "order confirmation" in said["MAILS"]
    assert "“Paiement à distance accepté”" in said["MAIL_OF_ENTRY"]


def test_a_product_can_be_named(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)

    assert "1 × “CAFETIERE”" in line(try_order(tested.shop, sku="CAFETIERE"), "TEST_ORDER").sentence


def test_a_product_that_nobody_knows_is_named(sqlite_store: Store) -> None:
    (found,) = try_order(a_world(sqlite_store).shop, sku="NOBODY")

    assert (found.code, found.ok) == ("PRODUCT", False)
    assert found.sentence == "No product of the shop has the reference “NOBODY”."


def test_a_product_that_is_switched_off_is_named(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)
    asyncio.run(tested.ask("POST", "offers", sku="LAMPE", active=False))

    (found,) = try_order(tested.shop, sku="LAMPE")

    assert found.sentence == "The product “LAMPE” is not for sale."


def test_a_reference_that_is_borne_twice_is_named(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)
    add_products(tested.sandbox, [an_article("LAMPE", 99, quantity=1, price="12.90")])

    (found,) = try_order(tested.shop, sku="LAMPE")

    assert found.sentence.startswith("Several products of the shop have the reference “LAMPE”:")


def test_what_is_not_for_sale_or_not_in_stock_is_passed_over(sqlite_store: Store) -> None:
    tested = a_prestashop(sqlite_store, stock={"EMPTY": 0, "OFF": 5, "GOOD": 5})
    asyncio.run(tested.ask("POST", "offers", sku="OFF", active=False))

    assert "1 × “GOOD”" in line(try_order(tested.shop), "TEST_ORDER").sentence


def test_a_shop_with_nothing_to_sell_says_so(sqlite_store: Store) -> None:
    (found,) = try_order(a_prestashop(sqlite_store, stock={"EMPTY": 0}).shop)

    assert found.sentence == "The shop has no active product in stock."


def test_a_shop_that_keeps_no_stock_passes(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, stock_management=False)

    findings = try_order(tested.shop)

    assert troubles(findings) == []
    assert "keeps no stock" in line(findings, "STOCK").sentence


# What a set-up gets wrong.


@pytest.mark.parametrize("module", ["nosuchmodule", "ps_banner"])
def test_a_wrong_payment_module_is_explained_and_nothing_stays(sqlite_store: Store, module: str) -> None:
    tested = a_world(sqlite_store)

    (found,) = try_order(tested.reopened(payment_module=module))

    assert (found.code, found.ok) == ("PAYMENT_MODULE", False)
    assert f"the payment module “{module}” is not installed or not active" in found.sentence
    assert "Modules > Module Manager" in found.fix
    assert is_as_before(tested)


@pytest.mark.parametrize(
    ("resource", "verb"),
    [("customers", "POST"), ("carts", "POST"), ("specific_prices", "POST"), ("orders", "POST"), ("orders", "PATCH")],
)
def test_a_missing_right_is_named_and_nothing_stays(sqlite_store: Store, resource: str, verb: str) -> None:
    tested = a_world(sqlite_store, denied={resource: [verb]})

    findings = try_order(tested.shop)

    assert troubles(findings) == ["TEST_ORDER"]
    assert f"the key may not {verb} {resource}" in line(findings, "TEST_ORDER").sentence
    assert is_as_before(tested)


def test_a_host_that_blocks_verbs_is_found_out(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, blocked_verbs=["PATCH", "DELETE"])

    found = line(try_order(tested.shop), "TEST_ORDER")

    assert (found.sentence, found.fix) == ("The test stopped: its host blocks PATCH.", "Set verbs=post.")
    assert troubles(try_order(tested.reopened(verbs="post"))) == []


@pytest.mark.parametrize("variant", ["A", "B"])
def test_a_discount_of_the_group_shows_in_the_total(sqlite_store: Store, variant: str) -> None:
    tested = a_world(sqlite_store, variant=variant, group_reductions={"2": "10"})

    findings = try_order(tested.shop)

    assert "Its total is €17.99" in line(findings, "TOTAL").sentence
    assert is_as_before(tested)


def test_a_carrier_that_is_not_free_is_refused_before_anything_is_made(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, variant="A")

    (found,) = try_order(tested.reopened(carrier="2"))

    assert (found.code, found.ok) == ("CARRIER_UNMAPPED", False)
    assert asyncio.run(tested.state())["writes"] == {}


def test_an_order_that_lost_its_rows_is_named(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, lost_rows=1)

    findings = try_order(tested.shop)

    assert {"TEST_ORDER", "ROWS", "STOCK_BACK"} <= set(troubles(findings))
    assert f"set it to {STOCK} in the shop" in line(findings, "STOCK_BACK").fix


def test_a_half_made_order_is_named_and_taken_out(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, half_orders=1)

    findings = try_order(tested.shop)

    assert "left it half made" in line(findings, "TEST_ORDER").sentence
    assert not_cancelled(tested) == []
    assert asyncio.run(tested.state())["specific_prices"] == []


def test_a_shop_that_can_not_be_reached_is_one_line(sqlite_store: Store) -> None:
    (found,) = try_order(a_world(sqlite_store, webservice=False).shop)

    assert (found.code, found.ok) == ("TEST_ORDER", False)
    assert found.sentence == "The test stopped: its webservice is switched off."


# What an earlier one left.


def test_a_kept_order_stays_for_good(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)

    kept = try_order(tested.shop, keep=True)
    again = try_order(tested.reopened())

    assert troubles([*kept, *again]) == []
    assert "The test order 1 stays" in line(kept, "KEPT").sentence
    assert not_cancelled(tested) == [1]
    assert asyncio.run(tested.state())["orders"][0]["key"] == f"{KEY}-KEPT"


def test_test_orders_of_the_same_second_have_numbers_of_their_own(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)

    tried = [try_order(tested.reopened()) for _ in range(3)]

    assert troubles(each for findings in tried for each in findings) == []
    keys = [each["key"] for each in asyncio.run(tested.state())["orders"]]
    assert keys == [KEY, f"{KEY}.2", f"{KEY}.3"]


def test_orders_of_others_are_left_alone(sqlite_store: Store) -> None:
    tested = a_prestashop(sqlite_store)
    asyncio.run(tested.ask("POST", "orders", count=2))
    before = not_cancelled(tested)

    try_order(tested.shop)

    assert not_cancelled(tested) == before


def a_troubled_world(store: Store) -> tuple[PrestashopUnderTest, Troubled]:
    holder: list[Troubled] = []

    def wrap(inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        holder.append(Troubled(inner))
        return holder[0]

    return a_prestashop(store, stock=dict.fromkeys(SKUS, STOCK), wrap=wrap), holder[0]


def calls_from_the_first_write_on(store: Store) -> range:
    """Return the numbers of the calls of a test order that something may be left by."""
    tested, network = a_troubled_world(store)
    network.plan(0, "")
    try_order(tested.shop)
    first = next(number for number, call in enumerate(network.calls, start=1) if not call.startswith("GET"))
    return range(first, len(network.calls) + 1)


@pytest.mark.parametrize(
    "way", ["killed after", *(pytest.param(way, marks=pytest.mark.long) for way in ("cut after", "500 after"))]
)
def test_whatever_goes_wrong_at_any_call_the_next_one_clears_away(sqlite_store: Store, way: str) -> None:
    for at in calls_from_the_first_write_on(sqlite_store):
        tested, network = a_troubled_world(sqlite_store)
        network.plan(at, way)
        try:
            try_order(tested.shop)
        except Killed:
            assert way.startswith("killed")
        network.plan(0, "")
        tested.wait(120)

        again = try_order(tested.reopened())

        assert troubles(again) == [], (at, network.calls)
        assert is_as_before(tested), (at, network.calls)


def test_an_order_that_the_shop_did_not_answer_to_is_taken_out_by_the_next(sqlite_store: Store) -> None:
    tested, network = a_troubled_world(sqlite_store)
    network.plan(0, "")
    try_order(tested.shop)
    # The next one looks at the order of this cart too.
    network.plan(network.calls.index("POST orders") + 2, "cut before")

    silent = try_order(tested.reopened())
    network.plan(0, "")
    tested.wait(120)
    again = try_order(tested.reopened())

    assert line(silent, "TEST_ORDER").fix.startswith("Wait a minute, then make another test order")
    assert troubles(again) == []
    assert is_as_before(tested)


# What there is to choose from.


def test_states_are_listed_with_what_they_mean(sqlite_store: Store) -> None:
    shop = a_world(sqlite_store).shop
    assert isinstance(shop, HasStates)

    found = asyncio.run(shop.states())

    by_name = {each.name: each for each in found.states}
    means = {name: tuple(in_english(meaning) for meaning in each.means) for name, each in by_name.items()}
    assert means["Commande marketplace"] == ("just entered", "waits to leave")
    assert means["Paiement accepté"] == ("imported", "waits to leave")
    assert by_name["Paiement accepté"].flags == ("logable", "paid", "invoice", "send_email")
    assert means["Livré"] == ("shipped by the marketplace", "has left")
    assert means["Annulé"] == ("cancelled",)
    assert means["Erreur de paiement"] == ("needs a person",)
    assert found.suggested == {
        "imported_state": "2",
        "fulfilled_state": "5",
        "shipped_states": ("4", "5"),
        "cancelled_state": "6",
    }
    assert found.reasons.keys() == found.suggested.keys()


def test_carriers_are_listed_by_the_number_that_stays(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store)
    assert isinstance(tested.shop, HasCarriers)
    before = asyncio.run(tested.shop.carriers())

    asyncio.run(tested.ask("POST", "carriers/2/edit"))

    assert asyncio.run(tested.shop.carriers()) == before
    assert [(each.id, each.free) for each in before][:2] == [("1", True), ("2", False)]
