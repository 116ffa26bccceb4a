"""What the sandbox's addresses serve: platforms and shops of one seed and one clock; a reset builds them again."""

from pathlib import Path

from app.clock import Clock
from app.sandbox.accounts import Account, Controlled, Platform, SandboxShop, ShopKind
from app.sandbox.clock import SandboxClock
from app.sandbox.context import Context
from app.sandbox.control_input import ControlNotFound
from app.sandbox.registry import PLATFORMS, SHOPS


class Simulation:
    """All platforms and shops of one context."""

    def __init__(self, *, seed: int, speed: float, clock: Clock | None, models: Path | None = None) -> None:
        self.clock = SandboxClock(speed=speed, clock=clock)
        self._build(Context(seed=seed, clock=self.clock, models=models))

    def reset(self, *, seed: int | None, speed: float | None) -> None:
        """Start again: no orders, no faults, no advance; what is not given stays as it was."""
        self.clock.reset(speed=self.clock.speed if speed is None else speed)
        seed = self.context.seed if seed is None else seed
        self._build(Context(seed=seed, clock=self.clock, models=self.context.models))

    def accounts(self) -> dict[str, Account]:
        """Return every account of every platform by its name."""
        return {name: account for platform in self.platforms.values() for name, account in platform.accounts.items()}

    def account(self, name: str) -> Account:
        """Return the account of that name; raises ControlNotFound naming those that exist."""
        accounts = self.accounts()
        if name not in accounts:
            raise ControlNotFound(f"There is no {name!r} in it; there are: {', '.join(sorted(accounts))}.")
        return accounts[name]

    def shop(self, name: str) -> SandboxShop:
        """Return the shop of that name; raises ControlNotFound naming those that exist."""
        if name not in self.shops:
            raise ControlNotFound(f"There is no shop {name!r} in it; there are: {', '.join(sorted(self.shops))}.")
        return self.shops[name].account

    def driven(self, name: str) -> Controlled:
        """Return the account or the shop of that name; raises ControlNotFound naming the accounts that exist."""
        return self.shops[name].account if name in self.shops else self.account(name)

    def mounted(self, name: str) -> Platform | ShopKind:
        """Return what is served under that name."""
        return self.shops[name] if name in self.shops else self.platforms[name]

    def _build(self, context: Context) -> None:
        self.context = context
        self.platforms: dict[str, Platform] = {name: build(context) for name, build in PLATFORMS.items()}
        self.shops: dict[str, ShopKind] = {name: build(context) for name, build in SHOPS.items()}
