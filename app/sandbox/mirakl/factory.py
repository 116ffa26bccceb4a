"""Makes orders from a control wish: who buys what, when, and where the order stands already."""

import random
from datetime import datetime, timedelta

from pydantic import Field

from app.sandbox.mirakl import lifecycle
from app.sandbox.mirakl.orders import DEFAULT_CENTER, OPERATOR_CENTER, Line, Order
from app.sandbox.mirakl.shop import Shop
from app.sandbox.mirakl.states import ON_ITS_WAY, UNDECIDED, UNPAID, State, Word, state_of
from app.sandbox.moments import floor_ms
from app.sandbox.order_draw import buyer_of, check_sku, created_at, products_of
from app.sandbox.people import person
from app.sandbox.wishes import OrderWish

# An order that was asked for in a state stays in it at least that long.
GRACE = timedelta(hours=1)
CHANNELS = (("FR", "Site France"), ("FR", "Site France"), ("BE", "Site België / Belgique"), None)
FOREIGN_CURRENCY = "SEK"


class MiraklOrderWish(OrderWish):
    """An orders body; states are the common words or Mirakl's own. `shipping_cents` of the first line, drawn if not."""

    state: Word = "to_accept"
    shipping_cents: int | None = Field(default=None, ge=0, le=1_000_000)


def create_orders(shop: Shop, wish: MiraklOrderWish, *, now: datetime) -> list[Order]:
    """Make the orders of that wish, put them into the shop and return them."""
    check_sku(shop.world, wish)
    return [_create(shop, wish, now=now, place=place) for place in range(wish.count)]


def _create(shop: Shop, wish: MiraklOrderWish, *, now: datetime, place: int) -> Order:
    number = len(shop.orders) + 1
    draw = shop.draw("order", number)
    order = _order(shop, wish, draw, number=number, created=created_at(wish, draw, now=now, place=place, latest=now))
    shop.add(order)
    _let_it_stand(shop, order, _start(shop, wish), now=now, wish=wish)
    _show(shop, order, wish, now=now)
    if shop.switches.stock_moves_on_order and not order.by_operator:
        _take_stock(shop, order)
    return order


def _order(shop: Shop, wish: MiraklOrderWish, draw: random.Random, *, number: int, created: datetime) -> Order:
    basket = f"SBX{shop.world.seed}-{shop.shop_id}{number:05d}"
    # Other sellers of the same basket have the other letters.
    order_id = f"{basket}-{'A' if draw.random() < 0.8 else draw.choice('BC')}"
    buyer = person(draw)
    switches = shop.switches
    late = draw.random() < switches.late_payment_rate
    delay_s = draw.uniform(6, 30) * 3600 if late else draw.uniform(120, 2400)
    refused = draw.random() < switches.refused_payment_rate
    request_s = draw.choice((0.0, 20.0, 60.0))
    if wish.payment_delay_s is not None:
        delay_s = wish.payment_delay_s
    return Order(
        order_id=order_id,
        commercial_id=basket,
        number=number,
        created=created,
        updated=created,
        state="STAGING",
        lines=_lines(shop, wish, draw, order_id),
        buyer=buyer_of(buyer, wish, business=wish.shape == "b2b"),
        center=OPERATOR_CENTER if wish.fulfilment == "marketplace" else DEFAULT_CENTER,
        currency=wish.currency or (FOREIGN_CURRENCY if wish.shape == "foreign_currency" else "EUR"),
        channel=draw.choice(CHANNELS),
        shipping_type=_shipping_type(wish, draw),
        shape=wish.shape,
        workflow="PAY_ON_DUE_DATE" if wish.shape == "b2b" else switches.payment_workflow,
        payment_delay_s=delay_s,
        debit_request_s=min(request_s, delay_s / 2),
        payment_refused=refused if wish.payment is None else wish.payment == "refused",
    )


def _lines(shop: Shop, wish: MiraklOrderWish, draw: random.Random, order_id: str) -> list[Line]:
    drawn = draw.randint(1, 3)
    count = wish.lines or (1 if wish.sku else drawn)
    products = products_of(shop.world, wish, draw, count)
    lines = []
    for index, product in enumerate(products, start=1):
        quantity = draw.choice((1, 1, 1, 2, 3))
        free = wish.shape == "zero_price" and index == len(products)
        reduced = draw.random() < 0.2
        unit_cents = 0 if free else product.price_cents
        lines.append(
            Line(
                line_id=f"{order_id}-{index}",
                index=index,
                product=product,
                quantity=wish.quantity or quantity,
                unit_cents=unit_cents,
                origin_cents=unit_cents + 500 if reduced and not free else unit_cents,
                shipping_cents=_shipping(wish, draw) if index == 1 else 0,
            )
        )
    return lines


def _shipping(wish: MiraklOrderWish, draw: random.Random) -> int:
    drawn = draw.choice((0, 390, 490, 690))
    return drawn if wish.shipping_cents is None else wish.shipping_cents


def _shipping_type(wish: MiraklOrderWish, draw: random.Random) -> str:
    usual = draw.choice(("STD", "STD", "EXP"))
    if wish.shape == "pickup":
        return "REL"
    return "OPE" if wish.fulfilment == "marketplace" else usual


def _start(shop: Shop, wish: MiraklOrderWish) -> State:
    state = state_of(wish.state)
    automatic = shop.switches.order_acceptance == "AUTOMATIC"
    return "WAITING_DEBIT" if automatic and state == "WAITING_ACCEPTANCE" else state


def _let_it_stand(shop: Shop, order: Order, state: State, *, now: datetime, wish: MiraklOrderWish) -> None:
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
    exact = state in UNPAID or (state in UNDECIDED and wish.age is None)
    lifecycle.enter(
        shop, order, state, at=now if state in UNPAID else reached, not_before=None if exact else now + GRACE
    )


def _end_lines(order: Order) -> None:
    for line in order.lines:
        line.ended = "REFUSED"


def _show(shop: Shop, order: Order, wish: MiraklOrderWish, *, now: datetime) -> None:
    event = lifecycle.REVEAL_SILENTLY if wish.silent else lifecycle.REVEAL
    if wish.late_visible_s:
        order.visible = False
        lifecycle.plan(shop, order, event, at=now + timedelta(seconds=wish.late_visible_s), whatever_comes=True)
    elif not wish.silent and wish.age is not None:
        # An order comes into sight by a change, so that whoever follows changes sees it.
        lifecycle.touch(order, at=now)


def _take_stock(shop: Shop, order: Order) -> None:
    for line in order.lines:
        offer = shop.offers.get(line.product.sku)
        if offer is not None:
            offer.quantity = max(0, offer.quantity - line.quantity)
