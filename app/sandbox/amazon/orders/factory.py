"""Creates orders from a control request: who buys what, when, and the state it has already."""

import random
from datetime import datetime, timedelta

from app.sandbox.amazon.marketplaces import BY_CODE, HOME, Store, priced
from app.sandbox.amazon.orders import lifecycle
from app.sandbox.amazon.orders.control_input import AmazonOrderRequest
from app.sandbox.amazon.orders.order import Line, Order, Package
from app.sandbox.amazon.orders.states import UNPAID, State, state_of
from app.sandbox.amazon.seller import Seller
from app.sandbox.buyers import draw_buyer
from app.sandbox.control_input import ControlRefused
from app.sandbox.new_orders import buyer_of, check_sku, created_at, products_of
from app.sandbox.times import duration, floor_ms, floor_second

SERVICE_LEVELS = ("STANDARD", "STANDARD", "STANDARD", "EXPEDITED", "NEXT_DAY")
CARRIERS = ("Colissimo", "Chronopost", "DPD", "Mondial Relay")
A_DAY_S = 86_400
LONGEST_PENDING_S = 21 * A_DAY_S
# The longest span that the orders of one request may be spread over.
LONGEST_SPREAD = timedelta(days=40)


def create_orders(seller: Seller, request: AmazonOrderRequest, *, now: datetime) -> list[Order]:
    """Create the orders of that request and return them; those that are spread over time come into sight one by one."""
    _check(seller, request)
    if request.over is None:
        return [_create(seller, request, now=now, position=position) for position in range(request.count)]
    each = duration(request.over) / request.count
    return [
        _create_later(seller, request, now=now, at=now + each * (position + 1)) for position in range(request.count)
    ]


def _check(seller: Seller, request: AmazonOrderRequest) -> None:
    check_sku(seller.context, request)
    if request.mcf and request.fulfilment != "marketplace":
        raise ControlRefused("mcf goes together with fulfilment 'marketplace'; allowed: 'marketplace'.")
    if request.over is not None and request.age is not None:
        raise ControlRefused("over and age do not go together; name one of them.")
    if request.over is not None and duration(request.over) > LONGEST_SPREAD:
        raise ControlRefused(f"over can't be {request.over!r}; allowed: at most {LONGEST_SPREAD.days}d.")
    if state_of(request.state) == "PARTIALLY_SHIPPED" and (
        request.fulfilment == "marketplace" or request.shape == "zero_lines"
    ):
        sentence = (
            "state can't be 'partially_shipped' for what Amazon ships or without lines; allowed: pending, shipped."
        )
        raise ControlRefused(sentence)


def _create(seller: Seller, request: AmazonOrderRequest, *, now: datetime, position: int) -> Order:
    number, draw = _next_number(seller)
    # Without an age the order was placed just so long ago that a search finds it.
    created = created_at(request, draw, now=now, position=position, latest=seller.bound(now))
    order = _order(seller, request, draw, number=number, created=created)
    _arrive(seller, order, request, draw, now=now)
    return order


def _create_later(seller: Seller, request: AmazonOrderRequest, *, now: datetime, at: datetime) -> Order:
    number, draw = _next_number(seller)
    order = _order(seller, request, draw, number=number, created=floor_ms(at))
    seller.schedule.plan(lambda moment: _arrive(seller, order, request, draw, now=moment), at=at)
    return order


def _next_number(seller: Seller) -> tuple[int, random.Random]:
    seller.orders_made += 1
    return seller.orders_made, seller.draw("order", seller.orders_made)


def _arrive(seller: Seller, order: Order, request: AmazonOrderRequest, draw: random.Random, *, now: datetime) -> None:
    seller.add(order)
    _set_first_state(seller, order, state_of(request.state), draw, now=now)
    _set_visibility(seller, order, request, now=now)
    if request.cancel_after_s is not None:
        lifecycle.plan_cancellation(seller, order, at=now + timedelta(seconds=request.cancel_after_s))
    if seller.switches.stock_moves_on_order:
        for line in order.lines:
            seller.listings.sell(line.product.sku, line.quantity, by_amazon=order.by_amazon)


