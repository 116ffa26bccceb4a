"""offers-send against the real adapter and the sandbox: only differences, nothing lost, nothing rash."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.offer import OfferKind, ShopOffer
from app.domain.page import Page
from app.errors import LeaseLost, Unavailable
from app.marketplaces.mirakl.client import MiraklClient
from app.shops.embedded.adapter import EmbeddedShop
from app.store import offers
from app.tasks import offers_send
from tests.tasks.sandbox_service import DAY_S, HOUR_S, IMPORT_S, Report, SandboxService
from tests.tasks.sandbox_service import service as service

LAMP = "LAMPE-BUREAU-001"
PULL = "PULL-LAINE-001"
UNLISTED = "PUZZLE-1000-001"


def account_id(service: SandboxService) -> str:
    return service.api.account().id


def on_sale(service: SandboxService) -> list[str]:
    """Return SKUs on sale on both sides, each with units in the shop."""
    stock, on_marketplace = service.stock(), service.state()["offers"]
    return [sku for sku in stock if sku in on_marketplace and on_marketplace[sku]["quantity"] and stock[sku]]


class TestWhatIsSent:
    def test_the_first_run_leaves_alone_what_is_equal_already(self, service: SandboxService) -> None:
        report = service.send_offers()

        # The sandbox begins with the shop's own stock and prices.
        assert report.counts == {"seen": 60, "unchanged": 57, "not_listed": 3}
        assert service.files("STO01") == service.files("PRI01") == []

    def test_only_differences_are_sent_and_their_results_read_by_the_next_run(self, service: SandboxService) -> None:
        service.send_offers()
        service.product(LAMP, quantity=7)
        service.product(PULL, price="77.70")

        sent = service.send_offers()
        read = service.send_offers()

        assert sent.counts == {"seen": 60, "unchanged": 55, "changed": 2, "sent": 2, "pending": 2, "not_listed": 3}
        assert read.counts == {"seen": 60, "unchanged": 57, "accepted": 2, "not_listed": 3}
        assert (service.offer(LAMP)["quantity"], service.offer(PULL)["price"]) == (7, "77.70")
        assert (len(service.files("STO01")), len(service.files("PRI01"))) == (1, 1)
        assert service.sent_for(LAMP) == ["7"]
        assert service.sent_for(PULL) == []

    def test_all_is_sent_when_all_is_asked_for(self, service: SandboxService) -> None:
        service.send_offers()

        report = service.send_offers(full="1")

        assert (report.counts["sent"], report.counts.get("changed", 0)) == (2 * 57, 0)
        # One file for what is sold out, one for the rest.
        assert len(service.files("STO01")) == 2

    def test_only_skus_that_the_marketplace_lists_are_touched(self, service: SandboxService) -> None:
        service.product("NEW-IN-THE-SHOP", quantity=5)
        service.put_offer("OF-ANOTHER-TOOL", quantity=3, price="5.00")
        service.product(LAMP, quantity=7)

        report = service.send_offers()
        service.send_offers()

        assert report.counts["not_listed"] == 4
        assert "NEW-IN-THE-SHOP" not in service.state()["offers"]
        # It is not the shop's, so it stays as it is, in stock and price.
        assert service.offer("OF-ANOTHER-TOOL")["quantity"] == 3
        assert service.sent_for(LAMP) == ["7"]

    def test_skus_without_an_offer_are_named_to_whoever_asks_for_all(self, service: SandboxService) -> None:
        report = service.send_offers(full="1")

        named = {problem["sku"]: problem["message"] for problem in report.answer["problems"]}
        assert report.counts["not_listed"] == len(named) == 3
        assert named[UNLISTED] == f"The marketplace has no offer with the SKU “{UNLISTED}”."
        assert report.status == "done"
        assert service.send_offers().codes == set()

    def test_an_offer_that_the_marketplace_ships_gets_a_price_and_never_a_quantity(
        self, service: SandboxService
    ) -> None:
        service.put_offer(LAMP, fulfilment="marketplace", quantity=40)
        service.product(LAMP, quantity=2, price="88.00")

        service.send_offers()
        service.send_offers(full="1")

        assert (service.offer(LAMP)["quantity"], service.offer(LAMP)["price"]) == (40, "88.00")
        assert service.offer(LAMP)["fulfilment"] == "marketplace"
        assert service.sent_for(LAMP) == []
        assert service.sent_for(LAMP, operation="PRI01") == ["88.00", "88.00"]

    def test_rules_of_the_merchant_decide_what_is_published(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=50, price="100.00")
        service.product(PULL, quantity=4, price="50.00")
        others = [sku for sku in service.stock() if sku not in (LAMP, PULL)]
        service.set(stock_buffer=3, max_quantity=20, exclude_skus=others)
        service.set(price_multiplier="1.10", price_offset="0.50", price_rounding="up_95")

        service.send_offers()

        assert (service.offer(LAMP)["quantity"], service.offer(LAMP)["price"]) == (20, "110.95")
        assert (service.offer(PULL)["quantity"], service.offer(PULL)["price"]) == (1, "55.95")

    def test_units_that_orders_wait_for_are_not_offered(self, service: SandboxService) -> None:
        service.send_offers()
        service.product(LAMP, quantity=10)
        service.api.make_orders(sku=LAMP, quantity=4, state="to_accept")
        service.run("orders-accept")

        service.send_offers()

        assert service.offer(LAMP)["quantity"] == 6

    def test_stock_that_an_import_lowered_is_sent(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=10)
        service.in_step()
        service.imported(sku=LAMP, quantity=4)
        service.put_offer(LAMP, quantity=10)

        service.send_offers()

        assert service.stock()[LAMP] == service.offer(LAMP)["quantity"] == 6

    def test_the_last_unit_of_a_line_that_was_refused_is_offered_again(self, service: SandboxService) -> None:
        service.set(when_short="refuse_lines")
        service.product(LAMP, quantity=1)
        service.in_step()
        [order_id] = service.api.make_orders(state="to_accept", sku=LAMP, lines=2, quantity=2)
        [other] = {line["sku"] for line in service.order(order_id)["lines"]} - {LAMP}
        service.product(other, quantity=50)
        service.run("orders-accept")
        service.run("orders-import")
        refused = service.offer(LAMP)["quantity"]

        service.send_offers()

        # The operator sets the offer of a refused line to nothing.
        assert (refused, service.offer(LAMP)["quantity"]) == (0, 1)

    def test_an_excluded_sku_is_left_alone_also_once_it_was_sent(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.in_step()
        service.set(exclude_skus=[LAMP])
        service.product(LAMP, quantity=9)

        service.send_offers()
        service.remove_product(LAMP)
        service.send_offers()

        assert service.offer(LAMP)["quantity"] == 7
        assert service.sent_for(LAMP) == ["7"]

    def test_a_product_that_the_shop_no_longer_has_is_taken_off_sale_once(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.in_step()
        service.remove_product(LAMP)

        report = service.send_offers()
        after = [service.send_offers().counts for _ in range(2)]

        assert (report.counts["seen"], report.counts["changed"], report.counts["sent"]) == (60, 1, 1)
        assert service.offer(LAMP)["quantity"] == 0
        assert [counts.get("changed", 0) for counts in after] == [0, 0]

    @pytest.mark.parametrize("what", ["stock", "price"])
    def test_what_is_switched_off_is_not_sent(self, service: SandboxService, what: str) -> None:
        service.set(**{f"send_{what}": False})
        service.product(LAMP, quantity=7, price="99.00")
        before = service.offer(LAMP)

        report = service.send_offers()

        assert report.counts["sent"] == 1
        kept = "quantity" if what == "stock" else "price"
        assert service.offer(LAMP)[kept] == before[kept]

    def test_a_discount_of_the_marketplace_outlives_a_new_price(self, service: SandboxService) -> None:
        service.send_offers()
        service.pass_time(HOUR_S)
        # Nobody told us of it: the listing that we know is older.
        service.put_offer(LAMP, discount_price="1.00")
        service.product(LAMP, price="101.00")

        service.send_offers()

        assert service.offer(LAMP)["discount_price"] == "1.00"
        assert service.offer(LAMP)["price"] == "101.00"


class TestSoldOut:
    def test_sold_out_goes_first_and_prices_last(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=3)
        service.product(PULL, quantity=0, price="44.00")

        service.send_offers()

        sent = [(each["operation"], each["file"].splitlines()[1].split(";")[:2]) for each in service.state()["imports"]]
        assert sent == [("STO01", [PULL, "0"]), ("STO01", [LAMP, "3"]), ("PRI01", [PULL, "44.00"])]

    def test_a_sku_under_way_waits_for_its_result(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=3)
        service.run("offers-send")
        service.product(LAMP, quantity=2)

        waits = service.run("offers-send")
        service.pass_time(IMPORT_S)
        goes = service.send_offers()

        assert (waits.counts.get("sent", 0), waits.counts["pending"]) == (0, 1)
        assert (goes.counts["accepted"], goes.counts["sent"]) == (1, 1)
        assert service.sent_for(LAMP) == ["3", "2"]

    def test_a_sku_under_way_that_is_sold_out_does_not_wait(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=3)
        service.run("offers-send")
        service.product(LAMP, quantity=0)

        report = service.send_offers()
        service.send_offers()

        assert (report.counts["sent"], report.counts["pending"]) == (1, 1)
        assert service.sent_for(LAMP) == ["3", "0"]
        assert service.offer(LAMP)["quantity"] == 0

    def test_a_sku_that_goes_back_to_nothing_while_units_are_under_way_is_reported(
        self, service: SandboxService
    ) -> None:
        service.product(LAMP, quantity=0)
        service.in_step()
        service.product(LAMP, quantity=3)
        service.run("offers-send")
        service.product(LAMP, quantity=0)

        service.send_offers()
        service.send_offers()

        assert service.sent_for(LAMP)[-2:] == ["3", "0"]
        assert service.offer(LAMP)["quantity"] == 0


class TestReceipts:
    def test_lines_that_are_refused_are_named_until_they_change(self, service: SandboxService) -> None:
        service.send_offers()
        # The marketplace took it over since we listed it.
        service.put_offer(LAMP, fulfilment="marketplace")
        service.product(LAMP, quantity=7)
        service.product(PULL, quantity=8)
        service.send_offers()

        read = service.send_offers()
        again = service.send_offers()

        assert (read.counts["accepted"], read.counts["refused"]) == (1, 1)
        refused = read.problem("OFFER_REFUSED")
        assert refused["sku"] == LAMP
        assert refused["message"].startswith(f"The marketplace refuses the offer “{LAMP}”: “The offer is fulfilled by")
        assert (again.status, again.codes) == ("partial", {"OFFER_REFUSED"})
        assert again.counts == {"seen": 60, "unchanged": 57, "not_listed": 3}
        assert service.sent_for(LAMP) == ["7"]
        assert service.offer(PULL)["quantity"] == 8

    def test_a_refused_sku_is_sent_again_once_its_stock_changes(self, service: SandboxService) -> None:
        service.send_offers()
        service.put_offer(LAMP, fulfilment="marketplace")
        service.product(LAMP, quantity=7)
        service.in_step()
        service.put_offer(LAMP, fulfilment="merchant")
        service.product(LAMP, quantity=6)

        service.in_step()

        assert service.offer(LAMP)["quantity"] == 6
        assert service.send_offers().codes == set()

    def test_a_receipt_that_the_marketplace_forgot_is_named_and_its_offers_sent_again(
        self, service: SandboxService
    ) -> None:
        service.product(LAMP, quantity=7)
        service.send_offers()
        service.switch(forget_imports=True)
        service.switch(forget_imports=False)

        report = service.send_offers()
        service.send_offers()

        lost = report.problem("OFFERS_LOST")
        assert lost["fix"] == "Nothing to do: what differs is sent again."
        assert "of 1 offer " in lost["message"]
        assert (report.status, report.counts["sent"]) == ("done", 1)
        assert service.sent_for(LAMP) == ["7", "7"]
        assert service.offer(LAMP)["quantity"] == 7

    def test_a_batch_that_fails_as_a_whole_is_named_and_sent_again(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.switch(imports_fail=True)
        service.send_offers()
        service.switch(imports_fail=False)

        report = service.send_offers()
        after = service.send_offers()

        assert "did not take a batch of 1 offer: " in report.problem("OFFERS_FAILED")["message"]
        assert after.counts["accepted"] == 1
        assert service.offer(LAMP)["quantity"] == 7

    def test_a_batch_without_an_answer_for_two_days_is_given_up_and_sent_again(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.switch(import_wait_s=10 * DAY_S)
        service.send_offers()
        service.switch(import_wait_s=20)

        waiting = service.send_offers()
        service.pass_time(2 * DAY_S)
        given_up = service.send_offers()

        assert (waiting.counts["pending"], waiting.codes) == (1, set())
        assert given_up.problem("OFFERS_UNANSWERED")["message"].startswith("The marketplace has not processed")
        assert given_up.counts["sent"] == 1
        service.send_offers()
        assert service.offer(LAMP)["quantity"] == 7

    @pytest.mark.parametrize("same_file", ["imports_again", "same_import"])
    def test_a_lost_answer_to_stock_costs_one_byte_identical_file(
        self, service: SandboxService, same_file: str
    ) -> None:
        service.switch(same_file=same_file)
        service.product(LAMP, quantity=7)
        service.fault("lost_ack", "STO01")

        sent = service.send_offers()
        read = service.send_offers()

        assert (sent.status, sent.counts["sent"], read.counts["accepted"]) == ("done", 1, 1)
        assert service.state()["writes_repeated_by_operation"] == {"STO01": 1}
        assert service.sent_for(LAMP) == ["7"] * (1 if same_file == "same_import" else 2)
        assert service.offer(LAMP)["quantity"] == 7

    def test_a_lost_answer_to_prices_costs_one_byte_identical_file(self, service: SandboxService) -> None:
        service.product(LAMP, price="101.00")
        service.fault("lost_ack", "PRI01")

        service.in_step()

        assert service.sent_for(LAMP, operation="PRI01") == ["101.00", "101.00"]
        assert service.offer(LAMP)["price"] == "101.00"

    def test_a_marketplace_that_never_answers_to_files_pauses_the_run(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.fault("lost_ack", "STO01", count=4)

        paused = service.run("offers-send")
        resumed = service.resumed(paused)
        service.pass_time(IMPORT_S)

        assert paused.codes == {"MARKETPLACE_DOWN"}
        assert resumed.counts["sent"] == 1
        assert service.send_offers().counts == {"seen": 60, "unchanged": 57, "accepted": 1, "not_listed": 3}

    def test_a_lost_answer_is_sent_anew_though_the_shop_went_back_meanwhile(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=0)
        service.in_step()
        service.product(LAMP, quantity=3)
        service.fault("lost_ack", "STO01", count=4)
        service.send_offers()
        # What we know is 0 again, what the marketplace shows is 3.
        service.product(LAMP, quantity=0)

        service.send_offers()

        assert service.offer(LAMP)["quantity"] == 0

    def test_a_file_that_the_marketplace_refuses_is_named_and_sent_again(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.fault("http_400", "STO01")

        report = service.send_offers()
        service.in_step()

        assert "did not take a batch of 1 offer: " in report.problem("OFFERS_FAILED")["message"]
        assert service.offer(LAMP)["quantity"] == 7

    def test_an_outage_pauses_and_the_rest_goes_on_by_itself(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7, price="101.00")
        service.fault("http_503", "PRI01", count=4)

        paused = service.run("offers-send")
        resumed = service.resumed(paused)

        assert (paused.codes, paused.counts["sent"]) == ({"MARKETPLACE_DOWN"}, 1)
        assert resumed.counts["sent"] == 1
        assert len(service.files("STO01")) == 1


class TestCutOff:
    def test_a_batch_that_was_written_down_and_never_sent_is_sent_by_the_next_run(
        self, service: SandboxService
    ) -> None:
        service.send_offers()
        service.product(LAMP, quantity=7)
        service.sql("UPDATE offers SET wanted_quantity = 7 WHERE sku = :sku", sku=LAMP)
        begin = service.api.system.store.write(
            offers.begin_batch,
            account_id(service),
            OfferKind.STOCK,
            run_id="killed",
            everything=False,
            sold_out=False,
            after_sku="",
            limit=10,
            now=service.api.clock.now(),
        )
        batch = service.api.wait_for(begin)

        report = service.send_offers()

        assert [offer.sku for offer in batch.offers] == [LAMP]
        assert report.counts["sent"] == 1
        assert service.sent_for(LAMP) == ["7"]
        assert [row["state"] for row in service.rows("receipts")] == ["lost", "open"]

    def test_a_run_that_is_taken_over_counts_nothing_twice(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service.product(LAMP, quantity=7, price="101.00")
        submit, cut = offers_send._submit, [False]

        async def killed_before_prices(ctx: Any, kind: OfferKind, batch: Any) -> None:
            if kind is OfferKind.PRICE and not cut[0]:
                cut[0] = True
                raise LeaseLost("killed")
            await submit(ctx, kind, batch)

        monkeypatch.setattr(offers_send, "_submit", killed_before_prices)
        run_id = service.run_of_a_dead_worker("offers-send")

        report = service.taken_over(run_id)

        assert cut == [True]
        assert report.status == "done"
        # Stock was told by the first worker, the price by the second.
        assert report.counts == {
            "seen": 60,
            "unchanged": 56,
            "changed": 1,
            "sent": 1,
            "pending": 2,
            "not_listed": 3,
        }
        assert (service.sent_for(LAMP), service.sent_for(LAMP, operation="PRI01")) == (["7"], ["101.00"])

    def test_a_listing_that_was_cut_off_goes_on_where_it_stood(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service.api.control("POST", "mirakl/offers", count=350)
        service.product("RANGE-000340", quantity=7)
        read, asked = MiraklClient.offers, []

        async def down_at_the_third_page(client: MiraklClient, *, offset: int) -> Any:
            asked.append(offset)
            if len(asked) == 3:
                raise Unavailable(service="mirakl", operation="OF21", detail="maintenance")
            return await read(client, offset=offset)

        monkeypatch.setattr(MiraklClient, "offers", down_at_the_third_page)

        paused = service.run("offers-send")
        resumed = service.resumed(paused)

        assert paused.counts == {}
        assert asked[3] > 100
        assert resumed.counts["not_listed"] == 3
        assert service.sent_for("RANGE-000340") == ["7"]


class TestGuards:
    def test_a_price_of_nothing_holds_the_run_until_a_person_releases_it_once(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.product(PULL, price="0")

        held = service.send_offers()
        released = service.send_offers(confirm=held.run_id)
        service.product(PULL, price="-1")
        again = service.send_offers(confirm=held.run_id)

        assert (held.status, held.counts["held"], held.counts.get("sent", 0)) == ("partial", 2, 0)
        assert held.problem("PRICE_GUARD")["fix"].endswith(f"call the URL once with confirm={held.run_id}.")
        assert released.counts["sent"] == 2
        assert (again.counts["held"], again.counts.get("sent", 0)) == (1, 0)

    def test_a_product_without_a_price_does_not_get_one_from_the_rules(self, service: SandboxService) -> None:
        service.set(price_offset="2.50", price_rounding="up_99")
        service.product(PULL, price="0")

        held = service.send_offers()

        assert "1 price is zero or less" in held.problem("PRICE_GUARD")["message"]

    def test_a_marketplace_that_refuses_a_price_of_nothing_is_not_asked_again(self, service: SandboxService) -> None:
        service.product(PULL, price="0")
        service.send_offers(confirm=service.send_offers().run_id)

        report = service.send_offers()

        assert report.counts["refused"] == 1
        assert report.problem("OFFER_REFUSED")["sku"] == PULL
        assert "PRICE_GUARD" not in service.send_offers().codes

    def test_more_than_half_to_nothing_holds_the_run(self, service: SandboxService) -> None:
        skus = on_sale(service)
        for sku in skus[: len(skus) // 2 + 1]:
            service.product(sku, quantity=0)

        held = service.send_offers()
        released = service.send_offers(confirm=held.run_id)

        assert held.codes == {"STOCK_GUARD"}
        assert f"{len(skus) // 2 + 1} of {len(skus)} offers on sale would be set to 0" in held.answer["message"]
        assert held.counts["held"] == len(skus) // 2 + 1
        assert service.sent_for(skus[0]) == ["0"]
        assert released.counts["sent"] == len(skus) // 2 + 1

    def test_an_empty_shop_holds_the_run(self, service: SandboxService) -> None:
        service.in_step()
        service.sql("DELETE FROM embedded_products")

        assert service.send_offers().codes == {"STOCK_GUARD"}
        assert service.files("STO01") == []

    def test_many_far_prices_hold_the_run_and_a_few_do_not(self, service: SandboxService) -> None:
        skus = on_sale(service)
        for sku in skus[:2]:
            service.product(sku, price="2.00")
        few = service.send_offers()
        for sku in skus[2:7]:
            service.product(sku, price="2.00")

        many = service.send_offers()

        assert (few.codes, few.counts["sent"]) == (set(), 2)
        assert (many.codes, many.counts.get("sent", 0)) == ({"PRICE_GUARD"}, 0)

    def test_a_release_is_for_what_was_held_and_nothing_else(self, service: SandboxService) -> None:
        skus = on_sale(service)
        for sku in skus[: len(skus) // 2 + 1]:
            service.product(sku, quantity=0)
        held = service.send_offers()
        service.product(PULL, price="0")

        other = service.send_offers(confirm=held.run_id)

        assert other.codes == {"STOCK_GUARD", "PRICE_GUARD"}
        assert other.counts.get("sent", 0) == 0
        assert service.send_offers(confirm=other.run_id).counts["sent"] == len(skus) // 2 + 2

    @pytest.mark.parametrize("confirm", ["01M7ZRP3PES9BA48439PKVGYQM", "nonsense"])
    def test_only_a_held_run_can_be_released(self, service: SandboxService, confirm: str) -> None:
        service.product(PULL, price="0")

        assert service.send_offers(confirm=confirm).codes == {"PRICE_GUARD"}

    def test_a_released_run_that_pauses_goes_on_released(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.product(PULL, price="0")
        held = service.send_offers()
        service.fault("http_503", "PRI01", count=4)

        paused = service.run("offers-send", confirm=held.run_id)
        resumed = service.resumed(paused)

        assert (resumed.codes, resumed.counts["sent"]) == (set(), 1)

    def test_a_small_shop_may_sell_out_and_have_a_sale(self, service: SandboxService) -> None:
        keep = (LAMP, PULL, "ECRAN-24-001")
        for sku in set(service.state()["offers"]) - {*keep}:
            service.put_offer(sku, remove=True)
        for sku in keep:
            service.product(sku, quantity=0, price="2.00")

        assert service.send_offers().counts["sent"] == 6


class TestDryRun:
    def test_it_shows_old_and_new_of_every_sku_and_changes_nothing(self, service: SandboxService) -> None:
        service.product("SOLD-HERE-ONCE", quantity=4)
        service.put_offer("SOLD-HERE-ONCE", quantity=4, price="9.90")
        service.in_step()
        old = service.offer(LAMP)
        service.product(LAMP, quantity=7, price="101.00")
        service.product(PULL, quantity=0)
        service.remove_product("SOLD-HERE-ONCE")
        both_sides, stock = service.both_sides(), service.offer(PULL)["quantity"]

        report = service.run("offers-send", dry_run="1")

        assert report.changes() == {
            LAMP: f"{old['quantity']} → 7, {old['price']} → 101.00",
            PULL: f"{stock} → 0",
            "SOLD-HERE-ONCE": "4 → 0",
        }
        assert report.items("changed") == {LAMP, PULL, "SOLD-HERE-ONCE"}
        assert report.counts == {"seen": 61, "unchanged": 55, "changed": 3, "not_listed": 3}
        assert report.answer["message"] == "dry run, 3 offers changed"
        assert service.both_sides() == both_sides

    def test_what_it_foresees_is_what_is_sent(self, service: SandboxService) -> None:
        for sku in on_sale(service)[:5]:
            service.product(sku, quantity=1, price="9.00")
        service.set(stock_buffer=0)

        foreseen = service.run("offers-send", dry_run="1")
        done = service.send_offers(confirm=service.send_offers().run_id)

        assert foreseen.counts["changed"] == done.counts["changed"] == 5
        assert foreseen.counts["held"] == done.counts["sent"]

    def test_it_says_that_the_run_would_be_held_and_is_no_held_run_itself(self, service: SandboxService) -> None:
        service.product(PULL, price="0")

        dry_run = service.run("offers-send", dry_run="1")

        assert dry_run.codes == {"PRICE_GUARD", "NOT_LISTED"}
        assert service.send_offers(confirm=dry_run.run_id).codes == {"PRICE_GUARD"}


class TestSeveralProductsOfOneSku:
    def test_their_offer_is_left_alone_and_named(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service.product(LAMP, quantity=7)
        service.in_step()
        one_more_lamp(monkeypatch, sku=LAMP, quantity=99)

        report = service.send_offers()

        assert report.problem("SKU_AMBIGUOUS")["message"] == f"Several products in your shop have the SKU “{LAMP}”."
        assert (report.status, report.counts.get("sent", 0)) == ("partial", 0)
        assert service.offer(LAMP)["quantity"] == 7

    def test_they_do_not_matter_where_the_marketplace_has_no_such_offer(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one_more_lamp(monkeypatch, sku=UNLISTED, quantity=99)

        assert service.send_offers().codes == set()


def one_more_lamp(monkeypatch: pytest.MonkeyPatch, *, sku: str, quantity: int) -> None:
    """Let the shop have a second product of that SKU, on a page of its own."""
    pages = EmbeddedShop.offers

    async def with_another(shop: EmbeddedShop) -> AsyncIterator[Page[ShopOffer]]:
        async for page in pages(shop):
            yield page
            another = ShopOffer(sku=sku, quantity=quantity, price_incl=Decimal(5))
            yield Page(items=(another,), read_at=page.read_at + timedelta(0), resume=None)

    monkeypatch.setattr(EmbeddedShop, "offers", with_another)


def test_a_day_of_reports_says_nothing_is_left_to_do(service: SandboxService) -> None:
    service.product(LAMP, quantity=7, price="101.00")
    reports: list[Report] = [service.send_offers() for _ in range(3)]

    assert [report.answer["message"] for report in reports] == [
        "2 offers sent, 2 offers not answered yet",
        "nothing new",
        "nothing new",
    ]
