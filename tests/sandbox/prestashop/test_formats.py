"""How answers are written, with what makes JSON a trap."""

from typing import Any

import httpx

from tests.sandbox.prestashop.caller import COMBINED_SKU, PLAIN_SKU, Caller, an_object, codes, fields, talk


def test_an_object_alone_has_no_key_for_what_is_zero() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.control("offers", sku=PLAIN_SKU, quantity=0)
        alone = (await caller.get("stock_availables/1", output_format="JSON")).json()["stock_available"]
        (listed,) = await caller.listed("stock_availables", **{"filter[id]": "[1]"})
        return ["quantity" in alone, listed["quantity"], (await caller.one("stock_availables", 1))["quantity"]]

    assert talk(script) == [False, "0", "0"]


def test_an_empty_list_has_no_name() -> None:
    async def script(caller: Caller) -> list[str]:
        return [(await caller.get("orders", display="[id]", output_format=form)).text for form in ("JSON", "XML")]

    json, xml = talk(script)

    assert json == "[]"
    assert "<orders>\n</orders>" in xml


def test_ids_are_numbers_and_all_else_is_text() -> None:
    async def script(caller: Caller) -> Any:
        (row,) = await caller.listed("stock_availables", **{"filter[id]": "[1]"}, display="[id,id_product,quantity]")
        return row

    row = talk(script)

    assert [type(value) for value in row.values()] == [int, str, str]


def test_the_header_asks_for_json_too() -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.ask("GET", "languages", headers={"Output-Format": "JSON"})

    answer = talk(script)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"languages": [{"id": 1}]}


def test_errors_come_as_json_when_asked() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(php_warnings=False)
        return (await caller.get("orders", output_format="JSON", display="[nope]")).json()

    assert [error["code"] for error in talk(script)["errors"]] == [35]


def test_translated_fields_are_plain_with_one_language_and_a_list_with_two() -> None:
    async def script(caller: Caller) -> list[Any]:
        async def name(**params: str) -> Any:
            (row,) = await caller.listed("order_states", display="[name]", **{"filter[id]": "[4]"}, **params)
            return row["name"]

        one = await name()
        await caller.switch(languages=2)
        return [one, await name(), await name(language="1")]

    one, two, chosen = talk(script)

    assert (one, chosen) == ("Expédié", "Expédié")
    assert [each["id"] for each in two] == ["1", "2"]


def test_translations_come_in_the_languages_that_were_asked() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(languages=2)
        pages = [(await caller.get("order_states/4", language=language)).text for language in ("[1|2]", "2")]
        return [page.count("<language id=") for page in pages]

    assert talk(script) == [4, 2]


def test_computed_prices_are_shown_when_they_are_named() -> None:
    async def script(caller: Caller) -> Any:
        (row,) = await caller.listed(
            "products",
            display="[id,price,incl,excl]",
            **{"filter[id]": "[1]", "price[incl][use_tax]": "1", "price[incl][decimals]": "6"},
            **{"price[excl][use_tax]": "0", "price[excl][decimals]": "6"},
        )
        return row

    row = talk(script)

    assert row["excl"] == row["price"]
    assert round(float(row["excl"]) * 1.2, 6) == float(row["incl"])


def test_a_combinations_price_has_its_difference() -> None:
    async def script(caller: Caller) -> list[str]:
        product, _ = await caller.found(COMBINED_SKU)
        rows = await caller.listed(
            "combinations",
            display="[id,p]",
            **{"filter[id_product]": str(product), "price[p][use_tax]": "0", "price[p][decimals]": "6"},
        )
        return [row["p"] for row in rows]

    this, other = talk(script)

    assert float(other) - float(this) == 2.5


def test_prices_of_another_country_bear_its_tax() -> None:
    async def script(caller: Caller) -> list[float]:
        rows = await caller.listed(
            "products",
            display="[id,fr,be]",
            limit="1",
            **{"price[fr][use_tax]": "1", "price[fr][decimals]": "6"},
            **{"price[be][use_tax]": "1", "price[be][decimals]": "6", "price[be][country]": "3"},
        )
        return [float(rows[0][name]) for name in ("fr", "be")]

    france, belgium = talk(script)

    assert round(belgium / france, 5) == round(1.21 / 1.2, 5)


def test_several_objects_go_in_one_call_and_come_back_together() -> None:
    async def script(caller: Caller) -> list[Any]:
        bodies = [an_object("message", message=text, id_order=1) for text in ("un", "deux")]
        answer = await caller.ask("POST", "messages", "".join(bodies))
        return [answer.text.count("<message>\n"), fields(answer)["message"]]

    assert talk(script) == [2, "un"]


def test_a_body_that_is_no_xml_comes_back_in_the_error() -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(php_warnings=False)
        path, auth = "/prestashop/api/customers", httpx.BasicAuth(caller.key, "")
        return await caller.http.post(path, content=b'{"customer": {"email": "a@b.invalid"}}', auth=auth)

    answer = talk(script)

    assert (answer.status_code, codes(answer)) == (500, [127])
    assert "a@b.invalid" in answer.text
