"""A catch-up that needs more calls than there are: when it goes on, what it says, and whom it leaves calls to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from app.domain.task import Mode, RunStatus
from app.store.runs import Run
from app.store.tables import OrderRow, RunItemRow, RunRow
from tests.support.aio import run
from tests.support.in_process import NAME, Installation, Service

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOKEN_S = 1 / 0.0056
PER_CALL = 100
# Twenty at once, but the last three: those are the live import's. Three more come while a run has time.
AT_ONCE, WITHIN_A_RUN = 17, 20
SEARCH = "amazon searchOrders"


async def a_fortnight_of_parcels(installation: Installation, service: Service, *, orders: int) -> None:
    """Connect a seller whose orders Amazon shipped for a fortnight; an import read the last day, the calls refilled."""
    sold = {"count": orders, "fulfilment": "marketplace", "payment": "ok", "payment_delay_s": 600, "picking_s": 600}
    installation.amazon.create_orders({**sold, "state": "pending", "over": "14d"})
    installation.move_to(NOON + timedelta(days=14, hours=1))
    await installation.open_an_account(service.system, start_from="1d", lookback_days=1)
    await service.hit()
    await service.system.accounts.change(NAME, {"lookback_days": None})
    await service.until(installation.clock.now() + timedelta(hours=2))


async def said_of_the_quota(service: Service, paused: Run) -> Mapping[str, Any]:
    """Return what a run told when it paused."""

    def question(session: Session) -> Mapping[str, Any]:
        return session.get_one(RunItemRow, (paused.id, "#QUOTA_USED_UP")).params

    return await service.system.store.read(question)


async def rechecks(service: Service) -> Sequence[RunRow]:
    """Return the runs of the catch-up, in their order."""

    def question(session: Session) -> Sequence[RunRow]:
        rows = session.exec(select(RunRow).order_by(col(RunRow.created_at))).all()
        return [row for row in rows if row.request["modes"] == ["recheck"]]

    return await service.system.store.read(question)


async def orders_known(service: Service) -> int:
    def question(session: Session) -> int:
        return len(session.exec(select(OrderRow.id)).all())

    return await service.system.store.read(question)


def seconds(since: datetime, until: datetime | None) -> float:
    assert until is not None
    return (until - since).total_seconds()


@pytest.mark.parametrize("orders", [2600, pytest.param(5000, marks=pytest.mark.long)])
def test_thousands_of_orders_pause_say_when_they_are_through_and_go_on_by_themselves(
    tmp_path: Path, orders: int
) -> None:
    async def scene() -> None:
        installation = Installation(tmp_path, start=NOON)
        async with installation.service() as service:
            await a_fortnight_of_parcels(installation, service, orders=orders)
            began = installation.clock.now()

            paused = await service.hit(Mode.RECHECK)
            said = await said_of_the_quota(service, paused)
            paused_at = installation.clock.now()
            await service.through(within=timedelta(hours=6))
            runs = await rechecks(service)

            assert (paused.status, (paused.quota or {})["operations"][SEARCH]) == (RunStatus.PAUSED, WITHIN_A_RUN)
            assert seconds(began, paused.resume_at) == pytest.approx((WITHIN_A_RUN - AT_ONCE + 1) * TOKEN_S, abs=1)
            assert (runs[-1].status, await orders_known(service)) == (RunStatus.DONE, orders)
            assert sum((row.quota or {})["operations"][SEARCH] for row in runs) == orders / PER_CALL
            through_at = said["through_at"]
            really = seconds(paused_at, runs[-1].finished_at)
            assert seconds(paused_at, through_at) == pytest.approx(really, rel=0.2)
            # No token was left lying there.
            assert really == pytest.approx((orders / PER_CALL - WITHIN_A_RUN) * TOKEN_S, rel=0.02)
            assert installation.amazon.state(offers=False)["wasted"] == {}

    run(scene())


def test_while_a_catch_up_pauses_the_import_gets_its_calls_at_once_and_both_come_through(tmp_path: Path) -> None:
    async def scene() -> None:
        installation = Installation(tmp_path, start=NOON)
        async with installation.service() as service:
            await a_fortnight_of_parcels(installation, service, orders=2200)
            paused = await service.hit(Mode.RECHECK)
            assert paused.status == RunStatus.PAUSED
            installation.amazon.create_orders({"count": 3, "state": "to_ship", "payment": "ok"})
            # Amazon lists what is two minutes old.
            installation.move_to(installation.clock.now() + timedelta(seconds=150))

            live = await service.hit()
            await service.through(within=timedelta(hours=6))

            assert (live.status, (live.counts or {})["imported"]) == (RunStatus.DONE, 3)
            assert (live.quota or {})["waited_s"] == 0
            assert (await rechecks(service))[-1].status == RunStatus.DONE
            assert await orders_known(service) == 2203
            assert installation.amazon.state(offers=False)["wasted"] == {}

    run(scene())
