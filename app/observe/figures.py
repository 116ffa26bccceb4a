"""What the database knows of all accounts, as gauges: right after a restart, and whichever process did the work.

The store's questions are handed over, so that this package stays beside the store and not above it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.clock import Clock
from app.domain.task import RunStatus, Task
from app.observe.metrics import Metrics

# A run may wait and work for so long before it ends; later successes of other processes are seen at the next restart.
RECENT = timedelta(hours=1)
# Older runs are read a unit at each look: the newest success of a weekly mode may lie far back.
PAGES_OF_HISTORY = 20
LIVE = "live"
_SUCCEEDED = frozenset({RunStatus.DONE, RunStatus.PARTIAL})


class AccountSeen(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class RunSeen(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def request(self) -> Mapping[str, Any]: ...
    @property
    def dry_run(self) -> bool: ...
    @property
    def status(self) -> str: ...
    @property
    def counts(self) -> Mapping[str, Any] | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def finished_at(self) -> datetime | None: ...


class OrderSeen(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def placed_at(self) -> datetime: ...
    @property
    def imported_at(self) -> datetime | None: ...
    @property
    def imported_run(self) -> str | None: ...


class ItemSeen(Protocol):
    @property
    def subject(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked of the store; each list is a page, an empty one comes after the last.

    `runs_before` an id or None: newest first · `not_imported` of an account after a ledger number · `imported_items` of
    a run after a subject · `orders` of an account by their ids.
    """

    accounts: Callable[[], Awaitable[Sequence[AccountSeen]]]
    runs_before: Callable[[str | None], Awaitable[Sequence[RunSeen]]]
    not_imported: Callable[[str, int], Awaitable[Sequence[OrderSeen]]]
    imported_items: Callable[[str, str], Awaitable[Sequence[ItemSeen]]]
    orders: Callable[[str, Sequence[str]], Awaitable[Sequence[OrderSeen]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    """A run of this process whose orders were not looked at yet."""

    run_id: str
    account_id: str
    account: str


class Figures:
    """Counts the runs of this process as they end, and reads the rest at each look."""

    def __init__(self, metrics: Metrics, questions: Questions, *, clock: Clock) -> None:
        self._metrics, self._ask, self._clock = metrics, questions, clock
        self._successes: dict[tuple[str, str, str], datetime] = {}
        self._imports: list[_Import] = []
        self._looked_at = clock.now()
        self._history_before: str | None = None
        self._history_read = False

    def run_ended(self, run: RunSeen, account: AccountSeen) -> None:
        """Count a run of this process; a dry run counts nowhere."""
        if run.dry_run or run.started_at is None or run.finished_at is None:
            return
        imported = int((run.counts or {}).get("imported", 0)) if run.task == Task.ORDERS_IMPORT else 0
        self._metrics.run_ended(
            account=account.name,
            task=run.task,
            status=run.status,
            seconds=(run.finished_at - run.started_at).total_seconds(),
            imported=imported,
        )
        if imported:
            self._imports.append(_Import(run_id=run.id, account_id=account.id, account=account.name))
        if self._note_success(run):
            self._metrics.succeeded(
                account=account.name, task=run.task, mode=mode_of(run), moment=self._successes[_key(run)]
            )

    async def look(self) -> None:
        """Read the gauges again, and the ages of the orders imported since the last look; raises StoreUnavailable."""
        accounts = {row.id: row.name for row in await self._ask.accounts()}
        await self._read_recent()
        await self._read_history()
        await self._read_ages()
        reasons: Counter[tuple[str, str]] = Counter()
        for account_id, name in accounts.items():
            reasons.update({(name, code): number for code, number in (await self._reasons(account_id)).items()})
        self._metrics.show(
            accounts=accounts.values(),
            last_success={
                (accounts[account_id], task, mode): moment
                for (account_id, task, mode), moment in self._successes.items()
                if account_id in accounts
            },
            not_imported=reasons,
        )

    async def _read_recent(self) -> None:
        since, self._looked_at = self._looked_at - RECENT, self._clock.now()
        before = None
        while page := await self._ask.runs_before(before):
            for run in page:
                self._note_success(run)
            if page[-1].created_at < since:
                return
            before = page[-1].id

    async def _read_history(self) -> None:
        for _ in range(PAGES_OF_HISTORY):
            if self._history_read:
                return
            page = await self._ask.runs_before(self._history_before)
            for run in page:
                self._note_success(run)
            self._history_before = page[-1].id if page else None
            self._history_read = not page

    def _note_success(self, run: RunSeen) -> bool:
        """Return whether a run is the newest success of its kind; one for chosen orders says nothing of the others."""
        if run.status not in _SUCCEEDED or run.dry_run or run.request["order_ids"] or run.finished_at is None:
            return False
        key = _key(run)
        if key in self._successes and run.finished_at <= self._successes[key]:
            return False
        self._successes[key] = run.finished_at
        return True

    async def _read_ages(self) -> None:
        while self._imports:
            done = self._imports[0]
            ages = await self._ages(done)
            self._imports.pop(0)
            for age in ages:
                self._metrics.order_imported(account=done.account, age=age)

    async def _ages(self, done: _Import) -> list[timedelta]:
        ages: list[timedelta] = []
        after = ""
        while items := await self._ask.imported_items(done.run_id, after):
            after = items[-1].subject
            orders = await self._ask.orders(done.account_id, [item.subject for item in items])
            ages += [
                order.imported_at - order.placed_at
                for order in orders
                if order.imported_run == done.run_id and order.imported_at is not None
            ]
        return ages

    async def _reasons(self, account_id: str) -> Counter[str]:
        reasons: Counter[str] = Counter()
        after = 0
        while page := await self._ask.not_imported(account_id, after):
            reasons.update(order.code for order in page)
            after = page[-1].id
        return reasons


def mode_of(run: RunSeen) -> str:
    """Return the modes of a run as one label: `live`, `recheck`, `doublecheck+recheck` …"""
    return "+".join(run.request["modes"]) or LIVE


def _key(run: RunSeen) -> tuple[str, str, str]:
    return (run.account_id, run.task, mode_of(run))
