"""No answer and no log line holds personal data or a secret."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog

from app.observe.logs import configure_logs
from app.sandbox.buyers import FIRST_NAMES, HINTS, LAST_NAMES, SECOND_STREETS, STREETS, TOWNS
from tests.api.service import ADMIN, NAME, SECRET, Service, a_service, body

ORDERS = f"/accounts/{NAME}/orders"
# What stands elsewhere too: short names in words, 01000 in order numbers, Paris in the operator's time zone.
PERSONAL = [
    *FIRST_NAMES,
    *[name for name in LAST_NAMES if len(name) > 3],
    *STREETS,
    *SECOND_STREETS,
    *HINTS,
    *[place.zip_code for place in TOWNS if len(place.zip_code) > 4 and place.zip_code != "01000"],
    *[place.city for place in TOWNS if place.city != "Paris"],
    "6 39 98",
    "01990",
    "@",
]
PLACEHOLDER = re.compile(r"\{[a-z_]*\}|\?")
SHAPES = ("normal", "unknown_sku", "no_address", "zero_lines", "odd_text", "pickup", "b2b", "foreign_currency")


def spoken(text: str) -> set[str]:
    """Return what a text holds of the buyers, as it is or escaped for JSON; a number only where it stands alone."""
    escaped = {word: json.dumps(word)[1:-1] for word in PERSONAL}
    return {word for word, other in escaped.items() if _holds(text, word) or _holds(text, other)}


def _holds(text: str, word: str) -> bool:
    # Ids and signatures are made by chance: one of them may hold the digits of a postcode.
    return bool(re.search(rf"(?<![\w-]){word}(?![\w-])", text)) if word.isdigit() else word in text


@contextmanager
def logs_of_everything() -> Iterator[io.StringIO]:
    """Yield what the service logs at its most talkative, set up as `serve` does it."""
    root, page = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    configure_logs(level="debug", style="json")
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(page)
    try:
        yield page
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


class Scenario:
    """Everything said in a long day: all answers and all logs."""

    def __init__(self, service: Service, page: io.StringIO) -> None:
        self.secrets = {
            "api key": service.control("GET", "credentials")["mirakl"]["secrets"]["api_key"],
            "cron token": service.token,
            "admin token": ADMIN,
            "secret key": SECRET,
        }
        self.answers: list[httpx.Response] = []
        self._live(service)
        self.logs = page.getvalue()

    def _live(self, service: Service) -> None:
        for shape in SHAPES:
            service.make_orders(shape=shape)
            service.make_orders(shape=shape, state="to_accept")
        ids = service.make_orders(count=2)
        keep = self.answers.append
        for options in ({"dry_run": "1"}, {}, {"recheck": "1", "doublecheck": "1"}, {"detail": "full", "lang": "fr"}):
            keep(service.hit("orders-import", **options))
        keep(service.hit("orders-accept", detail="full"))
        for kind in ("http_401", "http_403", "http_400", "http_503", "malformed", "truncate", "reset", "lost_ack"):
            service.control("POST", "mirakl/faults", kind=kind)
            service.clock.advance(7200)
            keep(service.hit("orders-import", detail="full"))
            service.make_orders(state="to_accept")
            keep(service.hit("orders-accept", detail="full"))
            keep(service.manage("POST", f"/accounts/{NAME}/check"))
            service.control("DELETE", "mirakl/faults")
        for action in ("accept", "import", "refresh", "retry", "ignore", "handled"):
            keep(service.manage("POST", f"{ORDERS}/{action}", json={"order_ids": ids}))
        keep(service.manage("PUT", f"/accounts/{NAME}/settings", json={"api_key": self.secrets["api key"]}))
        for path in ("/accounts", f"/accounts/{NAME}/settings", ORDERS, "/runs", "/status"):
            keep(service.manage("GET", path))
        for run in service.runs():
            keep(service.get(service.link(run.id)))
        keep(service.get("/metrics"))
        keep(service.get(f"/cron/{NAME}/orders-import", params={"token": self.secrets["cron token"] + "x"}))
        keep(service.get(f"/cron/{NAME}/orders-import", params={"token": "no", "password": "hunter2hunter2"}))

    @property
    def said(self) -> str:
        """Bodies and headers of all answers."""
        return "\n".join(f"{answer.text}\n{dict(answer.headers)}" for answer in self.answers)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Scenario]:
    folder = tmp_path_factory.mktemp("service")
    with logs_of_everything() as page, a_service(folder, template=sqlite_template) as service:
        service.add_account()
        service.stock_the_shop()
        yield Scenario(service, page)


def test_the_scenario_imports_accepts_fails_and_pauses(scenario: Scenario) -> None:
    reports = [body(answer) for answer in scenario.answers if b'"run_id"' in answer.content[:2000]]
    statuses = {report["status"] for report in reports if isinstance(report, dict)}

    assert statuses >= {"partial", "failed", "paused"}


def test_no_answer_holds_personal_data(scenario: Scenario) -> None:
    assert spoken(scenario.said) == set()


def test_no_log_line_holds_personal_data(scenario: Scenario) -> None:
    assert spoken(scenario.logs) == set()


def test_the_logs_say_something(scenario: Scenario) -> None:
    assert scenario.logs.count('"event": "run ends"') > 10


@pytest.mark.parametrize("secret", ["api key", "cron token", "admin token", "secret key"])
def test_no_answer_holds_a_secret(scenario: Scenario, secret: str) -> None:
    assert scenario.secrets[secret] not in scenario.said


@pytest.mark.parametrize("secret", ["api key", "cron token", "admin token", "secret key"])
def test_no_log_line_holds_a_secret(scenario: Scenario, secret: str) -> None:
    assert scenario.secrets[secret] not in scenario.logs


def test_no_sentence_shows_a_placeholder(scenario: Scenario) -> None:
    sentences = [
        text
        for answer in scenario.answers
        if answer.headers["content-type"] == "application/json" and isinstance(answer.json(), dict)
        for problem in answer.json().get("problems", [])
        for text in (problem["message"], problem["fix"])
    ]

    assert [text for text in sentences if PLACEHOLDER.search(text)] == []
