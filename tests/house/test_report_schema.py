"""Reports of every kind keep to the schema that is published."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from app.api.cron import EXAMPLE
from app.runs.report import json_schema
from app.tasks import TASKS
from tests.api.service import Service, a_service, body

KINDS = ("done", "partial", "paused", "skipped", "failed", "queued", "dry run", "in full", "in French")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """One report of every kind, and the schema as it is served."""
    with a_service(tmp_path_factory.mktemp("service"), template=sqlite_template) as service:
        service.add_account()
        service.stock_the_shop()
        yield {
            "schema": body(service.get("/schemas/run-report.json")),
            "done": body(service.hit()),
            "skipped": skipped(service),
            "queued": body(service.hit(wait="0")),
            **with_problems(service),
            "failed": with_fault(service, "http_401"),
            "paused": with_fault(service, "http_503"),
        }


def skipped(service: Service) -> dict[str, Any]:
    service.system.service.min_intervals = True
    report = body(service.hit())
    service.system.service.min_intervals = False
    return report


def with_problems(service: Service) -> dict[str, dict[str, Any]]:
    service.make_orders(count=2)
    service.make_orders(shape="unknown_sku")
    return {
        "dry run": body(service.hit(dry_run="1")),
        "partial": body(service.hit(since="5d")),
        "in full": body(service.hit(since="6d", detail="full")),
        "in French": body(service.hit("orders-accept", lang="fr")),
    }


def with_fault(service: Service, kind: str) -> dict[str, Any]:
    service.control("POST", "mirakl/faults", kind=kind)
    service.clock.advance(7200)
    report = body(service.hit())
    service.control("DELETE", "mirakl/faults")
    return report


def checker(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_keeps_to_the_schema(reports: dict[str, dict[str, Any]], kind: str) -> None:
    checker(reports["schema"]).validate(reports[kind])


@pytest.mark.parametrize("kind", ["done", "partial", "paused", "skipped", "failed", "queued"])
def test_a_report_is_of_its_kind(reports: dict[str, dict[str, Any]], kind: str) -> None:
    assert reports[kind]["status"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_has_the_keys_of_all_others_in_their_order(reports: dict[str, dict[str, Any]], kind: str) -> None:
    assert list(reports[kind]) == list(EXAMPLE)


def test_the_example_keeps_to_the_schema() -> None:
    checker(json_schema()).validate(EXAMPLE)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_schema_bears_a_version() -> None:
    assert json_schema()["version"] == 1


def test_the_counts_are_those_that_were_promised() -> None:
    assert {str(task): spec.counts for task, spec in TASKS.items()} == {
        "offers-send": (
            "seen",
            "unchanged",
            "changed",
            "sent",
            "accepted",
            "refused",
            "pending",
            "not_listed",
            "held",
        ),
        "orders-status": (
            "seen",
            "sent",
            "waiting_tracking",
            "refused",
            "cancelled_in_shop",
            "cancelled_on_marketplace",
            "closed",
        ),
        "orders-reconcile": (
            "marketplace",
            "shop",
            "matched",
            "only_on_marketplace",
            "only_in_shop",
            "state_differs",
            "total_differs",
            "offers_differ",
        ),
        "orders-accept": ("seen", "accepted", "refused", "waiting", "already_accepted"),
        "orders-import": (
            "seen",
            "imported",
            "already_imported",
            "not_imported",
            "waiting",
            "listed_only",
            "before_start",
            "cancelled",
            "found_by_catch_up",
        ),
    }
