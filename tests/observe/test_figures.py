"""The gauges of a database that holds more than one look reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.clock import JumpingClock
from app.domain.task import RunStatus
from app.errors import StoreUnavailable
from app.observe import figures as reading
from app.observe.figures import Figures, Questions
from app.observe.metrics import Metrics
from tests.support.aio import run

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = 10


@dataclass(frozen=True, kw_only=True)
class Account:
    id: str = "a"
    name: str = "mirakl-demo"


@dataclass(frozen=True, kw_only=True)
class Run:
    id: str
    finished_at: datetime | None
    modes: tuple[str, ...] = ()
    account_id: str = "a"
    task: str = "offers-send"
    dry_run: bool = False
    status: str = RunStatus.DONE
    counts: Mapping[str, Any] | None = None

    @property
    def request(self) -> Mapping[str, Any]:
        return {"modes": list(self.modes), "order_ids": []}

    @property
    def created_at(self) -> datetime:
        return self.finished_at or NOW

    started_at = created_at


@dataclass(frozen=True, kw_only=True)
class Order:
    id: int
    code: str = ""
    placed_at: datetime = NOW
    imported_at: datetime | None = None
    imported_run: str | None = None


@dataclass(frozen=True)
class Item:
    subject: str


@dataclass(kw_only=True)
class RunLedger:
    """A database, answered from lists; `pages` counts how many pages of runs were read."""

    runs: list[Run] = field(default_factory=list)
    waiting: list[Order] = field(default_factory=list)
    imported: dict[str, Order] = field(default_factory=dict)
    pages: int = 0
    away: bool = False

    async def accounts(self) -> Sequence[Account]:
        return [Account()]

    async def runs_before(self, run_id: str | None) -> Sequence[Run]:
        self.pages += 1
        newest_first = sorted(self.runs, key=lambda each: each.id, reverse=True)
        return [each for each in newest_first if run_id is None or each.id < run_id][:PAGE]

    async def not_imported(self, _account_id: str, after: int) -> Sequence[Order]:
        return [order for order in self.waiting if order.id > after][:PAGE]

    async def imported_items(self, _run_id: str, after: str) -> Sequence[Item]:
        if self.away:
            raise StoreUnavailable("away")
        return [Item(order_id) for order_id in sorted(self.imported) if order_id > after][:PAGE]

    async def orders(self, _account_id: str, ids: Sequence[str]) -> Sequence[Order]:
        return [self.imported[order_id] for order_id in ids]


class Scene:
    def __init__(self, run_ledger: RunLedger) -> None:
        self.run_ledger, self.clock, self.metrics = run_ledger, JumpingClock(NOW), Metrics()
        questions = Questions(
            accounts=run_ledger.accounts,
            runs_before=run_ledger.runs_before,
            not_imported=run_ledger.not_imported,
            imported_items=run_ledger.imported_items,
            orders=run_ledger.orders,
        )
        self.figures = Figures(self.metrics, questions, clock=self.clock)

    def look(self) -> None:
        run(self.figures.look())

    def last_success(self, mode: str) -> float | None:
        labels = {"account": "mirakl-demo", "task": "offers-send", "mode": mode}
        return self.metrics.registry.get_sample_value("marketcron_last_success_timestamp_seconds", labels)

    def sample(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"account": "mirakl-demo", **labels})


def hourly(count: int, *, modes: tuple[str, ...] = ()) -> list[Run]:
    """Return so many runs, one an hour, the last one now."""
    return [
        Run(id=f"{number:04d}", finished_at=NOW - timedelta(hours=count - number), modes=modes)
        for number in range(1, count + 1)
    ]


def test_a_success_far_back_is_found_unit_by_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGES_OF_HISTORY", 2)
    full = Run(id="0000", finished_at=NOW - timedelta(days=7), modes=("full",))
    scene = Scene(RunLedger(runs=[full, *hourly(50)]))

    scene.look()
    first = (scene.last_success("live"), scene.last_success("full"))
    for _ in range(2):
        scene.look()

    assert first == (NOW.timestamp(), None)
    assert scene.last_success("full") == (NOW - timedelta(days=7)).timestamp()


def test_what_was_read_is_not_read_again() -> None:
    scene = Scene(RunLedger(runs=hourly(50)))
    scene.look()
    scene.run_ledger.pages = 0

    scene.look()

    assert scene.run_ledger.pages == 1


def test_a_run_that_ended_since_the_last_look_is_found_behind_newer_ones() -> None:
    scene = Scene(RunLedger(runs=hourly(5)))
    scene.look()
    scene.clock.advance(3600)
    ends = NOW + timedelta(minutes=30)
    failed = [Run(id=f"2{number:03d}", finished_at=ends, status=RunStatus.FAILED) for number in range(25)]
    scene.run_ledger.runs += [Run(id="1000", finished_at=ends), *failed]

    scene.look()

    assert scene.last_success("live") == ends.timestamp()


def test_two_modes_at_once_are_a_kind_of_their_own() -> None:
    scene = Scene(RunLedger(runs=hourly(1, modes=("doublecheck", "recheck"))))

    scene.look()

    assert scene.last_success("doublecheck+recheck") == NOW.timestamp()
    assert scene.last_success("recheck") is None


def test_reasons_are_counted_over_all_pages() -> None:
    orders = [Order(id=number, code="SKU_UNKNOWN" if number % 5 else "OUT_OF_STOCK") for number in range(1, 26)]
    scene = Scene(RunLedger(waiting=orders))

    scene.look()

    assert scene.sample("marketcron_orders_not_imported", code="SKU_UNKNOWN") == 20
    assert scene.sample("marketcron_orders_not_imported", code="OUT_OF_STOCK") == 5


def test_ages_are_read_over_all_pages_and_once_the_database_is_back() -> None:
    placed = NOW - timedelta(minutes=10)
    orders = {
        f"{number:03d}": Order(id=number, placed_at=placed, imported_at=NOW, imported_run="0001")
        for number in range(25)
    }
    orders["900"] = Order(id=900, placed_at=placed, imported_at=NOW, imported_run="another")
    scene = Scene(RunLedger(imported=orders, away=True))
    scene.figures.run_ended(Run(id="0001", task="orders-import", finished_at=NOW, counts={"imported": 25}), Account())

    with pytest.raises(StoreUnavailable):
        scene.look()
    scene.run_ledger.away = False
    scene.look()
    scene.look()

    assert scene.sample("marketcron_order_age_seconds_count") == 25
    assert scene.sample("marketcron_order_age_seconds_sum") == 25 * 600


def test_an_order_placed_by_a_clock_ahead_of_ours_took_no_time() -> None:
    scene = Scene(RunLedger())

    scene.metrics.order_imported(account="mirakl-demo", age=timedelta(seconds=-5))

    assert scene.sample("marketcron_order_age_seconds_sum") == 0
