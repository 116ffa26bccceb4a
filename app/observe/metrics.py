"""The figures for Prometheus: counters of this process, and gauges of what the database knows of all accounts."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app.domain.reasons import REASONS

# From a quick read to the longest write that we wait for.
CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
# From a run that finds nothing to one that used up several deadlines.
RUN_SECONDS = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
# From an order imported at the next hit to one that a catch-up of 15 days found.
ORDER_AGE_SECONDS = (300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200, 604_800, 1_296_000)
OTHER_REASON = "OTHER"
_BY_OPERATION = ("service", "operation")


class Metrics:
    """Counts calls and runs, and shows gauges; a `transport.meter.CallObserver`. Each has its own registry.

    Labels are names of accounts, tasks, operations and codes: never an order, never a person.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "marketcron_calls", "Requests sent, by how they ended.", (*_BY_OPERATION, "outcome"), registry=self.registry
        )
        self._seconds = Histogram(
            "marketcron_call_seconds",
            "Real seconds from sending a request to its outcome.",
            _BY_OPERATION,
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self._retries = Counter(
            "marketcron_call_retries", "Requests that repeat an earlier one.", _BY_OPERATION, registry=self.registry
        )
        self._throttled = Counter(
            "marketcron_calls_throttled",
            "Answers that asked us to slow down.",
            _BY_OPERATION,
            registry=self.registry,
        )
        self._waited = Counter(
            "marketcron_quota_wait_seconds",
            "Business seconds that calls waited for their quota.",
            _BY_OPERATION,
            registry=self.registry,
        )
        self._runs = Counter(
            "marketcron_runs",
            "Runs that ended here, dry runs left out.",
            ("account", "task", "status"),
            registry=self.registry,
        )
        self._run_seconds = Histogram(
            "marketcron_run_duration_seconds",
            "Business seconds from the begin of a run to its end, a takeover included.",
            ("task", "status"),
            buckets=RUN_SECONDS,
            registry=self.registry,
        )
        self._imported = Counter(
            "marketcron_orders_imported", "Orders created in the shop.", ("account",), registry=self.registry
        )
        self._order_age = Histogram(
            "marketcron_order_age_seconds",
            "Seconds from an order's placing at the marketplace to its import into the shop.",
            ("account",),
            buckets=ORDER_AGE_SECONDS,
            registry=self.registry,
        )
        self._leases_lost = Counter(
            "marketcron_leases_lost", "Runs that another worker took over.", ("task",), registry=self.registry
        )
        self._last_success = Gauge(
            "marketcron_last_success_timestamp_seconds",
            "When a task last got through, by any process; runs for chosen orders and dry runs left out.",
            ("account", "task", "mode"),
            registry=self.registry,
        )
        self._not_imported = Gauge(
            "marketcron_orders_not_imported",
            "Orders of the ledger that can't enter the shop, by reason.",
            ("account", "code"),
            registry=self.registry,
        )

    def called(self, *, service: str, operation: str, outcome: str, seconds: float) -> None:
        self._calls.labels(service, operation, outcome).inc()
        self._seconds.labels(service, operation).observe(seconds)

    def retried(self, *, service: str, operation: str) -> None:
        self._retries.labels(service, operation).inc()

    def throttled(self, *, service: str, operation: str) -> None:
        self._throttled.labels(service, operation).inc()

    def waited(self, *, service: str, operation: str, seconds: float) -> None:
        self._waited.labels(service, operation).inc(seconds)

    def run_ended(self, *, account: str, task: str, status: str, seconds: float, imported: int) -> None:
        """Count a run that ended, and the orders it created in the shop."""
        self._runs.labels(account, task, status).inc()
        self._run_seconds.labels(task, status).observe(seconds)
        self._imported.labels(account).inc(imported)

    def order_imported(self, *, account: str, age: timedelta) -> None:
        """Count an imported order by the time it took to reach the shop."""
        self._order_age.labels(account).observe(max(0.0, age.total_seconds()))

    def lease_lost(self, task: str) -> None:
        self._leases_lost.labels(task).inc()

    def show(
        self,
        *,
        accounts: Collection[str],
        last_success: Mapping[tuple[str, str, str], datetime],
        not_imported: Mapping[tuple[str, str], int],
    ) -> None:
        """Show gauges (by account, task and mode; by account and code) in place of the former ones.

        Every account begins with a counter of 0, so that its first import is an increase.
        """
        self._last_success.clear()
        for labels, moment in last_success.items():
            self._last_success.labels(*labels).set(moment.timestamp())
        self._not_imported.clear()
        for (account, code), number in not_imported.items():
            self._not_imported.labels(account, code if code in REASONS else OTHER_REASON).inc(number)
        for account in accounts:
            self._imported.labels(account)

    def succeeded(self, *, account: str, task: str, mode: str, moment: datetime) -> None:
        """Show a success before the next look into the database."""
        self._last_success.labels(account, task, mode).set(moment.timestamp())

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format; its type is `content_type`."""
        return generate_latest(self.registry)
