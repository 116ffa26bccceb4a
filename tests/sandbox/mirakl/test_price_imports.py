from typing import Any

import pytest

from tests.sandbox.client import Remote, talk

LAMP, SHIRT = "LAMPE-BUREAU-001", "TSHIRT-COTON-001"
COLUMNS = "offer-sku;price;discount-price;discount-start-date;discount-end-date"


def outcome_of(content: str, **switches: Any) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        await remote.control("mirakl/switches", **switches)
        return await remote.imported(await remote.send_prices(content))

    return talk(script)


def offer_after(content: str, *, before: dict[str, Any] | None = None, **switches: Any) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        await remote.control("mirakl/switches", **switches)
        if before:
            await remote.control("mirakl/offers", sku=LAMP, **before)
        await remote.imported(await remote.send_prices(content))
        return await remote.offer(LAMP)

    return talk(script)


def test_a_price_is_set() -> None:
    assert offer_after(f"{COLUMNS}\n{LAMP};34.90;;;\n")["price"] == 34.9


def test_every_price_that_is_not_in_the_file_is_gone() -> None:
    old = {"price": "40", "discount_price": "30", "channel_prices": {"FR": "35", "BE": "36"}}

    prices = offer_after(f"{COLUMNS}\n{LAMP};34.90;;;\n", before=old)["all_prices"]

    assert [(each["channel_code"], each["unit_discount_price"]) for each in prices] == [(None, None)]


def test_an_offer_that_is_not_in_the_file_keeps_its_prices() -> None:
    assert offer_after(f"{COLUMNS}\n{SHIRT};9.90;;;\n", before={"price": "40"})["price"] == 40


def test_stock_is_not_touched() -> None:
    assert offer_after(f"{COLUMNS}\n{LAMP};34.90;;;\n", before={"quantity": 13})["quantity"] == 13


def test_a_discount_has_its_period() -> None:
    line = f"{LAMP};34.90;29.90;2026-03-01T00:00:00Z;2026-03-31T21:59:59Z"

    (price,) = offer_after(f"{COLUMNS}\n{line}\n")["all_prices"]

    assert (price["price"], price["unit_discount_price"], price["discount_end_date"]) == (
        29.9,
        29.9,
        "2026-03-31T21:59:59Z",
    )


def test_one_line_may_be_for_several_channels() -> None:
    content = f"offer-sku;price;channels\n{LAMP};34.90;\n{LAMP};31;FR|BE\n"

    prices = offer_after(content, channel_pricing=True)["all_prices"]

    assert [(each["channel_code"], each["price"]) for each in prices] == [(None, 34.9), ("FR", 31), ("BE", 31)]


def test_a_planned_price_counts_in_its_time() -> None:
    content = (
        "offer-sku;price;start-date;end-date\n"
        f"{LAMP};34.90;;\n{LAMP};20;2026-03-02T00:00:00Z;2026-03-03T00:00:00Z\n"
        f"{LAMP};10;2026-04-01;2026-04-02\n"
    )

    assert offer_after(content, scheduled_pricing=True)["price"] == 20


def test_an_offer_whose_only_price_is_planned_is_not_on_sale() -> None:
    content = f"offer-sku;price;start-date\n{LAMP};20;2026-04-01\n"

    offer = offer_after(content, before={"quantity": 1}, scheduled_pricing=True)

    assert (offer["price"], offer["inactivity_reasons"]) == (None, ["NO_ACTIVE_PRICE"])


def test_a_quantity_may_have_its_price() -> None:
    (price,) = offer_after(f"offer-sku;price;price-ranges\n{LAMP};34.90;5|30,10|28.50\n")["all_prices"]

    assert [(each["quantity_threshold"], each["unit_origin_price"]) for each in price["volume_prices"]] == [
        (5, 30),
        (10, 28.5),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("NOBODY;1;;;", "Offer with SKU 'NOBODY' not found"),
        (f"{LAMP};;;;", "price '' is not a number"),
        (f"{LAMP};0;;;", "price '0' is not above 0"),
        (f"{LAMP};-3;;;", "price '-3' is not above 0"),
        (f"{LAMP};34,90;;;", "price '34,90' is not a number"),
        (f"{LAMP};1e3;;;", "price '1e3' is not a number"),
        (f"{LAMP};34.905;;;", "price '34.905' has more than 2 decimals"),
        (f"{LAMP};34.90;0;;", "discount-price '0' is not above 0"),
        (f"{LAMP};34.90;34.90;;", "discount-price is not below price"),
        (f"{LAMP};34.90;;2026-03-01;", "Dates of a discount without discount-price"),
        (f"{LAMP};34.90;29;soon;", "discount-start-date 'soon' is not an ISO 8601 date"),
        (f"{LAMP};34.90;29;2026-13-45;", "discount-start-date '2026-13-45' is not an ISO 8601 date"),
        (f"{LAMP};34.90;29;2026-03-09;2026-03-01", "discount-start-date is not before discount-end-date"),
        (f"{LAMP};34.90", "Wrong number of columns: 2 instead of 5"),
    ],
)
def test_a_bad_line_is_in_error_beside_a_good_one(line: str, reason: str) -> None:
    outcome = outcome_of(f"{COLUMNS}\n{SHIRT};9.90;;;\n{line}\n")

    assert (outcome["status"], outcome["lines_in_success"]) == ("COMPLETE", 1)
    assert outcome["errors"] == [{"line": 3, "reason": reason}]


