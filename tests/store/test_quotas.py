"""The same buckets in memory, in a file and on a server: every test runs on all three."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.clock import JumpingClock
from app.domain.task import Priority
from app.errors import LimitReached
from app.store.engine import Store
from app.store.quotas import StoredQuotas
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import MemoryQuotas, Quota, QuotaGate, QuotaStore
from tests.support.aio import run
from tests.support.kept_engines import KeptEngines

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
# Amazon's orders: 0.0056 requests a second, 20 at once.
AMAZON = Quota(burst=20, interval_s=178.6)
MARGIN_S = AMAZON.margin_s


@dataclass(frozen=True)
class Shared:
    """A quota store on a clock that jumps."""

    quotas: QuotaStore
    clock: JumpingClock

    def gate(
        self, *, scope: str = "seller-1", deadline: Deadline | None = None, meter: Meter | None = None
    ) -> QuotaGate:
        return QuotaGate(
            quotas=self.quotas,
            clock=self.clock,
            meter=meter or Meter(),
            deadline=deadline or Deadline(),
            service="amazon",
            side="marketplace",
            scope=scope,
        )

    async def take(self, quota: Quota, *, reserve: int = 0, at: float = 0.0, max_wait: float = MARGIN_S) -> float:
        return await self.quotas.take(
            scope="seller-1",
            operation="getOrders",
            quota=quota,
            reserve=reserve,
            now=START + timedelta(seconds=at),
            max_wait=max_wait,
        )

    async def taken(self, quota: Quota, *, tries: int, reserve: int = 0, at: float = 0.0) -> int:
        """Return how many of so many tries at one moment got a token."""
        return sum([await self.take(quota, reserve=reserve, at=at) <= MARGIN_S for _ in range(tries)])

    async def block(self, quota: Quota, *, until: float) -> None:
        moment = START + timedelta(seconds=until)
        await self.quotas.block(scope="seller-1", operation="getOrders", quota=quota, until=moment)

    async def learn(self, quota: Quota, *, interval_s: float, at: float = 0.0) -> None:
        moment = START + timedelta(seconds=at)
        await self.quotas.learn(scope="seller-1", operation="getOrders", quota=quota, interval_s=interval_s, now=moment)

    async def calls(self, quota: Quota, count: int, *, gate: QuotaGate | None = None) -> list[float]:
        """Make that many calls one after the other and return when each was sent."""
        through = gate or self.gate()
        sent_at = []
        for _ in range(count):
            await through.enter("getOrders", quota=quota, priority=Priority.LIVE)
            sent_at.append((self.clock.now() - START).total_seconds())
        return sent_at


def on(quotas: QuotaStore, store: Store | None = None) -> Shared:
    clock = JumpingClock(START)
    if store:
        clock.busy.append(lambda: store.in_flight > 0)
    return Shared(quotas, clock)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def shared(request: pytest.FixtureRequest) -> Shared:
    if request.param == "memory":
        return on(MemoryQuotas())
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return on(StoredQuotas(store), store)


class TestABucket:
    def test_it_gives_its_burst_and_no_more(self, shared: Shared) -> None:
        assert run(shared.taken(AMAZON, tries=30)) == 20

    def test_it_says_the_wait_for_the_next_token(self, shared: Shared) -> None:
        async def story() -> float:
            await shared.taken(AMAZON, tries=20)
            return await shared.take(AMAZON, at=78.6)

        assert run(story()) == pytest.approx(100 + MARGIN_S, abs=1e-5)

    def test_asking_costs_nothing(self, shared: Shared) -> None:
        async def story() -> float:
            await shared.taken(AMAZON, tries=300)
            return await shared.take(AMAZON)

        assert run(story()) == pytest.approx(178.6 + MARGIN_S, abs=1e-5)

    def test_30_calls_from_a_full_bucket_take_ten_intervals(self, shared: Shared) -> None:
        sent_at = run(shared.calls(AMAZON, 30))

        assert sent_at[18] == 0
        assert sent_at[19] == pytest.approx(MARGIN_S, abs=1e-3)
        assert sent_at[29] == pytest.approx(10 * 178.6 + MARGIN_S, abs=1e-3)

    def test_30_calls_from_an_empty_bucket_take_5358_seconds(self, shared: Shared) -> None:
        async def story() -> list[float]:
            await shared.taken(AMAZON, tries=20)
            return await shared.calls(AMAZON, 30)

        assert run(story())[29] == pytest.approx(5358.0 + MARGIN_S, abs=1e-3)

    def test_the_margin_shifts_and_never_slows(self, shared: Shared) -> None:
        fast = Quota(burst=5, interval_s=0.2)

        sent_at = run(shared.calls(fast, 105))

        assert sent_at[-1] == pytest.approx(100 * 0.2 + fast.margin_s, abs=1e-2)

    def test_a_burst_of_one_works(self, shared: Shared) -> None:
        sent_at = run(shared.calls(Quota(burst=1, interval_s=60), 4))

        assert sent_at == [pytest.approx(n * 60 + MARGIN_S, abs=1e-3) for n in range(4)]

    def test_it_fills_up_again_and_no_further(self, shared: Shared) -> None:
        async def story() -> tuple[int, int]:
            return await shared.taken(AMAZON, tries=20), await shared.taken(AMAZON, tries=30, at=86_400)

        assert run(story()) == (20, 20)

    def test_scopes_and_operations_have_their_own(self, shared: Shared) -> None:
        once = Quota(burst=1, interval_s=3600)

        async def story() -> None:
            await shared.gate(scope="seller-1").enter("getOrders", quota=once, priority=Priority.LIVE)
            await shared.gate(scope="seller-2").enter("getOrders", quota=once, priority=Priority.LIVE)
            await shared.gate(scope="seller-1").enter("getOrder", quota=once, priority=Priority.LIVE)

        run(story())

        assert (shared.clock.now() - START).total_seconds() == pytest.approx(3 * MARGIN_S)

    def test_a_first_question_without_patience_takes_nothing(self, shared: Shared) -> None:
        once = Quota(burst=1, interval_s=60)

        async def story() -> list[float]:
            return [await shared.take(once, max_wait=0), await shared.take(once, max_wait=0)]

        assert run(story()) == pytest.approx([MARGIN_S, MARGIN_S])


class TestAReserve:
    def test_5_of_20_leaves_15_for_the_low_and_5_for_the_high(self, shared: Shared) -> None:
        async def story() -> tuple[int, int]:
            low = await shared.taken(AMAZON, tries=30, reserve=5)
            return low, await shared.taken(AMAZON, tries=30)

        assert run(story()) == (15, 5)

    @pytest.mark.parametrize("reserve", [19, 20, 99])
    def test_a_full_bucket_has_one_token_for_everybody(self, shared: Shared, reserve: int) -> None:
        assert run(shared.taken(AMAZON, tries=3, reserve=reserve)) == 1


class TestSpacing:
    def test_two_calls_are_never_closer(self, shared: Shared) -> None:
        spaced = Quota(burst=30, interval_s=120, spacing_s=1)

        sent_at = run(shared.calls(spaced, 10))

        gaps = [later - sooner for sooner, later in pairwise(sent_at)]
        assert min(gaps) >= 1 - 1e-3
        assert sent_at[-1] == pytest.approx(9, abs=0.1)

    def test_the_bucket_still_counts(self, shared: Shared) -> None:
        spaced = Quota(burst=5, interval_s=100, spacing_s=1)

        assert run(shared.calls(spaced, 7))[-1] == pytest.approx(200, abs=5)


class TestABlock:
    def test_nobody_passes_before_its_end(self, shared: Shared) -> None:
        async def story() -> tuple[float, int, int]:
            await shared.block(AMAZON, until=3600)
            return (
                await shared.take(AMAZON),
                await shared.taken(AMAZON, tries=5, at=3599),
                await shared.taken(AMAZON, tries=5, at=3600),
            )

        assert run(story()) == (3600, 0, 5)

    def test_a_shorter_one_does_not_end_a_longer_one(self, shared: Shared) -> None:
        async def story() -> float:
            await shared.take(AMAZON)
            await shared.block(AMAZON, until=3600)
            await shared.block(AMAZON, until=10)
            return await shared.take(AMAZON)

        assert run(story()) == 3600


class TestARate:
    def test_a_learned_one_rescales_what_is_owed(self, shared: Shared) -> None:
        async def story() -> float:
            await shared.taken(AMAZON, tries=20)
            await shared.learn(AMAZON, interval_s=10)
            return await shared.take(AMAZON)

        assert run(story()) == pytest.approx(10 + MARGIN_S, abs=1e-4)

    def test_a_slower_one_does_not_multiply_the_wait(self, shared: Shared) -> None:
        quick = Quota(burst=20, interval_s=10)

        async def story() -> float:
            await shared.taken(quick, tries=20)
            await shared.learn(quick, interval_s=178.6)
            return await shared.take(quick)

        assert run(story()) == pytest.approx(178.6 + MARGIN_S, abs=1e-4)

    def test_a_learned_one_stays_when_the_configuration_says_otherwise(self, shared: Shared) -> None:
        async def story() -> float:
            await shared.learn(AMAZON, interval_s=10)
            await shared.taken(AMAZON, tries=20)
            return await shared.take(AMAZON)

        assert run(story()) == pytest.approx(10 + MARGIN_S, abs=1e-4)

    def test_a_changed_configuration_is_taken_over_with_the_debt_rescaled(self, shared: Shared) -> None:
        async def story() -> tuple[float, int]:
            await shared.taken(AMAZON, tries=20)
            changed = Quota(burst=20, interval_s=10)
            return await shared.take(changed), await shared.taken(changed, tries=9, at=50)

        wait, taken = run(story())
        assert wait == pytest.approx(10 + MARGIN_S, abs=1e-4)
        assert taken in (4, 5)

    def test_that_of_the_remote_side_counts_where_it_reported_one(self, shared: Shared) -> None:
        async def interval() -> float:
            return await shared.quotas.interval(scope="seller-1", operation="getOrders", quota=AMAZON)

        async def story() -> list[float]:
            reported = [await interval()]
            await shared.take(AMAZON)
            reported.append(await interval())
            await shared.learn(AMAZON, interval_s=89.3)
            return [*reported, await interval()]

        assert run(story()) == [178.6, 178.6, 89.3]

    def test_a_larger_burst_gives_the_difference_at_once(self, shared: Shared) -> None:
        async def story() -> int:
            await shared.taken(AMAZON, tries=20)
            return await shared.taken(Quota(burst=25, interval_s=178.6), tries=9)

        assert run(story()) == 5


class TestTheGate:
    def test_two_callers_share_the_tokens(self, shared: Shared) -> None:
        quota = Quota(burst=3, interval_s=10)

        async def story() -> list[float]:
            both = await asyncio.gather(shared.calls(quota, 10), shared.calls(quota, 10))
            return sorted(both[0] + both[1])

        sent_at = run(story())
        assert sent_at[-1] == pytest.approx(170 + MARGIN_S, abs=0.1)
        assert refusals(sent_at, burst=3, interval_s=10) == 0

    def test_it_counts_the_seconds_it_waited(self, shared: Shared) -> None:
        meter = Meter()

        run(shared.calls(AMAZON, 21, gate=shared.gate(meter=meter)))

        assert meter.waited_s == pytest.approx(178.6 + 2 * MARGIN_S, abs=0.1)

    def test_a_token_behind_the_deadline_reaches_the_limit(self, shared: Shared) -> None:
        deadline = Deadline(START + timedelta(seconds=600))

        with pytest.raises(LimitReached) as caught:
            run(shared.calls(AMAZON, 30, gate=shared.gate(deadline=deadline)))

        assert caught.value.code == "QUOTA_USED_UP"
        assert (caught.value.resume_at - START).total_seconds() == pytest.approx(4 * 178.6 + MARGIN_S, abs=1e-3)
        assert (shared.clock.now() - START).total_seconds() == pytest.approx(3 * 178.6 + MARGIN_S, abs=1e-3)


def test_a_restart_forgets_nothing(database_url: str) -> None:
    first, second = Store(database_url, engines=KeptEngines), Store(database_url, engines=KeptEngines)

    async def story() -> list[float]:
        before = on(StoredQuotas(first))
        await before.learn(AMAZON, interval_s=100)
        await before.taken(AMAZON, tries=20)
        first.close()
        after = on(StoredQuotas(second))
        wait = await after.take(AMAZON)
        await after.block(AMAZON, until=5000)
        return [wait, await after.take(AMAZON)]

    assert run(story()) == pytest.approx([100 + MARGIN_S, 5000], abs=1e-4)
    second.close()


def test_two_processes_never_take_more_than_there_is(database_url: str) -> None:
    stores = [Store(database_url, engines=KeptEngines), Store(database_url, engines=KeptEngines)]

    async def story() -> int:
        callers = [on(StoredQuotas(store)) for store in stores] * 40
        waits = await asyncio.gather(*(caller.take(AMAZON) for caller in callers))
        return sum(wait <= MARGIN_S for wait in waits)

    assert run(story()) == 20
    for store in stores:
        store.close()


def refusals(arrivals: list[float], *, burst: int, interval_s: float) -> int:
    """Return how many calls a strict bucket refuses."""
    tokens, last, refused = float(burst), 0.0, 0
    for moment in arrivals:
        tokens = min(float(burst), tokens + (moment - last) / interval_s)
        last = moment
        if tokens < 1 - 1e-6:
            refused += 1
        else:
            tokens -= 1
    return refused


@settings(max_examples=150, deadline=None)
@given(
    burst=st.integers(2, 30),
    interval_s=st.sampled_from([0.1, 0.2, 1.0, 12.5, 178.6]),
    pauses=st.lists(st.floats(0, 5), min_size=10, max_size=60),
    travels=st.lists(st.floats(0, 0.05), min_size=60, max_size=60),
    reserve=st.integers(0, 30),
)
def test_a_strict_bucket_never_refuses_however_long_calls_travel(
    burst: int, interval_s: float, pauses: list[float], travels: list[float], reserve: int
) -> None:
    shared = on(MemoryQuotas())
    quota = Quota(burst=burst, interval_s=interval_s, reserves={Priority.LIVE: reserve})

    async def story() -> list[float]:
        sent_at = []
        for pause in pauses:
            await shared.clock.sleep(pause * interval_s if pause > 1 else 0)
            sent_at += await shared.calls(quota, 1)
        return sent_at

    arrivals = [sent + travel for sent, travel in zip(run(story()), travels, strict=False)]

    assert refusals(sorted(arrivals), burst=burst, interval_s=interval_s) == 0


STEPS = st.one_of(
    st.tuples(st.just("take"), st.integers(0, 5), st.sampled_from([7.0, 20.0])),
    st.tuples(st.just("block"), st.integers(0, 60), st.just(0.0)),
    st.tuples(st.just("learn"), st.integers(1, 40), st.just(0.0)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(STEPS, st.floats(0, 30)), min_size=5, max_size=25),
    burst=st.integers(1, 5),
    spacing_s=st.sampled_from([0.0, 3.0]),
)
def test_the_stored_bucket_answers_like_the_one_in_memory(
    store: Store, steps: list[tuple[tuple[str, int, float], float]], burst: int, spacing_s: float
) -> None:
    memory, stored = MemoryQuotas(), StoredQuotas(store)
    scope = f"{burst} {spacing_s} {steps}"

    async def answers(quotas: QuotaStore) -> list[float]:
        waits, now = [], START
        for (kind, number, interval_s), pause in steps:
            now += timedelta(seconds=pause)
            quota = Quota(burst=burst, interval_s=interval_s or 20.0, spacing_s=spacing_s)
            if kind == "take":
                waits.append(
                    await quotas.take(
                        scope=scope, operation="o", quota=quota, reserve=number, now=now, max_wait=quota.margin_s
                    )
                )
            elif kind == "block":
                until = now + timedelta(seconds=number)
                await quotas.block(scope=scope, operation="o", quota=quota, until=until)
            else:
                await quotas.learn(scope=scope, operation="o", quota=quota, interval_s=float(number), now=now)
        return waits

    assert run(answers(stored)) == pytest.approx(run(answers(memory)), abs=1e-3)
