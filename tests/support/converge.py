"""Hitting the cron URLs as a crontab does, until both sides agree."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.caller import Service
from tests.support.marketplace import Json, Marketplace
from tests.support.snapshot import Snapshot, differences, read_snapshot

TASKS = ("orders-accept", "orders-import")


@dataclass(kw_only=True)
class Seen:
    """What the reports of all runs said."""

    statuses: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    causes: set[str] = field(default_factory=set)
    reports: list[Json] = field(default_factory=list)

    def note(self, report: Json) -> None:
        self.reports.append(report)
        self.statuses[report["status"]] += 1
        self.codes.update(problem["code"] for problem in report["problems"])
        if report["cause"]:
            self.causes.add(report["cause"])

    def last(self, task: str) -> Json:
        """Return the last report of a task."""
        return next(report for report in reversed(self.reports) if report["task"] == task)


def hit_until(
    service: Service, tasks: Sequence[str], *, differing: Callable[[Seen], Sequence[str]], within_s: float = 60
) -> Seen:
    """Hit the tasks in turn until nothing differs any more; returns what their reports said."""
    seen, until = Seen(), time.monotonic() + within_s
    while True:
        for task in tasks:
            seen.note(service.run(task))
        found = differing(seen)
        if not found:
            return seen
        assert time.monotonic() < until, f"{len(found)} differences are left: {found[:5]}"


def hit_until_settled(
    service: Service, marketplace: Marketplace, *, stock: Mapping[str, int], wanted: set[str], within_s: float = 60
) -> Seen:
    """Accept and import until every wanted order stands in the shop and nothing differs; returns what was said."""

    def differing(_: Seen) -> list[str]:
        snapshot = read_snapshot(service.database_url)
        left = wanted - {order.order_id for order in snapshot.orders}
        missing = [f"{order_id} is not in the shop" for order_id in sorted(left)]
        return missing + differences(marketplace, snapshot, initial_stock=stock)

    seen = hit_until(service, TASKS, differing=differing, within_s=within_s)
    service.idle()
    # Runs that went on by themselves meanwhile have said something too.
    known = {report["run_id"] for report in seen.reports}
    for line in service.runs():
        if line["run_id"] not in known and line["status"] != "skipped":
            seen.note(service.report(line["run_id"]))
    return seen


def nothing_doubled(marketplace: Marketplace, service: Service, *, stock: Mapping[str, int]) -> Snapshot:
    """Check that no order was decided or created twice; returns the snapshot."""
    snapshot = read_snapshot(service.database_url)
    assert differences(marketplace, snapshot, initial_stock=stock) == []
    assert marketplace.state()["writes_repeated"] == 0
    return snapshot
