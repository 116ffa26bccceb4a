"""OR21: the seller decides every line of an order, once, in one call."""

from typing import Any

from starlette.responses import Response

from app.sandbox.mirakl import lifecycle
from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.errors import Refusal, by_operator
from app.sandbox.mirakl.orders import Line, Order
from app.sandbox.mirakl.shop import Shop


def accept_or_refuse(call: Call) -> Response:
    """Answer PUT /api/orders/{order_id}/accept."""
    order = call.order()
    sent = call.json_object()
    if order.by_operator:
        raise by_operator()
    if order.state != "WAITING_ACCEPTANCE":
        if order.decided_by_seller:
            call.shop.repeated["OR21"] += 1
        message = f"Order '{order.order_id}' is in state {order.state}, expected WAITING_ACCEPTANCE"
        raise Refusal(400, message, code="ORDER_INVALID_STATE", field="order_id")
    decisions = _decisions(order, sent)
    if len(set(decisions.values())) > 1 and not call.shop.switches.partial_acceptance:
        raise _invalid("Partial acceptance is disabled", "ORDER_PARTIAL_ACCEPTANCE_DISABLED", "order_lines")
    _apply(call, order, decisions)
    return Response(status_code=204)


def _decisions(order: Order, sent: dict[str, Any]) -> dict[str, bool]:
    lines = sent.get("order_lines")
    if not isinstance(lines, list) or not lines:
        raise _invalid("order_lines must hold every line", "VALIDATION_ERROR", "order_lines")
    known = {line.line_id for line in order.lines}
    decisions: dict[str, bool] = {}
    for position, line in enumerate(lines):
        field = f"order_lines[{position}]"
        line_id, accepted = _decision(line, field)
        if line_id not in known:
            raise _invalid(f"Order line '{line_id}' not found", "ORDER_LINE_NOT_FOUND", f"{field}.id")
        if line_id in decisions:
            raise _invalid(f"Order line '{line_id}' is given twice", "ORDER_LINE_DUPLICATE_ID", f"{field}.id")
        decisions[line_id] = accepted
    missing = sorted(known - set(decisions))
    if missing:
        raise _no_decision(missing[0], "order_lines")
    return decisions


def _decision(line: object, field: str) -> tuple[str, bool]:
    if line is None:
        raise _invalid("An order line is null", "ORDER_LINE_NULL_ELEMENT", field)
    if not isinstance(line, dict):
        raise _invalid("An order line must be an object", "VALIDATION_ERROR", field)
    line_id, accepted = line.get("id"), line.get("accepted")
    if not isinstance(line_id, str):
        raise _invalid("The id of an order line is missing", "VALIDATION_ERROR", f"{field}.id")
    if accepted is None:
        raise _no_decision(line_id, f"{field}.accepted")
    if not isinstance(accepted, bool):
        raise _invalid("accepted must be true or false", "VALIDATION_ERROR", f"{field}.accepted")
    return line_id, accepted


def _invalid(message: str, code: str, field: str) -> Refusal:
    return Refusal(400, message, code=code, field=field)


def _no_decision(line_id: str, field: str) -> Refusal:
    message = f"No decision for order line '{line_id}'"
    return Refusal(400, message, code="ORDER_LINE_ACCEPTANCE_DECISION_MISSING", field=field)


def _apply(call: Call, order: Order, decisions: dict[str, bool]) -> None:
    order.decided_by_seller = True
    for line in order.lines:
        if not decisions[line.line_id]:
            line.ended = "REFUSED"
            _zero_stock(call.shop, line)
    if any(decisions.values()):
        lifecycle.accept(call.shop, order, by="shop", at=call.now)
    else:
        order.reason = ("SELLER_REFUSED", "Refusée par le vendeur")
        lifecycle.refuse(call.shop, order, by="shop", at=call.now)
    # A debit without delay is asked for at once.
    lifecycle.settle(call.shop, call.now)


def _zero_stock(shop: Shop, line: Line) -> None:
    offer = shop.offers.get(line.product.sku)
    if offer is not None and shop.switches.refusal_zeroes_stock:
        offer.quantity = 0
