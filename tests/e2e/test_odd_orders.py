"""Orders that can't be handled as they are: each is named with its code, its sentence and what to do, and the rest of
the run goes on.
"""

from decimal import Decimal

import pytest

from app.errors import BadInput
from app.store.embedded import Product
from tests.support.caller import Service
from tests.support.deployment import Deployment, served_in_process, stock_up
from tests.support.marketplace import Json
from tests.support.snapshot import differences, read_snapshot
from tests.support.waiting import eventually

SPEED = 60
LONG_PAST_S = 20 * 24 * 3600


def problem(report: Json, order_id: str) -> Json:
    """Return what a report says about an order."""
    found: list[Json] = [each for each in report["problems"] if each["order_id"] == order_id]
    assert len(found) == 1, report["problems"]
    return found[0]


def load_one(service: Service, sku: str) -> None:
    service.load([Product(sku=sku, title="Found again", ean="", price=Decimal("19.90"), quantity=10)])


EXPLAINED = [
    ("unknown_sku", "SKU_UNKNOWN", "No product in your shop has the SKU “NOT-IN-", "Create the product"),
    ("foreign_currency", "CURRENCY_UNKNOWN", "The order is in SEK, the shop works in EUR.", "mark it as handled"),
    ("no_address", "ADDRESS_MISSING", "no complete delivery address", "Look at the order on the marketplace"),
    ("zero_lines", "NO_LINES", "The order has nothing to deliver.", "mark it as ignored"),
    ("unknown_state", "STATE_UNKNOWN", "an order status we don't know: “WAITING_DRONE_PICKUP”", "Send us this status"),
]
UNUSUAL = ["extra_fields", "missing_fields", "odd_text", "pickup", "b2b", "same_sku_twice", "zero_price"]