def test_one_bad_line_spoils_the_offer() -> None:
    content = f"offer-sku;price;channels\n{LAMP};34.90;\n{LAMP};31;XX\n{SHIRT};9;\n"

    outcome = outcome_of(content, channel_pricing=True)

    assert outcome["errors"] == [
        {"line": 2, "reason": "Another line of this offer is in error"},
        {"line": 3, "reason": "Channel 'XX' not found"},
    ]
    assert outcome["lines_in_success"] == 1


def test_the_lines_of_an_offer_must_be_adjacent() -> None:
    outcome = outcome_of(f"{COLUMNS}\n{LAMP};1;;;\n{SHIRT};2;;;\n{LAMP};3;;;\n")

    assert outcome["errors"] == [{"line": 4, "reason": "The lines of one offer must be adjacent"}]


def test_a_price_cannot_be_there_twice() -> None:
    outcome = outcome_of(f"{COLUMNS}\n{LAMP};1;;;\n{LAMP};2;;;\n")

    assert outcome["errors"][1] == {"line": 3, "reason": "The offer has such a price in a line above"}


@pytest.mark.parametrize(("count", "in_error"), [(50, 0), (51, 51)])
def test_an_offer_has_up_to_fifty_prices(count: int, in_error: int) -> None:
    lines = "".join(f"{LAMP};{each};2026-{each // 25 + 1:02d}-{each % 25 + 1:02d}\n" for each in range(1, count + 1))

    outcome = outcome_of(f"offer-sku;price;start-date\n{lines}", scheduled_pricing=True)

    assert outcome["lines_in_error"] == in_error


@pytest.mark.parametrize(
    ("column", "switch"),
    [("channels", "channel_pricing"), ("start-date", "scheduled_pricing"), ("end-date", "scheduled_pricing")],
)
def test_a_column_of_a_feature_is_known_where_the_feature_is_on(column: str, switch: str) -> None:
    content = f"offer-sku;price;{column}\n{LAMP};34.90;\n"

    assert outcome_of(content)["reason"] == f"Column '{column}' is unknown"
    assert outcome_of(content, **{switch: True})["lines_in_success"] == 1


def test_customers_own_prices_are_not_offered() -> None:
    outcome = outcome_of(f"offer-sku;price;customer-group-ids\n{LAMP};1;\n")

    assert outcome["reason"] == "Column 'customer-group-ids' is unknown"


@pytest.mark.parametrize(("decimals", "in_error"), [(2, 1), (3, 0)])
def test_prices_have_the_decimals_of_the_platform(decimals: int, in_error: int) -> None:
    outcome = outcome_of(f"{COLUMNS}\n{LAMP};34.905;;;\n", offer_prices_decimals=decimals)

    assert outcome["lines_in_error"] == in_error


def test_further_decimals_may_be_rounded_instead() -> None:
    offer = offer_after(f"{COLUMNS}\n{LAMP};34.906;;;\n", excess_decimals="rounded")

    assert offer["price"] == 34.91


def test_a_discount_may_need_a_period() -> None:
    outcome = outcome_of(f"{COLUMNS}\n{LAMP};34.90;29;2026-03-01;\n", discount_period_required=True)

    assert outcome["errors"][0]["reason"] == "A discount needs discount-start-date and discount-end-date"


@pytest.mark.parametrize(("start", "in_error"), [("2026-03-01", 1), ("2026-03-02", 0)])
def test_a_discount_in_the_past_may_be_blocked(start: str, in_error: int) -> None:
    outcome = outcome_of(
        f"{COLUMNS}\n{LAMP};34.90;29;{start};2026-04-01\n", discount_price_creation_in_the_past_blocked=True
    )

    assert outcome["lines_in_error"] == in_error


def test_prices_that_wait_for_approval_change_nothing() -> None:
    assert offer_after(f"{COLUMNS}\n{LAMP};9;;;\n", before={"price": "40"}, price_approval=True)["price"] == 40


