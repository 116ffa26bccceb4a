"""Orders as tests push them about: whatever Amazon, the buyer or a person in Seller Central may do."""

from datetime import datetime

from app.sandbox import amounts
from app.sandbox.amazon.orders import lifecycle
from app.sandbox.amazon.orders.factory import add_package
from app.sandbox.amazon.orders.order import Order
from app.sandbox.amazon.orders.states import UNPAID, state_of
from app.sandbox.amazon.seller import Seller
from app.sandbox.control_input import ControlRefused


def change_state(seller: Seller, order: Order, word: str, *, tracking: str | None, now: datetime) -> None:
    """Put the order into that state, with parcels where the state means some; ControlRefused when it can't be."""
    state = state_of(word)
    if state == "CANCELLED":
        if not any(line.unshipped for line in order.lines) and order.lines:
            raise ControlRefused("state can't be 'cancelled': everything was shipped or cancelled already.")
        lifecycle.cancel(seller, order, by="AMAZON", at=now)
        return
    if state in UNPAID or state == "UNSHIPPED":
        _take_back(order)
    elif state == "SHIPPED" and order.by_amazon:
        lifecycle.ship_all(order)
    elif state in ("SHIPPED", "PARTIALLY_SHIPPED"):
        _send(seller, order, whole=state == "SHIPPED", tracking=tracking, now=now)
    lifecycle.enter(seller, order, state, at=now)


def cancel_line(seller: Seller, order: Order, position: int, *, now: datetime) -> None:
    """Cancel what is open of one line; the order goes on with the others."""
    if position > len(order.lines):
        raise ControlRefused(f"cancel_line can't be {position}; allowed: 1 to {len(order.lines)}.")
    lifecycle.cancel_line(order.lines[position - 1], by="AMAZON")
    if not any(line.unshipped for line in order.lines):
        gone = any(line.shipped for line in order.lines)
        lifecycle.enter(seller, order, "SHIPPED" if gone else "CANCELLED", at=now)


def set_total(order: Order, cents: int) -> None:
    """Let the order cost that much, by the price of a line that can carry the difference."""
    difference = cents - order.total_cents
    for line in order.lines:
        price = line.unit_cents * line.quantity + difference
        if price >= line.discount_cents:
            line.unit_cents, rest = divmod(price, line.quantity)
            line.shipping_cents += rest
            return
    raise ControlRefused(f"total can't be {amounts.text(cents)}: no line of the order can carry the difference.")


def _take_back(order: Order) -> None:
    order.packages.clear()
    for line in order.lines:
        line.shipped = line.confirmed = line.cancelled = 0
        line.cancelled_by = None


def _send(seller: Seller, order: Order, *, whole: bool, tracking: str | None, now: datetime) -> None:
    left = {line.item_id: line.unshipped for line in order.lines if line.unshipped}
    if not whole and sum(left.values()) < 2:
        raise ControlRefused("state can't be 'partially_shipped': fewer than two units are open.")
    first = dict(list(left.items())[:1]) if len(left) > 1 else dict.fromkeys(left, 1)
    contents = left if whole else first
    if contents:
        draw = seller.draw("seller central", order.number, order.changes)
        add_package(order, contents, draw, at=now, tracking=tracking)
    if whole:
        lifecycle.ship_all(order)
