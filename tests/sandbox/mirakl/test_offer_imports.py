from typing import Any

import pytest

from tests.sandbox.client import Remote, talk

LAMP, PUZZLE = "LAMPE-BUREAU-001", "PUZZLE-1000-001"


def outcome_of(content: str) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        return await remote.imported(await remote.send_offers(content))

    return talk(script)


async def skus(remote: Remote) -> set[str]:
    return set((await remote.state())["offers"])


def test_replace_deletes_every_other_offer() -> None:
    async def script(remote: Remote) -> set[str]:
        await remote.imported(await remote.send_offers(f"sku;quantity\n{LAMP};3\n", import_mode="REPLACE"))
        return await skus(remote)

    assert talk(script) == {LAMP}


def test_normal_deletes_nothing() -> None:
    async def script(remote: Remote) -> int:
        await remote.imported(await remote.send_offers(f"sku;quantity\n{LAMP};3\n"))
        return len(await skus(remote))

    assert talk(script) == 57


def test_an_absent_column_leaves_its_value() -> None:
    async def script(remote: Remote) -> tuple[int, float, float]:
        await remote.control("mirakl/offers", sku=LAMP, price="40", discount_price="30")
        await remote.imported(await remote.send_offers(f"sku;quantity\n{LAMP};3\n"))
        offer = await remote.offer(LAMP)
        return offer["quantity"], offer["applicable_pricing"]["unit_origin_price"], offer["price"]

    assert talk(script) == (3, 40, 30)


def test_a_blank_cell_clears_the_value() -> None:
    async def script(remote: Remote) -> tuple[int, float]:
        await remote.control("mirakl/offers", sku=LAMP, price="40", discount_price="30", quantity=9)
        await remote.imported(await remote.send_offers(f"sku;quantity;discount-price\n{LAMP};;\n"))
        offer = await remote.offer(LAMP)
        return offer["quantity"], offer["price"]

    assert talk(script) == (0, 40)


def test_an_article_of_the_operator_is_put_on_sale() -> None:
    async def script(remote: Remote) -> tuple[int, float, str]:
        ean = next(row["ean"] for row in (await remote.http.get("/_control/catalog")).json() if row["sku"] == PUZZLE)
        content = f"sku;product-id;product-id-type;price;quantity;state\nMY-PUZZLE;{ean};EAN;34.90;12;11\n"
        await remote.imported(await remote.send_offers(content))
        offer = await remote.offer("MY-PUZZLE")
        return offer["quantity"], offer["price"], offer["product_sku"]

    assert talk(script) == (12, 34.9, "OPPROD-20")


def test_an_offer_is_deleted() -> None:
    async def script(remote: Remote) -> set[str]:
        before = await skus(remote)
        await remote.imported(await remote.send_offers(f"sku;price;update-delete\n{LAMP};;delete\n"))
        return before - await skus(remote)

    assert talk(script) == {LAMP}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("NOBODY;;5;1;11;", "Product 'NOBODY' not found"),
        (f"{PUZZLE};;;1;11;", "price is missing"),
        (f"{PUZZLE};;5;1;;", "state is missing"),
        (f"{PUZZLE};;5;1;99;", "State '99' not found"),
        (f"{LAMP};3600000000998;5;1;11;", "The product is not the one of the existing offer"),
        (f"{LAMP};;0;1;11;", "price '0' is not above 0"),
        (f"{LAMP};;5;-1;11;", "Quantity '-1' is not a whole number of 0 or more"),
        ("NOBODY;;;;;delete", "Offer with SKU 'NOBODY' not found"),
        (f"{LAMP};;5;1;11;perhaps", "update-delete can't be 'perhaps'"),
        ("A/B;;5;1;11;", "sku 'A/B' can't be used"),
        (f"{LAMP};;5", "Wrong number of columns: 3 instead of 6"),
    ],
)
def test_a_bad_line_is_in_error(line: str, reason: str) -> None:
    outcome = outcome_of(f"sku;product-id;price;quantity;state;update-delete\n{line}\n")

    assert outcome["errors"] == [{"line": 2, "reason": reason}]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"import_mode": "PARTIAL_UPDATE"},
        {"import_mode": "normal"},
        {"import_mode": "NORMAL", "with_products": "true"},
    ],
)
def test_a_mode_is_normal_or_replace_and_products_are_not_taken(fields: dict[str, str]) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.post_file("offers/imports", f"sku;quantity\n{LAMP};3\n", **fields)).status_code

    assert talk(script) == 400


def test_a_status_has_the_fields_of_the_contract() -> None:
    async def script(remote: Remote) -> Any:
        content = f"sku;price;quantity;state\n{LAMP};5;1;11\n{PUZZLE};5;1;11\nNOBODY;5;1;11\n"
        answer = await remote.post_file("offers/imports", content, import_mode="NORMAL")
        await remote.wait(120)
        status = await remote.http.get(answer.headers["location"], headers={"Authorization": remote.key})
        return answer.json(), status.json()

    sent, status = talk(script)

    assert status == {
        "import_id": sent["import_id"],
        "date_created": "2026-03-02T12:00:00Z",
        "status": "COMPLETE",
        "mode": "NORMAL",
        "lines_read": 3,
        "lines_in_success": 2,
        "lines_in_error": 1,
        "lines_in_pending": 0,
        "offer_inserted": 1,
        "offer_updated": 1,
        "offer_deleted": 0,
        "has_error_report": True,
        "reason_status": None,
    }


def test_the_same_file_gets_the_same_import() -> None:
    async def script(remote: Remote) -> bool:
        content = f"sku;quantity\n{LAMP};3\n"
        return await remote.send_offers(content) == await remote.send_offers(content)

    assert talk(script)


def test_the_same_file_in_another_mode_is_another_import() -> None:
    async def script(remote: Remote) -> bool:
        content = f"sku;quantity\n{LAMP};3\n"
        return await remote.send_offers(content) == await remote.send_offers(content, import_mode="REPLACE")

    assert not talk(script)


def test_the_error_report_is_csv_again() -> None:
    async def script(remote: Remote) -> str:
        import_id = await remote.send_offers("sku;quantity\nNOBODY;3\n")
        await remote.wait(120)
        return (await remote.get(f"offers/imports/{import_id}/error_report")).text

    assert talk(script) == "error-line;error-message;sku;quantity\n2;Product 'NOBODY' not found;NOBODY;3\n"
