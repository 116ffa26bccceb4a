"""A marketplace and a shop that do what a test tells them, and runs of the real engine between the two."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.clock import JumpingClock
from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.order import Missing, Order, OrderState, Unreadable, marketplace_key
from app.domain.page import Page
from app.domain.poll_policy import PollPolicy
from app.domain.task import Priority, RunRequest, Task
from app.errors import OutcomeUnknown, Refused, Unavailable
from app.keys import Keys
from app.marketplaces.port import Capability, ConnectionTest, LineOutcome, OrderQuery
from app.runs.engine import AccountConnection, Engine
from app.runs.executors.local import LocalExecutor
from app.runs.report import RunReport
from app.runs.reports import Reports
from app.runs.run_waiter import RunWaiter
from app.runs.service import RunService
from app.shops.port import Ambiguous, CancelOutcome, ImportPlan, Match, Resolved, ShopOrder, UnfinishedOrder, Unknown
from app.store import accounts, run_items, runs
from app.store.accounts import AccountAndShop
from app.store.engine import Store
from app.store.tables import AccountRow, OrderRow, RunRow, metadata
from app.tasks.context import Account
from app.tasks.settings import read_settings
from app.transport.meter import Meter
from tests.runs.building import CIPHER, OWNER, a_run, an_account
from tests.shops.building import NOW
from tests.support.aio import run
from tests.support.databases import connected
from tests.tasks.building import PLATFORM_STATUSES

POLL_POLICY = PollPolicy(
    by="updated",
    overlap=timedelta(minutes=30),
    first_days=15,
    doublecheck_days=15,
    recheck_days=15,
    reconcile_days=30,
)
WAIT_S = 60.0


@dataclass
class RemoteMarketplace:
    """Orders by id, listed by page; `hidden` ones are in no list, but known by id.

    `answers` says what becomes of a decision: `lost` (made, but nobody hears of it), `never` (not made, and nobody
    hears of it) or an error. `trouble` is what a page raises, by its number.
    """

    clock: JumpingClock
    can: frozenset[Capability] = frozenset(Capability)
    page_size: int = 100
    remote_now: datetime | None = None
    hidden: set[str] = field(default_factory=set)
    remote_orders: dict[str, Order | Unreadable] = field(default_factory=dict)
    answers: dict[str, str | Exception] = field(default_factory=dict)
    trouble: Callable[[int], Exception | None] = lambda page: None
    queries: list[OrderQuery] = field(default_factory=list)
    looked_up: list[tuple[str, ...]] = field(default_factory=list)
    decided: list[tuple[str, Mapping[str, bool]]] = field(default_factory=list)

    def sell(self, *sales: Order | Unreadable) -> None:
        for sale in sales:
            self.remote_orders[sale.order_id] = sale

    def move(self, order_id: str, state: OrderState, **changes: Any) -> None:
        """Let an order change at the marketplace, now."""
        order = self.remote_orders[order_id]
        assert isinstance(order, Order)
        self.sell(
            replace(
                order, state=state, platform_status=PLATFORM_STATUSES[state], updated_at=self.clock.now(), **changes
            )
        )

    async def check(self) -> ConnectionTest:
        return ConnectionTest(seller_key="seller", findings=[])

    async def orders(self, query: OrderQuery) -> AsyncIterator[Page[Order | Unreadable]]:
        self.queries.append(query)
        listed = [
            sale
            for order_id, sale in self.remote_orders.items()
            if order_id not in self.hidden and _asked_for(sale, query)
        ]
        start = int(query.resume or 0)
        for number in range(start, max(len(listed), start + 1), self.page_size):
            error = self.trouble(number // self.page_size)
            if error:
                raise error
            end = number + self.page_size
            yield Page(
                items=tuple(listed[number:end]),
                read_at=self.clock.now(),
                resume=str(end) if end < len(listed) else None,
                remote_now=self.remote_now or self.clock.now(),
            )

    async def orders_by_id(
        self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
    ) -> AsyncIterator[Order | Missing | Unreadable]:
        self.looked_up.append(tuple(order_ids))
        for order_id in order_ids:
            yield self.remote_orders.get(order_id, Missing(order_id))

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        answer = self.answers.get(order.order_id)
        await intent.sending("decide")
        self.decided.append((order.order_id, accept))
        if isinstance(answer, Exception):
            raise answer
        if answer != "never":
            states = {line: OrderState.ACCEPTED if yes else OrderState.REFUSED for line, yes in accept.items()}
            lines = tuple(replace(line, state=states[line.id]) for line in order.lines)
            state = OrderState.ACCEPTED if any(accept.values()) else OrderState.REFUSED
            self.move(order.order_id, state, lines=lines)
        if answer:
            raise OutcomeUnknown(service="mirakl", operation="OR21")
        return [LineOutcome(line, yes) for line, yes in accept.items()]


def _asked_for(sale: Order | Unreadable, query: OrderQuery) -> bool:
    if isinstance(sale, Unreadable):
        return True
    if query.by == "to_accept":
        return sale.state is OrderState.TO_ACCEPT
    recent = query.since is None or sale.updated_at is None or sale.updated_at >= query.since
    return recent and (not query.states or sale.state in query.states)


@dataclass
class RemoteShop:
    """Products by SKU and orders by key; `answers` says what becomes of a creation, by marketplace order id.

    A creation is `lost` (made, but nobody hears of it), `never` (not made, and nobody hears of it), `half`, `dear` (the
    shop counts another total) or an error. `cancellations` says the same of a cancellation, by reference.
    """

    clock: JumpingClock
    parallel: int = 1
    stock: dict[str, int] = field(default_factory=lambda: {"LAMPE": 50, "CAFETIERE": 50})
    odd: dict[str, str] = field(default_factory=dict)
    orders: dict[str, ShopOrder | UnfinishedOrder] = field(default_factory=dict)
    answers: dict[str, str | Exception] = field(default_factory=dict)
    cancellations: dict[str, CancelOutcome | Exception] = field(default_factory=dict)
    down: bool = False
    plans: dict[str, ImportPlan] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def check(self) -> Sequence[Finding]:
        return []

    async def resolve(self, skus: Sequence[str]) -> Resolved:
        if self.down:
            raise Unavailable(service="shop", operation="products", side="shop")
        return Resolved(by_sku={sku: self._product(sku) for sku in skus}, read_at=self.clock.now())

    def _product(self, sku: str) -> Match | Unknown | Ambiguous:
        if self.odd.get(sku) == "ambiguous":
            return Ambiguous(sku, ("1", "2"))
        if sku not in self.stock:
            return Unknown(sku)
        active = self.odd.get(sku) != "inactive"
        return Match(sku=sku, ref=sku, title=sku, active=active, available=self.stock[sku])

    async def find_orders(self, wanted: Mapping[str, Mapping[str, str]]) -> Mapping[str, ShopOrder | UnfinishedOrder]:
        self.searched += wanted
        return {key: self.orders[key] for key in wanted if key in self.orders}

    async def abandon(self, intent: Intent) -> None:
        self.abandoned.append(intent.key)

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._create(order, plan, intent)
        finally:
            self.at_once -= 1

    async def _create(self, order: Order, plan: ImportPlan, intent: Intent) -> ShopOrder:
        answer = self.answers.get(order.order_id)
        await intent.note(cart=f"cart of {order.order_id}")
        await intent.sending("order")
        self.created.append(order.order_id)
        # Other orders of the same chunk get their turn, as while a real shop answers.
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        ref = str(len(self.created))
        if answer == "half":
            self.orders[intent.key] = UnfinishedOrder(ref, "it has no line")
            raise OutcomeUnknown(service="shop", operation="orders", side="shop")
        if answer != "never":
            total = replace(order.open_total, amount=order.open_total.amount * (2 if answer == "dear" else 1))
            pieces: Counter[str] = Counter()
            for line in order.open_lines:
                pieces[line.sku] += line.quantity_open
            self.orders[intent.key] = ShopOrder(
                ref=ref,
                key=intent.key,
                marketplace_order_id=order.order_id,
                state=plan.state,
                total=total,
                pieces=pieces,
                created_at=self.clock.now(),
            )
            self.plans[order.order_id] = plan
            if plan.stock == "lower":
                self._move_stock(pieces, sign=-1)
        if answer in ("lost", "never"):
            raise OutcomeUnknown(service="shop", operation="orders", side="shop")
        made = self.orders[intent.key]
        assert isinstance(made, ShopOrder)
        return made

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        answer = self.cancellations.get(ref)
        if isinstance(answer, Exception):
            raise answer
        self.cancelled.append(ref)
        for key, in_shop in self.orders.items():
            if in_shop.ref == ref and isinstance(in_shop, ShopOrder) and answer is None:
                if in_shop.state == "cancelled":
                    return CancelOutcome.ALREADY_CANCELLED
                self._move_stock(in_shop.pieces, sign=1)
                self.orders[key] = replace(in_shop, state="cancelled")
        return answer or CancelOutcome.CANCELLED

    def holds(self) -> dict[str, str]:
        """Return the state of each whole order by marketplace order id."""
        return {
            in_shop.marketplace_order_id: in_shop.state
            for in_shop in self.orders.values()
            if isinstance(in_shop, ShopOrder)
        }

    def _move_stock(self, pieces: Mapping[str, int], *, sign: int) -> None:
        for sku, quantity in pieces.items():
            self.stock[sku] += sign * quantity


@dataclass(frozen=True)
class Done:
    """A run that has ended, and what it said about each order: outcome and code."""

    row: RunRow
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
class World:
    """One account between a marketplace and a shop."""

    store: Store
    clock: JumpingClock
    account: AccountRow
    marketplace: RemoteMarketplace
    shop: RemoteShop
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

    def report(self, done: Done, *, language: Any = "en") -> RunReport:
        """Return the report that a caller gets."""
        executor = LocalExecutor(self.engine(), at_once=20, on_end=lambda: None)
        keys = Keys("a secret for tests that is long enough")
        reports = Reports(store=self.store, service=self.service(executor), keys=keys, link_days=7)
        return run(reports.of(done.row, self.account, language=language, base_url="https://host"))

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


def a_world(store: Store, **settings: Any) -> World:
    """An account whose shop has fifty lamps and fifty coffee makers."""
    clock = JumpingClock(NOW)
    return World(store, clock, an_account(store, **settings), RemoteMarketplace(clock), RemoteShop(clock))


def refused(reason: str = "SHOP_REFUSED", *, detail: str = "", shop: bool = True) -> Refused:
    if shop:
        return Refused(service="shop", operation="orders", reason=reason, detail=detail, side="shop")
    return Refused(service="mirakl", operation="OR21", reason=reason, detail=detail)


def key_of(order_id: str) -> str:
    return marketplace_key("mirakl", order_id)
