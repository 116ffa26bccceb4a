"""`shop check`: whatever a merchant can mend is a line that says where."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from app.domain.shop_mapping import ShopMapping
from app.store.engine import Store
from tests.shops.prestashop.configured_shop import ADDRESS, STATES, ConfiguredShop, a_row, checked, line, troubles
from tests.shops.prestashop.fake_prestashop import refusal
from tests.shops.prestashop.recordings import recorded, with_recordings
from tests.shops.prestashop.under_test import PrestashopUnderTest, a_prestashop

PAGE = "<!doctype html><html><head><title>Ma boutique</title></head></html>"
NO_KEY_SEEN = httpx.Response(401, text="401 Unauthorized")
WITH_PAYMENT = {"PS_OS_WS_PAYMENT": "11"}


def always(response: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    """Return a shop that answers everything so."""
    return lambda _: httpx.Response(response.status_code, headers=response.headers, content=response.content)


def unreachable(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Name or service not known")


# The connection.


def test_a_shop_that_is_ready_says_so() -> None:
    findings = checked(ConfiguredShop())

    assert troubles(findings) == []
    assert line(findings, "CONNECTION").sentence == "The shop answers at https://shop.example and knows the key."
    assert line(findings, "VERSION").sentence == "The shop is a PrestaShop 8.2.1."


@pytest.mark.parametrize(
    ("shop", "said", "fix"),
    [
        (unreachable, "no connection", "its address is right"),
        (
            always(httpx.Response(301, headers={"Location": "https://www.shop.example/api/"})),
            "it sends us on to https://www.shop.example",
            "Enter the address that it redirects to",
        ),
        (always(httpx.Response(200, text=PAGE)), "a page answers where the Webservice should", "rewriting=0"),
        (always(httpx.Response(404, text=PAGE)), "a page answers where the Webservice should", "Correct the shop's"),
        (always(refusal(401, 18)), "the key does not have 32 characters", "Copy it again"),
        (always(refusal(401, 20, 21)), "the key is unknown or switched off", "Advanced Parameters > Webservice"),
        (always(NO_KEY_SEEN), "either its host drops the Authorization header or the key is wrong", "key=@FILE"),
        (always(refusal(503, 22)), "its webservice is switched off", "Advanced Parameters > Webservice"),
        (
            always(httpx.Response(503, text="<title>Maintenance</title>")),
            "its host answers in its place (503)",
            "is up",
        ),
        (
            always(httpx.Response(302, headers={"Location": "https://shop.example/?url=orders"})),
            "no shop with the number id_shop",
            "Correct that number",
        ),
        (always(refusal(403, 132)), "not allowed for this shop", "Tick the shop on the key"),
        (always(refusal(500, 3)), "PHP warnings spoil its answers", "Ask its host to switch them off."),
        (always(httpx.Response(403, text=PAGE)), "keeps us out", "Ask its host to let marketcron in"),
        (
            always(httpx.Response(429, headers={"Retry-After": "1"})),
            "asks us to call less",
            "shop_connections=1",
        ),
    ],
)
def test_what_keeps_us_from_the_shop_is_one_line(
    shop: Callable[[httpx.Request], httpx.Response], said: str, fix: str
) -> None:
    (found,) = checked(shop)

    assert (found.code, found.ok) == ("CONNECTION", False)
    assert said in found.sentence
    assert fix in found.fix


@with_recordings
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("030", "saw no key"),
        ("031", "not have 32 characters"),
        ("032", "unknown or switched off"),
        ("241", "switched off"),
        ("246", "no shop with the number"),
        ("244", "may not GET"),
        ("195", "a fatal error"),
    ],
)
def test_what_a_real_shop_refuses_with_is_one_line(name: str, said: str) -> None:
    response = recorded(name).response()

    (found,) = checked(always(response))

    assert (found.code, found.ok) == ("CONNECTION", False)
    assert said in found.sentence
    assert found.fix.endswith((".", "=…", "@FILE"))


def test_a_host_that_drops_the_key_is_found_out() -> None:
    ready = ConfiguredShop()

    def host(request: httpx.Request) -> httpx.Response:
        return ready(request) if "ws_key" in request.url.params else always(NO_KEY_SEEN)(request)

    (found,) = checked(host)

    assert "its host drops the Authorization header" in found.sentence
    assert "RewriteRule" in found.fix
    assert "key_in_address=1" in found.fix
    assert troubles(checked(host, key_in_address=True)) == []


def test_a_redirect_to_https_is_none_to_another_shop() -> None:
    sent_on = httpx.Response(301, headers={"Location": f"{ADDRESS}/webservice/dispatcher.php?url=&x=1"})

    (found,) = checked(always(sent_on), rewriting=False)

    assert "it sends us on to https://shop.example" in found.sentence


@pytest.mark.parametrize("url", ["https://shop.example/fr", "https://shop.example/fr/", "https://shop.example/fr/api/"])
def test_a_folder_and_a_slash_are_understood(url: str) -> None:
    shop = ConfiguredShop()

    findings = checked(shop, url=url)

    assert troubles(findings) == []
    assert {request.url.path.partition("/api")[0] for request in shop.asked} == {"/fr"}


def test_warnings_before_an_answer_are_overheard_and_named() -> None:
    findings = checked(ConfiguredShop(noise=b"<br />\n<b>Warning</b>: Undefined array key in /var/www/x.php\n"))

    assert troubles(findings) == ["WARNINGS"]
    assert "Debug mode" in line(findings, "WARNINGS").fix


def test_an_error_after_the_connection_ends_the_check_with_a_line() -> None:
    ready = ConfiguredShop()

    def shop(request: httpx.Request) -> httpx.Response:
        return refusal(500, 3) if request.url.path.endswith("/carriers") else ready(request)

    findings = checked(shop)

    assert troubles(findings) == ["SETTINGS"]
    assert line(findings, "CONNECTION").ok


@pytest.mark.parametrize(
    ("version", "ok", "said"),
    [
        ("1.5.6.2", False, "too old"),
        ("1.6.1.24", True, "has no PATCH"),
        ("1.7.8.11", True, "has no PATCH"),
        ("8.0.0", True, "a PrestaShop 8.0.0"),
        ("9.1.0", True, "a PrestaShop 9.1.0"),
        ("10.0.0", True, "newer than what was tested"),
    ],
)
def test_the_version_says_what_it_means(version: str, ok: bool, said: str) -> None:
    found = line(checked(ConfiguredShop(version=version)), "VERSION")

    assert (found.ok, said in found.sentence) == (ok, True)


def test_a_number_of_a_shop_and_no_time_zone_are_reported() -> None:
    findings = checked(ConfiguredShop(settings={"PS_TIMEZONE": ""}), id_shop="2")

    assert troubles(findings) == ["TIMEZONE"]
    assert line(findings, "SHOP_NUMBER").sentence == "Orders go to the shop with the number 2."


def test_a_time_zone_that_nobody_knows_is_a_line() -> None:
    assert troubles(checked(ConfiguredShop(settings={"PS_TIMEZONE": "Mars/Olympus"}))) == ["SETTINGS"]


# Rights.


def test_each_resource_without_its_rights_is_one_line() -> None:
    findings = checked(ConfiguredShop(denied={"carts": ["get", "post", "delete"], "order_histories": ["post"]}))

    assert troubles(findings) == ["RIGHTS_CARTS", "RIGHTS_ORDER_HISTORIES"]
    carts = line(findings, "RIGHTS_CARTS")
    assert carts.sentence == "The key has no right to GET, POST and DELETE carts."
    assert carts.fix == (
        "Edit the key under Advanced Parameters > Webservice and tick GET, POST and DELETE in the row carts."
    )


def test_a_patch_that_was_never_ticked_points_to_the_upgrade() -> None:
    found = line(checked(ConfiguredShop(denied={"orders": ["patch"]})), "RIGHTS_ORDERS")

    assert found.sentence == "The key has no right to PATCH orders."
    assert "older than PrestaShop 8" in found.fix


def test_an_old_version_needs_put_instead_of_patch() -> None:
    findings = checked(ConfiguredShop(version="1.7.8.11", denied={"orders": ["patch", "put"]}))

    assert troubles(findings) == ["RIGHTS_ORDERS"]
    assert line(findings, "RIGHTS_ORDERS").sentence == "The key has no right to PUT orders."


def test_what_the_key_need_not_do_is_not_asked_for() -> None:
    denied = {"orders": ["put", "delete"], "products": ["post", "put", "patch", "delete"], "product_suppliers": ["get"]}

    assert troubles(checked(ConfiguredShop(denied=denied))) == []


def test_suppliers_are_asked_for_where_skus_come_from_them() -> None:
    mapping = ShopMapping(sku_from="supplier_reference")

    findings = checked(ConfiguredShop(denied={"product_suppliers": ["get"]}), mapping=mapping)

    assert troubles(findings) == ["RIGHTS_PRODUCT_SUPPLIERS"]


def test_writing_stock_is_needed_for_orders_of_others_alone() -> None:
    found = line(checked(ConfiguredShop(denied={"stock_availables": ["patch"]})), "RIGHTS_STOCK_AVAILABLES")

    assert found.ok
    assert "fulfilled_import=order" in found.sentence


def test_regions_are_needed_where_a_country_has_some() -> None:
    italy = {"id": "10", "iso_code": "IT", "active": "1", "contains_states": "1"}

    assert troubles(checked(ConfiguredShop(denied={"states": ["get"]}))) == []
    assert troubles(checked(ConfiguredShop(denied={"states": ["get"]}, countries=[italy]))) == ["RIGHTS_STATES"]


def test_without_what_the_shop_says_of_itself_the_rest_waits() -> None:
    findings = checked(ConfiguredShop(denied={"order_states": ["get"]}))

    assert troubles(findings) == ["RIGHTS_ORDER_STATES", "SETTINGS"]


# How orders enter.


def test_an_entry_state_with_payment_works_with_a_free_carrier_and_says_what_is_better() -> None:
    findings = checked(ConfiguredShop(settings=WITH_PAYMENT))

    found = line(findings, "ENTRY_STATE")
    assert troubles(findings) == []
    assert found.sentence.count("“Paiement à distance accepté”") == 2
    assert "untick four things: “Consider the associated order as validated”" in found.sentence
    assert "Shop Parameters > Order Settings > Statuses" in found.sentence


def test_an_entry_state_with_payment_needs_a_free_carrier() -> None:
    paid = {"id": "7", "id_reference": "2", "name": "Colis", "active": "1", "deleted": "0", "is_free": "0"}

    findings = checked(ConfiguredShop(settings=WITH_PAYMENT, carriers=[paid]))

    assert troubles(findings) == ["ENTRY_STATE", "CARRIER"]
    assert "Shipping > Carriers" in line(findings, "ENTRY_STATE").fix


@pytest.mark.parametrize("entry", ["99", "15"])
def test_an_entry_state_that_is_gone_is_named(entry: str) -> None:
    states = [*STATES, a_row(15, "Ancien", "deleted")]

    found = line(checked(ConfiguredShop(settings={"PS_OS_WS_PAYMENT": entry}, states=states)), "ENTRY_STATE")

    assert not found.ok
    assert f"The status {entry}" in found.sentence
    assert "PS_OS_WS_PAYMENT" in found.fix


@pytest.mark.parametrize(
    ("flags", "label"),
    [
        (["paid"], "“Set the order as paid”"),
        (["invoice"], "“Allow a customer to download and view PDF versions of their invoices”"),
    ],
)
def test_an_entry_state_without_payment_may_not_make_one_all_the_same(flags: list[str], label: str) -> None:
    states = [each for each in STATES if each["id"] != "14"] + [a_row(14, "Commande marketplace", *flags)]

    found = line(checked(ConfiguredShop(states=states)), "ENTRY_STATE")

    assert not found.ok
    assert label in found.fix


@pytest.mark.parametrize("flags", [["logable", "invoice"], ["logable", "paid"], ["logable", "paid", "deleted"]])
def test_the_state_that_records_the_payment_has_to(flags: list[str]) -> None:
    states = [each for each in STATES if each["id"] != "2"] + [a_row(2, "Paiement accepté", *flags)]

    assert "PAID_STATE" in troubles(checked(ConfiguredShop(states=states)))


def test_mails_are_said_to_go_to_a_placeholder() -> None:
    findings = checked(ConfiguredShop(settings=WITH_PAYMENT))

    assert "never to the buyer" in line(findings, "MAILS").sentence
    assert "“Paiement à distance accepté”" in line(findings, "MAIL_OF_ENTRY").sentence
    assert "“Expédié” and “Annulé”" in line(findings, "MAILS_OF_STATES").sentence


def test_a_shop_that_sends_no_mail_has_one_line_about_it() -> None:
    findings = checked(ConfiguredShop(settings={"PS_MAIL_METHOD": "3"}))

    assert line(findings, "MAILS").sentence == "The shop sends no e-mail to anybody (Advanced Parameters > E-mail)."
    assert [each.code for each in findings if each.code.startswith("MAIL")] == ["MAILS"]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (ShopMapping(imported_state="99"), "The setting imported_state names the status 99"),
        (ShopMapping(fulfilled_state="99"), "The setting fulfilled_state names the status 99"),
        (ShopMapping(cancelled_state="99"), "The setting cancelled_state names the status 99"),
        (ShopMapping(shipped_states=("4", "99")), "The setting shipped_states names the status 99"),
        (
            ShopMapping(imported_state="4"),
            "Orders are imported into the status “Expédié”, which means that they have left",
        ),
    ],
)
def test_a_setting_that_names_a_wrong_state_is_named(mapping: ShopMapping, said: str) -> None:
    findings = checked(ConfiguredShop(), mapping=mapping)

    assert troubles(findings) == ["STATES"]
    assert line(findings, "STATES").sentence.startswith(said)


def test_the_states_of_orders_are_reported() -> None:
    assert line(checked(ConfiguredShop()), "STATES").sentence == (
        "Imported orders get the status “Paiement accepté”, those that marketplaces ship “Livré”, cancelled ones "
        "“Annulé”. Orders in “Expédié” and “Livré” have left."
    )


@pytest.mark.parametrize(
    ("version", "settings", "ok"),
    [
        ("8.2.1", {}, True),
        ("8.2.1", {"PS_ENABLE_BACKORDER_STATUS": "1"}, False),
        ("8.2.1", {"PS_ENABLE_BACKORDER_STATUS": "1", "PS_STOCK_MANAGEMENT": "0"}, True),
        ("8.0.5", {}, True),
    ],
)
def test_a_state_for_backorders_is_named(version: str, settings: Mapping[str, str], ok: bool) -> None:
    assert line(checked(ConfiguredShop(version=version, settings=settings)), "BACKORDERS").ok is ok


def test_the_payment_module_is_left_to_a_test_order() -> None:
    found = line(checked(ConfiguredShop(), payment_module="paypal"), "PAYMENT_MODULE")

    assert found.ok
    assert "“paypal”" in found.sentence
    assert "marketcron shop test-order" in found.sentence


# Where they go, and what they cost.


@pytest.mark.parametrize(
    ("carrier", "settings", "ok", "said"),
    [
        ("", {}, True, "“Retrait” (number 1, free), since none is chosen"),
        ("2", {}, True, "“Colis” (number 2), as chosen"),
        ("2", WITH_PAYMENT, False, "is not free"),
        ("3", {}, False, "no active carrier with the number 3"),
        ("77", {}, False, "no active carrier with the number 77"),
    ],
)
def test_the_carrier_is_reported_or_missing(carrier: str, settings: Mapping[str, str], ok: bool, said: str) -> None:
    found = line(checked(ConfiguredShop(settings=settings), carrier=carrier), "CARRIER")

    assert (found.ok, said in found.sentence) == (ok, True)


@pytest.mark.parametrize(
    ("carriers", "settings", "ok", "said"),
    [
        ({"EXPRESS": "2", "*": "1"}, {}, True, "“EXPRESS” and “*” are active"),
        ({"EXPRESS": "3"}, {}, False, "gives “EXPRESS” the carrier 3, which is not active"),
        ({"EXPRESS": "2"}, WITH_PAYMENT, False, "which is not free"),
    ],
)
def test_the_carriers_of_the_account_are_reported_or_missing(
    carriers: Mapping[str, str], settings: Mapping[str, str], ok: bool, said: str
) -> None:
    found = line(checked(ConfiguredShop(settings=settings), mapping=ShopMapping(carriers=carriers)), "CARRIERS")

    assert (found.ok, said in found.sentence) == (ok, True)


def test_the_countries_are_reported_and_missed() -> None:
    abroad = {"id": "10", "iso_code": "IT", "active": "1", "contains_states": "0"}
    at_home = {"id": "8", "iso_code": "FR", "active": "0", "contains_states": "0"}

    assert line(checked(ConfiguredShop()), "COUNTRIES").sentence == (
        "The shop delivers to 1 country: FR. Orders to others are refused."
    )
    assert troubles(checked(ConfiguredShop(countries=[at_home]))) == ["COUNTRIES"]
    assert troubles(checked(ConfiguredShop(countries=[at_home, abroad]))) == ["COUNTRIES"]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"PS_ROUND_TYPE": "1"}, ["ROUNDING"]),
        ({"PS_ROUND_TYPE": "3"}, []),
        ({"PS_PRICE_ROUND_MODE": "0"}, ["ROUND_MODE"]),
        ({"PS_PRICE_ROUND_MODE": "1"}, ["ROUND_MODE"]),
        ({"PS_PRICE_ROUND_MODE": "5"}, []),
        ({"PS_TAX": "0"}, []),
        ({"PS_USE_ECOTAX": "1"}, []),
        ({"PS_STOCK_MANAGEMENT": "0"}, ["STOCK"]),
    ],
)
def test_switches_that_orders_do_not_stand_are_named(settings: Mapping[str, str], found: list[str]) -> None:
    findings = checked(ConfiguredShop(settings=settings))

    assert troubles(findings) == found


def test_rounding_of_units_says_which_orders_can_not_be_met() -> None:
    assert "10.00 for three" in line(checked(ConfiguredShop(settings={"PS_ROUND_TYPE": "1"})), "ROUNDING").sentence


@pytest.mark.parametrize(
    ("groups", "group", "ok", "said"),
    [
        ([{"id": "2", "name": "Invité", "reduction": "10.00"}], "", False, "has a discount of 10 %"),
        ([{"id": "2", "name": "Invité", "reduction": "2.50"}], "", False, "has a discount of 2.5 %"),
        ([], "", False, "the group 2, which the shop does not have"),
        ([{"id": "4", "name": "Places de marché", "reduction": "0.00"}], "4", True, "“Places de"),
    ],
)
def test_the_group_of_customers_may_give_no_discount(
    groups: list[dict[str, str]], group: str, ok: bool, said: str
) -> None:
    found = line(checked(ConfiguredShop(groups=groups), customer_group=group), "CUSTOMER_GROUP")

    assert (found.ok, said in found.sentence) == (ok, True)


def test_a_group_that_can_not_be_read_is_left_to_the_merchant() -> None:
    found = line(checked(ConfiguredShop(denied={"groups": ["get"]})), "CUSTOMER_GROUP")

    assert found.ok
    assert "See under Shop Parameters > Customer Settings > Groups that its discount is 0" in found.sentence


def test_a_link_to_no_product_is_named() -> None:
    findings = checked(ConfiguredShop(), mapping=ShopMapping(sku_links={"LAMP-9": "12-34"}))

    assert troubles(findings) == ["SKU_LINKS"]
    assert "“LAMP-9” to “12-34”" in line(findings, "SKU_LINKS").sentence


# Against the sandbox.


def a_shop(store: Store, *, mapping: ShopMapping | None = None, **switches: Any) -> PrestashopUnderTest:
    setup = a_prestashop(store, mapping=mapping or ShopMapping())
    if switches:
        asyncio.run(setup.switch(**switches))
    return setup


@pytest.mark.parametrize("variant", ["A", "B"])
@pytest.mark.parametrize("version", ["8.2.1", "9.0.0", "1.7.8.11", "1.7.7.8"])
def test_every_version_is_found_ready(sqlite_store: Store, version: str, variant: str) -> None:
    setup = a_shop(sqlite_store, version=version, variant=variant)

    assert troubles(asyncio.run(setup.shop.check())) == []


@pytest.mark.parametrize(
    ("switches", "found"),
    [
        ({"maintenance": True}, []),
        ({"webservice": False}, ["CONNECTION"]),
        ({"key_active": False}, ["CONNECTION"]),
        ({"redirect_to_https": True}, ["CONNECTION"]),
        ({"lost_authorization": True}, ["CONNECTION"]),
        ({"rewrites": False}, ["CONNECTION"]),
        ({"php_noise": True}, ["WARNINGS"]),
        ({"denied": {"orders": ["POST"]}}, ["RIGHTS_ORDERS"]),
        ({"group_reductions": {"2": "10"}}, ["CUSTOMER_GROUP"]),
        ({"round_type": 1}, ["ROUNDING"]),
        ({"stock_management": False}, ["STOCK"]),
        ({"backorder_status": True}, ["BACKORDERS"]),
    ],
)
def test_each_trouble_of_a_shop_is_found(sqlite_store: Store, switches: dict[str, Any], found: list[str]) -> None:
    setup = a_shop(sqlite_store, **switches)

    findings = asyncio.run(setup.shop.check())

    assert troubles(findings) == found
    assert all(each.fix for each in findings if not each.ok)


def test_an_unknown_number_and_a_shop_without_right_are_kept_apart(sqlite_store: Store) -> None:
    setup = a_shop(sqlite_store, second_shop=True)

    (unknown,) = asyncio.run(setup.reopened(id_shop="7").check())
    (foreign,) = asyncio.run(setup.reopened(id_shop="2").check())

    assert "no shop with the number" in unknown.sentence
    assert "not allowed for this shop" in foreign.sentence


def test_a_check_writes_nothing(sqlite_store: Store) -> None:
    setup = a_shop(sqlite_store)

    asyncio.run(setup.shop.check())

    assert asyncio.run(setup.state())["writes"] == {}
