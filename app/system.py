"""The parts of one process, put together: what the server, the command line and the tests start from."""

import asyncio
import contextlib
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import httpx
import structlog

from app.accounts import Accounts, Connections, Shops, read_sealed
from app.clock import Clock, ScaledClock
from app.domain.intake import NOT_IMPORTED
from app.domain.task import Task
from app.errors import BadInput, Unavailable
from app.keys import Cipher, Keys, UnreadableSecret, keep_secret
from app.marketplaces.registry import platform
from app.notify.pings import PING_TIMEOUT_S, Pings, Post
from app.observe.figures import Figures, Questions
from app.observe.metrics import Metrics
from app.runs.engine import Engine
from app.runs.executors.local import LocalExecutor
from app.runs.overview import Overview
from app.runs.quota_usage import QuotaUsageReader, SharedQuota
from app.runs.reports import Reports
from app.runs.run_waiter import RunWaiter
from app.runs.scheduler import Scheduler
from app.runs.service import RunService
from app.runs.ticker import Ticker
from app.settings import Settings
from app.store import accounts as account_questions
from app.store import leases, migrate, orders, run_items, runs
from app.store.accounts import StoredAccount, meet_canary
from app.store.engine import Engines, Store
from app.store.orders import Scope
from app.store.quotas import StoredQuotas, StoredReferences
from app.store.shop_locks import StoredShopLock
from app.store.tokens import StoredTokens
from app.transport.connector import http_client
from app.transport.meter import Meter

log = structlog.get_logger()

Role = Literal["serve", "run", "tool"]

# Rows that the gauges read in one transaction.
PAGE_OF_GAUGES = 500


@dataclass(kw_only=True)
class System:
    """Everything a process works with."""

    settings: Settings
    clock: Clock
    store: Store
    keys: Keys
    admin_token: str
    admin_token_is_new: bool
    metrics: Metrics
    accounts: Accounts
    shops: Shops
    connections: Connections
    engine: Engine
    executor: LocalExecutor
    service: RunService
    run_waiter: RunWaiter
    reports: Reports
    overview: Overview
    ticker: Ticker
    pings: Pings
    stopping: asyncio.Event

    def begin_stop(self) -> None:
        """Let waiters answer at once, begin nothing new, and have runs handed over between two orders."""
        self.stopping.set()
        self.run_waiter.release_all()


@asynccontextmanager
async def open_system(
    settings: Settings,
    *,
    role: Role,
    clock: Clock | None = None,
    network: httpx.AsyncBaseTransport | None = None,
    engines: Callable[[str], Engines] = Engines,
) -> AsyncIterator[System]:
    """Open the database and put the parts together; `serve` also works on runs until the block ends.

    Raises BadInput for settings that don't fit the database, StoreUnavailable when it can't be used. `network` replaces
    the outside world, `engines` opens the database.
    """
    secret, _ = _kept("secret.key", settings.secret_key, settings)
    if settings.is_sqlite:
        await asyncio.to_thread(migrate.upgrade, settings.database)
    with _alone(settings) if role == "serve" else contextlib.nullcontext():
        admin_token, admin_token_is_new = _kept("admin.token", settings.admin_token, settings)
        store = Store(settings.database, engines=engines)
        http = http_client(transport=network)
        try:
            system = await _assemble(settings, store, http, secret, role=role, clock=clock)
            system.admin_token, system.admin_token_is_new = admin_token, admin_token_is_new
            if role == "serve":
                async with _working(system):
                    yield system
            else:
                try:
                    yield system
                finally:
                    # A command that is stopped gives its run back too.
                    system.begin_stop()
                    await system.executor.drain()
                    await system.pings.close()
        finally:
            await http.aclose()
            store.close()


