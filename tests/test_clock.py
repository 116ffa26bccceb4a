"""Two clocks: one that processes agree on, and one that jumps when everybody waits."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app import clock as clocks
from app.clock import JumpingClock, ScaledClock
from tests.support.aio import run

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
PATIENCE_S = 10.0


class RealTime:
    """What `time.time` tells a scaled clock."""

    def __init__(self) -> None:
        self.at = START.timestamp()

    def time(self) -> float:
        return self.at


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> RealTime:
    real = RealTime()
    monkeypatch.setattr(clocks, "time", real)
    return real


def test_a_clock_at_speed_one_gives_real_time(real: RealTime) -> None:
    real.at += 90

    assert ScaledClock().now() == START + timedelta(seconds=90)


def test_processes_that_share_base_and_speed_read_the_same_time(real: RealTime) -> None:
    first = ScaledClock(speed=60, base=START)
    real.at += 30
    second = ScaledClock(speed=60, base=START)

    assert first.now() == second.now() == START + timedelta(minutes=30)


def test_a_fast_clock_sleeps_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("app.clock.asyncio.sleep", sleep)

    run(ScaledClock(speed=60).sleep(120))
    run(ScaledClock(speed=60).sleep(-5))

    assert slept == [2, 0]


def test_both_clocks_give_aware_time_in_utc() -> None:
    assert ScaledClock().now().tzinfo is UTC
    assert JumpingClock(START).now().utcoffset() == timedelta(0)
    assert clocks.real_now().tzinfo is UTC


def test_a_month_of_waiting_passes_at_once() -> None:
    clock = JumpingClock(START)

    run(clock.sleep(30 * 86_400))

    assert clock.now() == START + timedelta(days=30)


def test_sleepers_wake_in_the_order_of_their_times_and_each_at_its_own() -> None:
    clock = JumpingClock(START)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *spans: float) -> None:
        for span in spans:
            await clock.sleep(span)
            woken.append((name, (clock.now() - START).total_seconds()))

    async def scene() -> None:
        await asyncio.gather(sleeper("slow", 100), sleeper("steady", 30, 30, 30), sleeper("quick", 10))

    run(scene())

    assert woken == [("quick", 10), ("steady", 30), ("steady", 60), ("steady", 90), ("slow", 100)]


def test_time_stands_still_while_somebody_works() -> None:
    clock = JumpingClock(START)
    seen: set[datetime] = set()

    async def work() -> None:
        for _ in range(JumpingClock.QUIET_TURNS * 4):
            await asyncio.sleep(0)
            clock.advance(0)
            seen.add(clock.now())

    async def scene() -> None:
        await asyncio.gather(work(), clock.sleep(60))

    run(scene())

    assert seen == {START}
    assert clock.now() == START + timedelta(seconds=60)


def test_time_never_jumps_while_a_thread_is_busy() -> None:
    clock = JumpingClock(START)
    go_on, asked = threading.Event(), threading.Event()
    busy = True
    seen: list[datetime] = []

    def probe() -> bool:
        asked.set()
        return busy

    def work() -> None:
        nonlocal busy
        asked.wait(PATIENCE_S)
        go_on.wait(PATIENCE_S)
        seen.append(clock.now())
        busy = False

    async def scene() -> None:
        clock.busy.append(probe)
        thread = asyncio.create_task(asyncio.to_thread(work))
        sleeping = asyncio.create_task(clock.sleep(60))
        await asyncio.to_thread(asked.wait, PATIENCE_S)
        assert not sleeping.done()
        go_on.set()
        await asyncio.gather(thread, sleeping)

    run(scene())

    assert seen == [START]
    assert clock.now() == START + timedelta(seconds=60)


def test_a_cancelled_sleeper_holds_nobody_up() -> None:
    clock = JumpingClock(START)

    async def scene() -> None:
        impatient = asyncio.create_task(clock.sleep(1000))
        patient = asyncio.create_task(clock.sleep(2000))
        await asyncio.sleep(0)
        impatient.cancel()
        await patient

    run(scene())

    assert clock.now() == START + timedelta(seconds=2000)


def test_an_advance_wakes_whoever_slept_until_then() -> None:
    clock = JumpingClock(START)
    clock.busy.append(lambda: True)

    async def scene() -> tuple[bool, bool]:
        short, long = asyncio.create_task(clock.sleep(10)), asyncio.create_task(clock.sleep(1000))
        await asyncio.sleep(0)
        clock.advance(10)
        await short
        woken = short.done(), long.done()
        long.cancel()
        return woken

    assert run(scene()) == (True, False)
    assert clock.now() == START + timedelta(seconds=10)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_sleep_of_nothing_moves_no_time(seconds: float) -> None:
    clock = JumpingClock(START)

    run(clock.sleep(seconds))

    assert clock.now() == START
