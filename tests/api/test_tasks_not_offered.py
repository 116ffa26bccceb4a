"""A marketplace that decides about orders by itself has no task for it, and nothing that lists tasks offers one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.service import Service, a_service, body

NAME = "amazon"
WHY = (
    "“orders-accept” is not offered by amazon: Amazon decides about orders by itself, there is nothing to accept. "
    "Its tasks: offers-send, orders-import, orders-status and orders-reconcile."
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    """A service with an account whose marketplace takes no decisions, and one whose marketplace does."""
    with a_service(tmp_path_factory.mktemp("service"), template=sqlite_template) as running:
        running.add_account()
        running.add_account(NAME, sandbox="amazon")
        yield running


def test_its_url_says_why_there_is_nothing_to_do_and_what_there_is(service: Service) -> None:
    answer = service.hit("orders-accept", account=NAME)

    assert (answer.status_code, body(answer)["detail"], body(answer)["field"]) == (404, WHY, "task")
    assert service.runs() == []


def test_the_desk_says_the_same(service: Service) -> None:
    answer = service.manage("POST", f"/accounts/{NAME}/orders/accept", json={"order_ids": ["402-0000001-0000001"]})

    assert (answer.status_code, body(answer)["detail"]) == (404, WHY)
    assert service.runs() == []


@pytest.mark.parametrize("token", [{}, {"X-Cron-Token": "wrong"}])
def test_without_the_right_token_nothing_is_said_about_tasks(service: Service, token: dict[str, str]) -> None:
    answer = service.get(f"/cron/{NAME}/orders-accept", headers=token)

    assert answer.status_code == 401
    assert "Amazon" not in answer.text


def test_the_status_shows_the_tasks_of_each_account_alone(service: Service) -> None:
    accounts: list[dict[str, Any]] = service.manage("GET", "/status").json()

    tasks = {each["account"]: {line["task"] for line in each["tasks"]} for each in accounts}
    assert tasks["mirakl-demo"] - tasks[NAME] == {"orders-accept"}
    assert tasks[NAME] == {"offers-send", "orders-import", "orders-status", "orders-reconcile"}
