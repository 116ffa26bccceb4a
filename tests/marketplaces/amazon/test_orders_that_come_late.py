"""Orders that a search finds long after they changed: imported exactly once, whatever the index does."""

import pytest

from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService

LAG_S = 55 * 60


@pytest.mark.parametrize("lag_s", [10 * 60, LAG_S])
def test_orders_that_are_found_up_to_an_hour_late_are_imported_exactly_once_by_an_hourly_cron(
    service: AmazonService, lag_s: int
) -> None:
    made: list[str] = []

    for _ in range(12):
        service.run()
        made += service.make(1, index_lag_s=lag_s) + service.make(1)
        service.pass_hours(1)
    service.pass_hours(1)
    service.run()

    assert service.shop_orders() == dict.fromkeys(made, 1)


def test_an_hourly_cron_over_a_day_loses_none_of_the_orders_that_the_index_holds_back(service: AmazonService) -> None:
    service.switch(late_index_rate=0.5, late_index_max_s=LAG_S)
    made = service.make(48, over="20h")

    for _ in range(24):
        service.pass_hours(1)
        service.run()

    assert service.shop_orders() == dict.fromkeys(made, 1)
    assert service.state()["throttled"] == {}


def test_what_is_found_later_than_the_windows_overlap_comes_with_the_daily_second_look(service: AmazonService) -> None:
    service.run()
    service.pass_hours(1)
    [order_id] = service.make(index_lag_s=3 * 3600)
    for _ in range(4):
        service.pass_hours(1)
        service.run()
    before = service.shop_orders()

    report = service.run(doublecheck=1)

    assert before == {}
    assert service.shop_orders() == {order_id: 1}
    assert report.answer["counts"]["found_by_catch_up"] == 1


def test_an_order_of_which_an_older_version_is_shown_again_stays_as_it_was_known_last(service: AmazonService) -> None:
    [order_id] = service.make(state="pending", payment_delay_s=600)
    service.pass_time(FOUND_AFTER_S)
    service.run()
    service.pass_time(FOUND_AFTER_S + 600)
    service.run()
    old = {"fulfillment": {"fulfillmentStatus": "PENDING", "fulfilledBy": "MERCHANT"}}
    service.gateway.change = lambda record: {**record, **old, "lastUpdatedTime": "2026-03-02T11:59:00.000Z"}
    service.pass_hours(0.5)

    service.run()

    assert service.intake(order_id) == ("imported", "")


def test_429s_that_say_nothing_waste_one_call_each_and_delay_the_import_by_one_token(service: AmazonService) -> None:
    service.run()
    made = service.make(3)
    service.pass_time(FOUND_AFTER_S)
    service.fault("http_429", operation="searchOrders", count=2)
    before = service.api.clock.now()

    report = service.run()

    waited_s = (service.api.clock.now() - before).total_seconds()
    assert (report.status, report.answer["quota"]["throttled"]) == ("done", 2)
    # A token comes every 178.6 s, and each stray 429 waits for the next one.
    assert waited_s == pytest.approx(2 * 178.6, abs=5)
    assert service.shop_orders() == dict.fromkeys(made, 1)
