"""The Listings Items API, whatever it answers."""

from typing import Any

import httpx
import pytest

from app.domain.message import message
from app.domain.offer import Offer, OfferKind, Submitted
from app.domain.task import Priority
from app.errors import Refused, Unavailable
from tests.marketplaces.amazon.builders import a_marketplace, letting_in, refused
from tests.marketplaces.amazon.records import FRANCE
from tests.support.aio import run

ITEM = {
    "sku": "A",
    "summaries": [{"marketplaceId": FRANCE, "status": ["BUYABLE"]}],
    "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 5}],
}


def found(*items: Any, total: Any = 1) -> httpx.Response:
    return httpx.Response(200, json={"numberOfResults": total, "items": list(items)})


def send(search: httpx.Response, patch: httpx.Response | None = None) -> Submitted:
    """Send the stock of one SKU to an Amazon that answers so."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/feeds/"):
            return httpx.Response(200, json={"feeds": []})
        return patch if patch and request.method == "PATCH" else search

    remote = letting_in(answer)
    sending = a_marketplace(remote).send_offers(OfferKind.STOCK, [Offer(sku="A", quantity=1)], priority=Priority.STOCK)
    return run(sending)


@pytest.mark.parametrize(
    "search",
    [
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"numberOfResults": 1}),
        found(3),
        found(ITEM, total="many"),
    ],
    ids=["no object", "no items", "an item that is none", "no number"],
)
def test_a_search_that_makes_no_sense_is_an_outage(search: httpx.Response) -> None:
    with pytest.raises(Unavailable):
        send(search)


@pytest.mark.parametrize("body", [[], {}, {"status": 3}])
def test_a_patch_whose_answer_makes_no_sense_is_an_outage(body: object) -> None:
    with pytest.raises(Unavailable):
        send(found(ITEM), httpx.Response(200, json=body))


def test_a_status_that_nobody_knows_is_not_accepted() -> None:
    answer = httpx.Response(200, json={"sku": "A", "status": "POSTPONED", "submissionId": "1"})

    assert send(found(ITEM), answer).refused == {"A": message("NO_REASON_GIVEN")}


def test_a_search_that_is_called_wrong_stops_a_listing_and_refuses_a_batch() -> None:
    answer = refused(400, "InvalidInput", "Invalid Input")

    with pytest.raises(Refused):
        send(answer)
    with pytest.raises(Unavailable):
        run(listed(answer))


async def listed(answer: httpx.Response) -> None:
    async for _ in a_marketplace(letting_in(lambda request: answer)).live_offers(resume=None):
        pass
