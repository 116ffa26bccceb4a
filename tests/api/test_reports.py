"""Reports after the hit: who may open them, and how they are read page by page."""

import re
import time
from urllib.parse import urlsplit

import httpx
import pytest

from app.store.run_items import ItemNote
from tests.api.service import ADMIN, NAME, Service, body

SIGNED = re.compile(r"http://cron\.test/runs/[0-9A-Z]{26}\?expires=\d+&sig=[\w-]{43}")


def link_that_expires(service: Service, run_id: str, expires: int) -> str:
    signature = service.system.keys.link_signature(run_id, expires=expires)
    return f"/runs/{run_id}?expires={expires}&sig={signature}"


def next_page(answer: httpx.Response) -> str:
    found = re.fullmatch(r'<(.+)>; rel="next"', answer.headers["Link"])
    assert found is not None
    return found[1]


def seen(*names: str) -> list[ItemNote]:
    return [ItemNote(subject=name, outcome="imported", seen=True) for name in names]


def test_the_link_of_a_report_is_signed(service: Service) -> None:
    assert SIGNED.fullmatch(body(service.hit())["links"]["report"])


def test_the_link_of_a_report_names_the_public_address(service: Service) -> None:
    service.system.settings = service.system.settings.model_copy(update={"base_url": "https://cron.shop.example"})

    assert body(service.hit())["links"]["report"].startswith("https://cron.shop.example/runs/")


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {ADMIN}"}, {"X-Cron-Token": "of the account"}],
    ids=["admin", "account"],
)
def test_a_token_opens_a_report(service: Service, headers: dict[str, str]) -> None:
    given = {name: service.token if value == "of the account" else value for name, value in headers.items()}

    assert service.get(f"/runs/{service.a_run().id}", headers=given).status_code == 200


def test_the_cron_token_in_the_url_opens_a_report(service: Service) -> None:
    assert service.get(f"/runs/{service.a_run().id}", params={"token": service.token}).status_code == 200


def test_no_token_opens_no_report(service: Service) -> None:
    assert service.get(f"/runs/{service.a_run().id}").status_code == 401


def test_the_token_of_another_account_opens_no_report(service: Service) -> None:
    other = service.system.accounts.cron_token(service.add_account("mirakl-two", sandbox="mirakl-two"))

    assert service.get(f"/runs/{service.a_run().id}", headers={"X-Cron-Token": other}).status_code == 401


def test_a_run_that_does_not_exist_is_the_same_401(service: Service) -> None:
    known = service.get(f"/runs/{service.a_run().id}")

    unknown = service.get("/runs/01JDXAMPLE0000000000000000")

    assert (unknown.content, unknown.headers) == (known.content, known.headers)


def test_a_run_that_does_not_exist_is_404_for_the_admin(service: Service) -> None:
    answer = service.get("/runs/01JDXAMPLE0000000000000000", headers={"Authorization": f"Bearer {ADMIN}"})

    assert answer.status_code == 404


@pytest.mark.parametrize("run_id", ["x", "%00" * 26, "01jdxample0000000000000000", "0" * 10_000])
def test_a_run_id_of_another_shape_is_422(service: Service, run_id: str) -> None:
    assert service.get(f"/runs/{run_id}", headers={"Authorization": f"Bearer {ADMIN}"}).status_code == 422


def test_a_link_opens_its_report(service: Service) -> None:
    link = link_that_expires(service, service.a_run().id, int(time.time()) + 60)

    assert service.get(link).status_code == 200


def test_an_expired_link_opens_nothing(service: Service) -> None:
    link = link_that_expires(service, service.a_run().id, int(time.time()) - 1)

    assert service.get(link).status_code == 401


def test_the_expiry_of_a_link_can_not_be_changed(service: Service) -> None:
    run, now = service.a_run(), int(time.time())
    link = link_that_expires(service, run.id, now - 1)

    assert service.get(link.replace(str(now - 1), str(now + 3600))).status_code == 401


def test_a_link_opens_no_other_report_of_the_same_account(service: Service) -> None:
    mine, other = service.a_run(), service.a_run()
    query = urlsplit(service.link(mine.id)).query

    assert service.get(f"/runs/{other.id}?{query}").status_code == 401


@pytest.mark.parametrize("query", ["sig=&expires=9999999999", "sig=%C3%A9&expires=9999999999", "sig=x&expires=0"])
def test_a_made_up_signature_opens_nothing(service: Service, query: str) -> None:
    assert service.get(f"/runs/{service.a_run().id}?{query}").status_code == 401


@pytest.mark.parametrize("expires", ["-1", "x", str(2**63), "1e9", "%00"])
def test_an_impossible_expiry_is_422(service: Service, expires: str) -> None:
    assert service.get(f"/runs/{service.a_run().id}?sig=x&expires={expires}").status_code == 422


def test_the_report_of_a_removed_account_is_closed_to_its_token(service: Service) -> None:
    run, token = service.a_run(), service.token
    service.wait_for(service.system.accounts.remove(NAME))

    assert service.get(f"/runs/{run.id}", headers={"X-Cron-Token": token}).status_code == 401


def test_a_report_names_what_became_of_every_order(service: Service) -> None:
    run = service.a_run(notes=seen("A", "B"))

    assert [item["order_id"] for item in body(service.get(service.link(run.id)))["items"]] == ["A", "B"]


def test_a_page_links_to_the_next(service: Service) -> None:
    run = service.a_run(notes=seen("A", "B & é", "C"))
    first = service.get(service.link(run.id) + "&limit=2")

    second = service.get(next_page(first))

    assert [item["order_id"] for item in body(second)["items"]] == ["C"]


def test_the_last_page_links_nowhere(service: Service) -> None:
    run = service.a_run(notes=seen("A", "B"))

    assert "Link" not in service.get(service.link(run.id) + "&limit=2").headers


def test_the_next_page_speaks_the_same_language(service: Service) -> None:
    run = service.a_run(notes=seen("A", "B"))
    first = service.get(service.link(run.id) + "&limit=1&lang=fr")

    assert body(service.get(next_page(first)))["message"] == body(first)["message"] == "2 commandes importées"


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=%00", f"after={'x' * 201}", "lang=xx"])
def test_a_page_that_can_not_be_is_422(service: Service, query: str) -> None:
    assert service.get(f"{service.link(service.a_run().id)}&{query}").status_code == 422


def test_a_report_is_kept_nowhere(service: Service) -> None:
    assert service.get(service.link(service.a_run().id)).headers["cache-control"] == "no-store"


def test_a_browser_gets_a_pretty_report(service: Service) -> None:
    answer = service.get(service.link(service.a_run().id), headers={"Accept": "text/html"})

    assert answer.text.startswith('{\n  "ok": true,')


def test_a_window_is_shown_in_utc_whatever_zone_was_asked_for(service: Service) -> None:
    run_id = body(service.hit(since="2026-02-25T09:00:00+02:00"))["run_id"]

    assert body(service.get(service.link(run_id)))["window"]["from"] == "2026-02-25T07:00:00Z"
