from typing import Any

import pytest

from tests.sandbox.client import Remote, talk

LAMP, SHIRT = "LAMPE-BUREAU-001", "TSHIRT-COTON-001"
HEADER = "offer-sku;quantity;warehouse-code;update-delete\n"


def outcome_of(content: str | bytes) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        return await remote.imported(await remote.send_stock(content))

    return talk(script)


def test_a_quantity_is_set() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.imported(await remote.send_stock(f"{HEADER}{LAMP};11;;\n{SHIRT};0;;update\n"))
        return [(await remote.offer(sku))["quantity"] for sku in (LAMP, SHIRT)]

    assert talk(script) == [11, 0]


def test_nothing_but_the_quantity_is_touched() -> None:
    async def script(remote: Remote) -> tuple[Any, Any]:
        await remote.control("mirakl/offers", sku=LAMP, price="40", discount_price="30", channel_prices={"FR": "35"})
        before = await remote.offer(LAMP)
        await remote.imported(await remote.send_stock(f"offer-sku;quantity\n{LAMP};11\n"))
        return before, await remote.offer(LAMP)

    before, after = talk(script)

    assert after == {**before, "quantity": 11}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("NOBODY;1;;", "Offer with SKU 'NOBODY' not found"),
        (";1;;", "offer-sku is missing"),
        (f"{LAMP};;;", "Quantity '' is not a whole number of 0 or more"),
        (f"{LAMP};-1;;", "Quantity '-1' is not a whole number of 0 or more"),
        (f"{LAMP};1.5;;", "Quantity '1.5' is not a whole number of 0 or more"),
        (f"{LAMP};many;;", "Quantity 'many' is not a whole number of 0 or more"),
        (f"{LAMP};1000000001;;", "Quantity '1000000001' is more than 1000000000"),
        (f"{LAMP};1;PARIS;", "Warehouse 'PARIS' not found"),
        (f"{LAMP};1;;delete", "update-delete can't be 'delete' without a warehouse"),
        (f"{LAMP};1", "Wrong number of columns: 2 instead of 4"),
        (f"{LAMP};1;;;", "Wrong number of columns: 5 instead of 4"),
    ],
)
def test_a_bad_line_is_in_error_beside_a_good_one(line: str, reason: str) -> None:
    outcome = outcome_of(f"{HEADER}{SHIRT};5;;\n{line}\n")

    assert (outcome["status"], outcome["lines_in_success"]) == ("COMPLETE", 1)
    assert outcome["errors"] == [{"line": 3, "reason": reason}]


def test_a_quantity_may_be_as_much_as_a_billion() -> None:
    assert outcome_of(f"{HEADER}{LAMP};1000000000;;\n")["lines_in_success"] == 1


def test_an_unknown_sku_creates_nothing() -> None:
    async def script(remote: Remote) -> int:
        await remote.imported(await remote.send_stock(f"{HEADER}PUZZLE-1000-001;5;;\n"))
        total: int = (await remote.get("offers", {"sku": "PUZZLE-1000-001"})).json()["total_count"]
        return total

    assert talk(script) == 0


def test_the_lines_of_an_offer_must_be_adjacent() -> None:
    outcome = outcome_of(f"{HEADER}{LAMP};1;;\n{SHIRT};2;;\n{LAMP};3;;\n")

    assert outcome["errors"] == [{"line": 4, "reason": "The lines of one offer must be adjacent"}]


def test_an_offer_has_one_quantity_without_warehouse() -> None:
    outcome = outcome_of(f"{HEADER}{LAMP};1;;\n{LAMP};2;;\n")

    assert outcome["errors"] == [{"line": 3, "reason": "The offer has its quantity in a line above"}]


def test_the_operator_counts_the_stock_that_it_holds() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        await remote.control("mirakl/offers", sku=LAMP, quantity=7, fulfilment="marketplace")
        outcome = await remote.imported(await remote.send_stock(f"{HEADER}{LAMP};1;;\n"))
        return outcome["lines_in_error"], (await remote.offer(LAMP))["quantity"]

    assert talk(script) == (1, 7)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Column 'offer-sku' is missing"),
        (b"offer-sku;stock\n", "Column 'quantity' is missing"),
        (b"offer-sku,quantity\nA,1\n", "Column 'offer-sku' is missing"),
        (b"offer-sku;quantity;price\n", "Column 'price' is unknown"),
        (b"offer-sku;quantity;quantity\n", "A column occurs twice"),
        (HEADER.encode() + b"\xe9t\xe9;1;;\n", "The file is not UTF-8"),
        (HEADER.encode() + b'"LAMPE;1;;\n', "The file is not well quoted"),
        (HEADER.encode() + b'"LAMPE 24" mate";1;;\n', "The file is not well quoted"),
        (HEADER.encode() + b'LAMPE 24" mate;1;;\n', "The file is not well quoted"),
    ],
)
def test_a_broken_file_fails_as_a_whole(content: bytes, reason: str) -> None:
    outcome = outcome_of(content)

    assert (outcome["status"], outcome["reason"], outcome["lines"]) == ("FAILED", reason, 0)


