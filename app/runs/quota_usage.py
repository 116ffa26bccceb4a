"""What accounts use of the call that their platform allows rarely, and what to advise, for status and checks.

A quota belongs to whom the platform counts together, which may be several accounts: calls, shares and advice are
theirs together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.clock import Clock
from app.domain.finding import Finding
from app.domain.order import Fulfilment
from app.domain.poll_policy import PollPolicy
from app.domain.quota_advice import NEARLY_USED_UP, Hit, QuotaUsage, of_orders, of_share, usage_summary
from app.domain.task import Priority, Task
from app.marketplaces.platform import ScarceCall
from app.store import accounts, orders, run_costs
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.run_costs import RunCost
from app.transport.meter import operation_name
from app.transport.quotas import QuotaStore

DAY = timedelta(days=1)
# Over how many days orders are counted, at most and at least.
DAYS_COUNTED, FEWEST_DAYS = timedelta(days=7), DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedQuota:
    """The quota of a scarce call: the call, the scope of those who share it, and what an account's passes read."""

    scarce_call: ScarceCall
    scope: str
    poll_policy: PollPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUsageReader:
    """Reads what was used; `shared_quota` gives an account's, None without a scarce call or a readable config."""

    store: Store
    clock: Clock
    quotas: QuotaStore
    shared_quota: Callable[[StoredAccount], SharedQuota | None]

    async def usages(self, rows: Iterable[StoredAccount]) -> Mapping[str, QuotaUsage]:
        """Return the usage of every account with a scarce call, by the account's id; `rows` are all accounts."""
        sharing: dict[str, list[tuple[StoredAccount, SharedQuota]]] = defaultdict(list)
        for row in rows:
            shared_quota = self.shared_quota(row)
            if shared_quota is not None:
                sharing[shared_quota.scope].append((row, shared_quota))
        found: dict[str, QuotaUsage] = {}
        for shared in sharing.values():
            usage = await self._usage([row for row, _ in shared], shared[0][1])
            found |= {row.id: usage for row, _ in shared}
        return found

    async def findings(self, account: StoredAccount) -> list[Finding]:
        """Return what a connection test says of an account's scarce call; nothing where it has none."""
        mine = self.shared_quota(account)
        if mine is None:
            return []
        rows = [row for row in await self.store.read(accounts.accounts) if row.platform == account.platform]
        usage = (await self.usages(rows))[account.id]
        shares, short = of_share(usage), usage.share > NEARLY_USED_UP
        first = Finding(
            code="QUOTA_SHARE",
            ok=not short,
            says=usage_summary(usage).says,
            cure=shares[-1].says if short else None,
        )
        advised = [*([] if short else shares), *of_orders(usage)]
        return [first, *(Finding(code=each.code, ok=True, says=each.says) for each in advised)]

    async def orders_per_day(self, account: StoredAccount) -> dict[Fulfilment, float]:
        """Return an account's orders of a day, by who ships them: those of the last week, or of the days we know."""
        now = self.clock.now()
        first = await self.store.read(orders.first_placed_at, account.id)
        known = now - min(account.created_at, first or account.created_at)
        span = min(max(known, FEWEST_DAYS), DAYS_COUNTED)
        placed = await self.store.read(orders.placed_by_fulfilment, account.id, since=now - span)
        return {Fulfilment(who): number / (span / DAY) for who, number in placed.items()}

    async def _usage(self, rows: Sequence[StoredAccount], shared_quota: SharedQuota) -> QuotaUsage:
        scarce_call, quota = shared_quota.scarce_call, shared_quota.scarce_call.quota
        placed = dict.fromkeys(Fulfilment, 0.0)
        for row in rows:
            for fulfilment, number in (await self.orders_per_day(row)).items():
                placed[fulfilment] += number
        costs = await self.store.read(run_costs.costs_since, [row.id for row in rows], since=self.clock.now() - DAY)
        return QuotaUsage(
            operation=scarce_call.operation.name,
            orders_per_call=scarce_call.orders_per_call,
            interval_s=await self.quotas.interval(
                scope=shared_quota.scope, operation=scarce_call.operation.name, quota=quota
            ),
            at_once=quota.room(quota.reserve(Priority.CATCH_UP)),
            role=scarce_call.address_role,
            poll_policy=shared_quota.poll_policy,
            orders=placed,
            hits=_hits(costs, operation_name(scarce_call.service, scarce_call.operation.name)),
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
