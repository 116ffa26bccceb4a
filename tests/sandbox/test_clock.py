from datetime import timedelta

from app.clock import JumpingClock
from app.sandbox.clock import SandboxClock
from tests.sandbox.client import NOON


def test_advancing_moves_the_sandbox_and_not_the_given_clock() -> None:
    given = JumpingClock(NOON)
    clock = SandboxClock(clock=given)

    clock.advance(3600)

    assert (clock.now(), given.now()) == (NOON + timedelta(hours=1), NOON)


def test_the_given_clock_still_moves_the_sandbox() -> None:
    given = JumpingClock(NOON)
    clock = SandboxClock(clock=given)
    clock.advance(10)

    given.advance(5)

    assert clock.now() == NOON + timedelta(seconds=15)


def test_a_reset_forgets_every_advance() -> None:
    clock = SandboxClock(clock=JumpingClock(NOON))
    clock.advance(3600)

    clock.reset(speed=1)

    assert clock.now() == NOON
