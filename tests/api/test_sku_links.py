"""SKUs linked to products by hand, over HTTP: any SKU can be named in the address, and what it kept out goes on."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.service import NAME, Service, body

SETTINGS = f"/accounts/{NAME}/settings"
LAMP = "LAMPE-BUREAU-001"


def address(sku: str, *, account: str = NAME) -> str:
    return f"/accounts/{account}/sku-links/{quote(sku, safe='')}"


def links(service: Service) -> dict[str, str]:
    found: dict[str, str] = service.manage("GET", SETTINGS).json()["sku_links"]
    return found


@pytest.mark.parametrize("sku", ["LAMP-9", "LAMP/9", "/LAMP", "LAMP/", "a//b", "100 %", "a%2Fb", "?x=1#y", "é 🎁", "+"])
def test_any_sku_is_linked_and_unlinked_by_its_address(service: Service, sku: str) -> None:
    linked = service.manage("PUT", address(sku), json={"product": LAMP})
    during = links(service)
    unlinked = service.manage("DELETE", address(sku))

    assert (linked.status_code, linked.json()) == (200, {"sku": sku, "product": LAMP, "before": None, "retried": []})
    assert during == {sku: LAMP}
    assert unlinked.json() == {"sku": sku, "product": None, "before": LAMP, "retried": []}
    assert links(service) == {}


def test_a_slash_at_the_end_of_the_address_changes_nothing(service: Service) -> None:
    service.manage("PUT", f"{address('LAMP-9')}/", json={"product": LAMP})

    assert links(service) == {"LAMP-9": LAMP}


def test_a_link_leaves_all_other_settings_and_links_as_they_are(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"language": "fr", "sku_links": {"OLD": "1", "LAMP-9": "2"}})
    before = service.manage("GET", SETTINGS).json()

    answer = service.manage("PUT", address("LAMP-9"), json={"product": "3"})

    assert answer.json()["before"] == "2"
    assert service.manage("GET", SETTINGS).json() == {**before, "sku_links": {"OLD": "1", "LAMP-9": "3"}}


def test_orders_that_the_sku_kept_out_are_imported_by_the_next_run(service: Service) -> None:
    (order_id,) = service.make_orders(shape="unknown_sku", sku="LAMP/9")
    first = body(service.hit())

    linked = service.manage("PUT", address("LAMP/9"), json={"product": LAMP}).json()
    second = body(service.hit())

    assert (first["counts"]["not_imported"], first["problems"][0]["code"]) == (1, "SKU_UNKNOWN")
    assert linked["retried"] == [order_id]
    assert (second["counts"]["imported"], second["counts"]["not_imported"]) == (1, 0)


def test_an_unlinked_sku_keeps_orders_out_again(service: Service) -> None:
    service.manage("PUT", address("LAMP-9"), json={"product": LAMP})
    service.manage("DELETE", address("LAMP-9"))
    service.make_orders(shape="unknown_sku", sku="LAMP-9")

    assert body(service.hit())["problems"][0]["code"] == "SKU_UNKNOWN"


def test_a_link_that_is_not_there_is_404(service: Service) -> None:
    answer = service.manage("DELETE", address("LAMP-9"))

    assert answer.status_code == 404
    assert body(answer)["detail"] == "The SKU “LAMP-9” is linked to no product."


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_account_that_is_not_there_is_404(service: Service, method: str) -> None:
    content = {"json": {"product": LAMP}} if method == "PUT" else {}
    answer = service.manage(method, address("LAMP-9", account="nobody"), **content)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("sku", "content"),
    [
        ("LAMP-9", {}),
        ("LAMP-9", {"product": ""}),
        ("LAMP-9", {"product": None}),
        ("LAMP-9", {"product": "a\0b"}),
        ("LAMP-9", {"product": "x" * 101}),
        ("LAMP-9", {"product": LAMP, "colour": "red"}),
        ("x" * 201, {"product": LAMP}),
        ("a\0b", {"product": LAMP}),
    ],
)
def test_what_can_be_no_link_is_422_and_changes_nothing(service: Service, sku: str, content: dict[str, Any]) -> None:
    answer = service.manage("PUT", address(sku), json=content)

    assert answer.status_code == 422
    assert links(service) == {}


def test_one_link_too_many_is_422_and_says_how_many_there_may_be(service: Service) -> None:
    many = {f"SKU-{number}": "1" for number in range(10_000)}
    assert service.manage("PUT", SETTINGS, json={"sku_links": many}).status_code == 200

    answer = service.manage("PUT", address("LAMP-9"), json={"product": LAMP})

    assert (answer.status_code, "at most 10,000" in body(answer)["detail"]) == (422, True)
