"""What PostgreSQL refuses and SQLite does not: no caller can make it an error of ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.service import ADMIN, NAME, Service, a_service, body

ADMIN_ONLY = {"Authorization": f"Bearer {ADMIN}"}


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[Service]:
    with a_service(tmp_path, database_url=postgres_url) as service:
        service.add_account()
        service.stock_the_shop()
        yield service


def codes(service: Service, calls: list[tuple[str, str, dict[str, Any]]]) -> list[int]:
    return [service.request(method, path, **options).status_code for method, path, options in calls]


def test_no_nul_becomes_an_error_of_ours(on_postgres: Service) -> None:
    token = on_postgres.token
    cron, orders = f"/cron/{NAME}/orders-import", f"/api/accounts/{NAME}/orders"
    nul = {"order_ids": ["a\0b"]}

    found = codes(
        on_postgres,
        [
            ("GET", "/cron/a%00b/orders-import", {}),
            ("GET", f"/cron/{NAME}/a%00b?token={token}", {}),
            *[("GET", f"{cron}?token={token}&{name}=a%00b", {}) for name in ("order_id", "slot", "since", "channel")],
            ("GET", f"{cron}?token={token}&a%00b=1", {}),
            ("GET", f"/runs/{'%00' * 26}", {"headers": ADMIN_ONLY}),
            ("GET", "/api/accounts/a%00b/settings", {"headers": ADMIN_ONLY}),
            ("GET", "/api/runs?account=%00", {"headers": ADMIN_ONLY}),
            ("GET", "/api/runs?before=%00", {"headers": ADMIN_ONLY}),
            ("GET", "/api/runs?task=%00", {"headers": ADMIN_ONLY}),
            *[
                ("POST", f"{orders}/{action}", {"headers": ADMIN_ONLY, "json": nul})
                for action in ("accept", "import", "refresh", "retry", "ignore", "handled")
            ],
            ("PUT", f"/api/accounts/{NAME}/settings", {"headers": ADMIN_ONLY, "json": {"start_from": "\0"}}),
            ("PUT", f"/api/accounts/{NAME}/settings", {"headers": ADMIN_ONLY, "json": {"\0": "\0"}}),
        ],
    )

    assert found == [401, 404, *[422] * 6, 404, 404, 422, 422, *[422] * 8]


@pytest.mark.parametrize(("after", "code"), [(2**31 - 1, 200), (2**31, 422), (2**63, 422)])
def test_no_number_becomes_an_error_of_ours(on_postgres: Service, after: int, code: int) -> None:
    assert on_postgres.manage("GET", f"/accounts/{NAME}/orders", params={"after": after}).status_code == code


def test_a_hit_is_answered_by_its_report(on_postgres: Service) -> None:
    on_postgres.make_orders(count=2)

    assert body(on_postgres.hit())["counts"]["imported"] == 2


def test_a_slot_never_runs_twice(on_postgres: Service) -> None:
    first = body(on_postgres.hit(slot="09:00"))

    assert body(on_postgres.hit(slot="09:00"))["run_id"] == first["run_id"]


def test_a_report_is_read_page_by_page(on_postgres: Service) -> None:
    ids = on_postgres.make_orders(count=3)
    link = body(on_postgres.hit())["links"]["report"]

    pages = [body(on_postgres.get(f"{link}&limit=2{rest}"))["items"] for rest in ("", f"&after={ids[1]}")]

    assert [[item["order_id"] for item in page] for page in pages] == [ids[:2], ids[2:]]
