"""The traps of PrestaShop's Webservice that lie in wait for whoever writes; each by its number in the list of traps."""

import asyncio
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from app.domain.message import message
from app.domain.money import Money
from app.domain.order import Buyer
from app.domain.shop_mapping import ShopMapping
from app.errors import CredentialsRefused, OutcomeUnknown, Refused, RoleMissing, SetupWrong
from app.shops.port import CancelOutcome, Match, ShopOrder, UnfinishedOrder
from app.store.engine import Store
from tests.contract.shops.under_test import STOCK
from tests.shops.builders import ADDRESS, BUYER, a_line, an_intent, an_order, plan_for
from tests.shops.prestashop.importing import (
    LATER_S,
    Answering,
    Came,
    an_import,
    another_process,
    one_run,
    sentence,
    until,
)
from tests.support.aio import run

TRAPS = range(1, 40)
VARIANTS = pytest.mark.parametrize("variant", ["A", "B"])
# The sandbox's carriers by their stable number: the counter, which wins by itself, a paid one, the marketplaces' own.
COUNTER, EXPRESS, OURS = "1", "2", "3"
ENTRY, PAID, DELIVERED, ERROR = 14, 2, 5, 8


def test_every_trap_has_a_test() -> None:
    files = [Path(__file__).with_name(f"test_traps_{side}.py") for side in ("reading", "writing")]

    named = {int(number) for file in files for number in re.findall(r"def test_trap_(\d\d)_", file.read_text())}

    assert named == set(TRAPS)


def test_trap_03_an_answer_without_a_body_is_an_order_that_is_not_there(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order()
    made = imports.made(order)
    run(imports.tested.delete(made.ref))

    with pytest.raises(Refused) as refusal:
        run(imports.opened().cancel_order(made.ref, intent=an_intent(order)))

    assert refusal.value.reason == "SHOP_REFUSED"
    assert refusal.value.detail == message("NO_SUCH_ORDER", ref=made.ref)


@VARIANTS
def test_trap_04_an_error_after_every_write_is_looked_up_and_nothing_is_written_twice(
    sqlite_store: Store, variant: str
) -> None:
    order = an_order(a_line(price="19.99", quantity=2, shipping="3.50"))
    imports = an_import(sqlite_store, variant=variant, error_500_after_write=True)
    began = imports.tested.now()

    made = imports.made(order)

    assert made.total == order.open_total
    imports.one_right_order(order)
    assert len(imports.wire.writes) == len(set(imports.wire.writes))
    # Nor did anybody wait before a repetition.
    assert imports.tested.now() == began


def test_trap_05_an_address_that_a_customer_has_already_is_used_again(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    known = imports.tested.sandbox.database["customers"].add(
        email="order@marketplace.invalid", is_guest=0, id_default_group=3, secure_key="a" * 32, active=1
    )

    imports.made(an_order())

    assert imports.one_right_order(an_order())["customer"] == known.id


def test_trap_05_a_buyer_who_is_a_customer_of_the_shop_buys_as_a_guest_of_the_marketplace(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, group_reductions={3: 10})
    # Nobody gets a mail of this shop, so that buyers may have their own addresses.
    imports.tested.sandbox.database.configure("PS_MAIL_METHOD", "3")
    imports.tested.sandbox.database["customers"].add(
        email="buyer@anonymous.example", is_guest=0, id_default_group=3, secure_key="a" * 32, active=1
    )

    imports.made(an_order())

    guest = imports.one_right_order(an_order())["customer"]
    assert imports.tested.sandbox.database["customers"][guest]["email"] == "order@marketplace.invalid"


@pytest.mark.parametrize("reference", [COUNTER, EXPRESS, OURS])
def test_trap_10_the_carrier_is_the_chosen_one_and_not_the_cheapest(sqlite_store: Store, reference: str) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"*": reference}))

    imports.made(an_order())

    assert [str(each["carrier"]) for each in imports.one_right_order(an_order())["carriers"]] == [reference]


