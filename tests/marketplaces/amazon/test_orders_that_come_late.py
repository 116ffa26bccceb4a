"""Orders that a search finds long after they changed: imported exactly once, whatever the index does."""

import pytest

from tests.marketplaces.amazon.merchant import FOUND_AFTER_S, Merchant

LAG_S = 55 * 60


@pytest.mark.parametrize("lag_s", [10 * 60, LAG_S])
def test_orders_that_are_found_up_to_an_hour_late_are_imported_exactly_once_by_an_hourly_cron(
    merchant: Merchant, lag_s: int
) -> None:
    made: list[str] = []

    for _ in range(12):
        merchant.run()
        made += merchant.make(1, index_lag_s=lag_s) + merchant.make(1)
        merchant.pass_hours(1)
    merchant.pass_hours(1)
    merchant.run()

    assert merchant.shop_orders() == dict.fromkeys(made, 1)


def test_an_hourly_cron_over_a_day_loses_none_of_the_orders_that_the_index_holds_back(merchant: Merchant) -> None:
    merchant.switch(late_index_rate=0.5, late_index_max_s=LAG_S)
    made = merchant.make(48, over="20h")

    for _ in range(24):
        merchant.pass_hours(1)
        merchant.run()

    assert merchant.shop_orders() == dict.fromkeys(made, 1)
    assert merchant.state()["throttled"] == {}


def test_what_is_found_later_than_the_windows_overlap_comes_with_the_daily_second_look(merchant: Merchant) -> None:
    merchant.run()
    merchant.pass_hours(1)
    [order_id] = merchant.make(index_lag_s=3 * 3600)
    for _ in range(4):
        merchant.pass_hours(1)
        merchant.run()
    before = merchant.shop_orders()

    report = merchant.run(doublecheck=1)

    assert before == {}
    assert merchant.shop_orders() == {order_id: 1}
    assert report.answer["counts"]["found_by_catch_up"] == 1


def test_an_order_of_which_an_older_version_is_shown_again_stays_as_it_was_known_last(merchant: Merchant) -> None:
    [order_id] = merchant.make(state="pending", payment_delay_s=600)
    merchant.pass_time(FOUND_AFTER_S)
    merchant.run()
    merchant.pass_time(FOUND_AFTER_S + 600)
    merchant.run()
    old = {"fulfillment": {"fulfillmentStatus": "PENDING", "fulfilledBy": "MERCHANT"}}
    merchant.gateway.change = lambda record: {**record, **old, "lastUpdatedTime": "2026-03-02T11:59:00.000Z"}
    merchant.pass_hours(0.5)

    merchant.run()

    assert merchant.intake(order_id) == ("imported", "")


def test_429s_that_say_nothing_waste_one_call_each_and_delay_the_import_by_one_token(merchant: Merchant) -> None:
    merchant.run()
    made = merchant.make(3)
    merchant.pass_time(FOUND_AFTER_S)
    merchant.fault("http_429", operation="searchOrders", count=2)
    before = merchant.service.clock.now()

    report = merchant.run()

    waited_s = (merchant.service.clock.now() - before).total_seconds()
    assert (report.status, report.answer["quota"]["throttled"]) == ("done", 2)
    # A token comes every 178.6 s, and each stray 429 waits for the next one.
    assert waited_s == pytest.approx(2 * 178.6, abs=5)
    assert merchant.shop_orders() == dict.fromkeys(made, 1)