async def _assemble(
    settings: Settings, store: Store, http: httpx.AsyncClient, secret: str, *, role: Role, clock: Clock | None
) -> System:
    clock = clock or ScaledClock(speed=settings.clock_speed, base=settings.clock_base)
    keys = Keys(secret, previous=settings.secret_key_previous)
    key_changed_at = await store.write(
        meet_canary, fingerprint=keys.canary_now, previous=keys.canary_previous, cipher=keys.cipher, now=clock.now()
    )
    metrics, stopping, quotas = Metrics(), asyncio.Event(), StoredQuotas(store)
    quota_usage = QuotaUsageReader(
        store=store, clock=clock, quotas=quotas, shared_quota=lambda account: _shared_quota(account, keys.cipher)
    )
    owner = f"{role}:{os.getpid()}:{secrets.token_hex(8)}"
    connections = Connections(
        store=store,
        clock=clock,
        cipher=keys.cipher,
        http=http,
        quotas=quotas,
        references=StoredReferences(store),
        tokens=StoredTokens(store, keys.cipher),
        new_meter=lambda: Meter(observer=metrics),
        new_lock=lambda shop_id: StoredShopLock(
            store, shop_id, owner=owner, unknown_outcome_wait_s=settings.unknown_outcome_wait_s
        ),
    )
    shops = Shops(store=store, clock=clock, cipher=keys.cipher, connections=connections)
    accounts = Accounts(
        store=store,
        clock=clock,
        keys=keys,
        connections=connections,
        shops=shops,
        quota_usage=quota_usage,
        token_grace=timedelta(days=settings.token_grace_days),
        key_changed_at=key_changed_at,
    )
    engine = Engine(
        store=store,
        clock=clock,
        cipher=keys.cipher,
        owner=owner,
        connect=connections.connect,
        new_meter=lambda: Meter(observer=metrics),
        lease_s=settings.lease_s,
        run_deadline_s=settings.run_deadline_s,
        unknown_outcome_wait_s=settings.unknown_outcome_wait_s,
        stopping=stopping,
    )
    run_waiter = RunWaiter(store, stopping=stopping)
    executor = LocalExecutor(engine, at_once=settings.runs_at_once, on_end=run_waiter.look_now)
    service = RunService(
        store=store,
        clock=clock,
        executor=executor,
        run_waiter=run_waiter,
        min_intervals=settings.min_intervals == "on",
    )
    scheduler = Scheduler(store=store, clock=clock, service=service, offered=_offered)
    reports = Reports(store=store, service=service, keys=keys, link_days=settings.report_link_days)
    pings = Pings(post=_poster(http), reports=reports)
    figures = Figures(metrics, _questions(store), clock=clock)
    engine.on_begin += [pings.began]
    engine.on_end += [figures.run_ended, pings.ended]
    engine.on_lease_lost += [metrics.lease_lost]
    return System(
        settings=settings,
        clock=clock,
        store=store,
        keys=keys,
        admin_token="",
        admin_token_is_new=False,
        metrics=metrics,
        accounts=accounts,
        shops=shops,
        connections=connections,
        engine=engine,
        executor=executor,
        service=service,
        run_waiter=run_waiter,
        reports=reports,
        overview=Overview(store=store, clock=clock, offered=_offered, quota_usage=quota_usage),
        ticker=Ticker(
            store=store,
            clock=clock,
            service=service,
            executor=executor,
            stopping=stopping,
            tick_s=settings.tick_s,
            keep_runs=timedelta(days=settings.keep_runs_days),
            scheduler=scheduler if settings.scheduler == "on" else None,
            read_gauges=figures.look,
        ),
        pings=pings,
        stopping=stopping,
    )


def _offered(account: StoredAccount) -> frozenset[Task]:
    return platform(account.platform).tasks


def _shared_quota(account: StoredAccount, cipher: Cipher) -> SharedQuota | None:
    """Return the quota of an account's scarce call; None where it has none, or where its config can't be read."""
    chosen = platform(account.platform)
    if chosen.scarce_call is None:
        return None
    try:
        config = read_sealed(cipher, chosen.config, account.config)
    except (BadInput, UnreadableSecret):
        return None
    return SharedQuota(
        scarce_call=chosen.scarce_call, scope=chosen.scarce_call.scope(config), poll_policy=chosen.poll_policy
    )


def _questions(store: Store) -> Questions:
    return Questions(
        accounts=lambda: store.read(account_questions.accounts),
        runs_before=lambda run_id: store.read(
            runs.runs_of, account_id=None, task=None, before=run_id, limit=PAGE_OF_GAUGES
        ),
        not_imported=lambda account_id, after: store.read(
            orders.open_orders,
            Scope(account_id=account_id),
            sorted(NOT_IMPORTED),
            after_id=after,
            limit=PAGE_OF_GAUGES,
        ),
        imported_items=lambda run_id, after: store.read(
            run_items.items_with_outcome, run_id, "imported", after=after, limit=PAGE_OF_GAUGES
        ),
        orders=lambda account_id, ids: store.read(orders.orders_by_ids, account_id, ids),
    )


def _poster(http: httpx.AsyncClient) -> Post:
    """Return how a text is sent to somebody who is no service of ours: one try, the answer's body is not read."""

    async def post(url: str, *, text: str) -> int:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            async with http.stream(
                "POST", url, content=text.encode(), headers=headers, timeout=PING_TIMEOUT_S
            ) as answer:
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise Unavailable(service="watchdog", operation="ping", detail=type(exc).__name__) from exc

    return post


@asynccontextmanager
async def _working(system: System) -> AsyncIterator[None]:
    if system.store.is_sqlite:
        # The lock file proves that no other server lives: what it left is taken over at once.
        broken = await system.store.write(leases.break_all_of, owner_prefix="serve:")
        if broken:
            log.warning("runs of a dead server are taken over", leases=broken)
    ticking = asyncio.create_task(system.ticker.run())
    try:
        yield
    finally:
        system.begin_stop()
        await ticking
        await system.executor.drain()
        await system.pings.close()


def _kept(file_name: str, given: str, settings: Settings) -> tuple[str, bool]:
    """Return a secret from the settings, or the one kept in the data folder; made there at the first start."""
    if given:
        return given, False
    if file_name == "secret.key" and not settings.is_sqlite:
        raise BadInput(
            "SECRET_KEY must be set when DATABASE_URL is PostgreSQL: every machine needs the same one. "
            "Make one with `openssl rand -base64 48`.",
            field="SECRET_KEY",
        )
    secret, is_new = keep_secret(settings.data_dir / file_name)
    if is_new and file_name == "secret.key":
        log.warning("SECRET_KEY was made and kept", path=str(settings.data_dir / file_name))
    return secret, is_new


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the lock of the only server on a SQLite database; raises BadInput when another one holds it."""
    if not settings.is_sqlite:
        yield
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with open(settings.data_dir / "serve.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise BadInput(
                f"Another marketcron serves {settings.data_dir} already. Stop it, or use PostgreSQL to run several."
            ) from exc
        yield
