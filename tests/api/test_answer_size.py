"""The default answer stays under 4 KB with headers, whatever the run: some cron services cut at 8 KB."""

import json
from typing import Any

import pytest

from app.domain.reasons import REASONS
from app.store.run_items import ItemNote
from tests.api.service import NOON, Service, body, size

LIMIT = 4096
LONG = {
    "detail": "Lé « détail » — " * 19,
    "service": "Mirakl La Redoute & Cie",
    "operation": "OR11",
    "account": "a" * 63,
    "ref": "R" * 40,
    "method": "Livraison à domicile — " * 10,
    "platform_status": "é" * 100,
    "resume_at": "2026-03-02 12:00 UTC",
}


def notes(count: int, *, problems: int, code: str = "SKU_UNKNOWN", sku: str = "LAMP-é-9") -> list[ItemNote]:
    """Return what a run says of so many orders, the first of them problems."""
    return [
        ItemNote(
            subject=f"{'9' * 90}-{number:05d}",
            outcome="not_imported" if number < problems else "imported",
            seen=True,
            code=code if number < problems else "",
            sku=sku,
            params=LONG,
            since=NOON,
            deadline=NOON,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_500_orders_with_200_problems_fit(module_service: Service, lang: str, accept: str) -> None:
    slot = f"{lang} {accept}"
    module_service.a_run(slot=slot, notes=notes(500, problems=200))

    answer = module_service.hit(slot=slot, lang=lang, headers={"Accept": accept})

    assert size(answer) < LIMIT


@pytest.mark.parametrize("code", sorted(REASONS))
def test_the_sentences_of_every_code_fit_where_they_are_longest(module_service: Service, code: str) -> None:
    module_service.a_run(slot=code, notes=notes(25, problems=25, code=code))

    answer = module_service.hit(slot=code, lang="fr", headers={"Accept": "text/html"})

    assert size(answer) < LIMIT


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_one_problem_with_endless_words_fits(module_service: Service, accept: str) -> None:
    slot = f"endless {accept}"
    module_service.a_run(slot=slot, notes=notes(1, problems=1, sku="é" * 3000))

    assert size(module_service.hit(slot=slot, headers={"Accept": accept})) < LIMIT


def test_the_answer_of_500_orders_still_counts_them_all(module_service: Service) -> None:
    module_service.a_run(slot="counts", notes=notes(500, problems=200))

    report = body(module_service.hit(slot="counts"))

    assert (report["counts"]["imported"], report["counts"]["not_imported"], report["problems_total"]) == (300, 200, 200)


def test_the_answer_of_500_orders_shows_the_first_problems(module_service: Service) -> None:
    module_service.a_run(slot="first", notes=notes(500, problems=200))

    assert 1 <= len(body(module_service.hit(slot="first"))["problems"]) <= 20


def test_an_answer_that_was_cut_is_whole_json(module_service: Service) -> None:
    module_service.a_run(slot="whole", notes=notes(500, problems=200))

    assert json.loads(module_service.hit(slot="whole").content)["links"]["report"]


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_a_skipped_hit_after_a_large_run_fits(module_service: Service, accept: str) -> None:
    module_service.system.service.min_intervals = True
    module_service.a_run(notes=notes(500, problems=200, code="UNREADABLE"))
    try:
        answer = module_service.hit(lang="fr", headers={"Accept": accept})
    finally:
        module_service.system.service.min_intervals = False

    assert (size(answer) < LIMIT, body(answer)["status"], body(answer)["last"] is not None) == (True, "skipped", True)


def test_detail_full_shows_them_all(module_service: Service) -> None:
    module_service.a_run(slot="full", notes=notes(1200, problems=200))

    report: dict[str, Any] = body(module_service.hit(slot="full", detail="full"))

    assert (len(report["items"]), len(report["problems"])) == (1200, 200)
