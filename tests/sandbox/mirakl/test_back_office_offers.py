import csv
import io
from typing import Any

import pytest

from tests.sandbox.client import Remote, talk

LAMP = "LAMPE-BUREAU-001"


def offer_after(**body: Any) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        answer = await remote.control("mirakl/offers", **body)
        assert answer.status_code == 200, answer.text
        offer: dict[str, Any] = (await remote.state())["offers"][body["sku"]]
        return offer

    return talk(script)


def test_an_offer_can_be_changed() -> None:
    offer = offer_after(sku=LAMP, quantity=3, price="12.50")

    assert (offer["quantity"], offer["price"], offer["discount_price"]) == (3, "12.50", None)


def test_what_is_not_named_stays() -> None:
    async def script(remote: Remote) -> tuple[Any, Any]:
        await remote.control("mirakl/offers", sku=LAMP, price="40", discount_price="30", quantity=9)
        await remote.control("mirakl/offers", sku=LAMP, price="41")
        offer = (await remote.state())["offers"][LAMP]
        return offer["quantity"], (offer["price"], offer["discount_price"])

    assert talk(script) == (9, ("41.00", "30.00"))


def test_a_discount_can_be_taken_away() -> None:
    async def script(remote: Remote) -> Any:
        await remote.control("mirakl/offers", sku=LAMP, price="40", discount_price="30")
        await remote.control("mirakl/offers", sku=LAMP, discount_price=None)
        return (await remote.state())["offers"][LAMP]["discount_price"]

    assert talk(script) is None


def test_an_article_of_the_catalogue_can_be_put_on_sale() -> None:
    assert offer_after(sku="PUZZLE-1000-001", quantity=4)["quantity"] == 4


def test_an_article_that_no_shop_knows_can_be_on_sale() -> None:
    assert offer_after(sku="LEGACY-1", quantity=1, price="5")["price"] == "5.00"


def test_the_operator_may_fulfil() -> None:
    assert offer_after(sku=LAMP, fulfilment="marketplace")["fulfilment"] == "marketplace"


def test_an_offer_can_be_taken_off() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        answer = await remote.control("mirakl/offers", sku=LAMP, remove=True)
        return answer.json()["offers"], (await remote.get("offers", {"sku": LAMP})).json()["total_count"]

    assert talk(script) == (56, 0)


def test_an_offer_that_is_not_there_cannot_be_taken_off() -> None:
    async def script(remote: Remote) -> int:
        return (await remote.control("mirakl/offers", sku="NOBODY", remove=True)).status_code

    assert talk(script) == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sku": LAMP, "count": 3},
        {"count": 3, "quantity": 1},
        {"sku": LAMP, "remove": True, "price": "3"},
        {"sku": LAMP, "price": "0"},
        {"sku": LAMP, "channel_prices": {"XX": "3"}},
        {"sku": LAMP, "state_code": "77"},
        {"sku": LAMP, "discount_start": "soon"},
        {"sku": LAMP, "colour": "red"},
    ],
)
def test_bad_input_is_refused_and_changes_nothing(body: dict[str, Any]) -> None:
    async def script(remote: Remote) -> tuple[int, bool]:
        before = (await remote.state())["offers"]
        status = (await remote.control("mirakl/offers", **body)).status_code
        return status, (await remote.state())["offers"] == before

    assert talk(script) == (422, True)


def test_a_large_range_is_on_sale_and_in_the_catalogue() -> None:
    async def script(remote: Remote) -> tuple[int, list[str], set[str]]:
        await remote.control("mirakl/offers", count=6_000)
        page = (await remote.http.get("/_control/catalog", params={"format": "csv"})).text
        skus = [row["sku"] for row in csv.DictReader(io.StringIO(page))]
        return len(skus), skus[-1:], set((await remote.state())["offers"]) - set(skus)

    assert talk(script) == (6_060, ["RANGE-006000"], set())


def test_the_same_range_is_put_on_sale_once() -> None:
    async def script(remote: Remote) -> list[int]:
        counts = (20, 20, 30)
        return [(await remote.control("mirakl/offers", count=count)).json()["offers"] for count in counts]

    assert talk(script) == [77, 77, 87]


def test_the_state_can_leave_the_offers_out() -> None:
    async def script(remote: Remote) -> tuple[bool, int, int]:
        short = (await remote.http.get("/_control/mirakl/state", params={"offers": "0"})).json()
        wrong = await remote.http.get("/_control/mirakl/state", params={"offers": "some"})
        return "offers" in short, short["offers_count"], wrong.status_code

    assert talk(script) == (False, 57, 422)
