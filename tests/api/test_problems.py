"""Errors outside a run are problems (RFC 9457), health is told without one."""

from typing import Any

import pytest

from app.errors import StoreUnavailable
from tests.api.service import ADMIN, Service, body

BEARER = {"Authorization": f"Bearer {ADMIN}"}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/%00", 404),
        ("GET", "/api/nothing", 404),
        ("PUT", "/healthz", 405),
        ("POST", "/runs/01JDXAMPLE0000000000000000", 405),
        ("DELETE", "/api/accounts", 405),
        ("GET", "/api/accounts", 401),
        ("GET", "/runs/x", 422),
    ],
)
def test_every_error_is_a_problem(module_service: Service, method: str, path: str, code: int) -> None:
    answer = module_service.request(method, path)
    problem = body(answer)

    assert (answer.headers["content-type"], problem["status"], set(problem)) == (
        "application/problem+json",
        code,
        {"type", "title", "status", "detail", "field"},
    )


def test_405_names_the_methods(module_service: Service) -> None:
    assert module_service.request("PUT", "/healthz").headers["Allow"] == "GET, HEAD"


def test_an_error_of_ours_is_a_problem_that_shows_no_secret(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("token=abcdefghijkl of Zoé")

    monkeypatch.setattr(service.system.store, "read", broken)

    answer = service.get("/api/accounts", headers=BEARER)

    assert (answer.status_code, body(answer)["detail"]) == (
        500,
        "Something went wrong inside marketcron (RuntimeError); the log says more.",
    )


def test_a_database_that_is_away_is_503_with_a_delay(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> None:
        raise StoreUnavailable("the database is locked by another program")

    monkeypatch.setattr(service.system.store, "read", away)

    answer = service.get("/api/accounts", headers=BEARER)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_asked_to_every_kind_of_monitor(module_service: Service, method: str, path: str) -> None:
    assert module_service.request(method, path).status_code == 200


def test_it_is_alive_without_its_database(service: Service) -> None:
    service.system.store.close()

    assert service.get("/healthz").status_code == 200


def test_it_is_not_ready_without_its_database(service: Service) -> None:
    service.system.store.close()

    assert service.get("/readyz").status_code == 503


def test_it_is_not_ready_while_it_stops(service: Service) -> None:
    service.system.begin_stop()

    assert service.get("/readyz").status_code == 503


def test_metrics_count_the_calls(service: Service) -> None:
    service.hit()

    assert 'marketcron_calls_total{operation="OR11",outcome="ok",service=' in service.get("/metrics").text
