"""Orders that no shop likes: each is either right in the shop to the cent, or refused before anything of it is made."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.message import message
from app.domain.money import Money
from app.domain.order import Address, Buyer, Line, Order
from app.domain.shop_mapping import ShopMapping
from app.errors import Refused, SetupWrong
from app.sandbox.catalogue import Product
from app.sandbox.prestashop.installation.products import is_combined, permille_of
from app.shops.port import Ambiguous, Match, ShopOrder, UnfinishedOrder, Unknown
from app.store.engine import Store
from tests.contract.shops.under_test import STOCK
from tests.shops.builders import ADDRESS, BUYER, PLACED, a_line, a_plan, an_intent, an_order
from tests.shops.prestashop.importing import Answering, Came, Import, an_import, one_run, sentence
from tests.support.aio import run
from tests.support.sentences import detail_and_fix

VARIANTS = pytest.mark.parametrize("variant", ["A", "B"])
ROUNDINGS = pytest.mark.parametrize("round_type", [1, 2, 3])
COUNTER, EXPRESS, OURS, RETIRED = "1", "2", "3", "4"
LATER = PLACED + timedelta(hours=1)


def a_line_of(sku: str, amount: str, *, quantity: int = 1, tax: str = "") -> Line:
    """A line that costs so much in all, whatever that makes for a unit."""
    money = Money(Decimal(amount), "EUR")
    given_tax = Money(Decimal(tax), "EUR") if tax else None
    return replace(a_line(sku, quantity=quantity), total=money, tax=given_tax)


def articles(imports: Import) -> dict[int, Product]:
    """One article of the sandbox's catalogue for each tax of the shop, in permille; none with combinations."""
    plain = [each for each in imports.tested.sandbox.context.catalogue if not is_combined(each)]
    return {permille_of(each): each for each in reversed(plain)}


# Whom it goes to.


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        (replace(ADDRESS, last_name="é" * 300), {"lastname": "é" * 255, "firstname": "Zoé"}),
        (replace(ADDRESS, last_name="🎁 Lefèvre 👩‍👩‍👧"), {"lastname": "Lefèvre", "firstname": "Zoé"}),
        (replace(ADDRESS, last_name="", first_name="Zoé Lefèvre"), {"lastname": "Lefèvre", "firstname": "Zoé"}),
        (replace(ADDRESS, last_name="12345", first_name=""), {"lastname": "-", "firstname": "-"}),
        (replace(ADDRESS, last_name="", first_name="", company="Chez Zoé <SARL>"), {"lastname": "Chez Zoé SARL"}),
        (replace(ADDRESS, phone="tél. 06 39 98 00 01 (bureau)"), {"phone": "06 39 98 00 01"}),
        (replace(ADDRESS, phone="appeler le soir"), {"phone": ""}),
        (replace(ADDRESS, postcode="F–59 000 (Nord), CEDEX"), {"postcode": "F-59 000 Nor"}),
        (replace(ADDRESS, postcode="ABC"), {"postcode": "ABC"}),
        (replace(ADDRESS, street_1="1 rue {de} l'<Église> = 2?"), {"address1": "1 rue de l' Église 2"}),
        (replace(ADDRESS, city="Lille #3"), {"city": "Lille 3"}),
        (replace(ADDRESS, country="ES"), {"id_country": 6, "dni": "-"}),
        (replace(ADDRESS, country="IT", region="Roma"), {"id_country": 10, "id_state": 2}),
        (replace(ADDRESS, country="IT", region="Atlantide"), {"id_country": 10, "id_state": 0, "other": "Atlantide"}),
    ],
)
def test_an_odd_address_is_printed_as_far_as_the_shop_can(
    sqlite_store: Store, address: Address, printed: dict[str, Any]
) -> None:
    imports, order = an_import(sqlite_store), an_order(address=address, buyer=None)

    imports.made(order)

    imports.one_right_order(order)
    (row,) = imports.rows("addresses")
    assert {name: row[name] for name in printed} == printed


@pytest.mark.parametrize("name", ["é" * 300, "", "12345", "🎁", "S.A.R.L.", "N'Guyen-Ångström / fils", "<b>&amp;</b>"])
def test_an_odd_name_of_a_buyer_keeps_no_order_back(sqlite_store: Store, name: str) -> None:
    imports = an_import(sqlite_store)
    order = an_order(buyer=Buyer(last_name=name, email="not an address"), address=replace(ADDRESS, last_name=name))

    imports.made(order)

    imports.one_right_order(order)


