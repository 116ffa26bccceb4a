"""Which addresses a watchdog may have."""

from typing import Any

import pytest

from app.errors import BadInput
from app.tasks.settings import read_settings

START = {"start_from": "2026-01-01T00:00:00Z"}
TASKS = ["offers-send", "orders-accept", "orders-import", "orders-status", "orders-reconcile"]


def chosen(urls: Any) -> dict[str, str]:
    return {str(task): url for task, url in read_settings({**START, "ping_urls": urls}).ping_urls.items()}


@pytest.mark.parametrize(
    "url",
    [
        "https://watchdog.example/a-uuid",
        "https://watchdog.example:8443/ping/a-uuid/orders-import",
        "http://localhost:8000/ping/a-uuid",
        "http://a.localhost:8000/ping/a-uuid",
        "http://127.0.0.1/a-uuid",
        "http://[::1]:8000/a-uuid",
    ],
)
def test_an_address_with_https_or_on_this_machine_can_be_pinged(url: str) -> None:
    assert chosen({"orders-import": url}) == {"orders-import": url}


@pytest.mark.parametrize(
    "url",
    [
        "http://watchdog.example/hunter2",
        "http://127.0.0.1.watchdog.example/hunter2",
        "http://localhost.example/hunter2",
        "ftp://watchdog.example/hunter2",
        "//watchdog.example/hunter2",
        "hunter2",
        "",
        "https:///hunter2",
        "https://watchdog.example/hunter2?rid=1",
        "https://watchdog.example/hunter2#top",
        "https://me:hunter2@watchdog.example/",
        "https://watchdog.example:99999/hunter2",
        "https://watchdog.example/hunter2\n",
        "https://watchdog.example/hunter 2",
        "https://watchdog.example/" + "hunter2" * 100,
    ],
)
def test_any_other_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadInput) as refusal:
        chosen({"orders-import": url})

    assert refusal.value.field == "ping_urls"
    assert "the address of orders-import must look like https://host/path" in refusal.value.message
    assert "hunter2" not in refusal.value.message


def test_a_slash_at_the_end_is_taken_away() -> None:
    assert chosen({"orders-import": "https://watchdog.example/a/"}) == {"orders-import": "https://watchdog.example/a"}


def test_every_task_may_have_one() -> None:
    urls = {task: f"https://watchdog.example/{task}" for task in TASKS}

    assert chosen(urls) == urls


def test_a_task_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadInput) as refusal:
        chosen({"orders-export": "https://watchdog.example/a"})

    assert [task for task in TASKS if task not in refusal.value.message] == []


def test_one_line_of_a_command_says_it_too() -> None:
    assert chosen('{"orders-import": "https://watchdog.example/a"}') == {"orders-import": "https://watchdog.example/a"}


@pytest.mark.parametrize("text", ["https://watchdog.example/a", "[" * 100_000, "[]", "null"])
def test_a_line_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="ping_urls"):
        chosen(text)


def test_without_any_nobody_is_pinged() -> None:
    assert chosen({}) == {}
