"""What is done: one file per task. A task is an async function of a context; the registry below is read first.

    offers-send       offers_send.py       stock and prices that changed
    orders-accept     orders_accept.py     decide on orders that wait for acceptance
    orders-import     orders_import.py     create accepted orders in the shop
    orders-status     orders_status.py     parcels to the marketplace, cancellations to the shop
    orders-reconcile  orders_reconcile.py  compare both sides and name every difference

Shared steps: `polling.py` (orders into the ledger), `sku_matches.py` (SKUs, stock), `intent.py` (written down before it
is done), `cancellation.py` (out of the shop again), `marketplace_orders.py` (that side of a comparison),
`wanted_offers.py` (what both sides have of an offer), `request.py` (checks requests), `settings.py` and `sku_links.py`
(what the merchant chose). How a task is run (leases, time, quotas, reports) is no concern of this package.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.task import Mode, Task
from app.domain.working_hours import ALWAYS, WorkingHours
from app.tasks import offers_send, orders_accept, orders_import, orders_reconcile, orders_status
from app.tasks.context import Context
from app.tasks.settings import TIMEZONE, hours_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """One task: its function, the keys of its counts, the parameters it knows, and what people should know of it.

    `plan` holds the recommended times as cron expressions (UTC): those of the plain task under None, of its catch-ups
    under their modes. `interval` is how far those of the plain task are apart; `in_working_hours`: outside of these
    nobody misses it. `behind` names a task that goes before, where a platform offers it, and what that recommends.
    """

    run: Callable[[Context], Awaitable[None]]
    counts: tuple[str, ...]
    modes: frozenset[Mode]
    parameters: frozenset[str]
    does: str
    recommended: str
    plan: Mapping[Mode | None, str]
    interval: timedelta
    in_working_hours: bool = False
    behind: tuple[Task, str] | None = None

    def recommended_for(self, settings: Mapping[str, Any], *, offered: Collection[Task]) -> str:
        """Return how often to hit the task for an account with these settings, which were checked before.

        `offered` are the tasks of its platform.
        """
        if self.behind and self.behind[0] in offered:
            return f"{self.recommended}, {self.behind[1]}"
        hours, zone = settings.get("working_hours"), settings.get("timezone", TIMEZONE)
        return f"{self.recommended} ({hours}, {zone})" if self.in_working_hours and hours else self.recommended

    def hours(self, settings: Mapping[str, Any]) -> WorkingHours:
        """Return when the task is planned for an account with these settings, which were checked before."""
        return hours_of(settings) if self.in_working_hours else ALWAYS


TASKS: Mapping[Task, TaskSpec] = {
    Task.OFFERS_SEND: TaskSpec(
        run=offers_send.run,
        counts=("seen", "unchanged", "changed", "sent", "accepted", "refused", "pending", "not_listed", "held"),
        modes=frozenset({Mode.FULL}),
        parameters=frozenset({"confirm"}),
        does="Send stock and prices that changed",
        recommended="hourly in working hours",
        plan={None: "40 * * * *"},
        interval=timedelta(hours=1),
        in_working_hours=True,
    ),
    Task.ORDERS_ACCEPT: TaskSpec(
        run=orders_accept.run,
        counts=("seen", "accepted", "refused", "waiting", "already_accepted"),
        modes=frozenset(),
        # `since` changes nothing here: all orders that wait are read every time.
        parameters=frozenset({"order_id", "since"}),
        does="Accept orders that wait for it, if stock allows",
        recommended="hourly",
        plan={None: "0 * * * *"},
        interval=timedelta(hours=1),
    ),
    Task.ORDERS_IMPORT: TaskSpec(
        run=orders_import.run,
        counts=(
            "seen",
            "imported",
            "already_imported",
            "not_imported",
            "waiting",
            "listed_only",
            "before_start",
            "cancelled",
            "found_by_catch_up",
        ),
        modes=frozenset({Mode.RECHECK, Mode.DOUBLECHECK}),
        parameters=frozenset({"order_id", "since", "channel"}),
        does="Create accepted orders in the shop",
        recommended="hourly",
        plan={None: "20 * * * *", Mode.RECHECK: "40 3 * * *", Mode.DOUBLECHECK: "40 4 * * *"},
        interval=timedelta(hours=1),
        behind=(Task.ORDERS_ACCEPT, "20 minutes after acceptance"),
    ),
    Task.ORDERS_STATUS: TaskSpec(
        run=orders_status.run,
        counts=(
            "seen",
            "sent",
            "waiting_tracking",
            "refused",
            "cancelled_in_shop",
            "cancelled_on_marketplace",
            "closed",
        ),
        modes=frozenset({Mode.FORCE}),
        parameters=frozenset({"order_id", "since"}),
        does="Tell the marketplace what was shipped, and the shop what was cancelled",
        recommended="every 4 hours in working hours",
        plan={None: "50 */4 * * *"},
        interval=timedelta(hours=4),
        in_working_hours=True,
    ),
    Task.ORDERS_RECONCILE: TaskSpec(
        run=orders_reconcile.run,
        counts=(
            "marketplace",
            "shop",
            "matched",
            "only_on_marketplace",
            "only_in_shop",
            "state_differs",
            "total_differs",
            "offers_differ",
        ),
        modes=frozenset(),
        parameters=frozenset({"order_id", "since"}),
        does="Compare both sides and name every difference",
        recommended="daily",
        plan={None: "10 5 * * *"},
        interval=timedelta(days=1),
    ),
}
