"""What a merchant's runs of offers-send make of Amazon: the whole service, the shop on the other side."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.marketplaces.amazon.offers.offer_updates import MOST_PATCHES
from tests.marketplaces.amazon.amazon_service import AmazonService, an_amazon_service
from tests.marketplaces.amazon.region import FEED_S, LAMP, LIVE_AFTER_S
from tests.support.databases import connected

MANY = MOST_PATCHES + 100
# More than a search leads to.
LARGE = 1_200


def test_a_first_run_sends_what_differs_and_a_second_one_nothing(service: AmazonService) -> None:
    put(service, sku=LAMP, quantity=4321)

    first = service.run("offers-send")
    service.pass_time(LIVE_AFTER_S)
    patched = service.calls("patchListingsItem")
    second = service.run("offers-send")

    assert (first.status, second.status) == ("done", "done")
    assert patched > 0
    assert differing(service) == set()
    assert service.calls("patchListingsItem") == patched
    assert service.state()["turned_to_merchant"] == 0


def test_an_offer_that_went_to_amazon_since_the_listing_is_named_and_left_alone(service: AmazonService) -> None:
    service.run("offers-send")
    service.pass_time(LIVE_AFTER_S)
    put(service, sku=LAMP, fulfilment="marketplace", quantity=5)
    set_stock(service, 77, sku=LAMP)

    report = service.run("offers-send")

    assert report.problem("OFFER_REFUSED")["sku"] == LAMP
    assert offers(service)[LAMP]["fulfilment"] == "marketplace"
    assert service.state()["turned_to_merchant"] == 0


def test_prices_of_all_marketplaces_go_by_a_feed_and_are_known_by_the_next_run(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with an_amazon_service(tmp_path, template=sqlite_template, rates="GBP=0.86", send_price=True) as service:
        first = service.run("offers-send")
        service.pass_time(FEED_S)
        second = service.run("offers-send")
        service.pass_time(FEED_S)
        third = service.run("offers-send")

        assert second.counts["accepted"] == first.counts["pending"] > MOST_PATCHES / 7
        assert third.counts.keys().isdisjoint({"sent", "pending"})
        assert service.calls("createFeed") == 1
        assert service.state()["throttled"] == {}


def test_what_sells_out_while_a_feed_waits_is_reported_at_once_and_stays_sold_out(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with an_amazon_service(tmp_path, template=sqlite_template, send_price=False) as service:
        put(service, count=MANY)
        service.api.stock_the_shop()
        set_stock(service, 7)
        first = service.run("offers-send")
        set_stock(service, 0, sku=LAMP)

        second = service.run("offers-send")
        at_once = offers(service)[LAMP]["quantity"]
        service.pass_time(FEED_S + LIVE_AFTER_S)
        third = service.run("offers-send")

        assert first.counts["pending"] > MOST_PATCHES
        assert second.counts["sent"] == 1
        assert (at_once, offers(service)[LAMP]["quantity"]) == (0, 0)
        assert third.counts.keys().isdisjoint({"sent", "pending"})
        assert differing(service) == set()


def test_a_large_range_is_listed_by_reports_over_several_runs(tmp_path: Path, sqlite_template: Path) -> None:
    with an_amazon_service(tmp_path, template=sqlite_template, send_price=False) as service:
        put(service, count=LARGE)
        service.api.stock_the_shop()
        service.switch(job_wait_s=5400)

        report, runs = service.run("offers-send"), 1
        while report.status == "paused":
            report, runs = service.went_on(report), runs + 1

        assert runs > 1
        assert report.counts["seen"] >= len(offers(service))
        assert service.calls("createReport") == 7
        assert differing(service) == set()


def set_stock(service: AmazonService, quantity: int, *, sku: str = "%") -> None:
    """Let the shop have so much of a SKU, or of everything."""
    with connected(service.api.system.store.url) as connection:
        changed = sa.text("UPDATE embedded_products SET quantity = :quantity WHERE sku LIKE :sku")
        connection.execute(changed, {"quantity": quantity, "sku": sku})


def offers(service: AmazonService) -> dict[str, Any]:
    found: dict[str, Any] = service.state()["offers"]
    return found


def put(service: AmazonService, **values: Any) -> None:
    service.api.control("POST", "amazon/offers", **values)


def differing(service: AmazonService) -> set[str]:
    """Return the SKUs whose stock at Amazon is not the shop's."""
    reported = offers(service)
    stock = {row["sku"]: row["quantity"] for row in service.rows("embedded_products")}
    return {
        sku for sku, offer in reported.items() if offer["fulfilment"] == "merchant" and offer["quantity"] != stock[sku]
    }
