"""Orders as only Amazon has them, brought to the shops: which enter, which never do, and what is said of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService, an_amazon_service
from tests.tasks.sandbox_service import DAY_S, SHOP, Json

LAMP = "LAMPE-BUREAU-001"
COMPANY, VAT = "L'Hermite", "00000000000"


@pytest.fixture(params=[SHOP, "prestashop"], ids=["embedded", "prestashop"])
def either(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[AmazonService]:
    """A merchant whose orders go to each kind of shop in turn."""
    with an_amazon_service(tmp_path, template=sqlite_template, shop=request.param) as made:
        yield made


def test_currencies_that_the_shop_does_not_take_wait_and_the_others_enter(service: AmazonService) -> None:
    euros = service.make(2)
    foreign = {currency: service.make(currency=currency, store="DE")[0] for currency in ("SEK", "PLN")}
    foreign["GBP"] = service.make(store="UK")[0]

    service.pass_time(FOUND_AFTER_S)
    report = service.run()

    problems = [each for each in report.answer["problems"] if each["code"] == "CURRENCY_UNKNOWN"]
    assert {each["order_id"] for each in problems} == set(foreign.values())
    assert {currency for currency in foreign if any(currency in each["message"] for each in problems)} == set(foreign)
    assert service.shop_orders() == dict.fromkeys(euros, 1)


def test_orders_of_other_channels_never_enter_whoever_asks(service: AmazonService) -> None:
    [channel] = service.make(mcf=True, fulfilment="marketplace", state="shipped", age="1d")
    [own] = service.make(fulfilment="marketplace", state="shipped", age="1d")

    for asked in ({}, {"recheck": 1}, {"doublecheck": 1}, {"order_id": channel}, {"since": "10d"}):
        service.run(**asked)

    assert service.shop_orders() == {own: 1}
    assert channel not in [row["order_id"] for row in service.rows("ledger")]


def test_a_replacement_enters_for_nothing_and_names_the_order_that_it_replaces(either: AmazonService) -> None:
    [original] = either.make(state="shipped", age="1d")
    [replacement] = either.make(replacement=True)

    either.pass_time(FOUND_AFTER_S)
    report = either.run()

    [item] = [each for each in report.answer["items"] if each["order_id"] == replacement]
    assert (item["outcome"], item["code"]) == ("imported", "REPLACEMENT_ORDER")
    assert {"order": original} in [row["params"] for row in either.rows("run_items")]
    assert "REPLACEMENT_ORDER" not in report.codes
    assert report.status == "done"


def test_an_order_of_a_company_enters_with_its_name_and_vat_number(service: AmazonService) -> None:
    [order_id] = service.make(business=True)

    service.pass_time(FOUND_AFTER_S)
    report = service.run()

    assert (report.status, report.items("imported")) == ("done", {order_id})
    [person] = [service.api.system.keys.cipher.open(row["person"]) for row in service.rows("embedded_customers")]
    assert COMPANY in person
    assert VAT in person


def test_a_prestashop_gets_the_name_and_the_vat_number_of_a_company(tmp_path: Path, sqlite_template: Path) -> None:
    with an_amazon_service(tmp_path, template=sqlite_template, shop="prestashop") as service:
        [order_id] = service.make(business=True)
        service.pass_time(FOUND_AFTER_S)

        report = service.run()

        addresses = [request for request in service.gateway.asked if request.url.path.endswith("/api/addresses")]
        written = " ".join(request.content.decode() for request in addresses if request.method == "POST")
        assert report.items("imported") == {order_id}
        assert COMPANY in written
        assert VAT in written


def test_without_its_tax_data_an_order_of_a_company_enters_all_the_same(either: AmazonService) -> None:
    [order_id] = either.make(business=True)
    either.switch(troubles={"*": "included_data_400"})

    either.pass_time(FOUND_AFTER_S)

    assert either.run().items("imported") == {order_id}


@pytest.mark.parametrize(
    "roles", [["orders", "recipient", "listings"], ["orders", "listings"]], ids=["town", "nothing"]
)
def test_an_order_that_amazon_ships_enters_without_name_and_street(
    either: AmazonService, roles: list[str], request: pytest.FixtureRequest
) -> None:
    either.switch(roles=roles)
    [order_id] = either.make(fulfilment="marketplace", state="shipped", age="1d")

    report = either.run()

    assert report.items("imported") == {order_id}, report.answer
    # The buyer lives in Belgium, where the PrestaShop's own rule has another rate than Amazon took.
    knows_the_country = "prestashop" in request.node.callspec.id and "recipient" in roles
    assert report.codes == ({"VAT_DIFFERS"} if knows_the_country else set())


def test_an_order_of_amazons_own_shipping_enters_once_it_left_and_takes_no_unit_of_the_shop(
    service: AmazonService,
) -> None:
    before = service.stock(LAMP)
    [order_id] = service.make(fulfilment="marketplace", state="pending", sku=LAMP, lines=1, quantity=1, picking_s=7200)
    service.pass_time(FOUND_AFTER_S)
    service.run()
    waiting = service.intake(order_id)

    service.pass_time(DAY_S)
    service.run()

    assert waiting[0] == "held"
    assert service.intake(order_id) == ("imported", "")
    assert service.stock(LAMP) == before


def test_an_order_of_amazons_that_left_in_part_while_pending_waits_for_the_rest(service: AmazonService) -> None:
    [order_id] = service.make(fulfilment="marketplace", state="pending", sku=LAMP, lines=1, quantity=2, picking_s=7200)
    service.gateway.change = half_sent
    service.pass_time(FOUND_AFTER_S)
    service.run()
    waiting = service.intake(order_id)

    service.gateway.change = None
    service.pass_time(DAY_S)
    service.run()

    assert waiting == ("held", "WAITING_PAYMENT")
    assert service.intake(order_id) == ("imported", "")
    assert [row["quantity"] for row in service.rows("embedded_order_lines")] == [2]


def test_the_same_sku_in_two_lines_and_a_gift_for_nothing_enter_with_their_total(either: AmazonService) -> None:
    twice = either.make(shape="same_sku_twice")
    free = either.make(shape="zero_price", lines=2)
    odd = either.make(shape="odd_text")

    either.pass_time(FOUND_AFTER_S)
    report = either.run()

    assert report.items("imported") == {*twice, *free, *odd}, report.answer["problems"]


def test_an_order_of_which_parcels_left_already_enters_with_all_its_units(service: AmazonService) -> None:
    [order_id] = service.make(state="partially_shipped", sku=LAMP, lines=1, quantity=3, age="1d")

    service.run()

    assert service.intake(order_id) == ("imported", "")
    assert [row["quantity"] for row in service.rows("embedded_order_lines")] == [3]


def half_sent(record: Json) -> Json:
    """Return an order of which Amazon sent one unit while it was pending."""
    items = [
        {**item, "fulfillment": {"quantityFulfilled": 1, "quantityUnfulfilled": 1}} for item in record["orderItems"]
    ]
    return {**record, "orderItems": items}
