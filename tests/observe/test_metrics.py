"""What `/metrics` says, after runs and after a restart."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import select

from app.domain.task import RunRequest, RunStatus, Task
from app.store import runs
from app.store.engine import Session, Store
from app.store.tables import LeaseRow, OrderRow
from tests.api.service import NAME, NOON, Service, a_service
from tests.api.test_privacy import spoken
from tests.runs.builders import OTHER, claimed, queued
from tests.tasks.task_runner import a_task_runner

Look = Callable[[Service], None]
IMPORTS = {"account": NAME, "task": "orders-import"}
LAST_SUCCESS = "marketcron_last_success_timestamp_seconds"
NOT_IMPORTED = "marketcron_orders_not_imported"


def figures(service: Service, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Return the samples of one name by their labels."""
    text = service.get("/metrics").text
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def figure(service: Service, name: str, **labels: str) -> float | None:
    return figures(service, name).get(tuple(sorted(labels.items())))


def last_success(service: Service, mode: str = "live") -> float | None:
    return figure(service, LAST_SUCCESS, **IMPORTS, mode=mode)


def not_imported(service: Service) -> dict[str, float]:
    return {dict(labels)["code"]: number for labels, number in figures(service, NOT_IMPORTED).items()}


def test_a_run_is_counted_with_its_status_and_its_time(service: Service) -> None:
    service.hit()
    service.control("POST", "mirakl/faults", kind="http_401")
    service.hit()

    assert figure(service, "marketcron_runs_total", **IMPORTS, status="done") == 1
    assert figure(service, "marketcron_runs_total", **IMPORTS, status="failed") == 1
    assert figure(service, "marketcron_run_duration_seconds_count", task="orders-import", status="done") == 1


def test_imported_orders_are_counted_with_the_time_they_took(service: Service, look: Look) -> None:
    service.make_orders(count=3, age="2h")

    service.hit()
    look(service)

    assert figure(service, "marketcron_orders_imported_total", account=NAME) == 3
    assert figure(service, "marketcron_order_age_seconds_count", account=NAME) == 3
    assert figure(service, "marketcron_order_age_seconds_sum", account=NAME) == pytest.approx(ages_in(service))


def test_the_time_of_an_order_is_counted_once(service: Service, look: Look) -> None:
    service.make_orders(count=2)
    service.hit()
    look(service)

    service.hit()
    look(service)

    assert figure(service, "marketcron_order_age_seconds_count", account=NAME) == 2


def test_every_account_begins_with_a_counter_of_zero(service: Service, look: Look) -> None:
    look(service)

    assert figure(service, "marketcron_orders_imported_total", account=NAME) == 0


def test_the_last_success_is_shown_at_once_for_each_mode(service: Service) -> None:
    service.hit()
    live = service.clock.now()
    service.clock.advance(7200)
    service.hit(recheck="1")

    assert last_success(service) == live.timestamp()
    assert last_success(service, "recheck") == service.clock.now().timestamp()
    assert last_success(service, "doublecheck") is None


def test_a_run_that_did_not_get_through_moves_no_success(service: Service) -> None:
    service.hit()
    service.clock.advance(7200)
    service.control("POST", "mirakl/faults", kind="http_503")
    service.hit()

    assert last_success(service) == NOON.timestamp()


@pytest.mark.parametrize("parameters", [{"dry_run": "1"}, {"order_id": "SBX1-1-A"}], ids=["dry run", "one order"])
def test_a_run_that_stands_for_no_other_is_no_success(service: Service, look: Look, parameters: dict[str, str]) -> None:
    service.hit(**parameters)
    look(service)

    assert figures(service, LAST_SUCCESS) == {}


def test_a_dry_run_is_counted_nowhere(service: Service, look: Look) -> None:
    service.make_orders(count=2)
    service.hit(dry_run="1")
    look(service)

    assert figures(service, "marketcron_runs_total") == {}
    assert figure(service, "marketcron_orders_imported_total", account=NAME) == 0


def test_the_success_of_another_process_is_seen(service: Service, look: Look) -> None:
    service.a_run(status=RunStatus.DONE)
    before = last_success(service)

    look(service)

    assert (before, last_success(service)) == (None, NOON.timestamp())


