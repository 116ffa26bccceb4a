"""Runs: joined, queued, claimed, taken over, ended, resumed and purged, on both databases."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.domain.order import Fulfilment
from app.domain.task import Mode, RunRequest, RunStatus, Task
from app.errors import LeaseLost, StoreUnavailable
from app.runs.schedule import min_interval
from app.store import accounts, leases, run_items, runs
from app.store.accounts import AccountChanged
from app.store.engine import Store
from app.store.run_items import ItemNote
from app.store.runs import Arrived, Run
from app.store.tables import LeaseRow, RunRow
from tests.runs.builders import (
    OTHER,
    OWNER,
    a_request,
    a_run,
    all_runs,
    an_account,
    claimed,
    ended,
    finished,
    queued,
    run_row,
)
from tests.runs.races import meeting
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.support.kept_engines import KeptEngines

RECHECK = a_request(modes=frozenset({Mode.RECHECK}))
DRY_RUN = a_request(dry_run=True)
GONE = -1.0
COMBINATIONS = [
    a_request(),
    RECHECK,
    a_request(modes=frozenset({Mode.RECHECK, Mode.DOUBLECHECK})),
    DRY_RUN,
    a_request(order_ids=("A",)),
    a_request(order_ids=("A", "B")),
    a_request(since="5d"),
    a_request(fulfilments=frozenset({Fulfilment.MERCHANT})),
]


def test_an_equal_hit_joins_the_queued_run_and_the_running_one(store: Store) -> None:
    account = an_account(store)
    first = queued(store, account)

    while_queued = arrived(store, a_run(account))
    claimed(store, first)
    while_running = arrived(store, a_run(account))

    assert (while_queued.arrival, while_running.arrival) == ("joined", "joined")
    assert while_queued.run.id == while_running.run.id == first.id


def test_hits_that_ask_for_something_else_never_join(store: Store) -> None:
    account = an_account(store)

    met = [arrived(store, a_run(account, request)).arrival for request in COMBINATIONS]

    assert met == ["new"] * len(COMBINATIONS)


def test_the_order_of_ids_and_their_repetition_make_no_difference(store: Store) -> None:
    account = an_account(store)
    first = queued(store, account, a_request(order_ids=("A", "B")))

    again = arrived(store, a_run(account, a_request(order_ids=("B", "A", "B"))))

    assert again.run.id == first.id


def test_tasks_and_accounts_do_not_join_each_other(store: Store) -> None:
    one, two = an_account(store, "one", seller_key="one"), an_account(store, "two", seller_key="two")

    met = [
        arrived(store, a_run(account, a_request(task))).arrival
        for account in (one, two)
        for task in (Task.ORDERS_ACCEPT, Task.ORDERS_IMPORT)
    ]

    assert met == ["new"] * 4


def test_of_twenty_equal_hits_in_two_processes_one_begins_a_run(store: Store) -> None:
    account = an_account(store)

    met = storm(store, [a_run(account) for _ in range(20)])

    assert sorted(each.arrival for each in met) == ["joined"] * 19 + ["new"]
    assert len({each.run.id for each in met}) == len(run(store.read(all_runs))) == 1


def test_of_twenty_hits_with_one_slot_one_begins_a_run(store: Store) -> None:
    account = an_account(store)

    met = storm(store, [a_run(account, slot="2026-11-21T09:00Z") for _ in range(20)])

    assert [each.arrival for each in met].count("new") == 1
    assert len({each.run.id for each in met}) == 1


def test_a_hit_that_meets_an_equal_one_being_written_joins_it(postgres_store: Store) -> None:
    account = an_account(postgres_store)
    rows = a_run(account), a_run(account)

    first, second = meeting(
        postgres_store,
        lambda session: runs.arrive(session, rows[0], min_interval=None),
        lambda session: runs.arrive(session, rows[1], min_interval=None),
    )

    assert (first.arrival, second.arrival) == ("new", "joined")
    assert second.run.id == first.run.id


def test_a_hit_that_meets_a_whole_run_of_its_slot_gets_that_run(postgres_store: Store) -> None:
    account = an_account(postgres_store)
    rows = a_run(account, slot="09:00"), a_run(account, slot="09:00")

    def begin_and_end(session: Session) -> Arrived:
        met = runs.arrive(session, rows[0], min_interval=None)
        session.get_one(RunRow, met.run.id).status = RunStatus.DONE
        return met

    first, second = meeting(
        postgres_store, begin_and_end, lambda session: runs.arrive(session, rows[1], min_interval=None)
    )

    assert (second.arrival, second.run.id) == ("known_slot", first.run.id)


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"start_from": "2026-01-01T00:00:00Z", "language": "fr"}},
        {"token_generation": 2},
        {"removed_at": NOW},
        {"name": "another"},
    ],
)
def test_a_hit_for_an_account_that_is_no_longer_as_remembered_writes_nothing(
    store: Store, change: dict[str, Any]
) -> None:
    account = an_account(store)
    run(store.write(accounts.change_account, account.id, change))

    with pytest.raises(AccountChanged):
        run(store.write(runs.arrive, a_run(account), min_interval=None, remembered=account))

    assert run(store.read(all_runs)) == []


def test_a_hit_for_an_account_as_it_is_remembered_begins_a_run(store: Store) -> None:
    account = an_account(store)

    arrived = run(store.write(runs.arrive, a_run(account), min_interval=None, remembered=account))

    assert (arrived.arrival, run_row(store, arrived.run.id).status) == ("new", RunStatus.QUEUED)


def test_a_hit_that_finds_neither_room_nor_a_run_to_join_is_asked_to_come_again(store: Store) -> None:
    account = an_account(store)
    done = ended(store, account)
    row = replace(a_run(account), id=done.id)

    with pytest.raises(StoreUnavailable, match="call again"):
        run(store.write(runs.arrive, row, min_interval=None))


def test_a_different_hit_waits_behind_the_lease_of_the_first(store: Store) -> None:
    account = an_account(store)
    live, recheck = queued(store, account), queued(store, account, RECHECK)
    at_work = claimed(store, live)

    early = claim(store, recheck)
    finished(store, at_work)
    later = claim(store, recheck)

    assert early is None
    assert later is not None


def test_a_paused_run_is_not_joined(store: Store) -> None:
    account = an_account(store)
    paused = ended(store, account, status=RunStatus.PAUSED, resume_at=NOW)

    met = arrived(store, a_run(account))

    assert met.arrival == "new"
    assert met.run.id != paused.id


def test_a_slot_runs_once_even_when_its_run_has_ended(store: Store) -> None:
    account = an_account(store)
    first = ended(store, account, slot="09:00")

    again = arrived(store, a_run(account, slot="09:00"))
    next_one = arrived(store, a_run(account, slot="10:00"))

    assert (again.arrival, again.run.id) == ("known_slot", first.id)
    assert next_one.arrival == "new"


@pytest.mark.parametrize("status", [RunStatus.PARTIAL, RunStatus.PAUSED])
def test_a_slot_that_came_through_or_goes_on_by_itself_is_known(store: Store, status: RunStatus) -> None:
    account = an_account(store)
    ended(store, account, slot="09:00", status=status, resume_at=NOW)

    assert arrived(store, a_run(account, slot="09:00")).arrival == "known_slot"


def test_a_slot_whose_run_failed_may_run_again(store: Store) -> None:
    account = an_account(store)
    ended(store, account, slot="09:00", status=RunStatus.FAILED)

    assert arrived(store, a_run(account, slot="09:00")).arrival == "new"


def test_a_slot_belongs_to_what_was_asked(store: Store) -> None:
    account = an_account(store)
    ended(store, account, slot="daily")

    met = [arrived(store, a_run(account, request, slot="daily")).arrival for request in COMBINATIONS[1:]]

    assert met == ["new"] * len(COMBINATIONS[1:])


def test_a_hit_too_soon_is_skipped_and_names_the_last_run(store: Store) -> None:
    account = an_account(store)
    last = ended(store, account)

    met = arrived(store, a_run(account, now=NOW + timedelta(minutes=3, seconds=59)), interval=True)

    assert met.arrival == "too_soon"
    row = run_row(store, met.run.id)
    assert (row.status, row.last_run_id, row.counts) == (RunStatus.SKIPPED, last.id, None)
    assert row.started_at == row.finished_at == row.created_at


def test_a_cron_of_five_minutes_that_comes_a_minute_early_still_runs(store: Store) -> None:
    account = an_account(store)
    ended(store, account)

    assert arrived(store, a_run(account, now=NOW + timedelta(minutes=4)), interval=True).arrival == "new"


def test_the_interval_counts_from_the_start_of_the_last_run(store: Store) -> None:
    account = an_account(store)
    row = queued(store, account, now=NOW)
    at_work = claimed(store, row, now=NOW)
    finished(store, at_work, now=NOW + timedelta(minutes=9))

    assert arrived(store, a_run(account, now=NOW + timedelta(minutes=9)), interval=True).arrival == "new"


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.PAUSED])
def test_the_interval_does_not_count_from_a_run_that_did_not_come_through(store: Store, status: RunStatus) -> None:
    account = an_account(store)
    ended(store, account, status=status, resume_at=NOW)

    assert arrived(store, a_run(account, now=NOW), interval=True).arrival == "new"


def test_the_interval_counts_from_a_partial_run_and_not_from_a_skipped_one(store: Store) -> None:
    account = an_account(store)
    ended(store, account, status=RunStatus.PARTIAL)
    arrived(store, a_run(account, now=NOW + timedelta(minutes=3)), interval=True)

    assert arrived(store, a_run(account, now=NOW + timedelta(minutes=1)), interval=True).arrival == "too_soon"
    assert arrived(store, a_run(account, now=NOW + timedelta(minutes=4)), interval=True).arrival == "new"


def test_the_interval_is_kept_for_each_combination_alone(store: Store) -> None:
    account = an_account(store)
    ended(store, account)

    assert arrived(store, a_run(account, RECHECK), interval=True).arrival == "new"


def test_a_skipped_hit_does_not_use_up_its_slot(store: Store) -> None:
    account = an_account(store)
    ended(store, account)
    arrived(store, a_run(account, slot="09:00", now=NOW + timedelta(minutes=1)), interval=True)

    met = arrived(store, a_run(account, slot="09:00", now=NOW + timedelta(minutes=5)), interval=True)

    assert met.arrival == "new"


def test_a_claimed_run_is_running_and_a_second_claim_gets_nothing(store: Store) -> None:
    row = queued(store, an_account(store))

    first, second = claimed(store, row), claim(store, row, owner=OTHER)

    assert (first.run.status, first.run.attempt, first.run.started_at) == (RunStatus.RUNNING, 1, NOW)
    assert second is None


def test_of_ten_claims_at_once_one_gets_the_run(store: Store) -> None:
    row = queued(store, an_account(store))

    async def scene(other: Store) -> list[runs.Claimed | None]:
        return await asyncio.gather(
            *(
                who.write(runs.claim, row.id, owner=f"worker {number}", lease_s=20, now=NOW)
                for number in range(5)
                for who in (store, other)
            )
        )

    with closing(Store(store.url, engines=KeptEngines)) as other:
        got = run(scene(other))

    assert sum(each is not None for each in got) == 1


def test_each_claim_of_a_key_gets_a_higher_epoch(store: Store) -> None:
    account = an_account(store)
    first = claimed(store, queued(store, account))
    finished(store, first)

    second = claimed(store, queued(store, account))

    assert second.lease.key == first.lease.key
    assert second.lease.epoch > first.lease.epoch


def test_a_takeover_keeps_the_run_and_raises_its_attempt(store: Store) -> None:
    row = queued(store, an_account(store))
    first = claimed(store, row, lease_s=GONE)

    second = claimed(store, row, owner=OTHER, now=NOW + timedelta(seconds=30))

    assert second.run.id == row.id
    assert (second.run.attempt, second.run.started_at) == (2, NOW)
    assert second.lease.epoch == first.lease.epoch + 1


def test_a_worker_that_was_followed_can_not_end_the_run(store: Store) -> None:
    row = queued(store, an_account(store))
    first = claimed(store, row, lease_s=GONE)
    claimed(store, row, owner=OTHER)

    with pytest.raises(LeaseLost):
        finished(store, first)

    assert run_row(store, row.id).status == RunStatus.RUNNING


def test_a_worker_that_was_followed_can_not_put_the_run_back(store: Store) -> None:
    row = queued(store, an_account(store))
    first = claimed(store, row, lease_s=GONE)
    claimed(store, row, owner=OTHER)

    with pytest.raises(LeaseLost):
        run(store.write(runs.hand_over, first.lease, row.id, quota={}))

    assert run_row(store, row.id).status == RunStatus.RUNNING


def test_an_ended_run_is_claimed_by_nobody(store: Store) -> None:
    row = ended(store, an_account(store))

    assert claim(store, row) is None
    assert run(store.read(leases.held, [row.lease_key])) == set()


def test_an_abandoned_run_comes_before_hits_and_hits_before_what_goes_on_by_itself(store: Store) -> None:
    account, other = an_account(store, "one", seller_key="one"), an_account(store, "two", seller_key="two")
    resumed = queued(store, account, RECHECK, trigger="resume")
    hit = queued(store, account)
    later_hit = queued(store, account, a_request(since="5d"))
    abandoned = queued(store, other)
    claimed(store, abandoned, lease_s=GONE)

    order = run(store.read(runs.claimable, limit=10))

    assert order == [abandoned.id, hit.id, later_hit.id, resumed.id]


def test_only_runs_whose_key_is_free_are_claimable(store: Store) -> None:
    account = an_account(store)
    claimed(store, queued(store, account))
    queued(store, account, RECHECK)
    of_another_task = queued(store, account, a_request(Task.ORDERS_ACCEPT))
    dry_run = queued(store, account, DRY_RUN)
    ended(store, an_account(store, "other", seller_key="other"))

    assert run(store.read(runs.claimable, limit=10)) == [of_another_task.id, dry_run.id]


def test_dry_runs_have_leases_of_their_own_and_disturb_nobody(store: Store) -> None:
    account = an_account(store)
    live = claimed(store, queued(store, account))

    dry_run = claimed(store, queued(store, account, DRY_RUN))
    another = claimed(store, queued(store, account, a_request(dry_run=True, since="5d")))

    assert len({live.lease.key, dry_run.lease.key, another.lease.key}) == 3


def test_a_run_put_back_is_queued_free_and_knows_what_it_cost(store: Store) -> None:
    row = queued(store, an_account(store))
    first = claimed(store, row)

    run(store.write(runs.hand_over, first.lease, row.id, quota={"calls": 3}))

    back = run_row(store, row.id)
    assert (back.status, back.quota) == (RunStatus.QUEUED, {"calls": 3})
    again = claimed(store, row, owner=OTHER)
    assert again.run.attempt == 2
    assert finished(store, again).quota == {"calls": 4, "retries": 0, "throttled": 0, "waited_s": 0.0}


def test_a_paused_run_goes_on_when_its_time_has_come(store: Store) -> None:
    account = an_account(store)
    paused = ended(store, account, status=RunStatus.PAUSED, resume_at=NOW + timedelta(minutes=2))

    assert resumable(store) == []
    assert resumable(store, now=NOW + timedelta(minutes=2)) == [paused.id]


def test_only_the_newest_of_equal_paused_runs_goes_on(store: Store) -> None:
    account = an_account(store)
    ended(store, account, status=RunStatus.PAUSED, resume_at=NOW)
    newest = ended(store, account, status=RunStatus.PAUSED, resume_at=NOW)
    of_another_kind = ended(store, account, RECHECK, status=RunStatus.PAUSED, resume_at=NOW)

    assert sorted(resumable(store)) == sorted([newest.id, of_another_kind.id])


@pytest.mark.parametrize("later", [RunStatus.DONE, RunStatus.FAILED, None], ids=["done", "failed", "queued"])
def test_a_paused_run_followed_by_an_equal_one_does_not_go_on(store: Store, later: RunStatus | None) -> None:
    account = an_account(store)
    ended(store, account, status=RunStatus.PAUSED, resume_at=NOW)
    if later:
        ended(store, account, status=later)
    else:
        queued(store, account)

    assert resumable(store) == []


def test_a_skipped_hit_keeps_no_paused_run_from_going_on(store: Store) -> None:
    account = an_account(store)
    ended(store, account, now=NOW - timedelta(minutes=1))
    paused = ended(store, account, status=RunStatus.PAUSED, resume_at=NOW)
    assert arrived(store, a_run(account, now=NOW), interval=True).arrival == "too_soon"

    assert resumable(store) == [paused.id]


def test_paused_runs_of_a_removed_account_take_nobody_s_turn(store: Store) -> None:
    removed, present = an_account(store, "removed"), an_account(store, "present", seller_key="present")
    ended(store, removed, status=RunStatus.PAUSED, resume_at=NOW - timedelta(days=1))
    run(store.write(accounts.change_account, removed.id, {"removed_at": NOW}))
    paused = ended(store, present, status=RunStatus.PAUSED, resume_at=NOW)

    assert [row.id for row in run(store.read(runs.resumable, now=NOW, limit=1))] == [paused.id]


def test_pauses_are_counted_along_the_runs_that_continued_them(store: Store) -> None:
    account = an_account(store)
    first = ended(store, account, status=RunStatus.PAUSED)
    second = ended(store, account, status=RunStatus.PAUSED, continues=first.id)
    third = queued(store, account, continues=second.id)
    of_its_own = queued(store, account, RECHECK)

    counted = [run(store.read(runs.pauses_in_a_row, row.id)) for row in (first, second, third, of_its_own)]

    assert counted == [0, 1, 2, 0]


def test_a_run_that_leaves_somebody_something_to_do_ends_partial(store: Store) -> None:
    at_work = claimed(store, queued(store, an_account(store)))
    noted(store, at_work.run, ItemNote(subject="A", outcome="not_imported", seen=True, code="SKU_UNKNOWN"))

    assert finished(store, at_work).status == RunStatus.PARTIAL


def test_a_run_that_only_waits_ends_done(store: Store) -> None:
    at_work = claimed(store, queued(store, an_account(store)))
    noted(store, at_work.run, ItemNote(subject="A", outcome="waiting", seen=True, code="WAITING_PAYMENT"))

    assert finished(store, at_work).status == RunStatus.DONE


def test_an_end_that_somebody_decided_stays_whatever_the_orders_say(store: Store) -> None:
    at_work = claimed(store, queued(store, an_account(store)))
    noted(store, at_work.run, ItemNote(subject="A", outcome="not_imported", code="SKU_UNKNOWN"))

    assert finished(store, at_work, status=RunStatus.PAUSED, resume_at=NOW).status == RunStatus.PAUSED


def test_a_later_note_replaces_an_earlier_one_and_what_was_seen_stays_seen(store: Store) -> None:
    row = queued(store, an_account(store))
    noted(store, row, ItemNote(subject="A", outcome="waiting", seen=True, code="WAITING_PAYMENT", params={"sku": "X"}))
    noted(store, row, ItemNote(subject="A", outcome="imported"))

    [item] = run(store.read(run_items.items, row.id, after="", limit=10))
    assert (item.outcome, item.code, item.params, item.seen) == ("imported", "", {}, True)
    assert counts(store, row) == {"seen": 1, "imported": 1, "found_by_catch_up": 0, "needs_person": 0, "problems": 0}


def test_of_two_notes_for_one_order_at_once_the_last_one_counts(store: Store) -> None:
    row = queued(store, an_account(store))
    noted(store, row, ItemNote(subject="A", outcome="waiting"), ItemNote(subject="A", outcome="imported"))

    assert counts(store, row)["imported"] == 1
    assert "waiting" not in counts(store, row)


def test_counts_hold_every_outcome_and_what_goes_across(store: Store) -> None:
    row = queued(store, an_account(store))
    noted(
        store,
        row,
        ItemNote(subject="A", outcome="imported", seen=True),
        ItemNote(subject="B", outcome="imported", seen=True, catch_up=True),
        ItemNote(subject="C", outcome="not_imported", seen=True, code="SKU_UNKNOWN", sku="X"),
        ItemNote(subject="D", outcome="not_imported", code="SKU_UNKNOWN", sku="Y"),
        ItemNote(subject="E", outcome="waiting", seen=True, code="WAITING_PAYMENT"),
        ItemNote(subject="F", outcome="waiting", seen=True, code="OUTCOME_UNKNOWN"),
        ItemNote(subject="G", seen=True),
        ItemNote(subject="#MARKETPLACE_DOWN", code="MARKETPLACE_DOWN"),
    )

    assert counts(store, row) == {
        "seen": 6,
        "imported": 2,
        "not_imported": 2,
        "waiting": 2,
        "found_by_catch_up": 1,
        "needs_person": 2,
        "problems": 4,
    }


def test_problems_begin_with_the_run_itself_then_the_nearest_deadline_then_the_oldest(store: Store) -> None:
    row = queued(store, an_account(store))
    hour = timedelta(hours=1)
    noted(
        store,
        row,
        ItemNote(subject="late", code="SKU_UNKNOWN", deadline=NOW + 9 * hour, since=NOW),
        ItemNote(subject="soon", code="SKU_UNKNOWN", deadline=NOW + hour, since=NOW),
        ItemNote(subject="new", code="SKU_UNKNOWN", since=NOW),
        ItemNote(subject="old", code="SKU_UNKNOWN", since=NOW - hour),
        ItemNote(subject="quiet", code="WAITING_PAYMENT"),
        ItemNote(subject="#SHOP_DOWN", code="SHOP_DOWN"),
    )

    found = run(store.read(run_items.problem_items, row.id, codes=("SHOP_DOWN", "SKU_UNKNOWN"), limit=10))

    assert [item.subject for item in found] == ["#SHOP_DOWN", "soon", "late", "old", "new"]


def test_items_are_paged_by_order_id_without_what_the_run_says_of_itself(store: Store) -> None:
    row = queued(store, an_account(store))
    noted(store, row, *(ItemNote(subject=order_id) for order_id in ("C", "A", "#QUOTA_USED_UP", "B")))

    first = run(store.read(run_items.items, row.id, after="", limit=2))
    rest = run(store.read(run_items.items, row.id, after=first[-1].subject, limit=2))

    assert [item.subject for item in first + rest] == ["A", "B", "C"]


def test_the_end_of_a_run_keeps_counts_window_cost_and_problems(store: Store) -> None:
    at_work = claimed(store, queued(store, an_account(store)))
    noted(store, at_work.run, ItemNote(subject="A", outcome="imported", seen=True))

    row = run(
        store.write(
            runs.finish,
            at_work.lease,
            at_work.run.id,
            status=RunStatus.PAUSED,
            now=NOW + timedelta(seconds=4),
            cause="shop",
            resume_at=NOW + timedelta(minutes=2),
            window={"from": None, "to": NOW.isoformat(), "by": "updated"},
            tally={},
            quota={"calls": 2},
            problems=[ItemNote(subject="#SHOP_DOWN", code="SHOP_DOWN")],
        )
    )

    assert (row.status, row.cause, row.resume_at) == (RunStatus.PAUSED, "shop", NOW + timedelta(minutes=2))
    assert row.finished_at == NOW + timedelta(seconds=4)
    assert row.counts == {"seen": 1, "imported": 1, "found_by_catch_up": 0, "needs_person": 0, "problems": 1}
    assert row.window is not None
    assert run(store.read(leases.held, [at_work.lease.key])) == set()


def test_a_purge_keeps_the_last_of_each_kind_and_everything_active(store: Store) -> None:
    account = an_account(store)
    old = NOW - timedelta(days=40)
    ended(store, account, now=old)
    last_success = ended(store, account, now=old)
    ended(store, account, now=old, status=RunStatus.FAILED)
    last_failure = ended(store, account, now=old, status=RunStatus.FAILED)
    catch_up = ended(store, account, RECHECK, now=old)
    waiting = queued(store, account, a_request(since="5d"), now=old)
    running = claimed(store, queued(store, account, a_request(Task.ORDERS_ACCEPT), now=old)).run
    young = [ended(store, account, a_request(since="1h"), now=NOW) for _ in range(2)]

    deleted = purge(store)

    left = {row.id for row in run(store.read(all_runs))}
    assert deleted == 2
    assert left == {each.id for each in (last_success, last_failure, catch_up, waiting, running, *young)}


def test_a_purge_keeps_the_paused_run_that_goes_on_and_deletes_those_before_it(store: Store) -> None:
    account = an_account(store)
    old = NOW - timedelta(days=40)
    before = ended(store, account, now=old, status=RunStatus.PAUSED, resume_at=old)
    last = ended(store, account, now=old, status=RunStatus.PAUSED, resume_at=old, continues=before.id)

    purge(store)

    assert [row.id for row in run(store.read(all_runs))] == [last.id]


def test_a_purge_takes_the_items_and_the_leases_of_dry_runs_along(store: Store) -> None:
    account = an_account(store)
    dry_runs = []
    for _ in range(2):
        at_work = claimed(store, queued(store, account, DRY_RUN, now=NOW - timedelta(days=40)))
        noted(store, at_work.run, ItemNote(subject="A", outcome="imported"))
        dry_runs.append(finished(store, at_work))

    purge(store)

    left = [run(store.read(run_items.items, each.id, after="", limit=10)) for each in dry_runs]
    assert (left, run(store.read(lease_keys)), run(store.read(all_runs))) == ([[], []], [], [])


def test_a_purge_deletes_a_limited_number_at_once_and_says_how_many(store: Store) -> None:
    account = an_account(store)
    for _ in range(5):
        ended(store, account, now=NOW - timedelta(days=40))

    assert [purge(store, limit=3), purge(store, limit=3), purge(store, limit=3)] == [3, 1, 0]


def test_runs_are_listed_newest_first_page_by_page(store: Store) -> None:
    one, two = an_account(store, "one", seller_key="one"), an_account(store, "two", seller_key="two")
    ids = [ended(store, one).id, ended(store, one, a_request(Task.ORDERS_ACCEPT)).id, ended(store, two).id]

    def listed(**wanted: Any) -> list[str]:
        query: dict[str, Any] = {"account_id": None, "task": None, "before": None, "limit": 10, **wanted}
        return [row.id for row in run(store.read(runs.runs_of, **query))]

    assert listed() == ids[::-1]
    assert listed(limit=1, before=ids[2]) == [ids[1]]
    assert listed(account_id=one.id, task=Task.ORDERS_IMPORT) == [ids[0]]


def test_the_last_runs_leave_out_dry_runs_and_skipped_hits(store: Store) -> None:
    account = an_account(store)
    success = ended(store, account)
    failure = ended(store, account, status=RunStatus.FAILED)
    ended(store, account, DRY_RUN)
    arrived(store, a_run(account), interval=True)

    last = run(store.read(runs.last_runs, account.id, Task.ORDERS_IMPORT))

    assert last.last is not None
    assert last.last_success is not None
    assert (last.last.id, last.last_success.id) == (failure.id, success.id)


def test_the_states_of_several_runs_are_reported_at_once(store: Store) -> None:
    account = an_account(store)
    done, waiting = ended(store, account), queued(store, account)

    reported = run(store.read(runs.statuses, [done.id, waiting.id, "unknown"]))

    assert reported == {done.id: RunStatus.DONE, waiting.id: RunStatus.QUEUED}


def storm(store: Store, rows: list[Run]) -> list[Arrived]:
    """Let hits arrive at once, by turns in this process and another."""

    async def scene(other: Store) -> list[Arrived]:
        doors = [store, other]
        return await asyncio.gather(
            *(doors[number % 2].write(runs.arrive, row, min_interval=None) for number, row in enumerate(rows))
        )

    with closing(Store(store.url, engines=KeptEngines)) as other:
        return run(scene(other))


def arrived(store: Store, row: Run, *, interval: bool = False) -> Arrived:
    """Let a hit arrive; with `interval` it may come too soon."""
    request = RunRequest(task=Task(row.task), modes=frozenset(Mode(mode) for mode in row.request["modes"]))
    return run(store.write(runs.arrive, row, min_interval=min_interval(request) if interval else None))


def claim(store: Store, row: Run, *, owner: str = OWNER) -> runs.Claimed | None:
    return run(store.write(runs.claim, row.id, owner=owner, lease_s=20, now=NOW))


def resumable(store: Store, *, now: Any = NOW) -> list[str]:
    return [row.id for row in run(store.read(runs.resumable, now=now, limit=10))]


def noted(store: Store, row: Run, *notes: ItemNote) -> None:
    run(store.write(run_items.note_items, row.id, notes))


def counts(store: Store, row: Run) -> dict[str, int]:
    return run(store.read(run_items.outcome_counts, row.id))


def purge(store: Store, *, limit: int = 100) -> int:
    return run(store.write(runs.purge, before=NOW - timedelta(days=30), limit=limit))


def lease_keys(session: Session) -> list[str]:
    return sorted(key for key in session.exec(select(LeaseRow.key)) if key.startswith("dry:"))
