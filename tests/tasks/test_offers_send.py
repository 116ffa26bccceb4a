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
from tests.tasks.market import DAY_S, HOUR_S, IMPORT_S, Market, Report
from tests.tasks.market import market as market

LAMP = "LAMPE-BUREAU-001"
PULL = "PULL-LAINE-001"
UNLISTED = "PUZZLE-1000-001"


def account_id(market: Market) -> str:
    return market.service.account().id


def on_sale(market: Market) -> list[str]:
    """Return SKUs on sale on both sides, each with units in the shop."""
    stock, on_marketplace = market.stock(), market.state()["offers"]
    return [sku for sku in stock if sku in on_marketplace and on_marketplace[sku]["quantity"] and stock[sku]]


class TestWhatIsSent:
    def test_the_first_run_leaves_alone_what_is_equal_already(self, market: Market) -> None:
        report = market.send_offers()

        # The sandbox begins with the shop's own stock and prices.
        assert report.counts == {"seen": 60, "unchanged": 57, "not_listed": 3}
        assert market.files("STO01") == market.files("PRI01") == []

    def test_only_differences_are_sent_and_their_results_read_by_the_next_run(self, market: Market) -> None:
        market.send_offers()
        market.product(LAMP, quantity=7)
        market.product(PULL, price="77.70")

        sent = market.send_offers()
        read = market.send_offers()

        assert sent.counts == {"seen": 60, "unchanged": 55, "changed": 2, "sent": 2, "pending": 2, "not_listed": 3}
        assert read.counts == {"seen": 60, "unchanged": 57, "accepted": 2, "not_listed": 3}
        assert (market.offer(LAMP)["quantity"], market.offer(PULL)["price"]) == (7, "77.70")
        assert (len(market.files("STO01")), len(market.files("PRI01"))) == (1, 1)
        assert market.sent_for(LAMP) == ["7"]
        assert market.sent_for(PULL) == []

    def test_all_is_sent_when_all_is_asked_for(self, market: Market) -> None:
        market.send_offers()

        report = market.send_offers(full="1")

        assert (report.counts["sent"], report.counts.get("changed", 0)) == (2 * 57, 0)
        # One file for what is sold out, one for the rest.
        assert len(market.files("STO01")) == 2

    def test_only_skus_that_the_marketplace_lists_are_touched(self, market: Market) -> None:
        market.product("NEW-IN-THE-SHOP", quantity=5)
        market.put_offer("OF-ANOTHER-TOOL", quantity=3, price="5.00")
        market.product(LAMP, quantity=7)

        report = market.send_offers()
        market.send_offers()

        assert report.counts["not_listed"] == 4
        assert "NEW-IN-THE-SHOP" not in market.state()["offers"]
        # It is not the shop's, so it stays as it is, in stock and price.
        assert market.offer("OF-ANOTHER-TOOL")["quantity"] == 3
        assert market.sent_for(LAMP) == ["7"]

    def test_skus_without_an_offer_are_named_to_whoever_asks_for_all(self, market: Market) -> None:
        report = market.send_offers(full="1")

        named = {problem["sku"]: problem["message"] for problem in report.answer["problems"]}
        assert report.counts["not_listed"] == len(named) == 3
        assert named[UNLISTED] == f"The marketplace has no offer with the SKU “{UNLISTED}”."
        assert report.status == "done"
        assert market.send_offers().codes == set()

    def test_an_offer_that_the_marketplace_ships_gets_a_price_and_never_a_quantity(self, market: Market) -> None:
        market.put_offer(LAMP, fulfilment="marketplace", quantity=40)
        market.product(LAMP, quantity=2, price="88.00")

        market.send_offers()
        market.send_offers(full="1")

        assert (market.offer(LAMP)["quantity"], market.offer(LAMP)["price"]) == (40, "88.00")
        assert market.offer(LAMP)["fulfilment"] == "marketplace"
        assert market.sent_for(LAMP) == []
        assert market.sent_for(LAMP, operation="PRI01") == ["88.00", "88.00"]

    def test_rules_of_the_merchant_decide_what_is_published(self, market: Market) -> None:
        market.product(LAMP, quantity=50, price="100.00")
        market.product(PULL, quantity=4, price="50.00")
        others = [sku for sku in market.stock() if sku not in (LAMP, PULL)]
        market.set(stock_buffer=3, max_quantity=20, exclude_skus=others)
        market.set(price_multiplier="1.10", price_offset="0.50", price_rounding="up_95")

        market.send_offers()

        assert (market.offer(LAMP)["quantity"], market.offer(LAMP)["price"]) == (20, "110.95")
        assert (market.offer(PULL)["quantity"], market.offer(PULL)["price"]) == (1, "55.95")

    def test_units_that_orders_wait_for_are_not_offered(self, market: Market) -> None:
        market.send_offers()
        market.product(LAMP, quantity=10)
        market.service.make_orders(sku=LAMP, quantity=4, state="to_accept")
        market.run("orders-accept")

        market.send_offers()

        assert market.offer(LAMP)["quantity"] == 6

    def test_stock_that_an_import_lowered_is_sent(self, market: Market) -> None:
        market.product(LAMP, quantity=10)
        market.in_step()
        market.imported(sku=LAMP, quantity=4)
        market.put_offer(LAMP, quantity=10)

        market.send_offers()

        assert market.stock()[LAMP] == market.offer(LAMP)["quantity"] == 6

    def test_the_last_unit_of_a_line_that_was_refused_is_offered_again(self, market: Market) -> None:
        market.set(when_short="refuse_lines")
        market.product(LAMP, quantity=1)
        market.in_step()
        [order_id] = market.service.make_orders(state="to_accept", sku=LAMP, lines=2, quantity=2)
        [other] = {line["sku"] for line in market.order(order_id)["lines"]} - {LAMP}
        market.product(other, quantity=50)
        market.run("orders-accept")
        market.run("orders-import")
        refused = market.offer(LAMP)["quantity"]

        market.send_offers()

        # The operator sets the offer of a refused line to nothing.
        assert (refused, market.offer(LAMP)["quantity"]) == (0, 1)

    def test_an_excluded_sku_is_left_alone_also_once_it_was_sent(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.in_step()
        market.set(exclude_skus=[LAMP])
        market.product(LAMP, quantity=9)

        market.send_offers()
        market.remove_product(LAMP)
        market.send_offers()

        assert market.offer(LAMP)["quantity"] == 7
        assert market.sent_for(LAMP) == ["7"]

    def test_a_product_that_the_shop_no_longer_has_is_taken_off_sale_once(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.in_step()
        market.remove_product(LAMP)

        report = market.send_offers()
        after = [market.send_offers().counts for _ in range(2)]

        assert (report.counts["seen"], report.counts["changed"], report.counts["sent"]) == (60, 1, 1)
        assert market.offer(LAMP)["quantity"] == 0
        assert [counts.get("changed", 0) for counts in after] == [0, 0]

    @pytest.mark.parametrize("what", ["stock", "price"])
    def test_what_is_switched_off_is_not_sent(self, market: Market, what: str) -> None:
        market.set(**{f"send_{what}": False})
        market.product(LAMP, quantity=7, price="99.00")
        before = market.offer(LAMP)

        report = market.send_offers()

        assert report.counts["sent"] == 1
        kept = "quantity" if what == "stock" else "price"
        assert market.offer(LAMP)[kept] == before[kept]

    def test_a_discount_of_the_marketplace_outlives_a_new_price(self, market: Market) -> None:
        market.send_offers()
        market.pass_time(HOUR_S)
        # Nobody told us of it: the listing that we know is older.
        market.put_offer(LAMP, discount_price="1.00")
        market.product(LAMP, price="101.00")

        market.send_offers()

        assert market.offer(LAMP)["discount_price"] == "1.00"
        assert market.offer(LAMP)["price"] == "101.00"


class TestSoldOut:
    def test_sold_out_goes_first_and_prices_last(self, market: Market) -> None:
        market.product(LAMP, quantity=3)
        market.product(PULL, quantity=0, price="44.00")

        market.send_offers()

        sent = [(each["operation"], each["file"].splitlines()[1].split(";")[:2]) for each in market.state()["imports"]]
        assert sent == [("STO01", [PULL, "0"]), ("STO01", [LAMP, "3"]), ("PRI01", [PULL, "44.00"])]

    def test_a_sku_under_way_waits_for_its_result(self, market: Market) -> None:
        market.product(LAMP, quantity=3)
        market.run("offers-send")
        market.product(LAMP, quantity=2)

        waits = market.run("offers-send")
        market.pass_time(IMPORT_S)
        goes = market.send_offers()

        assert (waits.counts.get("sent", 0), waits.counts["pending"]) == (0, 1)
        assert (goes.counts["accepted"], goes.counts["sent"]) == (1, 1)
        assert market.sent_for(LAMP) == ["3", "2"]

    def test_a_sku_under_way_that_is_sold_out_does_not_wait(self, market: Market) -> None:
        market.product(LAMP, quantity=3)
        market.run("offers-send")
        market.product(LAMP, quantity=0)

        report = market.send_offers()
        market.send_offers()

        assert (report.counts["sent"], report.counts["pending"]) == (1, 1)
        assert market.sent_for(LAMP) == ["3", "0"]
        assert market.offer(LAMP)["quantity"] == 0

    def test_a_sku_that_goes_back_to_nothing_while_units_are_under_way_is_reported(self, market: Market) -> None:
        market.product(LAMP, quantity=0)
        market.in_step()
        market.product(LAMP, quantity=3)
        market.run("offers-send")
        market.product(LAMP, quantity=0)

        market.send_offers()
        market.send_offers()

        assert market.sent_for(LAMP)[-2:] == ["3", "0"]
        assert market.offer(LAMP)["quantity"] == 0


class TestReceipts:
    def test_lines_that_are_refused_are_named_until_they_change(self, market: Market) -> None:
        market.send_offers()
        # The marketplace took it over since we listed it.
        market.put_offer(LAMP, fulfilment="marketplace")
        market.product(LAMP, quantity=7)
        market.product(PULL, quantity=8)
        market.send_offers()

        read = market.send_offers()
        again = market.send_offers()

        assert (read.counts["accepted"], read.counts["refused"]) == (1, 1)
        refused = read.problem("OFFER_REFUSED")
        assert refused["sku"] == LAMP
        assert refused["message"].startswith(f"The marketplace refuses the offer “{LAMP}”: “The offer is fulfilled by")
        assert (again.status, again.codes) == ("partial", {"OFFER_REFUSED"})
        assert again.counts == {"seen": 60, "unchanged": 57, "not_listed": 3}
        assert market.sent_for(LAMP) == ["7"]
        assert market.offer(PULL)["quantity"] == 8

    def test_a_refused_sku_is_sent_again_once_its_stock_changes(self, market: Market) -> None:
        market.send_offers()
        market.put_offer(LAMP, fulfilment="marketplace")
        market.product(LAMP, quantity=7)
        market.in_step()
        market.put_offer(LAMP, fulfilment="merchant")
        market.product(LAMP, quantity=6)

        market.in_step()

        assert market.offer(LAMP)["quantity"] == 6
        assert market.send_offers().codes == set()

    def test_a_receipt_that_the_marketplace_forgot_is_named_and_its_offers_sent_again(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.send_offers()
        market.switch(forget_imports=True)
        market.switch(forget_imports=False)

        report = market.send_offers()
        market.send_offers()

        lost = report.problem("OFFERS_LOST")
        assert lost["fix"] == "Nothing to do: what differs is sent again."
        assert "of 1 offer " in lost["message"]
        assert (report.status, report.counts["sent"]) == ("done", 1)
        assert market.sent_for(LAMP) == ["7", "7"]
        assert market.offer(LAMP)["quantity"] == 7

    def test_a_batch_that_fails_as_a_whole_is_named_and_sent_again(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.switch(imports_fail=True)
        market.send_offers()
        market.switch(imports_fail=False)

        report = market.send_offers()
        after = market.send_offers()

        assert "did not take a batch of 1 offer: " in report.problem("OFFERS_FAILED")["message"]
        assert after.counts["accepted"] == 1
        assert market.offer(LAMP)["quantity"] == 7

    def test_a_batch_without_an_answer_for_two_days_is_given_up_and_sent_again(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.switch(import_wait_s=10 * DAY_S)
        market.send_offers()
        market.switch(import_wait_s=20)

        waiting = market.send_offers()
        market.pass_time(2 * DAY_S)
        given_up = market.send_offers()

        assert (waiting.counts["pending"], waiting.codes) == (1, set())
        assert given_up.problem("OFFERS_UNANSWERED")["message"].startswith("The marketplace has not processed")
        assert given_up.counts["sent"] == 1
        market.send_offers()
        assert market.offer(LAMP)["quantity"] == 7

    @pytest.mark.parametrize("same_file", ["imports_again", "same_import"])
    def test_a_lost_answer_to_stock_costs_one_byte_identical_file(self, market: Market, same_file: str) -> None:
        market.switch(same_file=same_file)
        market.product(LAMP, quantity=7)
        market.fault("lost_ack", "STO01")

        sent = market.send_offers()
        read = market.send_offers()

        assert (sent.status, sent.counts["sent"], read.counts["accepted"]) == ("done", 1, 1)
        assert market.state()["writes_repeated_by_operation"] == {"STO01": 1}
        assert market.sent_for(LAMP) == ["7"] * (1 if same_file == "same_import" else 2)
        assert market.offer(LAMP)["quantity"] == 7

    def test_a_lost_answer_to_prices_costs_one_byte_identical_file(self, market: Market) -> None:
        market.product(LAMP, price="101.00")
        market.fault("lost_ack", "PRI01")

        market.in_step()

        assert market.sent_for(LAMP, operation="PRI01") == ["101.00", "101.00"]
        assert market.offer(LAMP)["price"] == "101.00"

    def test_a_marketplace_that_never_answers_to_files_pauses_the_run(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.fault("lost_ack", "STO01", count=4)

        paused = market.run("offers-send")
        resumed = market.resumed(paused)
        market.pass_time(IMPORT_S)

        assert paused.codes == {"MARKETPLACE_DOWN"}
        assert resumed.counts["sent"] == 1
        assert market.send_offers().counts == {"seen": 60, "unchanged": 57, "accepted": 1, "not_listed": 3}

    def test_a_lost_answer_is_sent_anew_though_the_shop_went_back_meanwhile(self, market: Market) -> None:
        market.product(LAMP, quantity=0)
        market.in_step()
        market.product(LAMP, quantity=3)
        market.fault("lost_ack", "STO01", count=4)
        market.send_offers()
        # What we know is 0 again, what the marketplace shows is 3.
        market.product(LAMP, quantity=0)

        market.send_offers()

        assert market.offer(LAMP)["quantity"] == 0

    def test_a_file_that_the_marketplace_refuses_is_named_and_sent_again(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.fault("http_400", "STO01")

        report = market.send_offers()
        market.in_step()

        assert "did not take a batch of 1 offer: " in report.problem("OFFERS_FAILED")["message"]
        assert market.offer(LAMP)["quantity"] == 7

    def test_an_outage_pauses_and_the_rest_goes_on_by_itself(self, market: Market) -> None:
        market.product(LAMP, quantity=7, price="101.00")
        market.fault("http_503", "PRI01", count=4)

        paused = market.run("offers-send")
        resumed = market.resumed(paused)

        assert (paused.codes, paused.counts["sent"]) == ({"MARKETPLACE_DOWN"}, 1)
        assert resumed.counts["sent"] == 1
        assert len(market.files("STO01")) == 1


class TestCutOff:
    def test_a_batch_that_was_written_down_and_never_sent_is_sent_by_the_next_run(self, market: Market) -> None:
        market.send_offers()
        market.product(LAMP, quantity=7)
        market.sql("UPDATE offers SET wanted_quantity = 7 WHERE sku = :sku", sku=LAMP)
        begin = market.service.system.store.write(
            offers.begin_batch,
            account_id(market),
            OfferKind.STOCK,
            run_id="killed",
            everything=False,
            sold_out=False,
            after_sku="",
            limit=10,
            now=market.service.clock.now(),
        )
        batch = market.service.wait_for(begin)

        report = market.send_offers()

        assert [offer.sku for offer in batch.offers] == [LAMP]
        assert report.counts["sent"] == 1
        assert market.sent_for(LAMP) == ["7"]
        assert [row["state"] for row in market.rows("receipts")] == ["lost", "open"]

    def test_a_run_that_is_taken_over_counts_nothing_twice(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        market.product(LAMP, quantity=7, price="101.00")
        submit, cut = offers_send._submit, [False]

        async def killed_before_prices(ctx: Any, kind: OfferKind, batch: Any) -> None:
            if kind is OfferKind.PRICE and not cut[0]:
                cut[0] = True
                raise LeaseLost("killed")
            await submit(ctx, kind, batch)

        monkeypatch.setattr(offers_send, "_submit", killed_before_prices)
        run_id = market.run_of_a_dead_worker("offers-send")

        report = market.taken_over(run_id)

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
        assert (market.sent_for(LAMP), market.sent_for(LAMP, operation="PRI01")) == (["7"], ["101.00"])

    def test_a_listing_that_was_cut_off_goes_on_where_it_stood(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        market.service.control("POST", "mirakl/offers", count=350)
        market.product("RANGE-000340", quantity=7)
        read, asked = MiraklClient.offers, []

        async def down_at_the_third_page(client: MiraklClient, *, offset: int) -> Any:
            asked.append(offset)
            if len(asked) == 3:
                raise Unavailable(service="mirakl", operation="OF21", detail="maintenance")
            return await read(client, offset=offset)

        monkeypatch.setattr(MiraklClient, "offers", down_at_the_third_page)

        paused = market.run("offers-send")
        resumed = market.resumed(paused)

        assert paused.counts == {}
        assert asked[3] > 100
        assert resumed.counts["not_listed"] == 3
        assert market.sent_for("RANGE-000340") == ["7"]


class TestGuards:
    def test_a_price_of_nothing_holds_the_run_until_a_person_releases_it_once(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.product(PULL, price="0")

        held = market.send_offers()
        released = market.send_offers(confirm=held.run_id)
        market.product(PULL, price="-1")
        again = market.send_offers(confirm=held.run_id)

        assert (held.status, held.counts["held"], held.counts.get("sent", 0)) == ("partial", 2, 0)
        assert held.problem("PRICE_GUARD")["fix"].endswith(f"call the URL once with confirm={held.run_id}.")
        assert released.counts["sent"] == 2
        assert (again.counts["held"], again.counts.get("sent", 0)) == (1, 0)

    def test_a_product_without_a_price_does_not_get_one_from_the_rules(self, market: Market) -> None:
        market.set(price_offset="2.50", price_rounding="up_99")
        market.product(PULL, price="0")

        held = market.send_offers()

        assert "1 price is zero or less" in held.problem("PRICE_GUARD")["message"]

    def test_a_marketplace_that_refuses_a_price_of_nothing_is_not_asked_again(self, market: Market) -> None:
        market.product(PULL, price="0")
        market.send_offers(confirm=market.send_offers().run_id)

        report = market.send_offers()

        assert report.counts["refused"] == 1
        assert report.problem("OFFER_REFUSED")["sku"] == PULL
        assert "PRICE_GUARD" not in market.send_offers().codes

    def test_more_than_half_to_nothing_holds_the_run(self, market: Market) -> None:
        skus = on_sale(market)
        for sku in skus[: len(skus) // 2 + 1]:
            market.product(sku, quantity=0)

        held = market.send_offers()
        released = market.send_offers(confirm=held.run_id)

        assert held.codes == {"STOCK_GUARD"}
        assert f"{len(skus) // 2 + 1} of {len(skus)} offers on sale would be set to 0" in held.answer["message"]
        assert held.counts["held"] == len(skus) // 2 + 1
        assert market.sent_for(skus[0]) == ["0"]
        assert released.counts["sent"] == len(skus) // 2 + 1

    def test_an_empty_shop_holds_the_run(self, market: Market) -> None:
        market.in_step()
        market.sql("DELETE FROM embedded_products")

        assert market.send_offers().codes == {"STOCK_GUARD"}
        assert market.files("STO01") == []

    def test_many_far_prices_hold_the_run_and_a_few_do_not(self, market: Market) -> None:
        skus = on_sale(market)
        for sku in skus[:2]:
            market.product(sku, price="2.00")
        few = market.send_offers()
        for sku in skus[2:7]:
            market.product(sku, price="2.00")

        many = market.send_offers()

        assert (few.codes, few.counts["sent"]) == (set(), 2)
        assert (many.codes, many.counts.get("sent", 0)) == ({"PRICE_GUARD"}, 0)

    def test_a_release_is_for_what_was_held_and_nothing_else(self, market: Market) -> None:
        skus = on_sale(market)
        for sku in skus[: len(skus) // 2 + 1]:
            market.product(sku, quantity=0)
        held = market.send_offers()
        market.product(PULL, price="0")

        other = market.send_offers(confirm=held.run_id)

        assert other.codes == {"STOCK_GUARD", "PRICE_GUARD"}
        assert other.counts.get("sent", 0) == 0
        assert market.send_offers(confirm=other.run_id).counts["sent"] == len(skus) // 2 + 2

    @pytest.mark.parametrize("confirm", ["01M7ZRP3PES9BA48439PKVGYQM", "nonsense"])
    def test_only_a_held_run_can_be_released(self, market: Market, confirm: str) -> None:
        market.product(PULL, price="0")

        assert market.send_offers(confirm=confirm).codes == {"PRICE_GUARD"}

    def test_a_released_run_that_pauses_goes_on_released(self, market: Market) -> None:
        market.product(LAMP, quantity=7)
        market.product(PULL, price="0")
        held = market.send_offers()
        market.fault("http_503", "PRI01", count=4)

        paused = market.run("offers-send", confirm=held.run_id)
        resumed = market.resumed(paused)

        assert (resumed.codes, resumed.counts["sent"]) == (set(), 1)

    def test_a_small_shop_may_sell_out_and_have_a_sale(self, market: Market) -> None:
        keep = (LAMP, PULL, "ECRAN-24-001")
        for sku in set(market.state()["offers"]) - {*keep}:
            market.put_offer(sku, remove=True)
        for sku in keep:
            market.product(sku, quantity=0, price="2.00")

        assert market.send_offers().counts["sent"] == 6


class TestDryRun:
    def test_it_shows_old_and_new_of_every_sku_and_changes_nothing(self, market: Market) -> None:
        market.product("SOLD-HERE-ONCE", quantity=4)
        market.put_offer("SOLD-HERE-ONCE", quantity=4, price="9.90")
        market.in_step()
        old = market.offer(LAMP)
        market.product(LAMP, quantity=7, price="101.00")
        market.product(PULL, quantity=0)
        market.remove_product("SOLD-HERE-ONCE")
        both_sides, stock = market.both_sides(), market.offer(PULL)["quantity"]

        report = market.run("offers-send", dry_run="1")

        assert report.changes() == {
            LAMP: f"{old['quantity']} → 7, {old['price']} → 101.00",
            PULL: f"{stock} → 0",
            "SOLD-HERE-ONCE": "4 → 0",
        }
        assert report.items("changed") == {LAMP, PULL, "SOLD-HERE-ONCE"}
        assert report.counts == {"seen": 61, "unchanged": 55, "changed": 3, "not_listed": 3}
        assert report.answer["message"] == "dry run, 3 offers changed"
        assert market.both_sides() == both_sides

    def test_what_it_foresees_is_what_is_sent(self, market: Market) -> None:
        for sku in on_sale(market)[:5]:
            market.product(sku, quantity=1, price="9.00")
        market.set(stock_buffer=0)

        foreseen = market.run("offers-send", dry_run="1")
        done = market.send_offers(confirm=market.send_offers().run_id)

        assert foreseen.counts["changed"] == done.counts["changed"] == 5
        assert foreseen.counts["held"] == done.counts["sent"]

    def test_it_says_that_the_run_would_be_held_and_is_no_held_run_itself(self, market: Market) -> None:
        market.product(PULL, price="0")

        dry_run = market.run("offers-send", dry_run="1")

        assert dry_run.codes == {"PRICE_GUARD", "NOT_LISTED"}
        assert market.send_offers(confirm=dry_run.run_id).codes == {"PRICE_GUARD"}


class TestSeveralProductsOfOneSku:
    def test_their_offer_is_left_alone_and_named(self, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
        market.product(LAMP, quantity=7)
        market.in_step()
        one_more_lamp(monkeypatch, sku=LAMP, quantity=99)

        report = market.send_offers()

        assert report.problem("SKU_AMBIGUOUS")["message"] == f"Several products in your shop have the SKU “{LAMP}”."
        assert (report.status, report.counts.get("sent", 0)) == ("partial", 0)
        assert market.offer(LAMP)["quantity"] == 7

    def test_they_do_not_matter_where_the_marketplace_has_no_such_offer(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one_more_lamp(monkeypatch, sku=UNLISTED, quantity=99)

        assert market.send_offers().codes == set()


def one_more_lamp(monkeypatch: pytest.MonkeyPatch, *, sku: str, quantity: int) -> None:
    """Let the shop have a second product of that SKU, on a page of its own."""
    pages = EmbeddedShop.offers

    async def with_another(shop: EmbeddedShop) -> AsyncIterator[Page[ShopOffer]]:
        async for page in pages(shop):
            yield page
            another = ShopOffer(sku=sku, quantity=quantity, price_incl=Decimal(5))
            yield Page(items=(another,), read_at=page.read_at + timedelta(0), resume=None)

    monkeypatch.setattr(EmbeddedShop, "offers", with_another)


def test_a_day_of_reports_says_nothing_is_left_to_do(market: Market) -> None:
    market.product(LAMP, quantity=7, price="101.00")
    reports: list[Report] = [market.send_offers() for _ in range(3)]

    assert [report.answer["message"] for report in reports] == [
        "2 offers sent, 2 offers not answered yet",
        "nothing new",
        "nothing new",
    ]