def test_orders_that_can_not_enter_are_shown_by_reason_until_they_do(service: Service, look: Look) -> None:
    unknown = service.make_orders(count=2, shape="unknown_sku") + service.make_orders(shape="no_address")
    service.hit()
    look(service)
    before = not_imported(service)

    service.manage("POST", f"/accounts/{NAME}/orders/ignore", json={"order_ids": unknown})
    look(service)

    assert (sum(before.values()), before["SKU_UNKNOWN"]) == (3, 2)
    assert not_imported(service) == {}


def test_a_code_that_nobody_knows_becomes_no_label(service: Service, look: Look) -> None:
    service.make_orders(shape="unknown_sku")
    service.hit()

    def spell_otherwise(session: Session) -> None:
        for row in session.exec(select(OrderRow)):
            row.code = "the words of a marketplace"

    service.wait_for(service.system.store.write(spell_otherwise))
    look(service)

    assert not_imported(service) == {"OTHER": 1}


def test_the_gauges_are_right_after_a_restart(tmp_path: Path, sqlite_template: Path, look: Look) -> None:
    with a_service(tmp_path, template=sqlite_template) as service:
        service.add_account()
        service.stock_the_shop()
        service.make_orders(shape="unknown_sku")
        service.hit(recheck="1")
        service.hit()
        before = (last_success(service), last_success(service, "recheck"))

    with a_service(tmp_path) as again:
        look(again)

        assert None not in before
        assert (last_success(again), last_success(again, "recheck")) == before
        assert not_imported(again) == {"SKU_UNKNOWN": 1}


def test_a_removed_account_is_shown_no_more(service: Service, look: Look) -> None:
    service.make_orders(shape="unknown_sku")
    service.hit()
    service.wait_for(service.system.accounts.remove(NAME))

    look(service)

    assert (figures(service, LAST_SUCCESS), not_imported(service)) == ({}, {})


def test_no_label_names_an_order_a_buyer_or_a_secret(service: Service, look: Look) -> None:
    ids = service.make_orders(count=3) + service.make_orders(shape="unknown_sku")
    service.hit()
    look(service)

    text = service.get("/metrics").text

    assert [word for word in (*ids, service.token) if word in text] == []
    assert spoken(text) == set()


def test_the_figures_are_reported_even_while_the_database_is_away(service: Service, tmp_path: Path) -> None:
    service.hit()
    (tmp_path / "marketcron.db").unlink()

    assert service.get("/metrics").status_code == 200


def test_a_lease_that_is_lost_is_counted(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store)
    row = queued(sqlite_store, runner.account)
    lost: list[str] = []

    async def lose(row_and_shop: Any, **details: Any) -> Any:
        await sqlite_store.write(taken_over, row.id)
        return await runner.connect(row_and_shop, **details)

    runner.execute(row.id, engine=runner.engine(connect=lose, on_lease_lost=[lost.append]))

    assert lost == ["orders-import"]


def test_a_listener_that_fails_harms_no_run(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store)
    row = queued(sqlite_store, runner.account)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    done = runner.execute(row.id, engine=runner.engine(on_begin=[fail], on_end=[fail]))

    assert done.status == "done"


def test_a_run_taken_over_is_counted_by_who_ended_it(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store)
    row = queued(sqlite_store, runner.account, RunRequest(task=Task.ORDERS_IMPORT))
    claimed(sqlite_store, row, owner=OTHER, lease_s=-1)
    heard: list[tuple[str, int, str]] = []

    runner.execute(
        row.id,
        engine=runner.engine(on_end=[lambda ended, account: heard.append((ended.status, ended.attempt, account.name))]),
    )

    assert heard == [("done", 2, runner.account.name)]


def ages_in(service: Service) -> float:
    """Return how long the orders of the ledger took to reach the shop, in seconds and all together."""

    def question(session: Session) -> list[tuple[datetime, datetime | None]]:
        return [(row.placed_at, row.imported_at) for row in session.exec(select(OrderRow))]

    rows: list[tuple[datetime, datetime | None]] = service.wait_for(service.system.store.read(question))
    return sum(((imported - placed) for placed, imported in rows if imported), timedelta()).total_seconds()


def taken_over(session: Session, run_id: str) -> None:
    """Let another worker take a run over, as if its lease had run out."""
    session.execute(sa.update(LeaseRow).values(expires_at=0.0))
    assert runs.claim(session, run_id, owner=OTHER, lease_s=20, now=NOON) is not None
