"""What accounts spend of the call that their platform allows rarely, and what to advise: told by status and by checks.

A quota belongs to whom the platform counts together, which may be several accounts: calls, shares and advice are
theirs together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.clock import Clock
from app.domain.advice import NEARLY_USED_UP, Hit, Load, of_orders, of_share, standing
from app.domain.finding import Finding
from app.domain.order import Fulfilment
from app.domain.reading import Reading
from app.domain.reasons import Language
from app.domain.task import Priority, Task
from app.marketplaces.platform import Budget
from app.store import accounts, orders, spending
from app.store.engine import Store
from app.store.spending import RunCost
from app.store.tables import AccountRow
from app.transport.meter import operation_name
from app.transport.quotas import QuotaStore

DAY = timedelta(days=1)
# Over how many days orders are counted, at most and at least.
DAYS_COUNTED, FEWEST_DAYS = timedelta(days=7), DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What an account may spend: its platform's budget, whom it shares it with, and what its passes read."""

    budget: Budget
    scope: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Reads what was spent; `purse` tells an account's, None where no call is scarce or its config can't be read."""

    store: Store
    clock: Clock
    quotas: QuotaStore
    purse: Callable[[AccountRow], Purse | None]

    async def loads(self, rows: Iterable[AccountRow]) -> Mapping[str, Load]:
        """Return the load of every account that has a budget, by the account's id; `rows` are all accounts."""
        sharing: dict[str, list[tuple[AccountRow, Purse]]] = defaultdict(list)
        for row in rows:
            purse = self.purse(row)
            if purse is not None:
                sharing[purse.scope].append((row, purse))
        found: dict[str, Load] = {}
        for shared in sharing.values():
            load = await self._load([row for row, _ in shared], shared[0][1])
            found |= {row.id: load for row, _ in shared}
        return found

    async def findings(self, account: AccountRow, *, language: Language) -> list[Finding]:
        """Return what a connection test says of an account's budget; nothing where it has none."""
        mine = self.purse(account)
        if mine is None:
            return []
        rows = [row for row in await self.store.read(accounts.accounts) if row.platform == account.platform]
        load = (await self.loads(rows))[account.id]
        shares, short = of_share(load), load.share > NEARLY_USED_UP
        first = Finding(
            code="QUOTA_SHARE",
            ok=not short,
            sentence=standing(load).said(language),
            fix=shares[-1].said(language) if short else "",
        )
        advised = [*([] if short else shares), *of_orders(load)]
        return [first, *(Finding(code=each.code, ok=True, sentence=each.said(language)) for each in advised)]

    async def orders_per_day(self, account: AccountRow) -> dict[Fulfilment, float]:
        """Return an account's orders of a day, by who ships them: those of the last week, or of the days we know."""
        now = self.clock.now()
        first = await self.store.read(orders.first_placed_at, account.id)
        known = now - min(account.created_at, first or account.created_at)
        span = min(max(known, FEWEST_DAYS), DAYS_COUNTED)
        placed = await self.store.read(orders.placed_by_fulfilment, account.id, since=now - span)
        return {Fulfilment(word): number / (span / DAY) for word, number in placed.items()}

    async def _load(self, rows: Sequence[AccountRow], purse: Purse) -> Load:
        budget, quota = purse.budget, purse.budget.quota
        placed = dict.fromkeys(Fulfilment, 0.0)
        for row in rows:
            for fulfilment, number in (await self.orders_per_day(row)).items():
                placed[fulfilment] += number
        costs = await self.store.read(spending.costs_since, [row.id for row in rows], since=self.clock.now() - DAY)
        return Load(
            operation=budget.operation.name,
            orders_per_call=budget.orders_per_call,
            interval_s=await self.quotas.interval(scope=purse.scope, operation=budget.operation.name, quota=quota),
            at_once=quota.room(quota.reserve(Priority.CATCH_UP)),
            role=budget.address_role,
            reading=purse.reading,
            orders=placed,
            hits=_hits(costs, operation_name(budget.service, budget.operation.name)),
            accounts=len(rows),
        )


def _hits(costs: Sequence[RunCost], operation: str) -> list[Hit]:
    """Return what each kind of hit used of an operation."""
    runs, calls = Counter[tuple[str, tuple[str, ...]]](), Counter[tuple[str, tuple[str, ...]]]()
    for cost in costs:
        used = cost.calls.get(operation, 0)
        if used:
            kind = (cost.task, cost.modes)
            calls[kind] += used
            runs[kind] += not cost.goes_on
    return [
        Hit(task=Task(task), modes=modes, runs=runs[task, modes], calls=calls[task, modes]) for task, modes in calls
    ]
