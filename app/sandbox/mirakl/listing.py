"""OR11: one page of orders, oldest first, and where the next one is."""

from starlette.datastructures import URL
from starlette.responses import JSONResponse, Response

from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.query import Query, parse
from app.sandbox.mirakl.records import order_record


def list_orders(call: Call) -> Response:
    """Answer GET /api/orders; only the orders of the page become JSON."""
    query = parse(call.request.query_params)
    found = [order for order in call.shop.oldest_first() if query.wants(order)]
    if query.descending:
        found.reverse()
    page = found[query.offset : query.offset + query.max] if query.paginate else found
    switches = call.shop.switches
    mode = query.tax_mode or switches.order_tax_mode
    body = {
        "orders": [order_record(order, call.shop, tax_excluded=mode == "TAX_EXCLUDED") for order in page],
        "total_count": len(found),
    }
    return JSONResponse(body, headers=_links(call.request.url, query, total=len(found)) if query.paginate else None)


def _links(url: URL, query: Query, *, total: int) -> dict[str, str]:
    links = []
    if query.offset > 0:
        links.append(_link(url, max(0, query.offset - query.max), "previous"))
    if query.offset + query.max < total:
        links.append(_link(url, query.offset + query.max, "next"))
    return {"Link": ", ".join(links)} if links else {}


def _link(url: URL, offset: int, rel: str) -> str:
    return f'<{url.include_query_params(offset=offset)}>; rel="{rel}"'