def test_trap_11_the_carrier_is_chosen_with_its_comma(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, mapping=ShopMapping(carriers={"home": OURS}))

    imports.made(an_order())

    (cart,) = imports.wire.calls("POST", "carts")
    (address,) = imports.rows("addresses")
    assert cart.texts("delivery_option") == [f'{{"{address.id}":"{OURS},"}}']


@VARIANTS
@pytest.mark.parametrize("round_type", [1, 2, 3])
def test_trap_12_one_cent_of_difference_never_reaches_the_shop(
    sqlite_store: Store, variant: str, round_type: int
) -> None:
    imports = an_import(sqlite_store, variant=variant, round_type=round_type)
    amounts = [("10.00", 3), ("0.01", 2), ("19.99", 7), ("100.00", 6), ("0.05", 9), ("7.77", 11)]
    came: list[Came] = []
    for number, (amount, quantity) in enumerate(amounts):
        # What the line costs in all, whatever that makes for a unit.
        line = replace(a_line(quantity=quantity), total=Money(Decimal(amount), "EUR"))
        came.append(imports.once(an_order(line, order_id=f"MKP-{number}")))

    state = imports.state()

    assert ERROR not in {order["state"] for order in state["orders"]}
    assert "payment_error" not in state["mails"]
    assert len(state["orders"]) == sum(isinstance(each, ShopOrder) for each in came)
    refused = {each.reason for each in came if isinstance(each, Refused)}
    # A price of whole cents for a unit is all that this rounding allows.
    assert refused == ({"TOTAL_MISMATCH"} if round_type == 1 else set())


def test_trap_12_amounts_that_no_price_makes_are_refused_with_both(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, variant="A", round_type=1)
    order = an_order(replace(a_line(quantity=3), total=Money(Decimal("10.00"), "EUR")))

    refused = imports.refusal(order)

    assert refused.reason == "TOTAL_MISMATCH"
    assert sentence(refused) == "The lines of the order add up to €9.99, but its total is €10.00."


def test_trap_13_two_processes_at_one_order_make_one(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line(quantity=3))

    async def both() -> list[Came]:
        shops = imports.opened(), another_process(imports)
        return list(await asyncio.gather(*(one_run(shop, order, an_intent(order)) for shop in shops)))

    came = run(both())

    assert {type(each) for each in came} <= {ShopOrder, OutcomeUnknown}
    imports.until_made(order)
    imports.one_right_order(order)
    assert imports.state()["stock"]["LAMPE"] == STOCK - 3


def test_trap_13_who_comes_second_waits_for_the_first_and_finds_its_order(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, hold_orders="door"), an_order(a_line(quantity=3))
    sandbox, second_intent = imports.tested.sandbox, an_intent(order)

    async def one_after_the_other() -> tuple[Came, Came]:
        first = asyncio.create_task(one_run(imports.opened(), order, an_intent(order)))
        await until(lambda: sandbox.held_orders["door"])
        second = asyncio.create_task(one_run(another_process(imports), order, second_intent))
        await until(lambda: len(sandbox.database["carts"]) == 2)
        await imports.tested.switch(hold_orders="off")
        return await first, await second

    first, second = run(one_after_the_other())

    assert isinstance(first, ShopOrder)
    assert isinstance(second, OutcomeUnknown)
    assert len(imports.wire.calls("POST", "orders")) == 1
    assert imports.until_made(order, second_intent).ref == first.ref
    imports.one_right_order(order)
    # What the second had prepared is gone again.
    assert [each["ordered"] for each in imports.state()["carts"]] == [True]