def test_a_status_has_the_fields_of_the_contract() -> None:
    async def script(remote: Remote) -> Any:
        content = f"{COLUMNS}\n{LAMP};1;;;\nNOBODY;1;;;\nNOBODY-2;0;;;\n"
        import_id = await remote.send_prices(content)
        await remote.wait(120)
        return import_id, (await remote.get("offers/pricing/imports", {"import_id": import_id})).json()

    import_id, answer = talk(script)

    assert answer == {
        "data": [
            {
                "import_id": import_id,
                "status": "COMPLETE",
                "date_created": "2026-03-02T12:01:00Z",
                "lines_in_error": 2,
                "lines_in_success": 1,
                "offers_in_error": 2,
                "offers_updated": 1,
                "has_error_report": True,
                "reason_status": None,
                "origin": "API",
                "shop_id": 2001,
            }
        ]
    }


def test_the_answer_leads_to_the_status() -> None:
    async def script(remote: Remote) -> tuple[dict[str, Any], list[Any]]:
        answer = await remote.post_file("offers/pricing/imports", f"{COLUMNS}\n{LAMP};1;;;\n")
        status = await remote.http.get(answer.headers["location"], headers={"Authorization": remote.key})
        return answer.json(), [each["import_id"] for each in status.json()["data"]]

    body, found = talk(script)

    assert (body["importId"], found) == (body["import_id"], [body["import_id"]])


def test_the_reason_of_a_broken_file_is_shown() -> None:
    async def script(remote: Remote) -> tuple[str, str]:
        await remote.send_prices("offer-sku;quantity\n")
        await remote.wait(120)
        (record,) = (await remote.get("offers/pricing/imports")).json()["data"]
        return record["status"], record["reason_status"]

    assert talk(script) == ("FAILED", "Column 'price' is missing")


def test_an_import_that_nobody_knows_is_not_in_the_list() -> None:
    async def script(remote: Remote) -> Any:
        return (await remote.get("offers/pricing/imports", {"import_id": "nobody"})).json()

    assert talk(script) == {"data": []}


def test_the_error_report_holds_line_reason_and_the_line() -> None:
    async def script(remote: Remote) -> str:
        import_id = await remote.send_prices(f"{COLUMNS}\n{LAMP};0;;;\n")
        await remote.wait(120)
        return (await remote.get(f"offers/pricing/imports/{import_id}/error_report")).text

    assert talk(script) == (
        "error-line;error-message;offer-sku;price;discount-price;discount-start-date;discount-end-date\n"
        f"2;price '0' is not above 0;{LAMP};0;;;\n"
    )


async def sent(remote: Remote, count: int) -> list[str]:
    return [await remote.send_prices(f"{COLUMNS}\n{LAMP};{price};;;\n") for price in range(1, count + 1)]


async def listed(remote: Remote, **params: Any) -> tuple[list[str], dict[str, Any]]:
    await remote.wait(60)
    answer = await remote.get("offers/pricing/imports", params)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    return [each["import_id"] for each in page.pop("data")], page


def test_the_newest_imports_come_first() -> None:
    async def script(remote: Remote) -> bool:
        ids = await sent(remote, 3)
        return (await listed(remote))[0] == ids[::-1]

    assert talk(script)


def test_pages_are_walked_both_ways_by_tokens() -> None:
    async def script(remote: Remote) -> tuple[list[str], list[str], list[set[str]], list[str]]:
        ids = await sent(remote, 5)
        first, one = await listed(remote, limit=2)
        await sent(remote, 1)
        second, two = await listed(remote, page_token=one["next_page_token"])
        third, three = await listed(remote, page_token=two["next_page_token"], limit="ignored")
        back, _ = await listed(remote, page_token=three["previous_page_token"])
        return ids[::-1], [*first, *second, *third], [set(one), set(three)], back

    newest_first, walked, tokens, back = talk(script)

    assert walked == newest_first
    assert tokens == [{"next_page_token"}, {"previous_page_token"}]
    assert back == newest_first[2:4]


def test_several_imports_can_be_asked_for_at_once() -> None:
    async def script(remote: Remote) -> bool:
        ids = await sent(remote, 3)
        found, _ = await listed(remote, import_id=[ids[0], ids[2]], sort="dateCreated,ASC")
        return found == [ids[0], ids[2]]

    assert talk(script)


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "101"},
        {"sort": "price,ASC"},
        {"page_token": "guessed"},
        {"page_token": "e30="},
        {"import_id": [f"X-{number}" for number in range(101)]},
    ],
)
def test_what_cannot_be_read_is_a_400(params: dict[str, Any]) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("offers/pricing/imports", params)).status_code

    assert talk(script) == 400
