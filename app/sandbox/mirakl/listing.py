"""OR11: one page of orders, oldest first, and where the next one is."""

from starlette.responses import JSONResponse, Response

from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.params import links
from app.sandbox.mirakl.query import parse
from app.sandbox.mirakl.records import order_record


def list_orders(call: Call) -> Response:
    """Answer GET /api/orders; only the orders of the page become JSON."""
    query = parse(call.request.query_params)
    page = query.page
    found = [order for order in call.shop.oldest_first() if query.wants(order)]
    if page.descending:
        found.reverse()
    shown = found[page.offset : page.offset + page.max] if page.paginate else found
    switches = call.shop.switches
    mode = query.tax_mode or switches.order_tax_mode
    if switches.tax_mode_asked == "ignored":
        mode = "TAX_EXCLUDED"
    body = {
        "orders": [order_record(order, call.shop, tax_excluded=mode == "TAX_EXCLUDED") for order in shown],
        "total_count": len(found),
    }
    return JSONResponse(body, headers=links(call.request.url, page, total=len(found)))
