"""Shops through the management API: listed, tested, tried, and their states for an account."""

from typing import Any

import httpx
import pytest

from tests.api.service import NAME, Service, body

STATES = f"/accounts/{NAME}/shop-states"


def add_presta(service: Service, **values: Any) -> None:
    """Add the sandbox's PrestaShop under the name `presta`."""
    reach = service.control("GET", "credentials")["shops"]["prestashop"]
    everything = {**reach["settings"], **reach["secrets"], **values}
    service.wait_for(service.system.shops.add("presta", kind_name="prestashop", values=everything))


def sell_in_presta(service: Service) -> None:
    """Give the account of the service the shop `presta`."""
    service.wait_for(service.system.accounts.remove(NAME))
    adding = service.system.accounts.add(
        NAME,
        platform_name="mirakl",
        shop_name="presta",
        values={"base_url": "https://operator.example", "api_key": "not-asked"},
        test=False,
    )
    service.wait_for(adding)


def codes(answer: httpx.Response, *, ok: bool) -> list[str]:
    return [each["code"] for each in body(answer)["findings"] if each["ok"] is ok]


def test_shops_are_listed_without_their_secrets(service: Service) -> None:
    add_presta(service)

    lines = service.manage("GET", "/shops").json()

    assert [(each["name"], each["kind"]) for each in lines] == [("main", "embedded"), ("presta", "prestashop")]
    assert lines[1]["connection"]["key"] == "(set)"


def test_a_shop_is_checked(service: Service) -> None:
    add_presta(service)
    service.control("POST", "prestashop/switches", denied={"carts": ["POST"]})

    answer = service.manage("POST", "/shops/presta/check")

    assert (answer.status_code, body(answer)["ok"]) == (200, False)
    assert codes(answer, ok=False) == ["RIGHTS_CARTS"]
    assert {"CONNECTION", "ENTRY_STATE", "CARRIER"} <= set(codes(answer, ok=True))


def test_a_test_order_is_made_and_taken_out(service: Service) -> None:
    add_presta(service)

    answer = service.manage("POST", "/shops/presta/test-order", json={"confirm": True})

    assert (answer.status_code, codes(answer, ok=False)) == (200, [])
    assert service.control("GET", "prestashop/state")["orders_by_state"] == {"6": 1}


def test_a_test_order_may_name_its_product_and_stay(service: Service) -> None:
    add_presta(service)
    sku = service.control("GET", "catalog")[0]["sku"]

    answer = service.manage("POST", "/shops/presta/test-order", json={"confirm": True, "sku": sku, "keep": True})

    assert f"1 × “{sku}”" in answer.text
    assert service.control("GET", "prestashop/state")["orders_by_state"] == {"2": 1}


@pytest.mark.parametrize("values", [{}, {"confirm": False}, {"confirm": "yes"}, {"confirm": True, "size": 3}, []])
def test_nothing_is_written_without_a_confirmation(service: Service, values: Any) -> None:
    add_presta(service)

    answer = service.manage("POST", "/shops/presta/test-order", json=values)

    assert answer.status_code == 422
    assert service.control("GET", "prestashop/state")["writes"] == {}


@pytest.mark.parametrize("name", ["nowhere", "a%00b", "%C3%A9", "x" * 5000])
@pytest.mark.parametrize("action", ["check", "test-order"])
def test_a_shop_that_does_not_exist_is_404_and_names_those_that_do(service: Service, name: str, action: str) -> None:
    answer = service.manage("POST", f"/shops/{name}/{action}", json={"confirm": True})

    assert (answer.status_code, body(answer)["field"]) == (404, "shop")
    assert body(answer)["detail"].endswith("Shops: main.")


def test_an_embedded_shop_offers_no_test_order(service: Service) -> None:
    answer = service.manage("POST", "/shops/main/test-order", json={"confirm": True})

    assert (answer.status_code, body(answer)["field"]) == (404, "shop")
    assert "not offered" in body(answer)["detail"]


def test_states_come_with_a_suggestion_and_what_is_set(service: Service) -> None:
    add_presta(service)
    sell_in_presta(service)
    service.manage("PUT", f"/accounts/{NAME}/settings", json={"imported_state": "3"})

    found = body(service.manage("GET", STATES))

    assert found["shop"] == "presta"
    assert found["settings"] == {
        "imported_state": "3",
        "fulfilled_state": "",
        "shipped_states": [],
        "cancelled_state": "",
    }
    assert {name: each["value"] for name, each in found["suggestion"].items()} == {
        "imported_state": "2",
        "fulfilled_state": "5",
        "shipped_states": ["4", "5"],
        "cancelled_state": "6",
    }
    (imported,) = [each for each in found["states"] if "imported" in each["means"]]
    assert imported["id"] == "3"


def test_an_embedded_shop_has_no_states_to_choose_from(service: Service) -> None:
    answer = service.manage("GET", STATES)

    assert (answer.status_code, body(answer)["field"]) == (404, "shop")


def test_a_shop_that_is_away_is_a_problem_with_a_reason(service: Service) -> None:
    add_presta(service)
    sell_in_presta(service)
    service.control("POST", "prestashop/switches", webservice=False)

    answer = service.manage("GET", STATES)

    assert answer.status_code == 500
    assert "its webservice is switched off" in body(answer)["detail"]