def test_a_line_before_the_broken_one_has_no_effect_either() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        before = (await remote.offer(LAMP))["quantity"]
        await remote.imported(await remote.send_stock(f'{HEADER}{LAMP};{before + 1};;\nA"B;1;;\n'))
        return before, (await remote.offer(LAMP))["quantity"]

    before, after = talk(script)

    assert after == before


@pytest.mark.parametrize(
    "content",
    [
        f'"offer-sku";"quantity"\n"{LAMP}";"11"\n',
        f"offer-sku;quantity\r\n{LAMP};11\r\n",
        f"\ufeffoffer-sku;quantity\n{LAMP};11",
        f"quantity;offer-sku\n11;{LAMP}\n",
        f"offer-sku;quantity\n\n{LAMP};11\n\n",
        f'offer-sku;quantity\n"A;""B""\nC";3\n{LAMP};11\n',
    ],
)
def test_the_same_can_be_written_in_several_ways(content: str) -> None:
    assert outcome_of(content)["lines_in_success"] == 1


def test_a_status_has_the_fields_of_the_contract() -> None:
    async def script(remote: Remote) -> Any:
        import_id = await remote.send_stock(f"{HEADER}{LAMP};1;;\nNOBODY;1;;\n")
        await remote.wait(120)
        return import_id, (await remote.get(f"offers/stock/imports/{import_id}/status")).json()

    import_id, status = talk(script)

    assert status == {
        "import_id": import_id,
        "date_created": "2026-03-02T12:01:00Z",
        "shop_id": 2001,
        "status": "COMPLETE",
        "has_error_report": True,
        "lines_in_error": 1,
        "lines_in_success": 1,
    }


def test_the_answer_leads_to_the_status() -> None:
    async def script(remote: Remote) -> tuple[str, str]:
        answer = await remote.post_file("offers/stock/imports", f"{HEADER}{LAMP};1;;\n")
        status = await remote.http.get(answer.headers["location"], headers={"Authorization": remote.key})
        return answer.json()["import_id"], status.json()["import_id"]

    sent, found = talk(script)

    assert found == sent


def test_the_error_report_holds_line_reason_and_the_line() -> None:
    async def script(remote: Remote) -> tuple[str, str]:
        import_id = await remote.send_stock(f'{HEADER}{LAMP};1;;\nNOBODY;"1;2";;update\nX;1\n')
        await remote.wait(120)
        report = await remote.get(f"offers/stock/imports/{import_id}/error_report")
        return report.headers["content-type"], report.text

    assert talk(script) == (
        "text/csv; charset=utf-8",
        "error-line;error-message;offer-sku;quantity;warehouse-code;update-delete\n"
        "3;Quantity '1;2' is not a whole number of 0 or more;NOBODY;\"1;2\";;update\n".replace(
            "Quantity '1;2' is not a whole number of 0 or more",
            "\"Quantity '1;2' is not a whole number of 0 or more\"",
        )
        + "4;Wrong number of columns: 2 instead of 4;X;1\n",
    )


def test_a_corrected_report_can_be_sent_again() -> None:
    async def script(remote: Remote) -> int:
        import_id = await remote.send_stock(f"{HEADER}{LAMP};many;;\n")
        await remote.wait(120)
        report = (await remote.get(f"offers/stock/imports/{import_id}/error_report")).text
        outcome = await remote.imported(await remote.send_stock(report.replace(f"{LAMP};many", f"{LAMP};5")))
        success: int = outcome["lines_in_success"]
        return success

    assert talk(script) == 1


def test_there_is_no_report_without_errors() -> None:
    async def script(remote: Remote) -> int:
        import_id = await remote.send_stock(f"{HEADER}{LAMP};1;;\n")
        await remote.wait(120)
        return (await remote.get(f"offers/stock/imports/{import_id}/error_report")).status_code

    assert talk(script) == 404


def test_the_last_write_wins_between_an_order_and_a_file() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.send_stock(f"{HEADER}{LAMP};20;;\n")
        await remote.make(sku=LAMP, quantity=2)
        await remote.wait(120)
        after_file = (await remote.offer(LAMP))["quantity"]
        await remote.make(sku=LAMP, quantity=2)
        return [after_file, (await remote.offer(LAMP))["quantity"]]

    assert talk(script) == [20, 18]