def _order(
    seller: Seller, request: AmazonOrderRequest, draw: random.Random, *, number: int, created: datetime
) -> Order:
    switches = seller.switches
    store = _store(seller, request, draw)
    currency = request.currency or store.currency
    money = request.money or switches.money
    sign = request.discount_sign or switches.discount_sign
    business = request.business or request.shape == "b2b" or "AMAZON_BUSINESS" in request.programs
    return Order(
        order_id=_order_id(seller, request, draw, number),
        number=number,
        created=created,
        updated=created,
        state="PENDING",
        findable_at=created,
        lines=_lines(seller, request, draw, number=number, currency=currency),
        buyer=buyer_of(draw_buyer(draw), request, business=business),
        by_amazon=request.fulfilment == "marketplace",
        store=store,
        currency=currency,
        shape=request.shape,
        payment_delay_s=_payment_delay(seller, request, draw),
        payment_refused=_payment_refused(seller, request, draw),
        picking_s=draw.uniform(2 * 3600, 60 * 3600) if request.picking_s is None else request.picking_s,
        seen_unshipped=draw.random() < switches.fba_unshipped_rate,
        service_level=draw.choice(SERVICE_LEVELS),
        tax_added=money == "tax_added" or (money != "tax_included" and draw.random() < 0.5),
        discount_negative=sign == "negative" or (sign == "by_seed" and draw.random() < 0.5),
        unexplained=money == "unexplained",
        business=business,
        other_channel=request.mcf,
        replaces=_earlier(seller, number) if request.replacement else None,
        cancel_requested=request.cancel_request,
        gift=request.gift,
        facilitator=request.facilitator,
        programs=tuple(dict.fromkeys((*request.programs, *(("AMAZON_BUSINESS",) if business else ())))),
        seller_order_id=request.seller_order_id,
        index_lag_s=request.index_lag_s,
    )


def _order_id(seller: Seller, request: AmazonOrderRequest, draw: random.Random, number: int) -> str:
    first, second = 402 + seller.number, draw.randint(0, 9_999_999)
    return f"S01-{second:07d}-{number:07d}" if request.mcf else f"{first:03d}-{second:07d}-{number:07d}"


def _store(seller: Seller, request: AmazonOrderRequest, draw: random.Random) -> Store:
    # More than half of a French seller's orders come from its own store.
    others: tuple[str, ...] = seller.switches.stores
    at_home = (HOME,) * len(others) if HOME in others else ()
    drawn = draw.choice(at_home + others)
    code: str = request.store or drawn
    if request.shape == "foreign_currency" and request.store is None:
        code = "UK"
    return BY_CODE[code]


def _lines(
    seller: Seller, request: AmazonOrderRequest, draw: random.Random, *, number: int, currency: str
) -> list[Line]:
    drawn = draw.randint(1, 3)
    products = products_of(seller.context, request, draw, request.lines or (1 if request.sku else drawn))
    lines = []
    for index, product in enumerate(products, start=1):
        quantity = request.quantity or draw.choice((1, 1, 1, 2, 3))
        free = request.replacement or (request.shape == "zero_price" and index == len(products))
        line = Line(
            item_id=f"{seller.number}{number:08d}{index:02d}{draw.randint(0, 999):03d}",
            product=product,
            quantity=quantity,
            unit_cents=0 if free else priced(product.price_cents, currency=currency),
            shipping_cents=draw.choice((0, 0, 390, 490, 690)) if index == 1 and not free else 0,
            gift_cents=350 if request.gift and index == 1 and not free else 0,
            has_sku=not (request.missing_sku and index == 1),
        )
        reduced = draw.random() < seller.switches.discount_rate if request.discount is None else request.discount
        if reduced and index == 1 and not free:
            line.discount_cents = line.unit_cents * quantity // 10
        lines.append(line)
    if state_of(request.state) == "PARTIALLY_SHIPPED" and lines and sum(line.quantity for line in lines) == 1:
        lines[0].quantity = 2
    return lines


