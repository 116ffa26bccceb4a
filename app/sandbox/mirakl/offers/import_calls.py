"""STO01-03, PRI01-03 and OF01-03: a file is taken, its status is read, its errors are fetched."""

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, Response

from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.errors import Refusal
from app.sandbox.mirakl.offers.imports import Import, Kind
from app.sandbox.mirakl.offers.offer_file import read_offers
from app.sandbox.mirakl.offers.parsed_file import Parser, Rules
from app.sandbox.mirakl.offers.price_file import read_prices
from app.sandbox.mirakl.offers.seek import page, seek
from app.sandbox.mirakl.offers.stock_file import read_stock
from app.sandbox.mirakl.params import MOST_IDS
from app.sandbox.times import iso

READERS: dict[Kind, Parser] = {"STO01": read_stock, "PRI01": read_prices, "OF01": read_offers}


def start_stock_import(call: Call) -> Response:
    """Answer POST /api/offers/stock/imports."""
    taken = _take(call, "STO01")
    return _created(call, {"import_id": taken.import_id}, f"/{taken.import_id}/status")


def stock_import_status(call: Call) -> Response:
    """Answer GET /api/offers/stock/imports/{import_id}/status."""
    found = _known(call, "STO01")
    record = _progress(call, found)
    return JSONResponse({**record, "date_created": iso(found.created), "shop_id": call.shop.shop_id})


def start_price_import(call: Call) -> Response:
    """Answer POST /api/offers/pricing/imports."""
    taken = _take(call, "PRI01")
    body = {"import_id": taken.import_id, "importId": taken.import_id}
    return _created(call, body, f"?import_id={taken.import_id}")


def list_price_imports(call: Call) -> Response:
    """Answer GET /api/offers/pricing/imports; an unknown id is simply not in the list."""
    query = seek(call.request.query_params, filters=("import_id", "status"), sort="dateCreated")
    ids, states = query.filters.get("import_id"), query.filters.get("status")
    if ids is not None and len(ids) > MOST_IDS:
        raise Refusal(400, f"Limit of {MOST_IDS} exceeded for parameter 'import_id'")
    found = {
        each.number: each
        for each in call.shop.imports.known("PRI01", switches=call.shop.switches, now=call.now)
        if (ids is None or each.import_id in ids) and (states is None or each.status(call.now) in states)
    }
    shown, tokens = page(found, query)
    return JSONResponse({"data": [_price_record(call, each) for each in shown], **tokens})


def start_offer_import(call: Call) -> Response:
    """Answer POST /api/offers/imports; products are not taken, and PARTIAL_UPDATE is no longer either."""
    fields = call.upload().fields
    mode = fields.get("import_mode")
    if mode not in ("NORMAL", "REPLACE"):
        raise Refusal(400, f"Value '{mode}' is not allowed for parameter 'import_mode'")
    if fields.get("with_products", "false") != "false":
        raise Refusal(400, "Value 'true' is not allowed for parameter 'with_products'")
    taken = _take(call, "OF01", replaces=mode == "REPLACE")
    return _created(call, {"import_id": int(taken.import_id)}, f"/{taken.import_id}")


def offer_import_status(call: Call) -> Response:
    """Answer GET /api/offers/imports/{import_id}."""
    found = _known(call, "OF01")
    record = _progress(call, found)
    return JSONResponse(
        {
            **record,
            "import_id": int(found.import_id),
            "date_created": iso(found.created),
            "mode": found.mode,
            "lines_read": record["lines_in_success"] + record["lines_in_error"],
            "lines_in_pending": 0,
            "offer_inserted": found.effects["inserted"],
            "offer_updated": found.effects["updated"],
            "offer_deleted": found.effects["deleted"],
            "reason_status": found.failure if found.done else None,
        }
    )


def _take(call: Call, kind: Kind, *, replaces: bool = False) -> Import:
    switches, imports = call.shop.switches, call.shop.imports
    content = call.upload().content
    rules = Rules(switches=switches, now=call.now, replaces=replaces)
    same = imports.same(kind, content, rules=rules)
    if same is not None:
        call.shop.repeated[kind] += 1
        # Published for whole offers alone; for stock and prices it is a switch.
        if kind == "OF01" or switches.same_file == "same_import":
            return same
    return imports.take(kind, content, reader=READERS[kind], rules=rules)


def _created(call: Call, body: dict[str, Any], below: str) -> Response:
    address = call.request.url.replace(query="")
    return JSONResponse(body, 201, {"Location": f"{address}{below}"})


def _known(call: Call, kind: Kind) -> Import:
    import_id: str = call.request.path_params["import_id"]
    for each in call.shop.imports.known(kind, switches=call.shop.switches, now=call.now):
        if each.import_id == import_id:
            return each
    raise Refusal(404, f"Import with identifier '{import_id}' not found")


def _progress(call: Call, found: Import) -> dict[str, Any]:
    return {
        "import_id": found.import_id,
        "status": found.status(call.now),
        "has_error_report": bool(found.errors),
        "lines_in_error": len(found.errors),
        "lines_in_success": found.lines_in_success,
    }


def _price_record(call: Call, found: Import) -> dict[str, Any]:
    return {
        **_progress(call, found),
        "date_created": iso(found.created),
        "offers_in_error": found.offers_in_error,
        "offers_updated": found.effects["updated"],
        "reason_status": found.failure if found.done else None,
        "origin": "API",
        "shop_id": call.shop.shop_id,
    }


def error_report(kind: Kind) -> Callable[[Call], Response]:
    """Return what answers GET …/{import_id}/error_report for that kind of file."""

    def answer(call: Call) -> Response:
        found = _known(call, kind)
        if not found.errors:
            raise Refusal(404, f"Import with identifier '{found.import_id}' has no error report")
        return Response(found.report(), media_type="text/csv")

    return answer
