"""Two accounts that sell one product under two SKUs: its units are promised once, whoever asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.shops.embedded import adapter
from app.store import embedded
from app.store.embedded import Product
from tests.api.service import Service, a_service, body
from tests.tasks.sandbox_service import DAY_S, IMPORT_S, Report, SandboxService

LAMP = "LAMPE-BUREAU-001"
OTHER = "mirakl-two"


class Two:
    """The account `mirakl-demo` without a prefix, and `mirakl-two`, whose SKUs are named otherwise."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.market = SandboxService(service)

    def name_otherwise(self, **settings: Any) -> None:
        self.service.wait_for(self.service.system.accounts.change(OTHER, settings))

    def order(self, account: str, sku: str, *, quantity: int = 1, state: str = "to_accept") -> str:
        """Make an order of a SKU, whether it is in the catalogue or not, and return its id."""
        platform = "mirakl" if account != OTHER else OTHER
        shape = "normal" if sku == LAMP else "unknown_sku"
        options = {"state": state, "payment": "ok", "sku": sku, "shape": shape, "lines": 1, "quantity": quantity}
        (order_id,) = self.service.control("POST", f"{platform}/orders", **options)["ids"]
        return str(order_id)

    def run(self, task: str, account: str = "mirakl-demo", **parameters: Any) -> Report:
        token = self.service.system.accounts.cron_token(self.service.account(account))
        answer = self.service.get(
            f"/cron/{account}/{task}", params={"detail": "full", **parameters}, headers={"X-Cron-Token": token}
        )
        assert answer.status_code == 200, answer.text
        return Report(body(answer))

    def accepted(self, account: str, **parameters: Any) -> tuple[set[str], set[str]]:
        """Run orders-accept and return the orders that it accepted, and the codes of the others."""
        report = self.run("orders-accept", account, **parameters)
        return report.items("accepted"), report.codes

    def offer(self, account: str, sku: str) -> int:
        """Send offers, let the operator work on them, and return how many units it shows of a SKU."""
        self.run("offers-send", account)
        self.service.clock.advance(IMPORT_S)
        platform = "mirakl" if account != OTHER else OTHER
        return int(self.service.control("GET", f"{platform}/state")["offers"][sku]["quantity"])


@pytest.fixture
def two(tmp_path: Path, sqlite_template: Path) -> Iterator[Two]:
    with a_service(tmp_path, template=sqlite_template, unknown_outcome_wait_s=0.0) as service:
        service.stock_the_shop()
        service.add_account()
        service.add_account(OTHER, sandbox=OTHER)
        made = Two(service)
        made.market.switch(late_payment_rate=0.0, refused_payment_rate=0.0)
        yield made


def ean_of(two: Two, sku: str) -> str:
    return two.market.products()[sku].ean


def namings(two: Two) -> dict[str, tuple[dict[str, Any], str]]:
    """Settings of the second account, and the lamp's SKU there."""
    ean = ean_of(two, LAMP)
    return {
        "prefix": ({"sku_prefix": "A-"}, f"A-{LAMP}"),
        "link": ({"sku_links": {"OLD-1": LAMP}}, "OLD-1"),
        "ean": ({"sku_from": "ean13", "sku_suffix": "-X"}, f"{ean}-X"),
    }


@pytest.mark.parametrize("naming", ["prefix", "link", "ean"])
@pytest.mark.parametrize("first", ["mirakl-demo", OTHER])
def test_the_last_unit_is_promised_to_the_first_order_alone(two: Two, naming: str, first: str) -> None:
    settings, sku = namings(two)[naming]
    two.name_otherwise(**settings)
    two.market.sql("UPDATE embedded_products SET quantity = 1 WHERE sku = :sku", sku=LAMP)
    second = OTHER if first == "mirakl-demo" else "mirakl-demo"
    orders = {account: two.order(account, sku if account == OTHER else LAMP) for account in (first, second)}

    earlier, later = two.accepted(first), two.accepted(second)

    assert earlier == ({orders[first]}, set())
    assert later == (set(), {"OUT_OF_STOCK"})


@pytest.mark.parametrize("naming", ["prefix", "link", "ean"])
def test_both_offers_show_what_both_accounts_have_left(two: Two, naming: str) -> None:
    settings, sku = namings(two)[naming]
    two.name_otherwise(**settings)
    two.market.sql("UPDATE embedded_products SET quantity = 9 WHERE sku = :sku", sku=LAMP)
    two.market.put_offer(LAMP, quantity=9)
    two.service.control("POST", f"{OTHER}/offers", sku=sku, quantity=9)
    two.order("mirakl-demo", LAMP, quantity=2)
    two.order(OTHER, sku, quantity=3)
    two.accepted("mirakl-demo")
    two.accepted(OTHER)

    assert (two.offer("mirakl-demo", LAMP), two.offer(OTHER, sku)) == (4, 4)


def test_units_that_an_import_took_are_not_counted_again(two: Two) -> None:
    two.name_otherwise(sku_prefix="A-")
    two.market.sql("UPDATE embedded_products SET quantity = 9 WHERE sku = :sku", sku=LAMP)
    two.market.put_offer(LAMP, quantity=9)
    two.order(OTHER, f"A-{LAMP}", quantity=3, state="to_ship")

    imported = two.run("orders-import", OTHER)
    two.service.clock.advance(60)

    assert imported.counts["imported"] == 1
    assert two.market.stock()[LAMP] == 6
    assert two.offer("mirakl-demo", LAMP) == 6


