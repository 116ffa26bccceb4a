"""What a task may use: its account, the two ports, the ledger, the clock, and a point to stop at."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from app.clock import Clock
from app.domain.intake import Policy
from app.domain.poll_policy import PollPolicy
from app.domain.task import RunRequest
from app.keys import Cipher
from app.marketplaces.port import Marketplace, SumsUp
from app.shops.port import Shop
from app.store.engine import Session, Store
from app.store.leases import Lease, fenced
from app.store.ledger import RunLedger, Seller
from app.store.orders import LedgerOrder, Scope
from app.store.run_items import ItemNote, note_items
from app.tasks.settings import AccountSettings

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account a run works for."""

    id: str
    name: str
    platform: str
    shop_id: str
    seller_key: str
    settings: AccountSettings
    poll_policy: PollPolicy


@dataclass(slots=True, kw_only=True)
class Context:
    """Everything one run of one task may touch.

    `checkpoint` is called between two orders: it returns, or raises what ends the run (handover, lost lease, time used
    up). `goes_on`: this run goes on with one that paused. For its report, `window` is what the run read, `pages_left`
    how much of a long list it has yet to read, as far as that is known, and `tally` what it counted beside orders.
    """

    run_id: str
    account: Account
    request: RunRequest
    marketplace: Marketplace
    shop: Shop
    store: Store
    lease: Lease
    cipher: Cipher
    clock: Clock
    unknown_outcome_wait_s: float
    checkpoint: Callable[[], Awaitable[None]]
    goes_on: bool = False
    window: Mapping[str, Any] | None = None
    pages_left: int | None = None
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def sums_up(self) -> SumsUp | None:
        """The marketplace as one that has summaries of orders; None where it has none."""
        return self.marketplace if isinstance(self.marketplace, SumsUp) else None

    def count(self, key: str, number: int) -> None:
        """Add to a count of the report that no order stands for."""
        self.tally[key] += number

    async def read(self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the store something."""
        return await self.store.read(question, *args, **kwargs)

    async def write(self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Change the store, fenced; raises LeaseLost when this run was taken over."""
        return await self.store.write(lambda session: fenced(session, self.lease, question, *args, **kwargs))

    async def note(self, notes: Sequence[ItemNote]) -> None:
        """Put notes into the report of this run; without any, the store is not asked at all."""
        if notes:
            await self.write(note_items, self.run_id, notes)

    def now(self) -> datetime:
        return self.clock.now()

    def policy(self) -> Policy:
        settings = self.account.settings
        return Policy(
            start_from=settings.start_from,
            fulfilled_import=settings.fulfilled_import,
            shipped_import=settings.shipped_import,
            business_import=settings.business_import,
            acceptance_deadline=settings.acceptance_deadline,
        )

    def run_ledger(self, outcome: Callable[[LedgerOrder], str]) -> RunLedger:
        """Return this run's side of the ledger; `outcome` names the count an order falls under."""
        return RunLedger(
            seller=Seller(
                account_id=self.account.id,
                shop_id=self.account.shop_id,
                platform=self.account.platform,
                seller_key=self.account.seller_key,
            ),
            policy=self.policy(),
            cipher=self.cipher,
            run_id=self.run_id,
            outcome=outcome,
            unknown_outcome_wait_s=self.unknown_outcome_wait_s,
        )

    def scope(self) -> Scope:
        """Return which orders this run may act on: a catch-up only those that it found itself."""
        return Scope(
            account_id=self.account.id,
            order_ids=self.request.order_ids,
            found_by=() if self.request.order_ids else self.request.catch_ups,
            fulfilments=tuple(self.request.fulfilments),
        )
