"""What `GET /api/status` and `marketcron status` tell of accounts whose quota is scarce, and of others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.quota_advice import forecast
from app.runs.overview import AccountStatus
from tests.support.aio import run
from tests.support.in_process import NAME, Installation, Service

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def status(service: Service) -> AccountStatus:
    [found] = await service.system.overview.accounts()
    return found


async def hourly(installation: Installation, service: Service, *, hours: int) -> None:
    """Let the import be hit every hour."""
    for _ in range(hours):
        await service.hit()
        installation.clock.advance(3600)


def test_a_small_shop_sees_its_share_and_needs_no_advice(tmp_path: Path) -> None:
    async def scene() -> None:
        installation = Installation(tmp_path, start=NOON)
        async with installation.service() as service:
            await installation.open_an_account(service.system)
            installation.amazon.create_orders({"count": 12, "over": "24h", "payment": "ok", "payment_delay_s": 600})
            await hourly(installation, service, hours=24)

            found = await status(service)

            calls = installation.amazon.state(offers=False)["calls"]["searchOrders"]
            assert found.quota is not None
            # The test of the connection, when the account was added, is no run.
            assert (found.quota.operation, found.quota.calls_24h) == ("searchOrders", calls - 1)
            assert found.quota.allowed_24h == 483.8
            assert found.quota.share == pytest.approx((calls - 1) / 483.8, abs=0.001)
            assert found.orders_per_day == pytest.approx(12, abs=1)
            assert found.advice == []

    run(scene())


@pytest.mark.long
def test_a_day_of_imports_costs_what_is_forecast_or_a_little_less(tmp_path: Path) -> None:
    async def scene() -> None:
        installation = Installation(tmp_path, start=NOON)
        async with installation.service() as service:
            await installation.open_an_account(service.system, fulfilled_import="list_only", start_from="1d")
            sold = {"payment": "ok", "payment_delay_s": 600, "picking_s": 86_400, "over": "72h"}
            installation.amazon.create_orders({**sold, "count": 300, "fulfilment": "marketplace"})
            installation.amazon.create_orders({**sold, "count": 60})
            await hourly(installation, service, hours=72)

            account = await service.system.accounts.named(NAME)
            usage = (await service.system.accounts.quota_usage.usages([account]))[account.id]

            day = forecast(usage, minutes=60)
            assert usage.orders_per_day == pytest.approx(120, rel=0.05)
            assert usage.calls <= day.imports + day.late_passes <= 1.5 * usage.calls

    run(scene())


def test_a_raised_rate_lowers_the_share_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        installation = Installation(tmp_path, start=NOON)
        async with installation.service() as service:
            await installation.open_an_account(service.system)
            await hourly(installation, service, hours=6)
            before = await status(service)
            installation.amazon.set_switches({"plan_factor": 2})
            await service.hit()

            after = await status(service)

            assert before.quota is not None
            assert after.quota is not None
            assert after.quota.allowed_24h == pytest.approx(2 * before.quota.allowed_24h, rel=0.001)
            assert after.quota.share == pytest.approx(after.quota.calls_24h / after.quota.allowed_24h, abs=0.001)

    run(scene())
