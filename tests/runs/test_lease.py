"""The holder's side of a lease: kept alive, believed dead early, renewed before a remote write."""

import asyncio

import pytest
from sqlmodel import Session

from app.errors import LeaseLost
from app.runs import lease as keeping
from app.runs.lease import FRESH_S, TRUSTED_SHARE, LeaseKeeper
from app.store import leases
from app.store.engine import Store
from app.store.leases import Lease
from app.store.tables import LeaseRow
from tests.support.aio import run

KEY = "account:orders-import"


class Watch:
    """What `time.monotonic` tells the keeper."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(keeping, "time", watch)
    return watch


def test_a_holder_gives_up_well_before_anybody_else_may_take_the_lease(sqlite_store: Store, watch: Watch) -> None:
    keeper = LeaseKeeper(sqlite_store, taken(sqlite_store), seconds=20)

    watch.at += 20 * TRUSTED_SHARE
    keeper.check()
    watch.at += 0.1

    with pytest.raises(LeaseLost):
        keeper.check()
    assert TRUSTED_SHARE < 1


def test_a_fresh_lease_is_not_renewed_before_a_write(sqlite_store: Store, watch: Watch) -> None:
    lease = taken(sqlite_store, seconds=60)
    expires = expiry(sqlite_store)
    keeper = LeaseKeeper(sqlite_store, lease, seconds=60)
    watch.at += FRESH_S

    run(keeper.before_write())

    assert expiry(sqlite_store) == expires


def test_a_lease_renewed_more_than_ten_seconds_ago_is_renewed_before_a_write(store: Store, watch: Watch) -> None:
    lease = taken(store, seconds=60)
    expires = expiry(store)
    keeper = LeaseKeeper(store, lease, seconds=60)
    watch.at += FRESH_S + 0.1

    run(keeper.before_write())
    watch.at += 60 * TRUSTED_SHARE

    assert expiry(store) > expires
    keeper.check()


def test_no_remote_write_is_sent_under_a_lease_that_was_taken_over(store: Store, watch: Watch) -> None:
    lease = taken(store, seconds=-1)
    keeper = LeaseKeeper(store, lease, seconds=20)
    assert run(store.write(leases.acquire, KEY, owner="other", seconds=20)) is not None
    watch.at += FRESH_S + 0.1

    with pytest.raises(LeaseLost):
        run(keeper.before_write())
    with pytest.raises(LeaseLost):
        keeper.check()


def test_the_heartbeat_comes_every_third_of_the_lease(
    sqlite_store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = taken(sqlite_store, seconds=30)
    slept: list[float] = []
    beaten = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        watch.at += seconds
        if len(slept) > 5:
            beaten.set()
            await asyncio.Event().wait()

    async def scene() -> None:
        monkeypatch.setattr("app.runs.lease.asyncio.sleep", sleep)
        async with LeaseKeeper(sqlite_store, lease, seconds=30) as keeper:
            await beaten.wait()
            keeper.check()

    run(scene())

    assert set(slept) == {10.0}


def test_a_heartbeat_that_finds_the_lease_taken_ends_the_trust_in_it(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = taken(store, seconds=-1)
    assert run(store.write(leases.acquire, KEY, owner="other", seconds=20)) is not None

    async def sleep(_: float) -> None:
        return None

    async def scene() -> None:
        monkeypatch.setattr("app.runs.lease.asyncio.sleep", sleep)
        async with LeaseKeeper(store, lease, seconds=20) as keeper:
            assert keeper._beat is not None
            await keeper._beat
            with pytest.raises(LeaseLost):
                keeper.check()

    run(scene())


def taken(store: Store, *, seconds: float = 20) -> Lease:
    lease = run(store.write(leases.acquire, KEY, owner="holder", seconds=seconds))
    assert lease is not None
    return lease


def expiry(store: Store) -> float:
    def question(session: Session) -> float:
        return session.get_one(LeaseRow, KEY).expires_at

    return run(store.read(question))
