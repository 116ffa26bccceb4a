"""Who may act for a key: one at a time, and never again once somebody else took over."""

import asyncio
import threading
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from app.errors import LeaseLost
from app.store import leases
from app.store.engine import Store
from app.store.leases import Lease
from app.store.tables import LeaseRow, ReferenceCacheRow
from tests.runs.races import PATIENCE_S, meeting
from tests.support.aio import run
from tests.support.databases import connected
from tests.support.kept_engines import KeptEngines

KEY = "account:orders-import"
GONE = -1.0


def test_a_free_lease_is_taken_and_each_holder_gets_a_higher_epoch(store: Store) -> None:
    first = taken(store, "first")
    run(store.write(leases.release, first))
    second = taken(store, "second")

    assert (first.epoch, second.epoch) == (1, 2)
    assert held(store) == {KEY}


def test_a_lease_that_somebody_holds_is_given_to_nobody(store: Store) -> None:
    taken(store, "first")

    assert run(store.write(leases.acquire, KEY, owner="second", seconds=20)) is None
    assert run(store.write(leases.acquire, KEY, owner="first", seconds=20)) is None


def test_an_expired_lease_is_taken_over_with_a_higher_epoch(store: Store) -> None:
    first = taken(store, "first", seconds=GONE)

    second = taken(store, "second")

    assert second.epoch > first.epoch


def test_a_holder_that_was_followed_can_not_renew(store: Store) -> None:
    first = taken(store, "first", seconds=GONE)
    taken(store, "second", seconds=GONE)

    with pytest.raises(LeaseLost):
        run(store.write(leases.renew, first, seconds=20))


def test_a_lease_is_renewed_by_its_holder_even_late_as_long_as_nobody_took_it(store: Store) -> None:
    first = taken(store, "first", seconds=GONE)

    run(store.write(leases.renew, first, seconds=20))

    assert held(store) == {KEY}
    assert run(store.write(leases.acquire, KEY, owner="second", seconds=20)) is None


def test_what_a_former_holder_gives_back_stays_with_the_present_one(store: Store) -> None:
    first = taken(store, "first", seconds=GONE)
    second = taken(store, "second")

    run(store.write(leases.release, first))

    assert held(store) == {KEY}
    run(store.write(leases.renew, second, seconds=20))


def test_a_holder_that_gave_its_lease_back_can_not_renew(store: Store) -> None:
    lease = taken(store, "first")
    run(store.write(leases.release, lease))

    with pytest.raises(LeaseLost):
        run(store.write(leases.renew, lease, seconds=20))


def test_of_many_takers_at_once_exactly_one_gets_a_new_key(store: Store) -> None:
    async def scene(other: Store) -> list[Lease | None]:
        return await asyncio.gather(
            *(
                who.write(leases.acquire, KEY, owner=f"{number}", seconds=20)
                for number in range(10)
                for who in (store, other)
            )
        )

    with closing(Store(store.url, engines=KeptEngines)) as other:
        answers = run(scene(other))

    assert [lease.epoch for lease in answers if lease] == [1]


def test_a_taker_that_meets_another_on_a_new_key_gets_nothing_and_no_error(postgres_store: Store) -> None:
    first, second = meeting(
        postgres_store,
        lambda session: leases.acquire(session, KEY, owner="first", seconds=20),
        lambda session: leases.acquire(session, KEY, owner="second", seconds=20),
    )

    assert first == Lease(KEY, "first", 1)
    assert second is None


def test_a_fenced_write_of_a_former_holder_writes_nothing(store: Store) -> None:
    first = taken(store, "first", seconds=GONE)
    taken(store, "second")

    with pytest.raises(LeaseLost):
        run(store.write(leases.fenced, first, write_note))

    assert notes(store.url) == 0


def test_a_fenced_write_under_a_key_that_nobody_ever_held_writes_nothing(store: Store) -> None:
    with pytest.raises(LeaseLost):
        run(store.write(leases.fenced, Lease("elsewhere", "first", 1), write_note))

    assert notes(store.url) == 0


def test_a_takeover_waits_for_the_fenced_write_under_way_and_ends_the_next_one(postgres_store: Store) -> None:
    first = taken(postgres_store, "first", seconds=GONE)

    _, second = meeting(
        postgres_store,
        lambda session: leases.fenced(session, first, write_note),
        lambda session: leases.acquire(session, KEY, owner="second", seconds=20),
    )

    assert second == Lease(KEY, "second", first.epoch + 1)
    assert notes(postgres_store.url) == 1
    with pytest.raises(LeaseLost):
        run(postgres_store.write(leases.fenced, first, write_note))


def test_a_lease_that_was_waited_for_counts_from_the_moment_it_was_got(postgres_store: Store) -> None:
    first = taken(postgres_store, "first", seconds=GONE)

    def take(session: Session) -> tuple[float, float]:
        asked_at = leases.real_time(session)
        leases.acquire(session, KEY, owner="second", seconds=20)
        got_at = leases.real_time(session)
        return got_at - asked_at, got_at + 20 - session.get_one(LeaseRow, KEY).expires_at

    _, (waited_s, missing_s) = meeting(postgres_store, lambda session: leases.check(session, first), take)

    assert missing_s < waited_s / 2


def test_two_fenced_writes_of_one_holder_do_not_wait_for_each_other(postgres_store: Store) -> None:
    lease = taken(postgres_store, "first")
    both = threading.Barrier(2)

    def meet(session: Session) -> None:
        both.wait(PATIENCE_S)

    async def scene() -> None:
        await asyncio.gather(*(postgres_store.write(leases.fenced, lease, meet) for _ in range(2)))

    run(scene())

    assert not both.broken


def test_leases_of_a_dead_server_are_broken_and_those_of_others_stay(store: Store) -> None:
    taken(store, "serve:7:dead")
    run(store.write(leases.acquire, "other key", owner="run:8:alive", seconds=20))

    broken = run(store.write(leases.break_all_of, owner_prefix="serve:"))

    assert broken == 1
    assert run(store.read(leases.held, [KEY, "other key", "never taken"])) == {"other key"}


def taken(store: Store, owner: str, *, seconds: float = 20) -> Lease:
    lease = run(store.write(leases.acquire, KEY, owner=owner, seconds=seconds))
    assert lease is not None
    return lease


def held(store: Store) -> set[str]:
    return run(store.read(leases.held, [KEY]))


def write_note(session: Session) -> None:
    session.add(ReferenceCacheRow(scope="test", name="note", text="written", expires_at=0.0))
    session.flush()


def notes(url: str) -> int:
    with connected(url) as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM reference_cache")).scalar_one())
