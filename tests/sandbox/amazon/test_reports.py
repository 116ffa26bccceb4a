import csv
import io
from typing import Any

import pytest

from tests.sandbox.amazon.caller import DE, FR, Caller, talk
from tests.sandbox.amazon.models import REPORTS, faults, with_models

BY_CHANGE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
BY_DATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
SINCE = "2026-02-10T00:00:00Z"
LAMP = "LAMPE-BUREAU-001"


async def rows(caller: Caller, kind: str, *, encoding: str = "utf-8", **fields: Any) -> list[dict[str, str]]:
    """Return the lines of a report."""
    job = await caller.report(kind, **fields)
    assert job["processingStatus"] == "DONE", job
    content = await caller.document(f"/reports/2021-06-30/documents/{job['reportDocumentId']}")
    return list(csv.DictReader(io.StringIO(content.decode(encoding)), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_a_report_has_a_line_for_every_item() -> None:
    async def script(caller: Caller) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
        await caller.make(20, store="FR", lines=2, state="shipped")
        return await rows(caller, BY_CHANGE, dataStartTime=SINCE), (await caller.state())["orders"]

    lines, orders = talk(script)

    job = {(order["id"], line["sku"], str(line["quantity"])) for order in orders for line in order["lines"]}
    assert {(line["amazon-order-id"], line["sku"], line["quantity"]) for line in lines} == job
    assert {line["order-status"] for line in lines} == {"Shipped"}
    assert {order["reported"] for order in orders} == {1}


def test_a_report_of_a_month_costs_one_call_whatever_the_number_of_orders() -> None:
    async def script(caller: Caller) -> int:
        await caller.make(2000, store="FR", lines=1, age="20d")
        return len(await rows(caller, BY_DATE, dataStartTime=SINCE))

    assert talk(script) == 2000


def test_states_and_channels_have_words_of_their_own() -> None:
    async def script(caller: Caller) -> set[tuple[str, str]]:
        for state in ("pending", "to_ship", "partially_shipped", "shipped", "cancelled"):
            await caller.make(state=state, store="FR", payment_delay_s=86_400)
        await caller.make(state="shipped", store="FR", fulfilment="marketplace")
        lines = await rows(caller, BY_CHANGE, dataStartTime=SINCE)
        return {(line["order-status"], line["fulfillment-channel"]) for line in lines}

    assert talk(script) == {
        ("Pending", "Merchant"),
        ("Unshipped", "Merchant"),
        ("Shipping", "Merchant"),
        ("Shipped", "Merchant"),
        ("Cancelled", "Merchant"),
        ("Shipped", "Amazon"),
    }


def test_one_kind_goes_by_the_change_and_the_other_by_the_date() -> None:
    async def script(caller: Caller) -> list[int]:
        [order_id] = await caller.make(age="40d", store="FR", lines=1, silent=True)
        await caller.change(order_id, touch=True)
        changed = await rows(caller, BY_CHANGE, dataStartTime=SINCE)
        placed = await caller.report(BY_DATE, dataStartTime=SINCE)
        return [len(changed), placed["processingStatus"]]

    assert talk(script) == [1, "CANCELLED"]


def test_a_report_holds_the_stores_that_were_named() -> None:
    async def script(caller: Caller) -> set[str]:
        for store in ("FR", "DE", "IT"):
            await caller.make(store=store)
        lines = await rows(caller, BY_CHANGE, dataStartTime=SINCE, marketplaceIds=[FR, DE])
        return {line["sales-channel"] for line in lines}

    assert talk(script) == {"Amazon.fr", "Amazon.de"}


def test_pending_orders_have_no_price_and_no_town_and_no_order_a_name() -> None:
    async def script(caller: Caller) -> list[dict[str, str]]:
        await caller.make(state="pending", store="FR", lines=1, payment_delay_s=86_400)
        await caller.make(state="to_ship", store="FR", lines=1)
        return await rows(caller, BY_CHANGE, dataStartTime=SINCE)

    pending, paid = sorted(talk(script), key=lambda line: line["order-status"])

    assert (pending["item-price"], pending["ship-city"], pending["currency"]) == ("", "", "")
    assert paid["item-price"]
    assert paid["ship-country"]
    assert not any("name" in column or "phone" in column for column in paid if column != "product-name")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_report_comes_in_the_encoding_that_its_address_names(encoding: str) -> None:
    async def script(caller: Caller) -> tuple[str, str]:
        await caller.switch(report_encoding=encoding)
        await caller.make(store="FR", sku=LAMP, lines=1)
        job = await caller.report(BY_CHANGE, dataStartTime=SINCE)
        found = (await caller.get(f"/reports/2021-06-30/documents/{job['reportDocumentId']}")).json()
        content_type = (await caller.http.get(found["url"])).headers["content-type"]
        lines = await rows(caller, BY_CHANGE, encoding=encoding, dataStartTime=SINCE)
        return content_type, lines[0]["product-name"]

    assert talk(script) == (f"text/plain; charset={encoding}", "Lampe de bureau articulée")


def test_all_listings_of_a_store_in_one_report() -> None:
    async def script(caller: Caller) -> tuple[list[dict[str, str]], list[str]]:
        await caller.offer(LAMP, quantity=7, price="43.21")
        await caller.offer("THEIRS", fulfilment="marketplace", quantity=3, price="5.00")
        return await rows(caller, LISTINGS), list((await caller.state())["offers"])

    lines, skus = talk(script)

    found = {line["seller-sku"]: line for line in lines}
    assert list(found) == skus
    assert (found[LAMP]["quantity"], found[LAMP]["price"], found[LAMP]["status"]) == ("7", "43.21", "Active")
    assert (found["THEIRS"]["fulfillment-channel"], found["THEIRS"]["quantity"]) == ("AMAZON_EU", "")


def test_a_report_waits_runs_and_may_fail() -> None:
    async def script(caller: Caller) -> list[str]:
        made = await caller.post("/reports/2021-06-30/reports", {"reportType": LISTINGS, "marketplaceIds": [FR]})
        path = f"/reports/2021-06-30/reports/{made.json()['reportId']}"
        seen = []
        for wait in (0, 60, 120):
            caller.wait(wait)
            seen.append((await caller.get(path)).json()["processingStatus"])
        await caller.switch(reports_fail=True)
        return [*seen, (await caller.report(LISTINGS))["processingStatus"]]

    assert talk(script) == ["IN_QUEUE", "IN_PROGRESS", "DONE", "FATAL"]


def test_a_report_is_cancelled_while_it_waits() -> None:
    async def script(caller: Caller) -> list[Any]:
        made = await caller.post("/reports/2021-06-30/reports", {"reportType": LISTINGS, "marketplaceIds": [FR]})
        path = f"/reports/2021-06-30/reports/{made.json()['reportId']}"
        answer = await caller.call("DELETE", path)
        return [answer.status_code, (await caller.get(path)).json()["processingStatus"]]

    assert talk(script) == [200, "CANCELLED"]


@pytest.mark.parametrize(
    "change",
    [
        {"reportType": "GET_EVERYTHING"},
        {"marketplaceIds": []},
        {"marketplaceIds": ["ATVPDKIKX0DER"]},
        {"dataStartTime": "yesterday"},
        {"dataStartTime": "2026-03-03T00:00:00Z"},
        {"dataStartTime": "2026-01-30T00:00:00Z"},
        {"dataStartTime": SINCE, "dataEndTime": "2026-02-09T00:00:00Z"},
    ],
)
def test_a_report_that_can_not_be_had_is_a_400(change: dict[str, Any]) -> None:
    async def script(caller: Caller) -> int:
        body = {"reportType": BY_CHANGE, "marketplaceIds": [FR], **change}
        return (await caller.post("/reports/2021-06-30/reports", body)).status_code

    assert talk(script) == 400


@with_models
def test_answers_are_as_the_model_says() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.make(store="FR")
        job = await caller.report(BY_CHANGE, dataStartTime=SINCE)
        listed = (await caller.get("/reports/2021-06-30/reports", {"reportTypes": BY_CHANGE})).json()
        document = (await caller.get(f"/reports/2021-06-30/documents/{job['reportDocumentId']}")).json()
        return [job, listed, document]

    job, listed, document = talk(script)

    assert faults(REPORTS, "Report", job) == []
    assert faults(REPORTS, "GetReportsResponse", listed) == []
    assert faults(REPORTS, "ReportDocument", document) == []
