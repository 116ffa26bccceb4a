"""What accounts use of a scarce call: counted over everybody who shares it, at the rate that is told now."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.clock import JumpingClock
from app.domain.order import Fulfilment
from app.domain.poll_policy import PollPolicy
from app.domain.quota_advice import Hit, QuotaUsage
from app.domain.task import Mode, Priority, RunRequest, RunStatus, Task
from app.domain.wording import Reader
from app.marketplaces.platform import ScarceCall
from app.runs.quota_usage import QuotaUsageReader, SharedQuota
from app.store import runs
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.quotas import StoredQuotas
from app.store.runs import Run
from app.transport.operation import Operation
from app.transport.quotas import Quota
from tests.runs.builders import a_request, an_account, claimed, queued
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, heard

DAY = timedelta(days=1)
LIST = Operation(
    name="LIST", method="GET", path="/", quota=Quota(burst=20, interval_s=180, reserves={Priority.CATCH_UP: 3})
)
POLL_POLICY = PollPolicy(
    by="updated",
    overlap=timedelta(minutes=60),
    first_days=8,
    doublecheck_days=8,
    recheck_days=16,
    reconcile_days=30,
)
RECHECK = a_request(modes=frozenset({Mode.RECHECK}))


def a_reader(store: Store, **scopes: str) -> QuotaUsageReader:
    """Return a reader for the accounts of these names, each in its scope; others have no scarce call."""

    def shared_quota(account: StoredAccount) -> SharedQuota | None:
        if account.name not in scopes:
            return None
        scarce_call = ScarceCall(
            service="bazaar", operation=LIST, orders_per_call=100, address_role="Parcels", scope=lambda config: ""
        )
        return SharedQuota(scarce_call=scarce_call, scope=scopes[account.name], poll_policy=POLL_POLICY)

    return QuotaUsageReader(store=store, clock=JumpingClock(NOW), quotas=StoredQuotas(store), shared_quota=shared_quota)


def use(store: Store, account: StoredAccount, calls: int, request: RunRequest | None = None, **details: Any) -> Run:
    """Let a run ask for so many lists."""
    taken = claimed(store, queued(store, account, request, **details))
    cost = {"calls": calls, "retries": 0, "throttled": 0, "waited_s": 0.0, "operations": {"bazaar LIST": calls}}
    return run(
        store.write(
            runs.finish,
            taken.lease,
            taken.run.id,
            status=RunStatus.DONE,
            now=NOW,
            cause=None,
            resume_at=None,
            window=None,
            tally={},
            quota=cost,
        )
    )


def usage_of(quota_usage: QuotaUsageReader, account: StoredAccount, *others: StoredAccount) -> QuotaUsage:
    return run(quota_usage.usages([account, *others]))[account.id]


def sell(store: Store, account: StoredAccount, *, at: datetime, count: int, **details: Any) -> None:
    ids = [f"{account.name}-{at:%d%H}-{number}" for number in range(count)]
    heard(store, a_run_ledger(account), *(a_sale(order_id, placed_at=at, **details) for order_id in ids))


def test_an_account_whose_platform_has_calls_to_spare_has_no_load(sqlite_store: Store) -> None:
    account = an_account(sqlite_store)

    assert run(a_reader(sqlite_store).usages([account])) == {}


def test_the_calls_of_a_day_are_counted_by_hit(sqlite_store: Store) -> None:
    account = an_account(sqlite_store, "one")
    use(sqlite_store, account, 50, now=NOW - 1.1 * DAY)
    use(sqlite_store, account, 2, now=NOW - DAY / 2)
    use(sqlite_store, account, 1)
    paused = use(sqlite_store, account, 17, RECHECK)
    use(sqlite_store, account, 3, RECHECK, continues=paused.id)

    usage = usage_of(a_reader(sqlite_store, one="seller"), account)

    assert usage.hits == [
        Hit(task=Task.ORDERS_IMPORT, modes=(), runs=2, calls=3),
        Hit(task=Task.ORDERS_IMPORT, modes=("recheck",), runs=1, calls=20),
    ]
    assert (usage.calls, usage.allowed, usage.at_once) == (23, 480, 17)
    assert usage.share == pytest.approx(23 / 480)


def test_twice_the_rate_is_twice_the_calls_of_a_day(sqlite_store: Store) -> None:
    account, quota_usage = an_account(sqlite_store, "one"), a_reader(sqlite_store, one="seller")
    use(sqlite_store, account, 48)
    assert LIST.quota is not None

    learned = quota_usage.quotas.learn(scope="seller", operation="LIST", quota=LIST.quota, interval_s=90, now=NOW)
    run(learned)

    usage = usage_of(quota_usage, account)
    assert usage.allowed == 960
    assert usage.share == pytest.approx(0.05)


def test_accounts_that_share_a_quota_share_what_is_reported_of_it(sqlite_store: Store) -> None:
    one, two = an_account(sqlite_store, "one"), an_account(sqlite_store, "two", seller_key="two")
    other = an_account(sqlite_store, "other", seller_key="other")
    for account, calls in ((one, 10), (two, 20), (other, 40)):
        use(sqlite_store, account, calls)
        sell(sqlite_store, account, at=NOW - DAY, count=7)

    usages = run(a_reader(sqlite_store, one="seller", two="seller", other="else").usages([one, two, other]))

    assert usages[one.id] == usages[two.id]
    assert (usages[one.id].calls, usages[one.id].accounts) == (30, 2)
    assert (usages[other.id].calls, usages[other.id].accounts) == (40, 1)
    assert usages[one.id].orders_per_day == 2 * usages[other.id].orders_per_day


@pytest.mark.parametrize(
    ("connected_days", "placed_days", "per_day"),
    [
        (30, 1, 14 / 7),
        (30, 9, 0),
        (0, 2, 14 / 2),
        (0, 0, 14),
        (3, 1, 14 / 3),
    ],
)
def test_orders_are_those_of_the_last_week_or_of_the_days_known(
    sqlite_store: Store, connected_days: int, placed_days: int, per_day: float
) -> None:
    account = an_account(sqlite_store, "one", created_at=NOW - connected_days * DAY)
    sell(sqlite_store, account, at=NOW - placed_days * DAY, count=14)

    found = run(a_reader(sqlite_store).orders_per_day(account))

    assert sum(found.values()) == pytest.approx(per_day)


def test_orders_are_reported_by_who_ships_them(sqlite_store: Store) -> None:
    account = an_account(sqlite_store, "one", created_at=NOW - 30 * DAY)
    sell(sqlite_store, account, at=NOW - DAY, count=7)
    sell(sqlite_store, account, at=NOW - 2 * DAY, count=14, fulfilment=Fulfilment.MARKETPLACE)

    usage = usage_of(a_reader(sqlite_store, one="seller"), account)

    assert usage.orders == {Fulfilment.MERCHANT: 1.0, Fulfilment.MARKETPLACE: 2.0}


class TestFindings:
    def test_there_are_none_without_a_budget(self, sqlite_store: Store) -> None:
        account = an_account(sqlite_store)

        assert run(a_reader(sqlite_store).findings(account)) == []

    def test_the_first_says_the_share_of_the_day(self, sqlite_store: Store) -> None:
        account = an_account(sqlite_store, "one")
        use(sqlite_store, account, 24)

        [found] = run(a_reader(sqlite_store, one="seller").findings(account))

        assert (found.code, found.ok) == ("QUOTA_SHARE", True)
        assert "Of the 480 LIST calls of a day, 24 were used in the last 24 hours (5 %)" in found.said(Reader()).message

    def test_a_share_above_80_per_cent_is_not_good_and_says_what_to_make_rarer(self, sqlite_store: Store) -> None:
        account = an_account(sqlite_store, "one")
        use(sqlite_store, account, 385)

        [found] = run(a_reader(sqlite_store, one="seller").findings(account))

        assert (found.code, found.ok) == ("QUOTA_SHARE", False)
        assert found.said(Reader("fr")).fix.startswith("Appelez orders-import moins souvent")

    def test_a_large_shop_gets_advice_that_is_no_fault(self, sqlite_store: Store) -> None:
        account = an_account(sqlite_store, "one")
        sell(sqlite_store, account, at=NOW - timedelta(hours=2), count=101)

        found = run(a_reader(sqlite_store, one="seller").findings(account))

        assert [each.code for each in found] == ["QUOTA_SHARE", *["QUOTA_ADVICE"] * 3]
        assert all(each.ok for each in found)
        assert "the role Parcels" in found[-1].said(Reader()).message
