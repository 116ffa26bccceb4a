"""Creates orders from a control request: who buys what, when, and the state it has already."""

import random
from datetime import datetime, timedelta

from pydantic import Field

from app.sandbox.buyers import draw_buyer
from app.sandbox.control_input import OrderRequest
from app.sandbox.mirakl import lifecycle
from app.sandbox.mirakl.orders import DEFAULT_CENTER, OPERATOR_CENTER, Line, Order
from app.sandbox.mirakl.shop import Shop
from app.sandbox.mirakl.states import ON_ITS_WAY, UNDECIDED, UNPAID, State, Word, state_of
from app.sandbox.new_orders import buyer_of, check_sku, created_at, products_of
from app.sandbox.times import floor_ms

# An order that was asked for in a state stays in it at least that long.
GRACE = timedelta(hours=1)
CHANNELS = (("FR", "Site France"), ("FR", "Site France"), ("BE", "Site België / Belgique"), None)
FOREIGN_CURRENCY = "SEK"


class MiraklOrderRequest(OrderRequest):
    """An orders body; states are the common words or Mirakl's own. `shipping_cents` of the first line, drawn if not."""

    state: Word = "to_accept"
    shipping_cents: int | None = Field(default=None, ge=0, le=1_000_000)


def create_orders(shop: Shop, request: MiraklOrderRequest, *, now: datetime) -> list[Order]:
    """Create the orders of that request, add them to the shop and return them."""
    check_sku(shop.context, request)
    return [_create(shop, request, now=now, position=position) for position in range(request.count)]


def _create(shop: Shop, request: MiraklOrderRequest, *, now: datetime, position: int) -> Order:
    number = len(shop.orders) + 1
    draw = shop.draw("order", number)
    order = _order(
        shop, request, draw, number=number, created=created_at(request, draw, now=now, position=position, latest=now)
    )
    shop.add(order)
    _set_first_state(shop, order, _start(shop, request), now=now, request=request)
    _set_visibility(shop, order, request, now=now)
    if shop.switches.stock_moves_on_order and not order.by_operator:
        _take_stock(shop, order)
    return order


def _order(shop: Shop, request: MiraklOrderRequest, draw: random.Random, *, number: int, created: datetime) -> Order:
    basket = f"SBX{shop.context.seed}-{shop.shop_id}{number:05d}"
    # Other sellers of the same basket have the other letters.
    order_id = f"{basket}-{'A' if draw.random() < 0.8 else draw.choice('BC')}"
    buyer = draw_buyer(draw)
    switches = shop.switches
    late = draw.random() < switches.late_payment_rate
    delay_s = draw.uniform(6, 30) * 3600 if late else draw.uniform(120, 2400)
    refused = draw.random() < switches.refused_payment_rate
    request_s = draw.choice((0.0, 20.0, 60.0))
    if request.payment_delay_s is not None:
        delay_s = request.payment_delay_s
    return Order(
        order_id=order_id,
        commercial_id=basket,
        number=number,
        created=created,
        updated=created,
        state="STAGING",
        lines=_lines(shop, request, draw, order_id),
        buyer=buyer_of(buyer, request, business=request.shape == "b2b"),
        center=OPERATOR_CENTER if request.fulfilment == "marketplace" else DEFAULT_CENTER,
        currency=request.currency or (FOREIGN_CURRENCY if request.shape == "foreign_currency" else "EUR"),
        channel=draw.choice(CHANNELS),
        shipping_type=_shipping_type(request, draw),
        shape=request.shape,
        workflow="PAY_ON_DUE_DATE" if request.shape == "b2b" else switches.payment_workflow,
        payment_delay_s=delay_s,
        debit_request_s=min(request_s, delay_s / 2),
        payment_refused=refused if request.payment is None else request.payment == "refused",
    )


def _lines(shop: Shop, request: MiraklOrderRequest, draw: random.Random, order_id: str) -> list[Line]:
    drawn = draw.randint(1, 3)
    count = request.lines or (1 if request.sku else drawn)
    products = products_of(shop.context, request, draw, count)
    lines = []
    for index, product in enumerate(products, start=1):
        quantity = draw.choice((1, 1, 1, 2, 3))
        free = request.shape == "zero_price" and index == len(products)
        reduced = draw.random() < 0.2
        unit_cents = 0 if free else product.price_cents
        lines.append(
            Line(
                line_id=f"{order_id}-{index}",
                index=index,
                product=product,
                quantity=request.quantity or quantity,
                unit_cents=unit_cents,
                origin_cents=unit_cents + 500 if reduced and not free else unit_cents,
                shipping_cents=_shipping(request, draw) if index == 1 else 0,
            )
        )
    return lines


def _shipping(request: MiraklOrderRequest, draw: random.Random) -> int:
    drawn = draw.choice((0, 390, 490, 690))
    return drawn if request.shipping_cents is None else request.shipping_cents


def _shipping_type(request: MiraklOrderRequest, draw: random.Random) -> str:
    usual = draw.choice(("STD", "STD", "EXP"))
    if request.shape == "pickup":
        return "REL"
    return "OPE" if request.fulfilment == "marketplace" else usual


def _start(shop: Shop, request: MiraklOrderRequest) -> State:
    state = state_of(request.state)
    automatic = shop.switches.order_acceptance == "AUTOMATIC"
    return "WAITING_DEBIT" if automatic and state == "WAITING_ACCEPTANCE" else state


def _set_first_state(shop: Shop, order: Order, state: State, *, now: datetime, request: MiraklOrderRequest) -> None:
    past = now - order.created
    reached = order.created
    if state not in UNDECIDED and state != "CANCELED":
        by_shop = shop.switches.order_acceptance == "NOT_AUTOMATIC" and not order.by_operator
        order.decided_by = "shop" if by_shop else "automatic"
        order.accepted = state != "REFUSED"
        reached = order.decided_at = floor_ms(order.created + past * 0.2)
    if (state == "SHIPPING" or state in ON_ITS_WAY) and order.workflow == "PAY_ON_ACCEPTANCE":
        reached = order.debited_at = floor_ms(order.created + past * 0.4)
    if state in ON_ITS_WAY:
        reached = order.shipped_at = floor_ms(order.created + past * 0.7)
    if state in ("RECEIVED", "CLOSED"):
        reached = order.received_at = floor_ms(order.created + past * 0.9)
    if state == "REFUSED":
        _end_lines(order)
    # A payment that is asked for counts from now; other things not earlier than the grace.
    exact = state in UNPAID or (state in UNDECIDED and request.age is None)
    lifecycle.enter(
        shop, order, state, at=now if state in UNPAID else reached, not_before=None if exact else now + GRACE
    )


def _end_lines(order: Order) -> None:
    for line in order.lines:
        line.ended = "REFUSED"


def _set_visibility(shop: Shop, order: Order, request: MiraklOrderRequest, *, now: datetime) -> None:
    event = lifecycle.REVEAL_SILENTLY if request.silent else lifecycle.REVEAL
    if request.late_visible_s:
        order.visible = False
        lifecycle.plan(shop, order, event, at=now + timedelta(seconds=request.late_visible_s), whatever_comes=True)
    elif not request.silent and request.age is not None:
        # An order comes into sight by a change, so that whoever follows changes sees it.
        lifecycle.touch(order, at=now)


def _take_stock(shop: Shop, order: Order) -> None:
    for line in order.lines:
        offer = shop.offers.get(line.product.sku)
        if offer is not None:
            offer.quantity = max(0, offer.quantity - line.quantity)