def _payment_delay(seller: Seller, request: AmazonOrderRequest, draw: random.Random) -> float:
    late = draw.random() < seller.switches.late_payment_rate
    # Minutes as a rule, days when it is late, and three weeks at the longest.
    longest_s = LONGEST_PENDING_S if draw.random() < 0.05 else 5 * A_DAY_S
    drawn = draw.uniform(6 * 3600, longest_s) if late else draw.uniform(120, 2400)
    if request.late_payment_h is not None:
        return (request.payment_delay_s or 0.0) + request.late_payment_h * 3600
    return drawn if request.payment_delay_s is None else request.payment_delay_s


def _payment_refused(seller: Seller, request: AmazonOrderRequest, draw: random.Random) -> bool:
    refused = draw.random() < seller.switches.refused_payment_rate
    return refused if request.payment is None else request.payment == "refused"


def _earlier(seller: Seller, number: int) -> str:
    """Return the order that is replaced: the last one that was shipped, or one from before all this."""
    shipped = (order.order_id for order in reversed(seller.orders.values()) if order.state == "SHIPPED")
    return next(shipped, f"{402 + seller.number:03d}-0000000-{9_000_000 + number:07d}")


def _set_first_state(seller: Seller, order: Order, state: State, draw: random.Random, *, now: datetime) -> None:
    # Whatever happened to it so far, a search finds.
    past = max(timedelta(), seller.bound(now) - order.created)
    if state == "SHIPPED" and order.by_amazon:
        lifecycle.ship_all(order)
    elif state in ("SHIPPED", "PARTIALLY_SHIPPED"):
        add_package(order, _some_of(order, state), draw, at=order.created + past * 0.7)
    elif state == "CANCELLED":
        for line in order.lines:
            lifecycle.cancel_line(line, by=draw.choice(("BUYER", "AMAZON")))
    reached = {"SHIPPED": 0.7, "PARTIALLY_SHIPPED": 0.7, "UNSHIPPED": 0.4, "CANCELLED": 0.4}.get(state, 0.0)
    at = order.created if state in UNPAID else order.created + past * reached
    lifecycle.enter(seller, order, state, at=at, follow_from=now)


def _some_of(order: Order, state: State) -> dict[str, int]:
    """Return what the first parcel holds: everything, or the first line or its first unit."""
    if state == "SHIPPED":
        return {line.item_id: line.quantity for line in order.lines}
    first = order.lines[0]
    return {first.item_id: first.quantity if len(order.lines) > 1 else 1}


def add_package(
    order: Order, contents: dict[str, int], draw: random.Random, *, at: datetime, tracking: str | None = None
) -> Package:
    """Let a parcel leave that was confirmed by hand in Seller Central."""
    package = Package(
        reference=str(900_001 + len(order.packages)),
        carrier_code=draw.choice(CARRIERS),
        carrier_name="",
        method="Standard",
        tracking=tracking or f"8R{draw.randint(0, 10**11 - 1):011d}",
        shipped_at=floor_second(at),
        created=floor_second(at),
        contents=contents,
        source="seller_central",
        in_force=True,
    )
    order.packages[package.reference] = package
    for item_id, quantity in contents.items():
        line = order.line(item_id)
        if line is not None:
            line.shipped += quantity
    return package


def _set_visibility(seller: Seller, order: Order, request: AmazonOrderRequest, *, now: datetime) -> None:
    if request.late_visible_s:
        revealed = order.hidden_until = now + timedelta(seconds=request.late_visible_s)
        order.findable_at = max(order.findable_at, revealed)
        if not request.silent:
            seller.schedule.plan(lambda moment: lifecycle.touch(seller, order, at=moment), at=revealed)
    elif not request.silent and request.age is not None:
        # An order comes into sight by a change, so that whoever follows changes sees it.
        lifecycle.touch(seller, order, at=max(order.created, seller.bound(now)))