def test_a_sku_that_means_another_product_elsewhere_keeps_none_of_its_units(two: Two) -> None:
    two.name_otherwise(sku_links={LAMP: "PULL-LAINE-001"})
    two.market.sql(
        "UPDATE embedded_products SET quantity = 1 WHERE sku IN (:lamp, :pull)", lamp=LAMP, pull="PULL-LAINE-001"
    )
    other, own = two.order(OTHER, LAMP), two.order("mirakl-demo", LAMP)

    assert two.accepted(OTHER) == ({other}, set())
    assert two.accepted("mirakl-demo") == ({own}, set())


def test_an_account_that_was_removed_keeps_nothing(two: Two) -> None:
    two.name_otherwise(sku_prefix="A-")
    two.market.sql("UPDATE embedded_products SET quantity = 1 WHERE sku = :sku", sku=LAMP)
    two.order(OTHER, f"A-{LAMP}")
    two.accepted(OTHER)
    two.service.wait_for(two.service.system.accounts.remove(OTHER))
    order_id = two.order("mirakl-demo", LAMP)

    assert two.accepted("mirakl-demo") == ({order_id}, set())


def test_a_dry_run_counts_two_skus_of_one_product_together(two: Two) -> None:
    two.service.wait_for(two.service.system.accounts.change("mirakl-demo", {"sku_links": {"OLD-1": LAMP}}))
    two.market.sql("UPDATE embedded_products SET quantity = 1 WHERE sku = :sku", sku=LAMP)
    two.order("mirakl-demo", LAMP)
    two.order("mirakl-demo", "OLD-1")

    report = two.run("orders-accept", dry_run="1")

    assert (report.counts["accepted"], report.counts["waiting"]) == (1, 1)


def test_products_with_one_ean_never_overwrite_each_others_offer(two: Two) -> None:
    ean = ean_of(two, LAMP)
    two.service.wait_for(two.service.system.accounts.change("mirakl-demo", {"sku_from": "ean13"}))
    two.market.put_offer(ean, quantity=40, price="5.00")
    twin = Product(sku="ZZ-TWIN", title="Twin", ean=ean, price=two.market.products()[LAMP].price, quantity=3)
    store, now = two.service.system.store, two.service.clock.now()
    two.service.wait_for(store.write(embedded.save_products, "main", products=[twin], now=now))

    shown = two.offer("mirakl-demo", ean)
    report = two.run("offers-send")

    assert shown == 40
    assert report.problem("SKU_AMBIGUOUS")["sku"] == ean
    assert two.market.sent_for(ean) == []


def test_an_offer_of_two_products_is_no_difference_wherever_they_stand(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "OFFERS_A_PAGE", 10)
    ean = ean_of(two, LAMP)
    two.service.wait_for(two.service.system.accounts.change("mirakl-demo", {"sku_from": "ean13"}))
    two.market.put_offer(ean, quantity=40, price="5.00")
    twin = Product(sku="ZZ-TWIN", title="Twin", ean=ean, price=two.market.products()[LAMP].price, quantity=3)
    store, now = two.service.system.store, two.service.clock.now()
    two.service.wait_for(store.write(embedded.save_products, "main", products=[twin], now=now))
    two.run("offers-send")

    report = two.run("orders-reconcile")

    assert "OFFER_DIFFERS" not in report.codes


def test_a_link_says_which_of_two_products_with_one_ean_is_offered(two: Two) -> None:
    ean = ean_of(two, LAMP)
    two.market.put_offer(ean, quantity=40)
    two.service.wait_for(
        two.service.system.accounts.change("mirakl-demo", {"sku_from": "ean13", "sku_links": {ean: "ZZ-TWIN"}})
    )
    twin = Product(sku="ZZ-TWIN", title="Twin", ean=ean, price=two.market.products()[LAMP].price, quantity=3)
    store, now = two.service.system.store, two.service.clock.now()
    two.service.wait_for(store.write(embedded.save_products, "main", products=[twin], now=now))

    assert two.offer("mirakl-demo", ean) == 3


def test_an_order_in_a_currency_that_the_shop_does_not_take_is_not_accepted(two: Two) -> None:
    (order_id,) = two.service.control(
        "POST", "mirakl/orders", state="to_accept", shape="foreign_currency", sku=LAMP, lines=1, quantity=1
    )["ids"]

    report = two.run("orders-accept")

    assert report.counts == {"seen": 1, "waiting": 1}
    assert report.problem("CURRENCY_UNKNOWN")["order_id"] == order_id
    assert report.problem("CURRENCY_UNKNOWN")["message"] == "The order is in SEK, the shop works in EUR."
    assert two.market.order(order_id)["state"] == "WAITING_ACCEPTANCE"


def test_a_foreign_order_keeps_waiting_until_it_is_late_and_says_so_louder_then(two: Two) -> None:
    two.service.control("POST", "mirakl/orders", state="to_accept", shape="foreign_currency", sku=LAMP, lines=1)
    two.run("orders-accept")
    two.service.clock.advance(3 * DAY_S)

    report = two.run("orders-accept")

    assert "the order is in SEK" in report.problem("DEADLINE_PASSED")["message"]
