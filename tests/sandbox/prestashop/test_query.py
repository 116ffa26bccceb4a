"""What lists can be asked, and in which order they come."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.sandbox.prestashop.caller import COMBINED_SKU, PLAIN_SKU, Caller, codes, ids, talk


def found(resource: str, **params: str) -> list[int]:
    async def script(caller: Caller) -> list[int]:
        return ids(await caller.get(resource, **params))

    return talk(script)


def refused(resource: str, params: Mapping[str, str], *, warnings: bool = False) -> tuple[int, list[int]]:
    async def script(caller: Caller) -> tuple[int, list[int]]:
        await caller.switch(php_warnings=warnings)
        answer = await caller.get(resource, **params)
        return answer.status_code, codes(answer)

    return talk(script)


def test_without_display_a_list_names_the_ids_alone() -> None:
    async def script(caller: Caller) -> str:
        return (await caller.get("languages")).text

    assert '<language id="1" xlink:href="http://sandbox.example/prestashop/api/languages/1"/>' in talk(script)


def test_fields_come_in_the_shops_order_whatever_was_asked() -> None:
    async def script(caller: Caller) -> list[str]:
        (row,) = await caller.listed("countries", display="[active,iso_code,id]", **{"filter[id]": "[8]"})
        return list(row)

    assert talk(script) == ["id", "iso_code", "active"]


def test_an_association_may_be_shown_in_part() -> None:
    async def script(caller: Caller) -> Any:
        (row,) = await caller.listed("products", display="[id,stock_availables[id]]", **{"filter[id]": "[1]"})
        return row

    assert talk(script) == {"id": 1, "associations": {"stock_availables": [{"id": "1"}]}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8", [8]),
        ("[8]", [8]),
        ("[8|3|999]", [3, 8]),
        ("[6,9]", [6, 8]),
        ("[9,6]", [6, 8]),
        (">[19]", [21, 148, 176]),
        ("<[3]", [1, 2]),
        ("![1|2|3|6|8|10|12|13|15|17|19]", [21, 148, 176]),
    ],
)
def test_numbers_are_filtered_by_value_list_interval_and_comparison(text: str, expected: list[int]) -> None:
    assert sorted(found("countries", **{"filter[id]": text})) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Espagne", [6]),
        ("[espagne]", [6]),
        ("ÉSPAGNE", [6]),
        ("[Espagne |Italie]", [6, 10]),
        ("%[mar]%", []),
        ("%[al]%", [1, 10, 15]),
        ("[Pay]%", [13]),
        ("%[gne]", [1, 6]),
    ],
)
def test_text_is_compared_without_case_and_accents(text: str, expected: list[int]) -> None:
    assert sorted(found("countries", **{"filter[name]": text})) == expected


def test_filters_are_joined_by_and() -> None:
    assert found("countries", **{"filter[id_zone]": "1", "filter[iso_code]": "[FR|CH]"}) == [8]


def test_a_reference_is_found_in_any_writing_on_every_product_that_has_it() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.switch(shared_skus=[PLAIN_SKU])
        rows = await caller.listed("products", **{"filter[reference]": f"[{PLAIN_SKU.lower()}]"})
        return [row["reference"] for row in rows]

    assert talk(script) == [PLAIN_SKU, PLAIN_SKU]


def test_a_combinations_reference_is_not_its_products() -> None:
    async def script(caller: Caller) -> list[int]:
        sku = {"filter[reference]": f"[{COMBINED_SKU}]"}
        return [len(await caller.listed(resource, **sku)) for resource in ("products", "combinations")]

    assert talk(script) == [0, 1]


def test_dates_are_filtered_and_sorted_only_with_date_1() -> None:
    days = {"filter[date_upd]": "[2026-03-02 00:00:00,2099-01-01 00:00:00]"}

    assert refused("products", days) == (400, [32])
    assert refused("products", {"sort": "[date_upd_ASC]"}) == (400, [38])
    assert len(found("products", date="1", sort="[date_upd_ASC,id_ASC]", **days)) == 60


def test_a_moment_is_after_another_only_when_it_is_later() -> None:
    same = {"filter[date_upd]": ">[2026-03-02 13:00:00]"}

    assert found("products", date="1", **same) == []
    assert len(found("products", date="1", **{"filter[date_upd]": ">[2026-03-02 12:59:59]"})) == 60


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"filter[nope]": "1"}, 32),
        ({"filter[shipping_number]": "6A"}, 34),
        ({"display": "[nope]"}, 35),
        ({"display": "everything"}, 36),
        ({"sort": "id"}, 37),
        ({"sort": "[nope_ASC]"}, 38),
        ({"limit": "many"}, 39),
    ],
)
def test_what_can_not_be_asked_is_refused_by_number(params: dict[str, str], code: int) -> None:
    assert refused("orders", params) == (400, [code])


def test_with_warnings_on_a_refused_filter_is_a_500_that_names_them_too() -> None:
    status, numbers = refused("orders", {"filter[nope]": "1"}, warnings=True)

    assert (status, numbers[0], set(numbers[1:])) == (500, 32, {3})


def test_pages_are_cut_by_offset_and_count() -> None:
    assert found("products", sort="[id_ASC]", limit="2") == [1, 2]
    assert found("products", sort="[id_ASC]", limit="58,10") == [59, 60]
    assert found("products", sort="[id_DESC]", limit="0,2") == [60, 59]


def test_an_unsorted_list_does_not_come_by_id() -> None:
    assert found("order_states") == [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 13, 1, 10]


def test_rows_that_are_equal_come_in_no_order() -> None:
    products = found("products", sort="[id_tax_rules_group_ASC]", limit="5")

    assert products != sorted(products)
    assert found("products", sort="[id_tax_rules_group_ASC,id_ASC]", limit="3") == [1, 2, 3]


def test_what_does_not_exist_is_a_404_without_a_word() -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.get("orders/99999", output_format="JSON")

    answer = talk(script)

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (404, b"", "")


@pytest.mark.parametrize("schema", ["blank", "synopsis"])
def test_schemas_name_the_fields(schema: str) -> None:
    async def script(caller: Caller) -> str:
        return (await caller.get("addresses", schema=schema)).text

    page = talk(script)

    assert "<alias" in page
    assert ('maxSize="32"' in page) == (schema == "synopsis")


@pytest.mark.parametrize("version", ["1.7.7.8", "1.7.8.11", "8.2.1"])
def test_the_note_came_with_1_7_8(version: str) -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(version=version, php_warnings=False)
        return codes(await caller.get("orders", **{"filter[note]": "x"}))

    assert talk(script) == ([32] if version == "1.7.7.8" else [])


def test_the_shipping_number_was_a_column_once() -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(version="1.7.8.11")
        return (await caller.get("orders", **{"filter[shipping_number]": "6A"})).status_code

    assert talk(script) == 200
