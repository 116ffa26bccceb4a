"""OF21: one page of the shop's offers, by offer id."""

from collections.abc import Callable, Iterable
from itertools import islice

from starlette.responses import JSONResponse, Response

from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.offers.offer import CHANNELS, STATES, Offer
from app.sandbox.mirakl.offers.records import offer_record, product_sku
from app.sandbox.mirakl.params import csv, flag, links, not_allowed, one_of, paging

Test = Callable[[Offer], bool]


def list_offers(call: Call) -> Response:
    """Answer GET /api/offers; only the offers of the page become JSON.

    `sort` is ignored: its fields are not published, and the offer id keeps pages apart.
    """
    params = call.request.query_params
    page = paging(params)
    channel = one_of(params, "pricing_channel_code", tuple(CHANNELS))
    offers, total = _found(call)
    if page.descending:
        offers = reversed(list(offers))
    shown = islice(offers, page.offset, page.offset + page.max) if page.paginate else offers
    shop_open = call.shop.is_open
    body = {
        "offers": [offer_record(offer, shop_open=shop_open, now=call.now, channel=channel) for offer in shown],
        "total_count": total,
    }
    return JSONResponse(body, headers=links(call.request.url, page, total=total))


def _found(call: Call) -> tuple[Iterable[Offer], int]:
    offers = call.shop.offers
    sku = call.request.query_params.get("sku")
    candidates = offers.values() if not sku else [offers[sku]] if sku in offers else []
    tests = _tests(call)
    if not tests:
        return candidates, len(candidates)
    found = [offer for offer in candidates if all(test(offer) for test in tests)]
    return found, len(found)


def _tests(call: Call) -> list[Test]:
    params = call.request.query_params
    tests: list[Test] = []
    states = csv(params, "offer_state_codes")
    if states is not None:
        for state in sorted(states - STATES.keys()):
            raise not_allowed("offer_state_codes", state)
        wanted = states
        tests.append(lambda offer: offer.state_code in wanted)
    product = params.get("product_id")
    if product:
        tests.append(lambda offer: product in (product_sku(offer), offer.product.ean))
    favorite = flag(params, "favorite")
    if favorite is not None:
        # Nobody marks a favourite in the sandbox.
        marked = favorite
        tests.append(lambda _: not marked)
    return tests
