"""What a merchant's runs of offers-send make of Amazon: the whole service, the shop on the other side."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.marketplaces.amazon.offers.offer_updates import MOST_PATCHES
from tests.marketplaces.amazon.merchant import Merchant, a_merchant
from tests.marketplaces.amazon.trader import FEED_S, LAMP, LIVE_AFTER_S
from tests.support.databases import connected

MANY = MOST_PATCHES + 100
# More than a search leads to.
LARGE = 1_200


def test_a_first_run_sends_what_differs_and_a_second_one_nothing(merchant: Merchant) -> None:
    put(merchant, sku=LAMP, quantity=4321)

    first = merchant.run("offers-send")
    merchant.pass_time(LIVE_AFTER_S)
    patched = merchant.calls("patchListingsItem")
    second = merchant.run("offers-send")

    assert (first.status, second.status) == ("done", "done")
    assert patched > 0
    assert differing(merchant) == set()
    assert merchant.calls("patchListingsItem") == patched
    assert merchant.state()["turned_to_merchant"] == 0


def test_an_offer_that_went_to_amazon_since_the_listing_is_named_and_left_alone(merchant: Merchant) -> None:
    merchant.run("offers-send")
    merchant.pass_time(LIVE_AFTER_S)
    put(merchant, sku=LAMP, fulfilment="marketplace", quantity=5)
    set_stock(merchant, 77, sku=LAMP)

    report = merchant.run("offers-send")

    assert report.problem("OFFER_REFUSED")["sku"] == LAMP
    assert offers(merchant)[LAMP]["fulfilment"] == "marketplace"
    assert merchant.state()["turned_to_merchant"] == 0


def test_prices_of_all_marketplaces_go_by_a_feed_and_are_known_by_the_next_run(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with a_merchant(tmp_path, template=sqlite_template, rates="GBP=0.86", send_price=True) as merchant:
        first = merchant.run("offers-send")
        merchant.pass_time(FEED_S)
        second = merchant.run("offers-send")
        merchant.pass_time(FEED_S)
        third = merchant.run("offers-send")

        assert second.counts["accepted"] == first.counts["pending"] > MOST_PATCHES / 7
        assert third.counts.keys().isdisjoint({"sent", "pending"})
        assert merchant.calls("createFeed") == 1
        assert merchant.state()["throttled"] == {}


def test_what_sells_out_while_a_feed_waits_is_reported_at_once_and_stays_sold_out(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with a_merchant(tmp_path, template=sqlite_template, send_price=False) as merchant:
        put(merchant, count=MANY)
        merchant.service.stock_the_shop()
        set_stock(merchant, 7)
        first = merchant.run("offers-send")
        set_stock(merchant, 0, sku=LAMP)

        second = merchant.run("offers-send")
        at_once = offers(merchant)[LAMP]["quantity"]
        merchant.pass_time(FEED_S + LIVE_AFTER_S)
        third = merchant.run("offers-send")

        assert first.counts["pending"] > MOST_PATCHES
        assert second.counts["sent"] == 1
        assert (at_once, offers(merchant)[LAMP]["quantity"]) == (0, 0)
        assert third.counts.keys().isdisjoint({"sent", "pending"})
        assert differing(merchant) == set()


def test_a_large_range_is_listed_by_reports_over_several_runs(tmp_path: Path, sqlite_template: Path) -> None:
    with a_merchant(tmp_path, template=sqlite_template, send_price=False) as merchant:
        put(merchant, count=LARGE)
        merchant.service.stock_the_shop()
        merchant.switch(job_wait_s=5400)

        report, runs = merchant.run("offers-send"), 1
        while report.status == "paused":
            report, runs = merchant.went_on(report), runs + 1

        assert runs > 1
        assert report.counts["seen"] >= len(offers(merchant))
        assert merchant.calls("createReport") == 7
        assert differing(merchant) == set()


def set_stock(merchant: Merchant, quantity: int, *, sku: str = "%") -> None:
    """Let the shop have so much of a SKU, or of everything."""
    with connected(merchant.service.system.store.url) as connection:
        changed = sa.text("UPDATE embedded_products SET quantity = :quantity WHERE sku LIKE :sku")
        connection.execute(changed, {"quantity": quantity, "sku": sku})


def offers(merchant: Merchant) -> dict[str, Any]:
    found: dict[str, Any] = merchant.state()["offers"]
    return found


def put(merchant: Merchant, **values: Any) -> None:
    merchant.service.control("POST", "amazon/offers", **values)


def differing(merchant: Merchant) -> set[str]:
    """Return the SKUs whose stock at Amazon is not the shop's."""
    reported = offers(merchant)
    stock = {row["sku"]: row["quantity"] for row in merchant.rows("embedded_products")}
    return {
        sku for sku, offer in reported.items() if offer["fulfilment"] == "merchant" and offer["quantity"] != stock[sku]
    }
