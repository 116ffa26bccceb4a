"""What happens to orders by themselves, computed when an order is read, with the time at which it was due.

PENDING_AVAILABILITY ─► PENDING ─► UNSHIPPED ─► PARTIALLY_SHIPPED ─► SHIPPED     merchant: a person confirms parcels
                           ├─► (UNSHIPPED) ─► SHIPPED                            Amazon ships: no confirmation
                           └─► CANCELLED (payment refused; buyers cancel at any time before SHIPPED)
"""

from datetime import datetime, timedelta

from app.sandbox.amazon.orders.order import Line, Order, Package, Party
from app.sandbox.amazon.orders.states import State
from app.sandbox.amazon.seller import Seller
from app.sandbox.times import floor_ms

DELIVERED_AFTER = timedelta(hours=60)


def touch(seller: Seller, order: Order, *, at: datetime) -> None:
    """Move the date of the last change, never backwards; a search finds the change later."""
    before = order.updated
    order.updated = max(before, floor_ms(at))
    order.changes += 1
    order.findable_at = max(order.updated + _lag(seller, order), order.hidden_until or order.updated)
    if order.order_id in seller.orders:
        seller.index.changed(order.order_id, before=before, now=order.updated)


def enter(seller: Seller, order: Order, state: State, *, at: datetime, follow_from: datetime | None = None) -> None:
    """Put the order into that state, and plan what follows by itself from then or from that moment on."""
    order.state = state
    order.version += 1
    touch(seller, order, at=at)
    _plan(seller, order, follow_from or at)


def plan_cancellation(seller: Seller, order: Order, *, at: datetime) -> None:
    """Let the buyer cancel at that moment whatever is not shipped by then."""

    def cancelled(moment: datetime) -> None:
        if order.state not in ("SHIPPED", "CANCELLED"):
            cancel(seller, order, by="BUYER", at=moment)

    seller.schedule.plan(cancelled, at=at)


def cancel(seller: Seller, order: Order, *, by: Party, at: datetime) -> None:
    """Cancel what is not shipped: the whole order, or the rest of one of which parcels left."""
    for line in order.lines:
        cancel_line(line, by=by)
    gone = any(line.shipped for line in order.lines)
    enter(seller, order, "SHIPPED" if gone else "CANCELLED", at=at)


def cancel_line(line: Line, *, by: Party) -> None:
    if line.unshipped:
        line.cancelled += line.unshipped
        line.cancelled_by = by
    line.confirmed = 0


def send_off(seller: Seller, order: Order, package: Package, *, at: datetime) -> None:
    """Let a parcel be on its way, as buyers see it; one of an order that was cancelled meanwhile never is."""
    if order.state == "CANCELLED" or package.in_force:
        return
    package.in_force = True
    for item_id, quantity in package.contents.items():
        line = order.line(item_id)
        if line is not None:
            quantity = min(quantity, line.unshipped)
            line.shipped += quantity
            line.confirmed = max(0, line.confirmed - quantity)
    done = all(line.unshipped == 0 for line in order.lines)
    enter(seller, order, "SHIPPED" if done else "PARTIALLY_SHIPPED", at=at)
    _plan_delivery(seller, order, package)


def ship_all(order: Order) -> None:
    """Count every unit that is not cancelled as shipped."""
    for line in order.lines:
        line.shipped, line.confirmed = line.quantity - line.cancelled, 0


def _plan_delivery(seller: Seller, order: Order, package: Package) -> None:
    def delivered(moment: datetime) -> None:
        package.delivered = True
        touch(seller, order, at=moment)

    seller.schedule.plan(delivered, at=order.updated + DELIVERED_AFTER)


def _plan(seller: Seller, order: Order, start: datetime) -> None:
    follows = _next(seller, order)
    if follows is None:
        return
    state, delay_s = follows
    version = order.version

    def happens(moment: datetime) -> None:
        if order.version != version:
            return
        if state == "CANCELLED":
            cancel(seller, order, by="AMAZON", at=moment)
            return
        if state == "SHIPPED":
            ship_all(order)
        enter(seller, order, state, at=moment)

    seller.schedule.plan(happens, at=start + timedelta(seconds=delay_s))


def _next(seller: Seller, order: Order) -> tuple[State, float] | None:
    match order.state:
        case "PENDING_AVAILABILITY":
            return "PENDING", seller.switches.preorder_s
        case "PENDING" if order.payment_refused:
            return "CANCELLED", order.payment_delay_s
        case "PENDING" if not order.by_amazon or order.seen_unshipped:
            return "UNSHIPPED", order.payment_delay_s
        case "PENDING":
            return "SHIPPED", order.payment_delay_s + order.picking_s
        case "UNSHIPPED" if order.by_amazon:
            return "SHIPPED", order.picking_s
        case _:
            return None


def _lag(seller: Seller, order: Order) -> timedelta:
    """Return how long the search index takes for this change, beside what it always takes."""
    switches = seller.switches
    if order.index_lag_s is not None:
        return timedelta(seconds=order.index_lag_s)
    if not switches.late_index_rate:
        return timedelta()
    draw = seller.draw("index", order.number, order.changes)
    if draw.random() >= switches.late_index_rate:
        return timedelta()
    return timedelta(seconds=draw.uniform(switches.late_index_min_s, switches.late_index_max_s))
