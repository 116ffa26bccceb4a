"""What an account's runs cost, and how many orders it has."""

from datetime import timedelta

import pytest

from app.domain.order import Fulfilment
from app.domain.task import Mode, RunStatus
from app.store import accounts, order_actions, orders, run_costs, runs
from app.store.engine import Store
from app.store.ledger import Seller
from app.store.run_costs import RunCost
from tests.runs.builders import SELLER, a_request, an_account, claimed, queued, run_row
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, heard

DAY = timedelta(days=1)
FREE = {"calls": 0, "retries": 0, "throttled": 0, "waited_s": 0.0}


def used(store: Store, row_id: str, *, lists: int) -> None:
    """End a run that was begun and asked for so many lists."""
    taken = claimed(store, run_row(store, row_id))
    run(
        store.write(
            runs.finish,
            taken.lease,
            row_id,
            status=RunStatus.DONE,
            now=NOW,
            cause=None,
            resume_at=None,
            window=None,
            tally={},
            quota={**FREE, "operations": {"amazon searchOrders": lists}},
        )
    )


def test_costs_are_reported_run_by_run_with_what_was_asked(store: Store) -> None:
    account, other = an_account(store), an_account(store, "other", seller_key="mirakl.example/2")
    live = queued(store, account)
    used(store, live.id, lists=2)
    used(store, queued(store, account, a_request(modes=frozenset({Mode.RECHECK})), continues=live.id).id, lists=5)
    used(store, queued(store, account, now=NOW - 2 * DAY).id, lists=7)
    used(store, queued(store, other).id, lists=11)

    found = run(store.read(run_costs.costs_since, [account.id], since=NOW - DAY))

    assert found == [
        RunCost(task="orders-import", modes=(), goes_on=False, calls={"amazon searchOrders": 2}),
        RunCost(task="orders-import", modes=("recheck",), goes_on=True, calls={"amazon searchOrders": 5}),
    ]


def test_a_run_under_way_cost_nothing_yet(store: Store) -> None:
    account = an_account(store)
    queued(store, account)

    assert run(store.read(run_costs.costs_since, [account.id], since=NOW - DAY))[0].calls == {}


def test_a_run_that_was_handed_over_costs_what_all_its_workers_asked(store: Store) -> None:
    row = queued(store, an_account(store))
    first = claimed(store, row)
    before = {**FREE, "calls": 4, "operations": {"amazon searchOrders": 3, "amazon token": 1}}
    run(store.write(runs.hand_over, first.lease, row.id, quota=before))

    used(store, row.id, lists=2)

    cost = run_row(store, row.id).quota
    assert cost == {**FREE, "calls": 4, "operations": {"amazon searchOrders": 5, "amazon token": 1}}


def test_a_worker_that_asked_nothing_forgets_nothing(store: Store) -> None:
    row = queued(store, an_account(store))
    asked = {**FREE, "operations": {"amazon searchOrders": 3}}
    run(store.write(runs.hand_over, claimed(store, row).lease, row.id, quota=asked))

    run(store.write(runs.hand_over, claimed(store, row).lease, row.id, quota=FREE))

    assert run_row(store, row.id).quota == asked


def test_orders_are_counted_by_who_ships_them_since_they_were_placed(store: Store) -> None:
    account = an_account(store)
    theirs = Fulfilment.MARKETPLACE
    sales = [
        a_sale("MKP-1", placed_at=NOW - DAY),
        a_sale("MKP-2", placed_at=NOW - 3 * DAY, fulfilment=theirs),
        a_sale("MKP-3", placed_at=NOW - 6 * DAY, fulfilment=theirs),
        a_sale("MKP-4", placed_at=NOW - 9 * DAY),
    ]
    heard(store, a_run_ledger(account), *sales)

    assert run(store.read(orders.placed_by_fulfilment, account.id, since=NOW - 7 * DAY)) == {
        "merchant": 1,
        "marketplace": 2,
    }
    assert run(store.read(orders.first_placed_at, account.id)) == NOW - 9 * DAY


@pytest.mark.parametrize("known", [0, 1])
def test_ids_that_were_only_adopted_are_no_orders_of_today(store: Store, known: int) -> None:
    account = an_account(store)
    heard(store, a_run_ledger(account), *[a_sale("MKP-1", placed_at=NOW - DAY)][:known])
    row = run(store.read(accounts.account_named, account.name))
    assert row is not None
    seller = Seller(account_id=row.id, shop_id=row.shop_id, platform=row.platform, seller_key=SELLER)

    run(store.write(order_actions.adopt, seller, {"MKP-7": None, "MKP-8": None}, now=NOW))

    found = run(store.read(orders.placed_by_fulfilment, account.id, since=NOW - 7 * DAY))
    assert found == ({"merchant": 1} if known else {})