def test_trap_13_what_another_process_made_since_the_look_for_many_is_not_made_again(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    orders = [an_order(order_id=f"MKP-{number}") for number in range(4)]
    intents = [an_intent(order) for order in orders]

    async def one_run_crossed_by_another() -> list[Came]:
        shop = imports.opened()
        plan = await plan_for(shop, orders[0])
        assert await shop.find_orders({intent.key: intent.steps for intent in intents}) == {}
        await one_run(another_process(imports), orders[2], an_intent(orders[2]))
        came: list[Came] = []
        for order, intent in zip(orders, intents, strict=True):
            try:
                came.append(await shop.create_order(order, plan=plan, intent=intent))
            except OutcomeUnknown as error:
                came.append(error)
        return came

    came = run(one_run_crossed_by_another())

    assert [type(each) for each in came] == [ShopOrder, ShopOrder, OutcomeUnknown, ShopOrder]
    keys = [order["key"] for order in imports.state()["orders"]]
    assert sorted(keys) == [f"mkp:mirakl:MKP-{number}" for number in range(4)]


def test_trap_13_orders_that_are_there_twice_are_named_and_never_made_again(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order()
    made = imports.made(order)
    twin = {name: value for name, value in imports.rows("orders")[0].items() if name != "id"}
    imports.tested.sandbox.database["orders"].add(**twin)

    came = imports.once(order)

    assert isinstance(came, UnfinishedOrder)
    assert came.reason == message("MADE_SEVERAL_TIMES", times=2, orders=f"{made.ref}, {int(made.ref) + 1}")
    assert len(imports.wire.calls("POST", "orders")) == 1


@pytest.mark.parametrize("place", ["door", "half"])
def test_trap_14_an_order_whose_answer_took_too_long_is_found(sqlite_store: Store, place: str) -> None:
    imports, order = an_import(sqlite_store, hold_orders=place), an_order(a_line(quantity=3))
    intent, sandbox = an_intent(order), imports.tested.sandbox

    async def hang_up(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        going = asyncio.ensure_future(pass_on(request))
        await until(lambda: sandbox.held_orders[place])
        going.cancel()
        raise httpx.ReadTimeout("too long", request=request)

    async def two_runs() -> tuple[Came, Came, Came]:
        imports.wire.traps["POST", "orders"] = hang_up
        first = await one_run(imports.opened(), order, intent)
        meanwhile = await one_run(imports.opened(), order, intent) if place == "half" else first
        await imports.tested.switch(hold_orders="off")
        await until(lambda: not sandbox.running)
        imports.tested.wait(61)
        return first, meanwhile, await one_run(imports.opened(), order, intent)

    first, meanwhile, second = run(two_runs())

    assert isinstance(first, OutcomeUnknown)
    assert isinstance(meanwhile, OutcomeUnknown) or (isinstance(meanwhile, UnfinishedOrder) and meanwhile.may_finish)
    assert isinstance(second, ShopOrder)
    imports.one_right_order(order)
    assert len(imports.wire.calls("POST", "orders")) == 1
    assert imports.state()["stock"]["LAMPE"] == STOCK - 3


def test_trap_15_a_half_order_waits_while_it_is_young_and_is_named_when_it_is_old(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, half_orders=1), an_order(a_line(quantity=3))
    intent = an_intent(order)

    first = imports.once(order, intent)
    imports.tested.wait(61)
    young = imports.once(order, intent)
    imports.tested.wait(LATER_S)
    old = imports.once(order, intent)

    assert isinstance(first, OutcomeUnknown)
    assert isinstance(young, UnfinishedOrder)
    assert young.may_finish
    assert old == UnfinishedOrder("1", message("NO_STATE_YET"))
    assert len(imports.wire.calls("POST", "orders")) == 1


def test_trap_15_a_half_order_is_never_made_again_by_hand_either(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, half_orders=1), an_order()
    intent = an_intent(order)
    imports.once(order, intent)
    imports.tested.wait(LATER_S)

    # Its key alone is left: what was noted of it is lost.
    came = imports.once(order, an_intent(order))

    assert isinstance(came, UnfinishedOrder)
    assert not came.may_finish
    assert len(imports.wire.calls("POST", "orders")) == 1


def test_trap_16_one_article_in_two_lines_is_one_row(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, variant="A")
    order = an_order(
        a_line(line_id="1", quantity=2, price="19.99"),
        a_line("CAFETIERE", price="7.05"),
        a_line(line_id="2", price="18.01"),
    )

    imports.made(order)

    (cart,) = imports.wire.calls("POST", "carts")
    assert cart.texts("quantity") == ["3", "1"]
    assert len(imports.one_right_order(order)["rows"]) == 2


def test_trap_19_a_group_with_a_reduction_is_found_out_and_the_order_is_not_settled(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, group_reductions={2: 10}), an_order(a_line(price="19.99"))

    came = imports.once(order)

    assert isinstance(came, ShopOrder)
    assert (str(came.total), str(order.open_total)) == ("17.99 EUR", "19.99 EUR")
    (in_shop,) = imports.state()["orders"]
    assert (in_shop["state"], in_shop["history"], in_shop["payments"]) == (ENTRY, [ENTRY], [])
    assert "payment_error" not in imports.state()["mails"]


def test_trap_19_where_the_shop_counts_payments_it_is_named_with_both_totals(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, variant="A", group_reductions={2: 10})
    order = an_order(a_line(price="19.99"))
    intent = an_intent(order)

    came = [imports.once(order, intent) for _ in range(2)]

    amounts = {"makes": Decimal("17.99"), "paid": Decimal("19.99")}
    named = UnfinishedOrder("1", message("IN_ERROR_STATE", **amounts))
    assert came == [named, named]
    assert len(imports.wire.calls("POST", "orders")) == 1


@VARIANTS
def test_trap_19_a_group_of_its_own_keeps_the_reduction_away(sqlite_store: Store, variant: str) -> None:
    imports = an_import(sqlite_store, config={"customer_group": "1"}, variant=variant, group_reductions={2: 10})
    order = an_order(a_line(price="19.99", shipping="3.50"))

    imports.made(order)

    imports.one_right_order(order)


@VARIANTS
@pytest.mark.parametrize("round_type", [1, 2, 3])
def test_trap_20_the_ecotax_is_in_the_price(sqlite_store: Store, variant: str, round_type: int) -> None:
    imports = an_import(sqlite_store, catalogue=True, variant=variant, round_type=round_type)
    plain, combined = imports.tested.sandbox.context.catalogue[0].sku, imports.tested.sandbox.context.catalogue[6].sku
    imports.switch(ecotax={plain: "0.37", combined: "1.20"})
    order = an_order(a_line(plain, quantity=3, price="19.99", shipping="4.90"), a_line(combined, price="7.05"))

    imports.made(order)

    imports.one_right_order(order)


def test_trap_22_digits_in_a_name_are_left_out(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    person = replace(ADDRESS, last_name="Lefèvre 3e étage", first_name="Zoé2")

    made = imports.made(an_order(address=person, buyer=Buyer(last_name="Lefèvre 75011", first_name="Zoé")))

    assert run(imports.tested.printed_name(made.ref)) == "Zoé Lefèvre e étage"
    assert imports.rows("customers")[0]["lastname"] == "Lefèvre"


def test_trap_23_dots_in_the_name_of_a_customer_get_room(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    firm = replace(ADDRESS, last_name="S.A.R.L. Dupont", first_name="J.P.")

    made = imports.made(an_order(address=firm, buyer=replace(BUYER, last_name="S.A.R.L. Dupont", first_name="J.P.")))

    # Addresses take dots as they are.
    assert run(imports.tested.printed_name(made.ref)) == "J.P. S.A.R.L. Dupont"
    customer = imports.rows("customers")[0]
    assert (customer["lastname"], customer["firstname"]) == ("S. A. R. L. Dupont", "J. P.")


@pytest.mark.parametrize("fields", [("phone_mobile",), ("vat_number",), ("address2", "dni", "other", "company")])
def test_trap_24_fields_that_the_merchant_requires_are_filled(sqlite_store: Store, fields: tuple[str, ...]) -> None:
    imports, order = an_import(sqlite_store, required_fields={"addresses": fields}), an_order()

    imports.made(order)

    imports.one_right_order(order)
    (address,) = imports.rows("addresses")
    assert [address[field] for field in fields] == ["-"] * len(fields)


def test_trap_24_a_required_field_that_nothing_can_fill_is_named(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, required_fields={"customers": ("siret",)})

    came = imports.once(an_order())

    assert isinstance(came, Refused)
    assert sentence(came) == "The shop refuses the address of this order: it refuses the field siret."
    state = imports.state()
    assert (state["orders"], state["carts"], state["customers"]) == ([], [], [])


def test_trap_25_a_country_that_is_not_active_is_refused_before_anything_is_made(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)

    refused = imports.refusal(an_order(address=replace(ADDRESS, country="US", postcode="10001", city="New York")))

    assert refused.reason == "COUNTRY_INACTIVE"
    assert sentence(refused) == "The shop does not deliver to US."


@VARIANTS
@pytest.mark.parametrize("version", ["1.7.8.11", "1.7.7.8"])
def test_trap_26_an_old_shop_gets_everything_back_but_what_changes(
    sqlite_store: Store, variant: str, version: str
) -> None:
    imports = an_import(sqlite_store, variant=variant, version=version)
    order = an_order(a_line(price="19.99", shipping="3.50"))
    kept: list[tuple[dict[str, object], dict[str, object]]] = []

    async def compare(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        (row,) = imports.rows("orders")
        before = dict(row)
        answer = await pass_on(request)
        kept.append((before, dict(row)))
        return answer

    imports.wire.traps["PUT", "orders"] = compare
    imports.made(order)

    imports.one_right_order(order)
    assert imports.wire.calls("PATCH", "orders") == []
    ((before, after),) = kept
    changed = {name for name in before if before[name] != after[name]}
    totals = {"total_shipping", "total_shipping_tax_incl", "total_shipping_tax_excl"}
    totals |= {"total_paid", "total_paid_tax_incl", "total_paid_tax_excl"}
    assert changed - {"date_upd"} == totals | ({"total_paid_real"} if variant == "A" else set())


@VARIANTS
@pytest.mark.parametrize("version", ["8.2.1", "9.0.0", "1.7.8.11", "1.7.7.8"])
def test_trap_30_no_order_gets_its_state_by_its_own_field_and_no_mail_but_the_shops_first(
    sqlite_store: Store, variant: str, version: str
) -> None:
    imports = an_import(sqlite_store, variant=variant, version=version)
    order = an_order(a_line(price="19.99", shipping="3.50"))
    intent = an_intent(order)
    made = imports.made(order, intent)

    outcome = run(imports.opened().cancel_order(made.ref, intent=intent))

    assert outcome is CancelOutcome.CANCELLED
    changes = [each for verb in ("PUT", "PATCH") for each in imports.wire.calls(verb, "orders")]
    assert changes
    # A PUT without the field would empty it; an empty one leaves the state alone.
    assert {text for each in changes for text in each.texts("current_state")} <= {""}
    assert all(bool(each.texts("current_state")) == (each.verb == "PUT") for each in changes)
    (in_shop,) = imports.state()["orders"]
    assert in_shop["mails"] == (["payment", "order_conf"] if variant == "A" else ["order_conf"])
    assert all("sendemail" not in each.query for each in imports.wire.sent)


def test_trap_31_an_order_in_error_is_never_moved_on_which_would_pay_it_twice(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, variant="A", group_reductions={2: 10})
    order = an_order(a_line(price="19.99"))
    intent = an_intent(order)
    imports.once(order, intent)
    imports.switch(group_reductions={})

    imports.tested.wait(LATER_S)
    came = imports.once(order, intent)

    assert isinstance(came, UnfinishedOrder)
    (in_shop,) = imports.state()["orders"]
    assert (in_shop["state"], in_shop["history"]) == (ERROR, [ERROR])
    assert [each["amount"] for each in in_shop["payments"]] == ["19.990000"]


def test_trap_32_a_shop_number_that_is_none_is_a_matter_of_set_up(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, config={"id_shop": "9"})

    came = imports.once(an_order())

    assert isinstance(came, SetupWrong)
    assert "it has no shop with the number id_shop" in came.plain_detail
    assert imports.wire.writes == []


def test_trap_33_a_key_that_the_host_swallows_stops_the_run_and_helps_itself_in_the_address(
    sqlite_store: Store,
) -> None:
    imports, order = an_import(sqlite_store, lost_authorization=True), an_order()
    in_address = replace(imports, config={"key_in_address": True})

    without = imports.once(order)
    written = list(imports.wire.writes)
    made = in_address.once(order)

    assert isinstance(without, CredentialsRefused)
    assert "its host drops the Authorization header or the key is wrong" in without.plain_detail
    assert written == []
    assert isinstance(made, ShopOrder)
    imports.one_right_order(order)


@pytest.mark.parametrize("php_noise", [False, True])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_trap_34_what_the_shop_says_is_understood_in_every_language(
    sqlite_store: Store, language: str, php_noise: bool
) -> None:
    imports = an_import(
        sqlite_store, language=language, php_noise=php_noise, required_fields={"addresses": ("phone_mobile",)}
    )
    imports.tested.sandbox.database["customers"].add(
        email="order@marketplace.invalid", is_guest=0, id_default_group=3, secure_key="a" * 32, active=1
    )

    imports.made(an_order())

    imports.one_right_order(an_order())


@VARIANTS
def test_trap_35_a_right_that_an_upgrade_did_not_give_is_named_and_the_order_is_finished_later(
    sqlite_store: Store, variant: str
) -> None:
    imports = an_import(sqlite_store, variant=variant, denied={"orders": ["PATCH"]})
    order = an_order(a_line(price="19.99", shipping="3.50"))
    intent = an_intent(order)

    came = imports.once(order, intent)
    imports.switch(denied={})
    imports.made(order, intent)

    assert isinstance(came, RoleMissing)
    assert came.detail == message("KEY_RIGHT_MISSING", verb="PATCH", resource="orders")
    imports.one_right_order(order)
    assert len(imports.wire.calls("POST", "orders")) == 1


def test_trap_37_the_order_is_what_was_read_back_and_not_what_was_echoed(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, variant="A"), an_order(a_line(price="19.99"))

    made = imports.made(order)

    place = imports.wire.sent.index(imports.wire.calls("POST", "orders")[0])
    after = imports.wire.sent[place + 1]
    (cart,) = imports.rows("carts")
    assert (after.verb, after.resource, after.query["filter[id_cart]"]) == ("GET", "orders", f"[{cart.id}]")
    # The echo knows no date and no state.
    assert (made.created_at, made.state) == (imports.tested.now(), "paid")


@VARIANTS
def test_trap_38_rows_that_got_lost_are_missed_though_the_total_is_right(sqlite_store: Store, variant: str) -> None:
    imports = an_import(sqlite_store, variant=variant, lost_rows=1)
    order = an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"))
    intent = an_intent(order)

    came = [imports.once(order, intent) for _ in range(2)]

    lamp, coffee = (run(imports.opened().resolve([sku])).by_sku[sku] for sku in ("LAMPE", "CAFETIERE"))
    assert isinstance(lamp, Match)
    assert isinstance(coffee, Match)
    named = UnfinishedOrder(
        "1", message("ROWS_DIFFER", rows=f"2 x {lamp.ref}", wanted=f"2 x {lamp.ref}, 1 x {coffee.ref}")
    )
    assert came == [named, named]
    assert len(imports.wire.calls("POST", "orders")) == 1


@pytest.mark.parametrize("version", ["8.2.1", "1.7.8.11"])
def test_trap_39_stock_is_written_with_its_number_and_its_shop_and_once(sqlite_store: Store, version: str) -> None:
    imports = an_import(sqlite_store, version=version)
    order = an_order(a_line("LAMPE", quantity=3), a_line("CAFETIERE"))
    intent = an_intent(order)

    imports.made(order, intent, state="shipped", stock="keep")
    imports.made(order, intent, state="shipped", stock="keep")

    state = imports.state()
    assert (state["stock"]["LAMPE"], state["stock"]["CAFETIERE"]) == (STOCK, STOCK)
    assert state["orders"][0]["state"] == DELIVERED
    verb = "PATCH" if version == "8.2.1" else "PUT"
    writes = imports.wire.calls(verb, "stock_availables")
    assert [(each.texts("id"), each.texts("id_shop")) for each in writes] == [
        ([each.record_id], ["1"]) for each in writes
    ]
    assert len({each.record_id for each in writes}) == len(writes) == 2
    assert all(row["id_shop"] == 1 for row in imports.rows("stock_availables"))
