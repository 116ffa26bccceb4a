"""What a day's orders cost of a scarce call, and what is advised: figures of Amazon's list of orders."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.domain.order import Fulfilment
from app.domain.poll_policy import LateOrders, PollPolicy
from app.domain.quota_advice import Hit, QuotaUsage, advise, forecast, usage_summary
from app.domain.sentences_marketplaces_en import SENTENCES
from app.domain.task import Task
from app.domain.wording import Reader, sentence

POLL_POLICY = PollPolicy(
    by="updated",
    overlap=timedelta(minutes=60),
    first_days=8,
    doublecheck_days=8,
    recheck_days=16,
    reconcile_days=30,
    late_orders=LateOrders(every=timedelta(hours=6), most=100, days=2),
)
RATE = 0.0056
ROLE = "Parcels"


def a_usage(*hits: Hit, ours: float = 0.0, theirs: float = 0.0, rate: float = RATE, accounts: int = 1) -> QuotaUsage:
    return QuotaUsage(
        operation="searchOrders",
        orders_per_call=100,
        interval_s=1 / rate,
        at_once=17,
        role=ROLE,
        poll_policy=POLL_POLICY,
        orders={Fulfilment.MERCHANT: ours, Fulfilment.MARKETPLACE: theirs},
        hits=hits,
        accounts=accounts,
    )


def imports(calls: int, *, runs: int = 24) -> Hit:
    return Hit(task=Task.ORDERS_IMPORT, modes=(), runs=runs, calls=calls)


def rechecks(calls: int, *, runs: int = 1) -> Hit:
    return Hit(task=Task.ORDERS_IMPORT, modes=("recheck",), runs=runs, calls=calls)


def codes(usage: QuotaUsage) -> list[str]:
    """Return which sentences are said."""
    return [each.says.code.removeprefix("QUOTA_") for each in advise(usage)]


def params(usage: QuotaUsage, key: str) -> Mapping[str, Any]:
    """Return what one of the sentences says."""
    return next(each.says.params for each in advise(usage) if each.says.code == f"QUOTA_{key}")


class TestTheArithmetic:
    def test_a_day_refills_483_8_calls(self) -> None:
        assert a_usage().allowed == pytest.approx(483.84)

    def test_the_share_is_that_of_the_calls_that_a_day_refills(self) -> None:
        assert a_usage(imports(100), rechecks(21)).share == pytest.approx(0.25, abs=0.001)

    def test_twice_the_rate_is_half_the_share(self) -> None:
        assert a_usage(imports(121), rate=2 * RATE).share == pytest.approx(a_usage(imports(121)).share / 2)

    def test_without_orders_every_pass_costs_a_call(self) -> None:
        day = forecast(a_usage(), minutes=60)

        assert (day.imports, day.late_passes, day.recheck, day.doublecheck, day.statuses) == (24, 4, 1, 1, 6)

    def test_what_the_marketplace_ships_costs_passes_and_a_recheck_of_16_days(self) -> None:
        day = forecast(a_usage(theirs=500), minutes=60)

        assert (day.imports, day.late_passes, day.recheck, day.doublecheck) == (24, 4 * 15, 80, 1)

    def test_all_that_the_merchant_ships_is_listed_shipped_or_not(self) -> None:
        assert forecast(a_usage(ours=500), minutes=60).doublecheck == 40

    def test_polls_of_five_minutes_cost_twelve_calls_an_hour(self) -> None:
        assert forecast(a_usage(ours=500), minutes=5).imports == 24 * 12

    def test_a_list_longer_than_a_page_costs_more_each_time(self) -> None:
        assert forecast(a_usage(ours=1800), minutes=60).imports == 24 * 3

    def test_every_account_pays_its_own_imports(self) -> None:
        assert forecast(a_usage(ours=100, accounts=3), minutes=60).imports == 3 * 24


class TestAdvice:
    @pytest.mark.parametrize("orders", [0.0, 0.4, 100.0])
    def test_a_small_shop_with_calls_to_spare_hears_nothing(self, orders: float) -> None:
        assert codes(a_usage(imports(28), ours=orders)) == []

    def test_above_100_orders_a_day_it_says_how_often_and_which_role(self) -> None:
        usage = a_usage(imports(28), ours=101)

        assert codes(usage) == ["IMPORT_BETWEEN", "CATCH_UPS", "ROLE"]
        assert params(usage, "IMPORT_BETWEEN") == {
            "operation": "searchOrders",
            "allowed": 483,
            "orders": 101,
            "minutes": 20,
            "most_minutes": 60,
            "needed": 72 + 4 + 1 + 9 + 6,
        }
        assert params(usage, "ROLE") == {"role": ROLE}

    def test_above_500_it_also_says_to_use_one_account_and_a_narrower_range(self) -> None:
        usage = a_usage(imports(150, runs=144), ours=501)

        assert codes(usage) == ["IMPORT_BETWEEN", "CATCH_UPS", "ONE_ACCOUNT", "ROLE"]
        assert (params(usage, "IMPORT_BETWEEN")["minutes"], params(usage, "IMPORT_BETWEEN")["most_minutes"]) == (10, 20)

    def test_a_shop_that_ships_nothing_itself_needs_no_addresses(self) -> None:
        assert "ROLE" not in codes(a_usage(theirs=501))

    def test_a_catch_up_longer_than_a_bucket_says_how_long_it_takes(self) -> None:
        # 80 calls, 17 at once, the others one in 178.6 s: three hours and a little.
        assert params(a_usage(theirs=500), "LONG_CATCH_UPS") == {
            "recheck": 80,
            "doublecheck": 1,
            "hours": 4,
            "at_once": 17,
        }

    def test_passes_over_many_parcels_of_the_marketplace_leave_less_for_imports(self) -> None:
        assert params(a_usage(theirs=700), "IMPORT_BETWEEN")["minutes"] == 15

    def test_a_day_that_is_too_short_says_what_to_leave_out(self) -> None:
        usage = a_usage(ours=1000, theirs=1000)

        days = params(usage, "TOO_MANY_DAYS")["days"]
        day = forecast(usage, minutes=60)
        assert day.total > 0.8 * usage.allowed
        assert day.total - day.recheck + days * 10 <= 0.8 * usage.allowed < day.total - day.recheck + (days + 1) * 10

    def test_where_the_merchants_own_orders_are_too_many_no_window_is_to_blame(self) -> None:
        assert codes(a_usage(ours=10_000))[:2] == ["IMPORT_EVERY", "TOO_MUCH"]

    def test_twice_the_rate_lets_a_large_shop_import_more_often(self) -> None:
        assert params(a_usage(theirs=700, rate=2 * RATE), "IMPORT_BETWEEN")["minutes"] == 10

    def test_accounts_that_share_the_calls_hear_so(self) -> None:
        assert "ACCOUNTS_SHARE" in codes(a_usage(ours=101, accounts=2))
        assert "ONE_ACCOUNT" not in codes(a_usage(ours=501, accounts=2))


class TestAShare:
    @pytest.mark.parametrize(("calls", "keys"), [(217, []), (219, ["HALF_USED"]), (387, ["HALF_USED"])])
    def test_above_45_per_cent_it_warns(self, calls: int, keys: list[str]) -> None:
        assert codes(a_usage(imports(calls, runs=144))) == keys

    def test_the_warning_names_what_used_most(self) -> None:
        usage = a_usage(imports(100), rechecks(150))

        assert advise(usage)[0].says.params["hit"] == "orders-import?recheck=1"

    def test_above_80_per_cent_it_says_to_import_less_often_where_that_is_most(self) -> None:
        usage = a_usage(imports(388, runs=288), rechecks(1), ours=10)

        assert codes(usage) == ["NEARLY_USED_UP", "RARER_IMPORT"]
        assert params(usage, "RARER_IMPORT") == {"hit": "orders-import", "hit_calls": 388, "runs": 288, "minutes": 30}

    def test_an_import_is_never_advised_to_run_as_often_as_it_does(self) -> None:
        hourly = a_usage(imports(400, runs=24), ours=600)
        every_ten_minutes = a_usage(imports(400, runs=144), ours=600)

        assert params(hourly, "RARER_IMPORT")["minutes"] == 120
        assert params(every_ten_minutes, "RARER_IMPORT")["minutes"] == 15
        assert params(every_ten_minutes, "IMPORT_BETWEEN")["minutes"] == 15

    @pytest.mark.parametrize(("runs", "key"), [(4, "RARER_CATCH_UP"), (1, "SHORTER_CATCH_UP")])
    def test_a_catch_up_that_used_most_is_made_rarer_or_shorter(self, runs: int, key: str) -> None:
        assert codes(a_usage(imports(24), rechecks(400, runs=runs))) == ["NEARLY_USED_UP", key]

    def test_another_task_that_used_most_is_named(self) -> None:
        usage = a_usage(Hit(task=Task.ORDERS_RECONCILE, modes=(), runs=3, calls=400))

        assert params(usage, "RARER")["hit"] == "orders-reconcile"


class TestSentences:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_every_sentence_can_be_said(self, language: Any) -> None:
        usages = [
            a_usage(
                imports(calls, runs=runs), rechecks(again, runs=2), *more, ours=ours, theirs=theirs, accounts=accounts
            )
            for calls, runs, again, more in (
                (24, 24, 1, ()),
                (250, 24, 1, ()),
                (400, 24, 1, ()),
                (24, 24, 400, ()),
                (1, 1, 1, (Hit(task=Task.ORDERS_RECONCILE, modes=(), runs=3, calls=400),)),
            )
            for ours, theirs in ((0.4, 0.0), (101.0, 0.0), (501.0, 501.0), (10_000.0, 0.0), (0.0, 2000.0))
            for accounts in (1, 2)
        ] + [a_usage(rechecks(400))]

        advice = [each.says for usage in usages for each in (usage_summary(usage), *advise(usage))]
        said = {each.code: sentence(each, Reader(language)) for each in advice}

        assert said.keys() == {code for code in SENTENCES if code.startswith("QUOTA_")}
        assert [sentence for sentence in said.values() if "{" in sentence or not sentence.endswith(".")] == []

    def test_a_small_number_is_written_as_the_language_does(self) -> None:
        usage = a_usage(ours=0.4)

        assert sentence(usage_summary(usage).says, Reader("en")).startswith("Orders a day: 0.4.")
        assert sentence(usage_summary(usage).says, Reader("fr")).startswith("Commandes par jour : 0,4.")
