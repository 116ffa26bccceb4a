"""The engine: executes one run under its lease and turns whatever happens into the end of that run.

Errors decide by their class how the run ends; this is the only place that catches everything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from app.clock import Clock
from app.domain.message import Param, message
from app.domain.task import RunStatus, Task
from app.errors import BadInput, CallError, Cause, LeaseLost, LimitReached, Refused, StoreUnavailable
from app.keys import Cipher, UnreadableSecret
from app.marketplaces.port import Marketplace
from app.runs.lease import LeaseKeeper
from app.runs.schedule import pause_after
from app.runs.stored_request import request_of
from app.shops.port import Shop
from app.store import runs
from app.store.accounts import AccountAndShop, StoredAccount, account_and_shop
from app.store.engine import Store
from app.store.run_items import ItemNote
from app.store.runs import Claimed, Run
from app.tasks import TASKS
from app.tasks.context import Account, Context

log = structlog.get_logger()

# A run that waits for a quota or for an answer when the process stops is cut off there, before whoever stopped us loses
# patience (ten seconds are usual). What it had sent by then is looked up, as after a crash.
STOP_GRACE_S = 3.0
# A run that ends its worker each time must not go on for ever.
MOST_ATTEMPTS = 100


class HandOver(Exception):
    """The process stops: another worker shall go on with this run."""


class Meter(Protocol):
    """What a run's calls cost."""

    calls: int
    retries: int
    throttled: int
    waited_s: float

    @property
    def operations(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConnection:
    """An account connected for one run: its settings and both ports."""

    account: Account
    marketplace: Marketplace
    shop: Shop


class Connect(Protocol):
    """Connects an account for a run; raises BadInput, UnreadableSecret and the errors of the ports."""

    async def __call__(
        self,
        row: AccountAndShop,
        *,
        meter: Any,
        deadline: datetime,
        before_write: Callable[[], Awaitable[None]],
    ) -> AccountConnection: ...


Listener = Callable[[Run, StoredAccount], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    status: RunStatus
    cause: Cause | None = None
    resume_at: datetime | None = None
    problems: tuple[ItemNote, ...] = ()


@dataclass(kw_only=True)
class Engine:
    """Executes runs for one owner (a process).

    `on_begin`, `on_end` and `on_lease_lost` (told the task) return at once; what they raise harms no run.
    """

    store: Store
    clock: Clock
    cipher: Cipher
    owner: str
    connect: Connect
    new_meter: Callable[[], Meter]
    lease_s: float
    run_deadline_s: float
    unknown_outcome_wait_s: float
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    on_begin: list[Listener] = field(default_factory=list)
    on_end: list[Listener] = field(default_factory=list)
    on_lease_lost: list[Callable[[str], None]] = field(default_factory=list)

    async def execute(self, run_id: str) -> bool:
        """Execute a run if it is free; returns whether it was. Raises StoreUnavailable when its end can't be written:
        the lease then runs out and the run is taken over."""
        claimed = await self.store.write(
            runs.claim, run_id, owner=self.owner, lease_s=self.lease_s, now=self.clock.now()
        )
        if claimed is None:
            return False
        run = claimed.run
        row = await self.store.read(account_and_shop, run.account_id)
        with structlog.contextvars.bound_contextvars(run_id=run.id, account=row.account.name, task=run.task):
            log.info("run begins", attempt=run.attempt, modes=run.request.get("modes"))
            _notify(self.on_begin, run, row.account)
            meter = self.new_meter()
            try:
                async with LeaseKeeper(self.store, claimed.lease, seconds=self.lease_s) as keeper:
                    context = _Work()
                    end = await self._until_stopped(self._work(claimed, row, keeper, meter, context))
                    ended = await self._finish(claimed, end, meter, context)
                _notify(self.on_end, ended, row.account)
            except HandOver:
                await self._hand_over(claimed, meter)
            except LeaseLost:
                self._lose("lease lost, another worker goes on with this run", run)
        return True

    async def _hand_over(self, claimed: Claimed, meter: Meter) -> None:
        try:
            await self.store.write(runs.hand_over, claimed.lease, claimed.run.id, quota=_cost(meter))
            log.info("run handed over")
        except LeaseLost:
            self._lose("lease lost, another worker has this run already", claimed.run)

    def _lose(self, event: str, run: Run) -> None:
        log.warning(event)
        for listener in self.on_lease_lost:
            listener(run.task)

    async def _until_stopped(self, work: Coroutine[Any, Any, _End]) -> _End:
        """Return what the work returns; raises HandOver when the process stops and the work does not soon after."""
        task, stop = asyncio.create_task(work), asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait({task}, timeout=STOP_GRACE_S)
        finally:
            stop.cancel()
            cut_off = task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if cut_off and self.stopping.is_set():
                raise HandOver from None
            raise

    async def _work(
        self, claimed: Claimed, row: AccountAndShop, keeper: LeaseKeeper, meter: Meter, work: "_Work"
    ) -> _End:
        run, name = claimed.run, row.account.name
        if run.attempt > MOST_ATTEMPTS:
            return _failed("service", "INTERNAL", detail=message("TAKEN_OVER_IN_VAIN", times=MOST_ATTEMPTS))
        deadline = self.clock.now() + timedelta(seconds=self.run_deadline_s * self.clock.speed)

        async def checkpoint() -> None:
            keeper.check()
            if self.stopping.is_set():
                raise HandOver
            now = self.clock.now()
            if now >= deadline:
                raise LimitReached(
                    service="marketcron", operation=run.task, resume_at=now, code="TIME_USED_UP", side="service"
                )

        try:
            connection = await self.connect(row, meter=meter, deadline=deadline, before_write=keeper.before_write)
            work.context = Context(
                run_id=run.id,
                account=connection.account,
                request=request_of(run),
                marketplace=connection.marketplace,
                shop=connection.shop,
                store=self.store,
                lease=claimed.lease,
                cipher=self.cipher,
                clock=self.clock,
                unknown_outcome_wait_s=self.unknown_outcome_wait_s,
                checkpoint=checkpoint,
                goes_on=run.continues is not None,
            )
            await checkpoint()
            await TASKS[Task(run.task)].run(work.context)
        except (HandOver, LeaseLost, StoreUnavailable):
            raise
        except CallError as exc:
            pages_left = work.context.pages_left if work.context else None
            return await self._after_call_error(exc, run_id=run.id, account=name, pages_left=pages_left)
        except (BadInput, UnreadableSecret) as exc:
            detail = exc.said if isinstance(exc, BadInput) else message("CREDENTIALS_UNREADABLE")
            service = message("SERVICE_ACCOUNT", account=name)
            return _failed("service", "SHOP_SETUP", service=service, detail=detail, account=name)
        except Exception as exc:
            log.exception("run failed inside")
            return _failed("service", "INTERNAL", detail=type(exc).__name__, account=name)
        return _End(status=RunStatus.DONE)

    async def _after_call_error(self, exc: CallError, *, run_id: str, account: str, pages_left: int | None) -> _End:
        log.warning("run stopped", error=str(exc), code=exc.code)
        params: dict[str, Param] = {
            "service": exc.service,
            "operation": exc.operation,
            "detail": exc.detail,
            "account": account,
        }
        if isinstance(exc, Refused):
            return _failed(exc.side, "REQUEST_REFUSED", **params)
        if exc.retry == "no":
            return _failed(exc.side, exc.code, **params)
        if isinstance(exc, LimitReached):
            resume_at = exc.resume_at
        else:
            outages = await self.store.read(runs.pauses_in_a_row, run_id)
            resume_at = self.clock.now() + pause_after(outages)
        params["resume_at"] = resume_at
        if isinstance(exc, LimitReached) and exc.interval_s and pages_left:
            through_at = resume_at + timedelta(seconds=exc.interval_s * (pages_left - 1))
            params |= {"pages_left": pages_left, "through_at": through_at}
        note = ItemNote(subject=f"#{exc.code}", code=exc.code, params=params)
        return _End(status=RunStatus.PAUSED, cause=exc.side, resume_at=resume_at, problems=(note,))

    async def _finish(self, claimed: Claimed, end: _End, meter: Meter, work: "_Work") -> Run:
        run = await self.store.write(
            runs.finish,
            claimed.lease,
            claimed.run.id,
            status=end.status,
            now=self.clock.now(),
            cause=end.cause,
            resume_at=end.resume_at,
            window=work.context.window if work.context else None,
            tally=work.context.tally if work.context else {},
            quota=_cost(meter),
            problems=end.problems,
        )
        log.info("run ends", status=run.status, counts=run.counts, quota=run.quota)
        return run


@dataclass(slots=True)
class _Work:
    """What was under way, known even when it failed."""

    context: Context | None = None


def _notify(listeners: Sequence[Listener], run: Run, account: StoredAccount) -> None:
    for listener in listeners:
        try:
            listener(run, account)
        except Exception:
            log.exception("somebody who listens to runs failed")


def _cost(meter: Meter) -> dict[str, Any]:
    cost = {
        "calls": meter.calls,
        "retries": meter.retries,
        "throttled": meter.throttled,
        "waited_s": round(meter.waited_s, 3),
    }
    return {**cost, "operations": dict(meter.operations)} if meter.operations else cost


def _failed(cause: Cause, code: str, **params: Param) -> _End:
    return _End(
        status=RunStatus.FAILED, cause=cause, problems=(ItemNote(subject=f"#{code}", code=code, params=params),)
    )
