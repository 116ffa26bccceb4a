"""searchOrders and getOrder."""

from itertools import islice
from typing import Any

from starlette.responses import JSONResponse, Response

from app.sandbox.amazon import params
from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import invalid
from app.sandbox.amazon.orders.index import Key
from app.sandbox.amazon.orders.order import Order
from app.sandbox.amazon.orders.query import Query, parse
from app.sandbox.amazon.orders.records import INCLUDED, View, order_record, shown_state
from app.sandbox.amazon.timestamps import timestamp

# In that outage requests for one of these were refused, and smaller ones were not.
REFUSED_IN_OUTAGE = frozenset({"EXPENSE", "PROMOTION", "TAX", "PAYMENT"})


def search_orders(call: Call) -> Response:
    """Answer GET /orders/2026-01-01/orders; only the orders of the page become JSON."""
    query = parse(call.request.query_params, switches=call.seller.switches, now=call.now)
    trouble = call.seller.trouble("searchOrders", call.now)
    _check_outage(call, query.included)
    if trouble == "page_token_refused" and query.beyond is not None:
        raise invalid("paginationToken is invalid.")
    # In that trouble every page is the first one, and none the last.
    stuck = trouble == "same_page"
    page, more = _page(call, query, beyond=None if stuck else query.beyond)
    view = View(query.included, call.seller.switches, call.now)
    body: dict[str, Any] = {"orders": [_shown(order, view) for _, order in page]}
    if page and (more or stuck):
        body["pagination"] = {"nextToken": query.token_after(page[-1][0], now=call.now)}
    body["createdBefore" if query.by == "created" else "lastUpdatedBefore"] = timestamp(query.until)
    return JSONResponse(body)


def get_order(call: Call) -> Response:
    """Answer GET /orders/2026-01-01/orders/{orderId}; the index has no say in it."""
    included = params.choices(call.request.query_params, "includedData", INCLUDED)
    order = call.order()
    _check_outage(call, included)
    return JSONResponse({"order": _shown(order, View(included, call.seller.switches, call.now))})


def _page(call: Call, query: Query, *, beyond: Key | None) -> tuple[list[tuple[Key, Order]], bool]:
    """Return the orders of the page, each with its place in the list, and whether more follow."""
    keys = call.seller.index.between(query.by, query.after, query.until, beyond=beyond)
    orders = ((key, call.seller.orders[key[1]]) for key in keys)
    found = list(islice((each for each in orders if query.wants(each[1], now=call.now)), query.size + 1))
    return found[: query.size], len(found) > query.size


def _shown(order: Order, view: View) -> dict[str, Any]:
    order.shown += 1
    order.shown_state = shown_state(order)
    return order_record(order, view)


def _check_outage(call: Call, included: frozenset[str]) -> None:
    trouble = call.seller.trouble(call.operation, call.now)
    if trouble == "included_data_400" and included & REFUSED_IN_OUTAGE:
        raise invalid("Invalid Input")
