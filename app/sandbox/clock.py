"""The sandbox's business time: a given clock or its own, plus what tests moved it forward."""

from datetime import datetime, timedelta

from app.clock import Clock, ScaledClock


class SandboxClock:
    """Business time that tests can move forward; moving it never touches the clock underneath."""

    def __init__(self, *, speed: float = 1.0, clock: Clock | None = None) -> None:
        self._given = clock
        self._clock: Clock = clock or ScaledClock(speed=speed)
        self.speed = speed
        self.offset = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.offset

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move business time forward at once."""
        self.offset += timedelta(seconds=seconds)

    def reset(self, *, speed: float) -> None:
        """Forget every advance; a clock of our own starts again from real time, a given clock keeps its speed."""
        self.offset = timedelta()
        self.speed = speed
        if self._given is None:
            self._clock = ScaledClock(speed=speed)
