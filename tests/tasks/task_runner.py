"""Runs of the real engine between a marketplace and a shop in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.clock import JumpingClock
from app.domain.order import marketplace_key
from app.domain.poll_policy import PollPolicy
from app.domain.task import RunRequest, Task
from app.domain.wording import Language, Reader
from app.errors import Refused
from app.keys import Keys
from app.runs.engine import AccountConnection, Engine
from app.runs.executors.local import LocalExecutor
from app.runs.report import RunReport
from app.runs.reports import Reports
from app.runs.run_waiter import RunWaiter
from app.runs.service import RunService
from app.store import accounts, run_items, runs
from app.store.accounts import AccountAndShop, StoredAccount
from app.store.engine import Store
from app.store.runs import Run
from app.store.tables import OrderRow, metadata
from app.tasks.context import Account
from app.tasks.settings import read_settings
from app.transport.meter import Meter
from tests.runs.builders import CIPHER, OWNER, a_run, an_account
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.support.databases import connected
from tests.tasks.fake_marketplace import FakeMarketplace
from tests.tasks.fake_shop import FakeShop

POLL_POLICY = PollPolicy(
    by="updated",
    overlap=timedelta(minutes=30),
    first_days=15,
    doublecheck_days=15,
    recheck_days=15,
    reconcile_days=30,
)
WAIT_S = 60.0


@dataclass(frozen=True)
class Done:
    """A run that has ended, and what it said about each order: outcome and code."""

    row: Run
    said: Mapping[str, tuple[str, str]]
    params: Mapping[str, Mapping[str, Any]]

    @property
    def status(self) -> str:
        return self.row.status

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the counts that are not zero."""
        return {key: number for key, number in (self.row.counts or {}).items() if number}


@dataclass
class TaskRunner:
    """One account between a marketplace and a shop."""

    store: Store
    clock: JumpingClock
    account: StoredAccount
    marketplace: FakeMarketplace
    shop: FakeShop
    poll_policy: PollPolicy = POLL_POLICY
    run_deadline_s: float = 600.0
    meters: list[Meter] = field(default_factory=list)

    def accept(self, **parameters: Any) -> Done:
        """Run orders-accept to its end."""
        return self.do(RunRequest(task=Task.ORDERS_ACCEPT, **parameters))

    def import_(self, **parameters: Any) -> Done:
        """Run orders-import to its end."""
        return self.do(RunRequest(task=Task.ORDERS_IMPORT, **parameters))

    def do(self, parameters: RunRequest, *, continues: str | None = None) -> Done:
        """Write a run and execute it."""
        row = a_run(self.account, parameters, now=self.clock.now(), continues=continues)
        run(self.store.write(runs.arrive, row, min_interval=None))
        return self.execute(row.id)

    def execute(self, run_id: str, *, engine: Engine | None = None) -> Done:
        """Execute a run that stands in the database."""
        run((engine or self.engine()).execute(run_id))
        return self.done(run_id)

    def done(self, run_id: str) -> Done:
        row = run(self.store.read(runs.run_by_id, run_id))
        assert row is not None
        items = run(self.store.read(run_items.items, run_id, after="", limit=1000))
        problems = run(self.store.read(run_items.problem_items, run_id, codes=_ALL_CODES, limit=1000))
        every = {item.subject: item for item in [*items, *problems]}
        return Done(
            row,
            {subject: (item.outcome, item.code) for subject, item in every.items()},
            {subject: item.params for subject, item in every.items()},
        )

    def engine(self, *, owner: str = OWNER, lease_s: float = 20.0, **changes: Any) -> Engine:
        return Engine(
            **{
                "store": self.store,
                "clock": self.clock,
                "cipher": CIPHER,
                "owner": owner,
                "connect": self.connect,
                "new_meter": self.new_meter,
                "lease_s": lease_s,
                "run_deadline_s": self.run_deadline_s,
                "unknown_outcome_wait_s": WAIT_S,
                **changes,
            }
        )

    def new_meter(self) -> Meter:
        self.meters.append(Meter())
        return self.meters[-1]

    async def connect(
        self, row: AccountAndShop, *, meter: Any, deadline: datetime, before_write: Callable[[], Awaitable[None]]
    ) -> AccountConnection:
        account = row.account
        return AccountConnection(
            account=Account(
                id=account.id,
                name=account.name,
                platform=account.platform,
                shop_id=account.shop_id,
                seller_key=account.seller_key or "",
                settings=read_settings(account.settings),
                poll_policy=self.poll_policy,
            ),
            marketplace=self.marketplace,
            shop=self.shop,
        )

    def service(self, executor: LocalExecutor) -> RunService:
        return RunService(
            store=self.store,
            clock=self.clock,
            executor=executor,
            run_waiter=RunWaiter(self.store, stopping=asyncio.Event()),
            min_intervals=True,
        )

    def report(self, done: Done, *, language: Language = "en") -> RunReport:
        """Return the report that a caller gets."""
        executor = LocalExecutor(self.engine(), at_once=20, on_end=lambda: None)
        keys = Keys("a secret for tests that is long enough")
        reports = Reports(store=self.store, service=self.service(executor), keys=keys, link_days=7)
        return run(reports.of(done.row, self.account, reader=Reader(language), base_url="https://host"))

    def set(self, **settings: Any) -> None:
        """Change settings of the account."""
        values = {"settings": {**self.account.settings, **settings}}
        self.account = run(self.store.write(accounts.change_account, self.account.id, values))

    def wait_out(self, seconds: float = WAIT_S + 1) -> None:
        """Let real time pass for the writes whose outcome is unknown: they were sent so much earlier."""
        sent = OrderRow.__table__.c  # type: ignore[attr-defined]
        with connected(self.store.url) as connection:
            for column in (sent.sent_at, sent.decision_sent_at):
                connection.execute(sa.update(OrderRow).values({column: column - seconds}))

    def dump(self, *, without: Sequence[str] = ()) -> dict[str, list[dict[str, Any]]]:
        """Return everything the database holds."""
        with connected(self.store.url) as connection:
            return {
                table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
                for table in metadata.sorted_tables
                if table.name not in without
            }


_ALL_CODES = tuple(
    sorted(
        {
            "CREDENTIALS_REFUSED",
            "INTERNAL",
            "MARKETPLACE_DOWN",
            "OUTCOME_UNKNOWN",
            "QUOTA_USED_UP",
            "REQUEST_REFUSED",
            "ROLE_MISSING",
            "SHOP_DOWN",
            "SHOP_SETUP",
            "TIME_USED_UP",
        }
    )
)


def a_task_runner(store: Store, **settings: Any) -> TaskRunner:
    """An account whose shop has fifty lamps and fifty coffee makers."""
    clock = JumpingClock(NOW)
    return TaskRunner(store, clock, an_account(store, **settings), FakeMarketplace(clock), FakeShop(clock))


def refused(reason: str = "SHOP_REFUSED", *, detail: str = "", shop: bool = True) -> Refused:
    if shop:
        return Refused(service="shop", operation="orders", reason=reason, detail=detail, side="shop")
    return Refused(service="mirakl", operation="OR21", reason=reason, detail=detail)


def key_of(order_id: str) -> str:
    return marketplace_key("mirakl", order_id)