@pytest.mark.parametrize("part", ["street_1", "city"])
@pytest.mark.parametrize(("text", "reason"), [("", "ADDRESS_MISSING"), ("???", "ADDRESS_REFUSED")])
def test_an_address_that_nobody_could_deliver_to_makes_nothing(
    sqlite_store: Store, part: str, text: str, reason: str
) -> None:
    imports = an_import(sqlite_store)
    changed = {part: text}

    refused = imports.refusal(an_order(address=replace(ADDRESS, **changed)))

    assert refused.reason == reason
    assert imports.state()["customers"] == []


def test_a_country_that_the_shop_has_not_is_named(sqlite_store: Store) -> None:
    refused = an_import(sqlite_store).refusal(an_order(address=replace(ADDRESS, country="JP")))

    assert refused.reason == "COUNTRY_INACTIVE"
    assert sentence(refused) == "The shop does not deliver to JP."


def test_a_pick_up_point_is_no_address_of_an_invoice(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    home = replace(ADDRESS, street_1="3 quai du Wault")
    order = replace(an_order(pickup_point="CHEZ PAUL 012345"), billing_address=home)

    imports.made(order)

    delivery, invoice = imports.rows("addresses")
    assert delivery["address2"] == "Point relais: CHEZ PAUL 012345"
    assert (invoice["address1"], invoice["address2"], invoice["other"]) == ("3 quai du Wault", "", "")


# What was bought.


def test_a_sku_of_two_products_is_a_question_and_makes_nothing(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, catalogue=True)
    sku = articles(imports)[200].sku
    imports.switch(shared_skus=[sku])

    refused = imports.refusal(an_order(a_line(sku)))

    found = run(imports.opened().resolve([sku])).by_sku[sku]
    assert isinstance(found, Ambiguous)
    assert len(found.refs) == 2
    # A plan holds what was found without a doubt.
    assert refused.reason == "SKU_UNKNOWN"


def test_an_inactive_product_is_named(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, catalogue=True)
    sku = articles(imports)[200].sku
    imports.switch(inactive_skus=[sku])

    refused = imports.refusal(an_order(a_line(sku)))

    assert refused.reason == "PRODUCT_INACTIVE"
    assert sentence(refused) == f"The product “{sku}” is inactive in the shop."


@VARIANTS
def test_a_combination_is_found_by_its_own_reference_and_alone_loses_units(sqlite_store: Store, variant: str) -> None:
    imports = an_import(sqlite_store, catalogue=True, variant=variant)
    combined = next(each for each in imports.tested.sandbox.context.catalogue if is_combined(each))
    before = imports.state()["stock"]
    # The other combination costs more in the shop, which is nothing to the marketplace.
    order = an_order(a_line(combined.sku, quantity=2, price="19.99"), a_line(f"{combined.sku}-BRILLANT", price="5.01"))

    imports.made(order)

    imports.one_right_order(order)
    (product,) = [row for row in imports.rows("products") if row["product_type"] == "combinations"][:1]
    sold = [row["product_attribute_id"] for row in imports.rows("order_details")]
    assert 0 not in sold
    after = imports.state()["stock"]
    assert before[combined.sku] - after[combined.sku] == 2
    assert before[f"{combined.sku}-BRILLANT"] - after[f"{combined.sku}-BRILLANT"] == 1
    sums = [row for row in imports.rows("stock_availables") if row["id_product"] == product.id]
    whole = next(row["quantity"] for row in sums if row["id_product_attribute"] == 0)
    assert whole == sum(row["quantity"] for row in sums if row["id_product_attribute"])


def test_a_product_with_combinations_is_not_sold_as_itself(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, catalogue=True)
    product = next(row for row in imports.rows("products") if row["product_type"] == "combinations")

    refused = imports.refusal(an_order(a_line(product["reference"])))

    found = run(imports.opened().resolve([product["reference"]])).by_sku
    assert found == {product["reference"]: Unknown(product["reference"])}
    assert refused.reason == "SKU_UNKNOWN"


def test_a_product_that_is_gone_since_it_was_found_is_named(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line("LAMPE"))
    gone = Match(sku="LAMPE", ref="999", title="Lampe", active=True, available=1)

    with pytest.raises(Refused) as refusal:
        run(imports.opened().create_order(order, plan=a_plan([gone]), intent=an_intent(order)))

    assert sentence(refusal.value) == "No product in your shop has the SKU “LAMPE”."
    assert imports.wire.writes == []


# What it costs.


@VARIANTS
@ROUNDINGS
def test_three_taxes_in_one_order_come_to_its_total(sqlite_store: Store, variant: str, round_type: int) -> None:
    imports = an_import(sqlite_store, catalogue=True, variant=variant, round_type=round_type)
    run_ledger, middle, normal = (articles(imports)[permille].sku for permille in (55, 100, 200))
    order = an_order(
        a_line(normal, quantity=3, price="19.99", shipping="4.90"),
        a_line(middle, quantity=2, price="7.77", shipping="1.05"),
        a_line(run_ledger, quantity=7, price="12.35"),
    )

    made = imports.made(order)

    assert made.total == order.open_total
    in_shop = imports.one_right_order(order)
    assert Decimal(in_shop["total_shipping"]) == Decimal("5.95")


@VARIANTS
@pytest.mark.parametrize("country", ["DE", "CH", "RE"])
def test_the_taxes_are_those_of_where_it_goes(sqlite_store: Store, variant: str, country: str) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": OURS}), variant=variant)
    order = an_order(a_line(quantity=3, price="19.99", shipping="4.90"), address=replace(ADDRESS, country=country))

    imports.made(order)

    imports.one_right_order(order)


@VARIANTS
@pytest.mark.parametrize("tax_address", ["id_address_delivery", "id_address_invoice"])
def test_the_shop_says_which_address_decides_on_the_taxes(sqlite_store: Store, variant: str, tax_address: str) -> None:
    imports = an_import(sqlite_store, variant=variant, tax_address=tax_address)
    order = replace(
        an_order(a_line(quantity=3, price="19.99")), billing_address=replace(ADDRESS, country="LU", city="Luxembourg")
    )

    imports.made(order)

    imports.one_right_order(order)
    (row,) = imports.rows("order_details")
    rate = {"id_address_delivery": Decimal(20), "id_address_invoice": Decimal(17)}[tax_address]
    assert round(row["unit_price_tax_excl"] * (1 + rate / 100), 2) == Decimal("19.99")


def test_the_region_decides_on_the_taxes_where_the_shop_says_so(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": OURS}))
    rules, states = imports.tested.sandbox.database["tax_rules"], imports.rows("states")
    (rome,) = [row.id for row in states if row["name"] == "Roma"]
    free = imports.tested.sandbox.database["taxes"].add(rate=Decimal(0), active=1, name="Aucune")
    rules.add(id_tax_rules_group=1, id_country=10, id_state=rome, id_tax=free.id)
    prices: list[str] = []

    for number, region in enumerate(("Roma", "RM", "Milano", "")):
        address = replace(ADDRESS, country="IT", region=region)
        imports.once(an_order(a_line(price="12.20"), address=address, order_id=f"MKP-{number}"))
        prices.append(imports.wire.calls("POST", "specific_prices")[-1].texts("price")[0])

    assert prices == ["12.200000", "12.200000", "10.000000", "10.000000"]


def test_the_regions_of_a_country_are_read_once_a_run(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": OURS}))
    shop, address = imports.opened(), replace(ADDRESS, country="IT", region="Roma")
    orders = [an_order(address=address, order_id=f"MKP-{number}") for number in range(3)]

    async def one_run_for_all() -> list[Came]:
        return [await one_run(shop, order, an_intent(order)) for order in orders]

    came = run(one_run_for_all())

    assert {type(each) for each in came} == {ShopOrder}
    assert len(imports.wire.calls("GET", "states")) == 1


def test_one_sku_at_two_prices_is_one_row_of_both(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, variant="A")
    order = an_order(a_line(line_id="1", quantity=2, price="9.99"), a_line(line_id="2", price="10.01"))

    imports.made(order)

    (row,) = imports.one_right_order(order)["rows"]
    assert (row["quantity"], row["unit_price"]) == (3, "9.996667")


@VARIANTS
@ROUNDINGS
def test_an_order_that_costs_nothing_is_an_order(sqlite_store: Store, variant: str, round_type: int) -> None:
    imports = an_import(sqlite_store, variant=variant, round_type=round_type)

    made = imports.made(an_order(a_line(price="0.00", quantity=2)))

    assert made.total == Money(Decimal(0), "EUR")
    assert Decimal(imports.state()["orders"][0]["total_paid_real"]) == 0


@VARIANTS
def test_free_shipping_is_free_whatever_the_carrier_costs(sqlite_store: Store, variant: str) -> None:
    mapping = ShopMapping(carriers={"*": EXPRESS if variant == "B" else OURS})
    imports, order = an_import(sqlite_store, mapping=mapping, variant=variant), an_order(a_line(price="19.99"))

    imports.made(order)

    assert Decimal(imports.one_right_order(order)["total_shipping"]) == 0
    assert [row["shipping_cost_tax_incl"] for row in imports.rows("order_carriers")] == [0]


def test_a_total_that_this_rounding_can_not_make_is_refused_with_both(sqlite_store: Store) -> None:
    refused = an_import(sqlite_store, round_type=1).refusal(an_order(a_line_of("LAMPE", "10.00", quantity=3)))

    assert refused.reason == "TOTAL_MISMATCH"
    assert sentence(refused) == "The lines of the order add up to €9.99, but its total is €10.00."


def test_amounts_without_taxes_are_no_total(sqlite_store: Store) -> None:
    refused = an_import(sqlite_store).refusal(replace(an_order(), tax_mode="excl"))

    assert refused.reason == "TAXES_EXCLUDED"


def test_a_tax_that_differs_is_a_warning_and_the_total_is_exact(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    # At 10 % it would be 1.82.
    order = an_order(a_line_of("CAFETIERE", "20.00", tax="3.33"), a_line_of("LAMPE", "20.00", tax="1.82"))

    made = imports.made(order)

    assert made.warnings == {"VAT_DIFFERS": {"sku": "LAMPE"}}
    imports.one_right_order(order)


def test_the_same_tax_is_no_warning(sqlite_store: Store) -> None:
    made = an_import(sqlite_store).made(an_order(a_line_of("LAMPE", "20.00", tax="3.33"), a_line("CAFETIERE")))

    assert made.warnings == {}


def test_a_currency_that_the_shop_has_not_is_named(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)

    refused = imports.refusal(an_order(a_line(currency="SEK"), currency="SEK"))

    assert refused.reason == "CURRENCY_UNKNOWN"
    assert sentence(refused) == "The order is in SEK, the shop works in EUR."


@VARIANTS
def test_an_order_in_another_currency_of_the_shop_comes_to_its_total(sqlite_store: Store, variant: str) -> None:
    imports = an_import(sqlite_store, variant=variant)
    imports.tested.sandbox.database["currencies"].add(
        name="Zloty", iso_code="PLN", numeric_iso_code="985", conversion_rate=Decimal("4.3"), active=1
    )
    order = an_order(a_line(price="19.99", shipping="4.90", currency="PLN"), currency="PLN")

    made = imports.made(order)

    assert str(made.total) == "24.89 PLN"
    imports.one_right_order(order)


# Who brings it.


@pytest.mark.parametrize("reference", [RETIRED, "77"])
def test_a_shipping_method_mapped_to_no_carrier_is_named(sqlite_store: Store, reference: str) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"home": reference}))

    refused = imports.refusal(an_order())

    assert refused.reason == "CARRIER_UNMAPPED"
    assert sentence(refused) == "No carrier of the shop is chosen for the shipping method “À domicile”."
    assert refused.detail == message("CARRIER_INACTIVE", reference=reference)


def test_where_the_shop_counts_payments_a_carrier_with_a_price_is_refused(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": EXPRESS}), variant="A")

    refused = imports.refusal(an_order())

    assert refused.reason == "CARRIER_UNMAPPED"
    assert refused.detail == message("CARRIER_NOT_FREE", carrier="Colis rapide")


def test_where_the_shop_counts_payments_it_needs_a_free_carrier(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, variant="A")
    for row in imports.rows("carriers"):
        imports.tested.sandbox.database["carriers"].change(row, is_free=0)

    refused = imports.refusal(an_order())

    assert refused.reason == "CARRIER_UNMAPPED"
    assert refused.detail == message("NO_CARRIER_FITS")


@VARIANTS
@pytest.mark.parametrize("mapped", [True, False])
def test_a_carrier_that_was_edited_a_moment_ago_is_the_chosen_one(
    sqlite_store: Store, variant: str, mapped: bool
) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": OURS} if mapped else {}), variant=variant)
    imports.tested.sandbox.database.configure("PS_CARRIER_DEFAULT", OURS)
    first, second = an_order(order_id="MKP-1"), an_order(order_id="MKP-2")
    imports.made(first)

    edited = imports.do(f"carriers/{OURS}/edit")
    imports.made(second)

    assert edited["reference"] == int(OURS)
    used = [order["carriers"][0]["carrier"] for order in imports.state()["orders"]]
    assert used == [int(OURS), edited["id"]]
    assert "payment_error" not in imports.state()["mails"]


def test_a_carrier_that_the_shop_does_not_offer_there_is_found_out_and_the_order_is_not_made_again(
    sqlite_store: Store,
) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": COUNTER}), variant="A")
    carriers = imports.tested.sandbox.database["carriers"]
    carriers.change(carriers[int(OURS)], active=0)
    order = an_order(a_line(price="10.00"), address=replace(ADDRESS, country="RE", postcode="97400"))
    intent = an_intent(order)

    came = [imports.once(order, intent) for _ in range(2)]

    # Nobody can ask the shop before which carriers it offers where: it took the only other one, which has a price.
    amounts = {"makes": Decimal("32.79"), "paid": Decimal("10.00")}
    named = UnfinishedOrder("1", message("IN_ERROR_STATE", **amounts))
    assert came == [named, named]
    assert len(imports.wire.calls("POST", "orders")) == 1


# What is there already.


def a_shop_with_orders(store: Store, *, connected_at: datetime) -> tuple[Import, str]:
    """A shop that sold by itself before an account imports into it, and something that it sells."""
    imports = an_import(store, catalogue=True, mapping=ShopMapping(connected_at=connected_at))
    imports.do("orders", count=2)
    return imports, articles(imports)[200].sku


@pytest.mark.parametrize(
    "label", ["Mirakl MKP-1001", "mkp-1001", "La Redoute (MKP-1001)", "MIRAKL:MKP-1001;carte", "Commande n°MKP-1001"]
)
def test_an_order_that_an_older_module_made_is_named_and_not_made_again(sqlite_store: Store, label: str) -> None:
    imports, sku = a_shop_with_orders(sqlite_store, connected_at=LATER)
    old = imports.rows("orders")[1]
    imports.tested.sandbox.database["orders"].change(old, payment=label)

    came = imports.once(an_order(a_line(sku), order_id="MKP-1001"))

    assert came == UnfinishedOrder(str(old.id), message("NUMBER_OF_ANOTHER", order_id="MKP-1001"))
    assert imports.wire.writes == []


def test_an_order_whose_payment_bears_the_number_is_named_too(sqlite_store: Store) -> None:
    imports, sku = a_shop_with_orders(sqlite_store, connected_at=LATER)
    old = imports.rows("orders")[1]
    imports.tested.sandbox.database["order_payments"].add(
        order_reference=old["reference"], transaction_id="MKP-1001", amount=Decimal(5), id_currency=1
    )

    came = imports.once(an_order(a_line(sku), order_id="MKP-1001"))

    assert isinstance(came, UnfinishedOrder)
    assert came.ref == str(old.id)


@pytest.mark.parametrize("label", ["Mirakl MKP-10011", "Mirakl XMKP-1001", "Mirakl MKP-1001-A", "Mirakl 1001"])
def test_an_order_of_another_number_keeps_nothing_back(sqlite_store: Store, label: str) -> None:
    imports, sku = a_shop_with_orders(sqlite_store, connected_at=LATER)
    imports.tested.sandbox.database["orders"].change(imports.rows("orders")[0], payment=label)

    came = imports.once(an_order(a_line(sku), order_id="MKP-1001"))

    assert isinstance(came, ShopOrder)


def test_orders_placed_since_we_were_connected_are_not_looked_for(sqlite_store: Store) -> None:
    imports, sku = a_shop_with_orders(sqlite_store, connected_at=PLACED)
    imports.tested.sandbox.database["orders"].change(imports.rows("orders")[0], payment="Mirakl MKP-1001")

    came = imports.once(an_order(a_line(sku), order_id="MKP-1001"))

    assert isinstance(came, ShopOrder)


@pytest.mark.parametrize("order_id", ["A|B", "1,9", "[1]", "N° 5 «é»", "x" * 120, "🎁", "<b>", "a'b\"c", "%", "\\"])
def test_an_odd_number_of_an_order_is_found_again(sqlite_store: Store, order_id: str) -> None:
    imports, sku = a_shop_with_orders(sqlite_store, connected_at=LATER)
    order = an_order(a_line(sku), order_id=order_id)

    first, second = imports.made(order), imports.made(order)

    assert second == first
    assert len(imports.wire.calls("POST", "orders")) == 1


# What changes while it is imported.


def cut_at(imports: Import, verb: str, resource: str, *, after: bool = False) -> None:
    """Let the connection break at this call, before or after it took effect."""

    async def cut(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        if after:
            await (await pass_on(request)).aread()
        raise httpx.ReadTimeout("cut", request=request)

    imports.wire.traps[verb, resource] = cut


@VARIANTS
def test_a_line_that_was_cancelled_meanwhile_is_not_in_the_cart_of_the_second_attempt(
    sqlite_store: Store, variant: str
) -> None:
    imports = an_import(sqlite_store, variant=variant)
    order = an_order(a_line("LAMPE", quantity=2, price="19.99"), a_line("CAFETIERE", price="7.05"))
    less = an_order(a_line("LAMPE", quantity=2, cancelled=1, price="19.99"), a_line("CAFETIERE", price="7.05"))
    intent = an_intent(order)
    cut_at(imports, "POST", "orders")
    imports.once(order, intent)
    imports.wire.traps.clear()
    imports.tested.wait(61)

    imports.made(less, intent)

    imports.one_right_order(less)
    assert [each["ordered"] for each in imports.state()["carts"]] == [True]


@VARIANTS
def test_a_price_that_changed_meanwhile_is_the_price_of_the_second_attempt(sqlite_store: Store, variant: str) -> None:
    imports = an_import(sqlite_store, variant=variant)
    order, dearer = an_order(a_line(price="19.99")), an_order(a_line(price="21.99"))
    intent = an_intent(order)
    cut_at(imports, "POST", "orders")
    imports.once(order, intent)
    imports.wire.traps.clear()
    imports.tested.wait(61)

    imports.made(dearer, intent)

    imports.one_right_order(dearer)


def test_a_cart_that_another_process_fills_for_the_same_order_is_left_to_it(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order()
    theirs = imports.tested.sandbox.database["carts"].add(id_customer=77, gift_message="mkp:mirakl:MKP-1")
    intent = an_intent(order)
    run(intent.note(tried="1"))

    imports.made(order, intent)

    assert theirs.id in {row.id for row in imports.rows("carts")}
    imports.one_right_order(order)


def test_what_was_made_for_an_order_that_is_refused_goes_away_again(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order()

    async def refuse(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        content = request.content.replace(b"<module>ps_wirepayment</module>", b"")
        return await pass_on(httpx.Request("POST", request.url, headers=request.headers, content=content))

    imports.wire.traps["POST", "orders"] = refuse
    came = imports.once(order)

    assert isinstance(came, Refused)
    state = imports.state()
    assert (state["orders"], state["carts"], state["specific_prices"]) == ([], [], [])
    imports.wire.traps.clear()
    assert isinstance(imports.once(order), ShopOrder)


# A shop that is not ready for orders.


def test_a_shop_without_an_entry_state_is_a_matter_of_set_up(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    imports.tested.sandbox.database.configure("PS_OS_WS_PAYMENT", "99")

    came = imports.once(an_order())

    assert isinstance(came, SetupWrong)
    assert "PS_OS_WS_PAYMENT" in came.plain_detail
    assert imports.wire.writes == []


@pytest.mark.parametrize("mode", ["0", "1"])
def test_a_shop_that_rounds_one_way_is_a_matter_of_set_up(sqlite_store: Store, mode: str) -> None:
    imports = an_import(sqlite_store)
    imports.tested.sandbox.database.configure("PS_PRICE_ROUND_MODE", mode)

    came = imports.once(an_order())

    assert isinstance(came, SetupWrong)
    assert detail_and_fix(came).endswith("under Shop Parameters > General.")
    assert imports.wire.writes == []


def test_a_buyer_without_anything_is_a_buyer(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    order: Order = an_order(buyer=replace(BUYER, last_name="", first_name="", company="", email=""))

    imports.made(order)

    imports.one_right_order(order)
    assert imports.state()["stock"]["LAMPE"] == STOCK - 1