def test_orders_that_can_not_be_imported_are_explained_and_the_others_are_imported(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    good, odd = list[str](), dict[str, str]()
    for shape, *_ in EXPLAINED:
        good += marketplace.seed(1, "to_ship")
        (odd[shape],) = marketplace.seed(1, "to_ship", shape=shape)
    good += marketplace.seed(1, "to_ship")

    response = service.hit("orders-import")

    report = response.json()
    assert (response.status_code, report["ok"], report["status"]) == (200, True, "partial")
    assert report["counts"]["imported"] == len(good)
    for shape, code, message, fix in EXPLAINED:
        said = problem(report, odd[shape])
        assert said["code"] == code
        assert message in said["message"]
        assert fix in said["fix"]
        assert "?" not in said["message"], "a placeholder was left empty"
    assert any(message in report["message"] for _, _, message, _ in EXPLAINED)
    snapshot = read_snapshot(service.database_url)
    assert sorted(order.order_id for order in snapshot.orders) == sorted(good)
    assert differences(marketplace, snapshot, initial_stock=stock, never=list(odd.values())) == []
    again = service.run("orders-import")
    assert again["counts"]["imported"] == 0
    assert {problem(again, odd[shape])["code"] for shape, *_ in EXPLAINED} == {code for _, code, *_ in EXPLAINED}


def test_unusual_orders_are_imported_like_any_other(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    ids = [order_id for shape in UNUSUAL for order_id in marketplace.seed(3, "to_ship", shape=shape)]

    report = service.run("orders-import")

    assert (report["status"], report["counts"]["imported"]) == ("done", len(ids))
    assert {said["code"] for said in report["problems"]} == {"FREE_ITEMS"}
    free = {order_id for order_id in ids if marketplace.orders()[order_id]["shape"] == "zero_price"}
    assert {said["order_id"] for said in report["problems"]} == free
    snapshot = read_snapshot(service.database_url)
    assert sorted(order.order_id for order in snapshot.orders) == sorted(ids)
    assert differences(marketplace, snapshot, initial_stock=stock) == []


def test_an_order_with_an_unknown_sku_enters_by_itself_once_the_product_is_there_and_its_next_try_has_come(
    deployment: Deployment,
) -> None:
    # Fifteen minutes until the next try are a second and a half.
    marketplace, service, _ = served_in_process(deployment, speed=600)
    (odd,) = marketplace.seed(1, "to_ship", shape="unknown_sku", lines=1)
    sku = marketplace.orders()[odd]["lines"][0]["sku"]
    first = service.run("orders-import")
    assert problem(first, odd)["sku"] == sku
    load_one(service, sku)

    def imported() -> bool:
        report = service.run("orders-import")
        return bool(report["counts"]["imported"] == 1)

    eventually("its next try comes", imported, within_s=20, poll_s=0.3)

    assert [order.order_id for order in read_snapshot(service.database_url).orders] == [odd]
    assert service.run("orders-import")["problems"] == []


def test_an_order_that_is_asked_for_by_id_does_not_wait_for_its_next_try(deployment: Deployment) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=1)
    (odd,) = marketplace.seed(1, "to_ship", shape="unknown_sku", lines=1)
    service.run("orders-import")
    load_one(service, marketplace.orders()[odd]["lines"][0]["sku"])
    assert service.run("orders-import")["counts"]["not_imported"] == 1

    report = service.run("orders-import", order_id=odd)

    assert (report["status"], report["counts"]["imported"]) == ("done", 1)
    assert [order.order_id for order in read_snapshot(service.database_url).orders] == [odd]


def test_an_order_id_nobody_knows_is_named(deployment: Deployment) -> None:
    _, service, _ = served_in_process(deployment, speed=SPEED)

    report = service.run("orders-import", order_id="NO-SUCH-ORDER")

    assert (report["status"], problem(report, "NO-SUCH-ORDER")["code"]) == ("partial", "ORDER_MISSING")


def test_an_order_without_stock_is_left_to_a_person_and_accepted_once_there_is_some(deployment: Deployment) -> None:
    marketplace = deployment.marketplace(speed=SPEED)
    service = deployment.service(marketplace)
    scarce = marketplace.catalogue()[0]["sku"]
    stock_up(service, marketplace, none_of=[scarce])
    service.add_account("mirakl-demo", marketplace.connection())
    (short,) = marketplace.seed(1, "to_accept", sku=scarce, lines=1, quantity=3, payment_delay_s=LONG_PAST_S)
    (fine,) = marketplace.seed(
        1, "to_accept", sku=marketplace.catalogue()[1]["sku"], lines=1, payment_delay_s=LONG_PAST_S
    )
    service.start()

    report = service.run("orders-accept")

    said = problem(report, short)
    assert (report["status"], said["code"], said["sku"]) == ("partial", "OUT_OF_STOCK", scarce)
    assert said["message"] == f"Not enough stock of “{scarce}”: 3 ordered, 0 left."
    assert "Add stock" in said["fix"]
    assert said["deadline"]
    assert marketplace.state()["accepted"] == [fine]
    load_one(service, scarce)
    assert service.run("orders-accept")["counts"]["accepted"] == 1
    assert sorted(marketplace.state()["accepted"]) == sorted([fine, short])


def test_an_order_without_stock_is_imported_only_if_the_account_says_so(deployment: Deployment) -> None:
    marketplace = deployment.marketplace(speed=SPEED)
    service = deployment.service(marketplace)
    scarce = marketplace.catalogue()[0]["sku"]
    stock_up(service, marketplace, none_of=[scarce])
    service.add_account("mirakl-demo", marketplace.connection(), import_without_stock=False)
    (short,) = marketplace.seed(1, "to_ship", sku=scarce, lines=1, quantity=2)
    fine = marketplace.seed(1, "to_ship", sku=marketplace.catalogue()[1]["sku"], lines=1)
    service.start()

    report = service.run("orders-import")

    assert (report["counts"]["imported"], problem(report, short)["code"]) == (1, "OUT_OF_STOCK")
    assert [order.order_id for order in read_snapshot(service.database_url).orders] == fine
    settings = service.admin("GET", "/api/accounts/mirakl-demo/settings").json()
    settings["import_without_stock"] = True
    assert service.admin("PUT", "/api/accounts/mirakl-demo/settings", json=settings).status_code == 200
    assert service.run("orders-import", order_id=short)["counts"]["imported"] == 1
    assert read_snapshot(service.database_url).stock[scarce] == -2


def test_two_accounts_can_not_have_one_name(deployment: Deployment) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)

    with pytest.raises(BadInput) as refused:
        service.add_account("mirakl-demo", marketplace.connection("mirakl-two"))

    assert refused.value.message == "An account named “mirakl-demo” exists already. Choose another name."
    assert [line["name"] for line in service.admin("GET", "/api/accounts").json()] == ["mirakl-demo"]


def test_two_accounts_can_not_serve_one_seller(deployment: Deployment) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)

    with pytest.raises(BadInput) as refused:
        service.add_account("mirakl-again", marketplace.connection())

    assert "The account “mirakl-demo” serves this seller already" in refused.value.message
    assert "remove it first" in refused.value.message


def test_two_sellers_of_one_operator_fill_one_shop_side_by_side(deployment: Deployment) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)
    service.add_account("mirakl-two", marketplace.connection("mirakl-two"))
    ids = [*marketplace.seed(5, "to_ship"), *marketplace.seed(5, "to_ship", account="mirakl-two")]

    reports = [service.run("orders-import", account=account) for account in ("mirakl-demo", "mirakl-two")]

    assert [report["counts"]["imported"] for report in reports] == [5, 5]
    assert sorted(order.order_id for order in read_snapshot(service.database_url).orders) == sorted(ids)
