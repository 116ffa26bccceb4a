"""How far a pass has read, and from where the next one begins."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError, NoResultFound

from app.domain.order import Order, Unreadable
from app.store import ledger, passes
from app.store.engine import Store
from app.store.ledger import RunLedger
from app.store.passes import Pass, PassKey
from tests.runs.builders import an_account, queued
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entries

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OLDEST = 12 * HOUR


def test_a_page_and_its_position_are_kept_together(store: Store) -> None:
    reader = a_reader(store)
    reader.begin()

    reader.page(a_sale("A"), resume="after A")

    assert reader.begin().resume == "after A"
    assert [row.order_id for row in entries(store)] == ["A"]


def test_a_page_that_fails_half_way_leaves_neither_orders_nor_position(store: Store) -> None:
    reader = a_reader(store)
    reader.begin()
    reader.page(a_sale("A"), resume="after A")

    with pytest.raises(IntegrityError):
        # A run that does not exist can't have items, and nothing of its page may stay.
        reader.page(a_sale("B"), resume="after B", run_id="unknown")

    assert reader.begin().resume == "after A"
    assert [row.order_id for row in entries(store)] == ["A"]


def test_a_position_that_can_not_be_kept_leaves_no_orders_of_its_page(store: Store) -> None:
    reader = a_reader(store)

    with pytest.raises(NoResultFound):
        # The pass was never begun, so it has no place to keep its position in.
        reader.page(a_sale("A"), resume="after A")

    assert list(entries(store)) == []


def test_a_pass_goes_on_where_it_stopped_with_its_own_window(store: Store) -> None:
    reader = a_reader(store)
    reader.begin(window_from=NOW - 9 * HOUR)
    reader.page(a_sale("A"), resume="after A", remote_now=NOW)

    again = reader.begin(window_from=NOW - HOUR, now=NOW + 2 * HOUR)

    assert (again.resume, again.window_from, again.remote_now) == ("after A", NOW - 9 * HOUR, NOW)


def test_the_remote_clock_of_the_first_page_is_the_one_that_counts(store: Store) -> None:
    reader = a_reader(store)
    reader.begin()
    reader.page(a_sale("A"), resume="2", remote_now=NOW)
    reader.page(a_sale("B"), resume=None, remote_now=NOW + 5 * MINUTE)

    reader.end()

    assert reader.cursor() == NOW


def test_a_pass_born_too_long_ago_starts_anew_from_the_older_window(store: Store) -> None:
    reader = a_reader(store)
    reader.begin(window_from=NOW - 9 * HOUR)
    reader.page(a_sale("A"), resume="after A", remote_now=NOW)

    again = reader.begin(window_from=NOW - HOUR, now=NOW + 13 * HOUR)

    assert (again.resume, again.remote_now) == (None, None)
    assert (again.window_from, again.born_at) == (NOW - 9 * HOUR, NOW + 13 * HOUR)


def test_a_pass_of_another_combination_starts_anew_with_its_own_window(store: Store) -> None:
    reader = a_reader(store)
    reader.begin(window_from=NOW - 9 * HOUR)
    reader.page(a_sale("A"), resume="after A", remote_now=NOW)

    again = reader.begin(combination="since=1h", window_from=NOW - HOUR)

    assert (again.resume, again.remote_now, again.window_from) == (None, None, NOW - HOUR)


def test_a_live_pass_that_was_read_but_not_ended_is_read_again_from_its_window(store: Store) -> None:
    reader = a_reader(store)
    reader.begin(window_from=NOW - 9 * HOUR)
    reader.page(a_sale("A"), resume=None, remote_now=NOW)

    again = reader.begin(window_from=NOW - HOUR, reread=True)

    assert (again.read_whole, again.window_from, again.remote_now) == (False, NOW - 9 * HOUR, None)


def test_a_catch_up_that_was_read_is_not_read_again(store: Store) -> None:
    reader = a_reader(store, name="recheck")
    reader.begin()
    reader.page(a_sale("A"), resume=None)

    assert reader.begin(reread=False).read_whole


def test_only_a_live_pass_moves_the_cursor(store: Store) -> None:
    reader = a_reader(store)
    reader.begin()
    reader.page(resume=None, remote_now=NOW)

    reader.end(moves_cursor=False)

    assert reader.cursor() is None


def test_the_cursor_never_goes_back(store: Store) -> None:
    reader = a_reader(store)
    for moment in (NOW, NOW - HOUR):
        reader.begin()
        reader.page(resume=None, remote_now=moment)
        reader.end()

    assert reader.cursor() == NOW


def test_without_a_remote_clock_the_cursor_stays(store: Store) -> None:
    reader = a_reader(store)
    reader.begin()
    reader.page(resume=None, remote_now=None)

    reader.end()

    assert reader.cursor() is None


def test_a_pass_that_ended_is_forgotten_and_ending_it_twice_does_no_harm(store: Store) -> None:
    reader = a_reader(store)
    reader.begin(window_from=NOW - 9 * HOUR)
    reader.page(resume="somewhere", remote_now=NOW)
    reader.end()
    reader.end()

    again = reader.begin(window_from=NOW - HOUR)

    assert (again.resume, again.window_from) == (None, NOW - HOUR)


def test_each_task_has_a_cursor_of_its_own(store: Store) -> None:
    reader = a_reader(store)
    reader.begin()
    reader.page(resume=None, remote_now=NOW)
    reader.end()

    assert run(store.read(passes.cursor, reader.key.account_id, "orders-accept")) is None


@dataclass(frozen=True)
class Reader:
    """One run of one account that reads."""

    store: Store
    key: PassKey
    run_ledger: RunLedger

    def begin(
        self,
        *,
        combination: str = "live",
        window_from: datetime = NOW - HOUR,
        now: datetime = NOW,
        reread: bool = False,
    ) -> Pass:
        return run(
            self.store.write(
                passes.begin_pass,
                self.key,
                combination=combination,
                window_from=window_from,
                now=now,
                oldest_birth=now - OLDEST,
                reread=reread,
            )
        )

    def page(
        self, *items: Order | Unreadable, resume: str | None, remote_now: datetime | None = None, run_id: str = ""
    ) -> None:
        run(
            self.store.write(
                ledger.absorb_page,
                replace(self.run_ledger, run_id=run_id or self.run_ledger.run_id),
                items,
                key=self.key,
                resume=resume,
                remote_now=remote_now,
                found_by="live",
                now=NOW,
            )
        )

    def end(self, *, moves_cursor: bool = True) -> None:
        run(self.store.write(passes.end_pass, self.key, moves_cursor=moves_cursor))

    def cursor(self) -> datetime | None:
        return run(self.store.read(passes.cursor, self.key.account_id, self.key.task))


def a_reader(store: Store, *, name: str = "live") -> Reader:
    account = an_account(store)
    run_ledger = a_run_ledger(account, run_id=queued(store, account).id)
    return Reader(store, PassKey(account.id, "orders-import", name), run_ledger)
