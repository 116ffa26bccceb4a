"""Every line of a run says which run, account and task it belongs to, whoever reads it."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
import structlog

from app.observe.logs import configure_logs
from tests.api.service import NAME, Service, body

COLOURS = re.compile(r"\x1b\[[\d;]*m")
# A run that works and one that is stopped by the marketplace.
SAID = ["run begins", "run ends", "run begins", "run stopped", "run ends"]


@contextmanager
def logs(style: Literal["json", "console"]) -> Iterator[io.StringIO]:
    """Yield what is logged, set up as `serve` does it."""
    root, page = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    configure_logs(level="info", style=style)
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(page)
    try:
        yield page
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def two_runs(service: Service) -> list[str]:
    """Make a run that works and one that can't, and return their ids."""
    service.make_orders()
    works = body(service.hit())
    service.control("POST", "mirakl/faults", kind="http_401")
    fails = body(service.hit())
    assert (works["status"], fails["status"]) == ("done", "failed")
    return [works["run_id"], fails["run_id"]]


def test_each_line_of_a_run_is_json_with_its_run_account_and_task(service: Service) -> None:
    with logs("json") as page:
        works, fails = two_runs(service)

    lines: list[dict[str, Any]] = [json.loads(line) for line in page.getvalue().splitlines()]
    assert [line["event"] for line in lines] == SAID
    assert [line["run_id"] for line in lines] == [works] * 2 + [fails] * 3
    assert {(line["account"], line["task"]) for line in lines} == {(NAME, "orders-import")}
    assert {line["level"] for line in lines} == {"info", "warning"}
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_each_line_of_a_run_names_its_run_account_and_task_to_people(service: Service) -> None:
    with logs("console") as page:
        works, fails = two_runs(service)

    lines = COLOURS.sub("", page.getvalue()).splitlines()
    assert [next(event for event in SAID if event in line) for line in lines] == SAID
    for line, run_id in zip(lines, [works] * 2 + [fails] * 3, strict=True):
        assert [
            word for word in (f"run_id={run_id}", f"account={NAME}", "task=orders-import") if word not in line
        ] == []


def test_lines_of_libraries_within_a_run_carry_them_too(service: Service) -> None:
    with logs("json") as page, structlog.contextvars.bound_contextvars(run_id="R", account=NAME, task="orders-import"):
        logging.getLogger("some.library").warning("slow")

    line = json.loads(page.getvalue())
    assert (line["event"], line["run_id"], line["account"], line["task"]) == ("slow", "R", NAME, "orders-import")


@pytest.mark.parametrize("style", ["json", "console"])
def test_secrets_in_a_line_are_masked(service: Service, style: Literal["json", "console"]) -> None:
    with logs(style) as page:
        structlog.get_logger().warning("odd", url=f"https://cron.example/?token={service.token}")
        logging.getLogger("some.library").warning("GET /cron/x?token=%s", service.token)

    assert service.token not in page.getvalue()
    assert page.getvalue().count("***") == 2
