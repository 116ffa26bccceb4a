"""What happens to orders by themselves, computed when an order is read, with the time at which it was due.

STAGING ─► WAITING_ACCEPTANCE ─► WAITING_DEBIT ─► WAITING_DEBIT_PAYMENT ─► SHIPPING ─► SHIPPED ─► RECEIVED ─► CLOSED
                 └─► REFUSED (too late)                └─► CANCELED (payment refused)   └─► TO_COLLECT ─┘
"""

from datetime import datetime, timedelta

from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.shop import Shop
from app.sandbox.mirakl.states import ON_ITS_WAY, State, state_of
from app.sandbox.times import floor_ms

OPERATOR_ACCEPTS_AFTER = timedelta(minutes=30)
OPERATOR_SHIPS_AFTER = timedelta(hours=24)
DELIVERED_AFTER = timedelta(hours=72)
COLLECTED_AFTER = timedelta(hours=24)
CLOSED_AFTER = timedelta(days=14)
REVEAL = "reveal"
REVEAL_SILENTLY = "reveal silently"


def settle(shop: Shop, now: datetime) -> None:
    """Let everything happen that was due by now."""
    shop.schedule.settle(now)


def plan(shop: Shop, order: Order, event: str, *, at: datetime, whatever_comes: bool = False) -> None:
    """Let that event happen to the order then; void once the order has another state, unless `whatever_comes`."""
    version = order.version

    def happen(moment: datetime) -> None:
        if whatever_comes or order.version == version:
            _happen(shop, order, event, at=moment)

    shop.schedule.plan(happen, at=at)


def _happen(shop: Shop, order: Order, event: str, *, at: datetime) -> None:
    match event:
        case "reveal" | "reveal silently":
            order.visible = True
            if event == REVEAL:
                touch(order, at=at)
        case "WAITING_DEBIT":
            accept(shop, order, by="automatic", at=at)
        case "REFUSED":
            order.reason = ("AUTO_REFUSED", "Refus automatique : délai d'acceptation dépassé")
            refuse(shop, order, by="automatic", at=at)
        case "CANCELED":
            order.reason = ("PAYMENT_REFUSED", "Paiement refusé")
            enter(shop, order, "CANCELED", at=at)
        case _:
            enter(shop, order, state_of(event), at=at)


def touch(order: Order, *, at: datetime) -> None:
    """Move the date of the last update, never backwards."""
    order.updated = max(order.updated, floor_ms(at))


def accept(shop: Shop, order: Order, *, by: str, at: datetime) -> None:
    """Take the order: the debit begins, or none is needed."""
    _decide(order, by=by, accepted=True, at=at)
    direct = order.workflow != "PAY_ON_ACCEPTANCE"
    enter(shop, order, "SHIPPING" if direct else "WAITING_DEBIT", at=at)


def refuse(shop: Shop, order: Order, *, by: str, at: datetime) -> None:
    _decide(order, by=by, accepted=False, at=at)
    enter(shop, order, "REFUSED", at=at)


def enter(shop: Shop, order: Order, state: State, *, at: datetime, not_before: datetime | None = None) -> None:
    """Put the order into that state and plan what follows by itself, not earlier than that."""
    order.state = state
    order.version += 1
    touch(order, at=at)
    on_its_way = state in ON_ITS_WAY
    if (state == "SHIPPING" or on_its_way) and order.workflow == "PAY_ON_ACCEPTANCE" and order.debited_at is None:
        order.debited_at = floor_ms(at)
    if on_its_way and order.shipped_at is None:
        order.shipped_at = floor_ms(at)
    if state in ("RECEIVED", "CLOSED") and order.received_at is None:
        order.received_at = floor_ms(at)
    follows = _next(shop, order, at)
    if follows is not None:
        event, due = follows
        plan(shop, order, event, at=max(due, not_before) if not_before else due)


def plan_deadline(shop: Shop, order: Order, *, not_before: datetime) -> None:
    """Plan again what follows, because a switch changed."""
    order.version += 1
    follows = _next(shop, order, order.created)
    if follows is not None:
        plan(shop, order, follows[0], at=max(follows[1], not_before))


def _next(shop: Shop, order: Order, at: datetime) -> tuple[str, datetime] | None:
    switches = shop.switches
    match order.state:
        case "STAGING":
            return _arrival(shop), at + timedelta(seconds=switches.staging_s)
        case "WAITING_ACCEPTANCE" if order.by_operator:
            return "WAITING_DEBIT", at + OPERATOR_ACCEPTS_AFTER
        case "WAITING_ACCEPTANCE" if switches.auto_refusal_h is not None:
            return "REFUSED", at + timedelta(hours=switches.auto_refusal_h)
        case "WAITING_DEBIT":
            return "WAITING_DEBIT_PAYMENT", at + timedelta(seconds=order.debit_request_s)
        case "WAITING_DEBIT_PAYMENT":
            rest_s = max(0.0, order.payment_delay_s - order.debit_request_s)
            return ("CANCELED" if order.payment_refused else "SHIPPING"), at + timedelta(seconds=rest_s)
        case "SHIPPING" if order.by_operator:
            return "SHIPPED", at + OPERATOR_SHIPS_AFTER
        case "SHIPPED":
            return ("TO_COLLECT" if order.shape == "pickup" else "RECEIVED"), at + DELIVERED_AFTER
        case "TO_COLLECT":
            return "RECEIVED", at + COLLECTED_AFTER
        case "RECEIVED":
            return "CLOSED", at + CLOSED_AFTER
        case _:
            return None


def _arrival(shop: Shop) -> str:
    return "WAITING_DEBIT" if shop.switches.order_acceptance == "AUTOMATIC" else "WAITING_ACCEPTANCE"


def _decide(order: Order, *, by: str, accepted: bool, at: datetime) -> None:
    order.decided_by = "shop" if by == "shop" else "automatic"
    order.decided_at = floor_ms(at)
    order.accepted = accepted
