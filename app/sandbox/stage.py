"""What stands behind the sandbox's addresses: one clock, one world, the platforms; a reset builds them anew."""

from app.clock import Clock
from app.sandbox.accounts import Account, Platform
from app.sandbox.clock import SandboxClock
from app.sandbox.registry import PLATFORMS
from app.sandbox.wishes import UnknownThere
from app.sandbox.world import World


class Stage:
    """All platforms of one world."""

    def __init__(self, *, seed: int, speed: float, clock: Clock | None) -> None:
        self.clock = SandboxClock(speed=speed, clock=clock)
        self.world = World(seed=seed, clock=self.clock)
        self.platforms = self._platforms()

    def reset(self, *, seed: int | None, speed: float | None) -> None:
        """Start again: no orders, no faults, no advance; what is not given stays as it was."""
        self.clock.reset(speed=self.clock.speed if speed is None else speed)
        self.world = World(seed=self.world.seed if seed is None else seed, clock=self.clock)
        self.platforms = self._platforms()

    def accounts(self) -> dict[str, Account]:
        """Return every account of every platform by its name."""
        return {name: account for platform in self.platforms.values() for name, account in platform.accounts.items()}

    def account(self, name: str) -> Account:
        """Return the account of that name; raises UnknownThere naming those that exist."""
        accounts = self.accounts()
        if name not in accounts:
            raise UnknownThere(f"There is no {name!r} here; there are: {', '.join(sorted(accounts))}.")
        return accounts[name]

    def _platforms(self) -> dict[str, Platform]:
        return {name: build(self.world) for name, build in PLATFORMS.items()}
