"""Makes orders from a control wish: who buys what, when, and where the order stands already."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import Field

from app.sandbox.catalogue import Product, stranger
from app.sandbox.mirakl import lifecycle
from app.sandbox.mirakl.orders import DEFAULT_CENTER, OPERATOR_CENTER, Line, Order
from app.sandbox.mirakl.shop import Shop
from app.sandbox.mirakl.states import ON_ITS_WAY, UNDECIDED, UNPAID, State, Word, state_of
from app.sandbox.moments import floor_ms, floor_second, span
from app.sandbox.people import Person, person
from app.sandbox.wishes import ControlRefused, OrderWish

# How far apart orders of one wish are placed when they have an age.
SPREAD = timedelta(seconds=60)
# An order that was asked for in a state stays in it at least that long.
GRACE = timedelta(hours=1)
CHANNELS = (("FR", "Site France"), ("FR", "Site France"), ("BE", "Site België / Belgique"), None)
FOREIGN_CURRENCY = "SEK"
ODD_NAME = 'Zoë "Zaza" <b>O\u2019Neil</b> & Fils\t🚲'


class MiraklOrderWish(OrderWish):
    """An orders body; states are the common words or Mirakl's own. `shipping_cents` of the first line, drawn if not."""

    state: Word = "to_accept"
    shipping_cents: int | None = Field(default=None, ge=0, le=1_000_000)


def create_orders(shop: Shop, wish: MiraklOrderWish, *, now: datetime) -> list[Order]:
    """Make the orders of that wish, put them into the shop and return them."""
    if wish.sku is not None and wish.sku not in shop.world.by_sku and wish.shape != "unknown_sku":
        raise ControlRefused(f"sku can't be {wish.sku!r}; allowed: the SKUs of /_control/catalog.")
    return [_create(shop, wish, now=now, place=place) for place in range(wish.count)]


def _create(shop: Shop, wish: MiraklOrderWish, *, now: datetime, place: int) -> Order:
    number = len(shop.orders) + 1
    draw = shop.draw("order", number)
    order = _order(shop, wish, draw, number=number, created=_created(wish, draw, now=now, place=place))
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
        lines=[] if wish.shape == "zero_lines" else _lines(shop, wish, draw, order_id),
        buyer=_dressed(buyer, wish),
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
    products = _products(shop, wish, draw, count)
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


def _products(shop: Shop, wish: MiraklOrderWish, draw: random.Random, count: int) -> list[Product]:
    if wish.shape == "same_sku_twice":
        count = max(2, count)
    catalogue = shop.world.catalogue
    products = draw.sample(catalogue, count)
    if wish.sku in shop.world.by_sku:
        others = [product for product in products if product.sku != wish.sku]
        products = [shop.world.by_sku[wish.sku], *others][:count]
    if wish.shape == "unknown_sku":
        unknown = stranger(draw.randint(1, 9999))
        products[0] = replace(unknown, sku=wish.sku) if wish.sku and wish.sku not in shop.world.by_sku else unknown
    if wish.shape == "same_sku_twice":
        products[1] = products[0]
    if wish.shape == "odd_text":
        products[0] = replace(products[0], title="Écran 24\" <b>« neuf »</b> ; à l'état\u00a0: 100 %\n🎁")
    return products


def _dressed(buyer: Person, wish: MiraklOrderWish) -> Person:
    if wish.shape == "odd_text":
        return replace(buyer, first_name=ODD_NAME, last_name="  " + "Ñ" * 120, hint='l\'étage; "gauche"\r\n\\o/')
    if wish.shape == "b2b":
        return replace(buyer, company="Établissements L'Hermite & Fils SARL")
    return buyer


def _shipping_type(wish: MiraklOrderWish, draw: random.Random) -> str:
    usual = draw.choice(("STD", "STD", "EXP"))
    if wish.shape == "pickup":
        return "REL"
    return "OPE" if wish.fulfilment == "marketplace" else usual


def _created(wish: MiraklOrderWish, draw: random.Random, *, now: datetime, place: int) -> datetime:
    moment = now
    if wish.age is not None:
        moment = now - span(wish.age) - SPREAD * (wish.count - 1 - place) / wish.count
    return floor_second(moment) if draw.random() < 0.5 else floor_ms(moment)


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
        shop.plan(order, event, at=now + timedelta(seconds=wish.late_visible_s), whatever_comes=True)
    elif not wish.silent and wish.age is not None:
        # An order comes into sight by a change, so that whoever follows changes sees it.
        lifecycle.touch(order, at=now)


def _take_stock(shop: Shop, order: Order) -> None:
    for line in order.lines:
        offer = shop.offers.get(line.product.sku)
        if offer is not None:
            offer.quantity = max(0, offer.quantity - line.quantity)
