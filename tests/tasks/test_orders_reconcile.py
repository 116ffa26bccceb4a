"""orders-reconcile against the real adapter, the sandbox and the embedded shop: every difference named, most healed."""

from typing import Any

import pytest

from app.errors import LeaseLost
from app.tasks import orders_reconcile
from tests.tasks.sandbox_service import DAY_S, HOUR_S, IMPORT_S, SandboxService
from tests.tasks.sandbox_service import service as service

LAMP = "LAMPE-BUREAU-001"
PULL = "PULL-LAINE-001"
TASKS = ("offers-send", "orders-accept", "orders-import", "orders-status")


def a_day(service: SandboxService) -> None:
    """Let every task do its work until nothing is left to do."""
    for task in (*TASKS, *TASKS):
        service.run(task)
        service.pass_time(IMPORT_S)


def said(problem: dict[str, Any]) -> tuple[str, str]:
    return problem["message"], problem["fix"]


class TestDifferences:
    def test_two_equal_sides_are_the_same(self, service: SandboxService) -> None:
        service.in_step()
        service.imported_many(3)
        service.api.make_orders(count=2, state="to_accept")

        report = service.run("orders-reconcile")

        assert (report.status, report.codes) == ("done", set())
        # What nobody has accepted is not expected in the shop.
        assert report.counts == {"marketplace": 5, "shop": 3, "matched": 3}
        assert report.answer["message"] == "3 orders are the same on both sides"

    def test_an_order_that_was_deleted_in_the_shop(self, service: SandboxService) -> None:
        kept, order_id = service.imported_many(2)
        service.delete(order_id)

        report = service.run("orders-reconcile")

        assert report.counts == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("DELETED_IN_SHOP")["order_id"] == order_id
        assert report.items("matched") == {kept}

    def test_an_order_that_nobody_saw_comes_in_with_the_next_import(self, service: SandboxService) -> None:
        service.imported()
        # Placed and changed long before the last import looked.
        [order_id] = service.api.make_orders(count=1, age="3d", silent=True)
        assert service.run("orders-import").counts.get("imported", 0) == 0

        report = service.run("orders-reconcile")
        healed = service.run("orders-import")

        assert report.counts == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("NOT_YET_IMPORTED")["order_id"] == order_id
        assert (healed.counts["imported"], healed.counts["found_by_catch_up"]) == (1, 1)
        assert service.run("orders-reconcile").counts == {"marketplace": 2, "shop": 2, "matched": 2}

    def test_an_order_that_the_marketplace_cancelled(self, service: SandboxService) -> None:
        order_id = service.imported(sku=LAMP)
        service.move_order(order_id, state="cancelled")

        report = service.run("orders-reconcile")
        service.run("orders-status")
        healed = service.run("orders-reconcile")

        assert report.counts["state_differs"] == 1
        assert "orders-status" in report.problem("CANCELLED_THERE_ONLY")["fix"]
        assert (healed.counts, healed.codes) == ({"marketplace": 1, "shop": 1, "matched": 1}, set())

    def test_an_order_that_the_shop_cancelled(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.cancel(order_id)

        report = service.run("orders-reconcile")

        assert report.counts["state_differs"] == 1
        assert report.problem("CANCELLED_IN_SHOP")["order_id"] == order_id

    def test_an_order_that_left_the_shop_unconfirmed(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)

        report = service.run("orders-reconcile")
        service.run("orders-status")

        assert report.problem("SHIPPED_HERE_ONLY")["order_id"] == order_id
        assert report.status == "done"
        assert service.run("orders-reconcile").counts["matched"] == 1

    def test_an_order_that_counts_as_shipped_on_the_marketplace_alone(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.move_order(order_id, state="shipped")

        report = service.run("orders-reconcile")
        service.ship(order_id)

        assert (report.status, report.counts["state_differs"]) == ("partial", 1)
        assert report.problem("SHIPPED_THERE_ONLY")["order_id"] == order_id
        assert service.run("orders-reconcile").counts["matched"] == 1

    def test_a_total_that_changed(self, service: SandboxService) -> None:
        order_id = service.imported()
        before = service.order(order_id)["total"]
        service.move_order(order_id, total="1234.56")

        report = service.run("orders-reconcile")

        assert report.counts["total_differs"] == 1
        message, fix = said(report.problem("TOTAL_DIFFERS"))
        assert message == f"The total on the marketplace is €1,234.56, in the shop €{before}."
        assert "refund" in fix

    def test_an_order_that_the_marketplace_does_not_know(self, service: SandboxService) -> None:
        order_id = service.imported()
        for column in ("marketplace_order_id", "key"):
            service.sql(f"UPDATE embedded_orders SET {column} = replace({column}, :old, 'LOST-1')", old=order_id)

        report = service.run("orders-reconcile")

        assert report.counts == {"marketplace": 1, "shop": 2, "matched": 1, "only_in_shop": 1}
        assert report.problem("UNKNOWN_THERE")["order_id"] == "LOST-1"

    def test_an_order_that_can_not_enter_keeps_its_own_reason(self, service: SandboxService) -> None:
        [order_id] = service.api.make_orders(count=1, shape="unknown_sku")
        service.run("orders-import")

        report = service.run("orders-reconcile")

        assert report.counts["only_on_marketplace"] == 1
        assert report.problem("SKU_UNKNOWN")["order_id"] == order_id

    def test_an_order_that_a_person_handled_is_not_missed(self, service: SandboxService) -> None:
        [order_id] = service.api.make_orders(count=1, shape="unknown_sku")
        service.run("orders-import")
        service.handled(order_id)

        report = service.run("orders-reconcile")

        assert (report.counts, report.codes) == ({"marketplace": 1}, set())

    def test_an_offer_that_drifted_is_named_and_sent_by_the_next_run(self, service: SandboxService) -> None:
        service.product(LAMP, quantity=7)
        service.product(PULL, price="77.00")
        service.in_step()
        service.put_offer(LAMP, quantity=50)
        service.put_offer(PULL, price="1.00")
        # The marketplace was listed a moment ago, so nothing seems to be to do.
        assert service.send_offers().counts.get("sent", 0) == 0

        report = service.run("orders-reconcile")
        service.send_offers()

        drifted = {problem["sku"]: problem["message"] for problem in report.answer["problems"]}
        assert report.counts["offers_differ"] == 2
        assert drifted.keys() == {LAMP, PULL}
        assert "marketplace: stock 50, price " in drifted[LAMP]
        assert "shop: stock 7, price " in drifted[LAMP]
        assert (service.offer(LAMP)["quantity"], service.offer(PULL)["price"]) == (7, "77.00")

    def test_each_day_says_how_many_orders_each_side_has_and_what_they_make(self, service: SandboxService) -> None:
        one = service.api.make_orders(count=1, age="2d", sku=LAMP, quantity=1)
        two = service.api.make_orders(count=2, sku=PULL, quantity=1)
        service.run("orders-import")
        service.delete(two[0])

        report = service.run("orders-reconcile")

        totals = {order_id: float(service.order(order_id)["total"]) for order_id in (*one, *two)}
        old, new = totals[one[0]], totals[two[0]] + totals[two[1]]
        days = [item["change"] for item in report.answer["items"] if item["outcome"] == "day"]
        assert days == [
            f"February 28, 2026: marketplace 1 = €{old:.2f}, shop 1 = €{old:.2f}",
            f"March 2, 2026: marketplace 2 = €{new:.2f}, shop 1 = €{totals[two[1]]:.2f}",
        ]


class TestOldOrders:
    def test_a_shop_order_that_the_list_shows_no_more_is_looked_up(self, service: SandboxService) -> None:
        service.imported()
        service.pass_time(30 * DAY_S + 12 * HOUR_S)

        report = service.run("orders-reconcile")

        assert (report.status, report.counts) == ("done", {"marketplace": 1, "shop": 1, "matched": 1})

    def test_an_old_order_that_changed_on_the_marketplace_of_late_is_looked_up_in_the_shop(
        self, service: SandboxService
    ) -> None:
        kept, deleted = service.imported_many(2)
        service.ship(kept)
        service.run("orders-status")
        service.pass_time(40 * DAY_S)
        service.delete(deleted)
        for order_id in (kept, deleted):
            service.move_order(order_id, state="closed")

        report = service.run("orders-reconcile")

        assert report.counts == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("DELETED_IN_SHOP")["order_id"] == deleted

    def test_since_looks_further_back(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.pass_time(50 * DAY_S)
        service.delete(order_id)

        short = service.run("orders-reconcile")
        long = service.run("orders-reconcile", since="60d")

        assert short.counts == {}
        assert long.counts == {"marketplace": 1, "only_on_marketplace": 1}

    def test_one_order_is_compared_by_its_id(self, service: SandboxService) -> None:
        old, _ = service.imported_many(2)
        service.pass_time(50 * DAY_S)

        report = service.run("orders-reconcile", order_id=old)

        assert (report.counts, report.items("matched")) == ({"marketplace": 1, "shop": 1, "matched": 1}, {old})


class TestCutOff:
    def test_a_run_that_is_taken_over_counts_nothing_twice_and_nothing_less(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = service.imported_many(5)
        service.delete(ids[0])
        name, cut = orders_reconcile._name_only_on_marketplace, [False]

        async def killed_once(ctx: Any) -> None:
            if not cut[0]:
                cut[0] = True
                raise LeaseLost("killed")
            await name(ctx)

        monkeypatch.setattr(orders_reconcile, "_name_only_on_marketplace", killed_once)
        run_id = service.run_of_a_dead_worker("orders-reconcile")

        report = service.taken_over(run_id)

        assert cut == [True]
        assert report.counts == {"marketplace": 5, "shop": 4, "matched": 4, "only_on_marketplace": 1}

    def test_a_comparison_that_meets_the_quota_goes_on_where_it_stood(self, service: SandboxService) -> None:
        # More pages than the quota leaves for work of this kind.
        service.api.make_orders(count=1100, state="to_accept")
        service.set(accept_when="never")
        service.imported()

        before = service.calls("OR11")
        first = service.run("orders-reconcile")
        reports = [first]
        while reports[-1].status == "paused" and len(reports) < 4:
            reports.append(service.resumed(reports[-1]))

        assert first.codes == {"QUOTA_USED_UP"}
        assert reports[-1].status == "done"
        assert reports[-1].counts == {"marketplace": 1101, "shop": 1, "matched": 1}
        # Each page brings ninety orders that are new.
        assert service.calls("OR11") - before <= 1101 // 90 + 3

    def test_a_new_comparison_never_goes_on_with_what_another_was_shown(self, service: SandboxService) -> None:
        service.imported_many(2)
        service.fault("http_503", "OF21", count=4)
        assert service.run("orders-reconcile").status == "paused"
        service.imported()

        report = service.run("orders-reconcile")

        assert report.counts == {"marketplace": 3, "shop": 3, "matched": 3}


class TestDryRun:
    def test_it_names_the_differences_and_changes_nothing(self, service: SandboxService) -> None:
        kept, deleted, cancelled = service.imported_many(3)
        service.delete(deleted)
        service.move_order(cancelled, state="cancelled")
        [unseen] = service.api.make_orders(count=1, age="3d", silent=True)
        both_sides = service.both_sides()

        dry_run = service.run("orders-reconcile", dry_run="1")

        assert service.both_sides() == both_sides
        assert dry_run.items("matched") == {kept}
        assert dry_run.items("only_on_marketplace") == {deleted, unseen}
        assert dry_run.items("state_differs") == {cancelled}
        assert dry_run.counts == service.run("orders-reconcile").counts


def test_both_sides_are_equal_after_a_day_of_all_tasks(service: SandboxService) -> None:
    service.in_step()
    shipping = service.api.make_orders(count=110, lines=1, quantity=1)
    service.api.make_orders(count=60, state="to_accept", lines=1, quantity=1, payment_delay_s=60)
    service.api.make_orders(count=40, state="shipped", fulfilment="marketplace")
    service.run("orders-accept")
    service.pass_time(HOUR_S)
    service.run("orders-import")
    for order_id in shipping[:30]:
        service.ship(order_id, number=f"8X{order_id}")
    for order_id in shipping[30:35]:
        service.move_order(order_id, state="cancelled")
    a_day(service)

    report = service.run("orders-reconcile")

    assert report.codes <= {"OUT_OF_STOCK"}
    different = {"only_on_marketplace", "only_in_shop", "state_differs", "total_differs", "offers_differ"}
    assert not different & report.counts.keys(), report.counts
    assert report.counts["shop"] == report.counts["matched"] > 150
    # Stock is the same on both sides, less what orders wait for.
    stock, on_marketplace = service.stock(), service.state()["offers"]
    waiting = {row["sku"] for row in service.rows("ledger_lines")} if report.codes else set()
    assert {sku: max(0, stock[sku]) for sku in on_marketplace if sku not in waiting} == {
        sku: offer["quantity"] for sku, offer in on_marketplace.items() if sku not in waiting
    }
