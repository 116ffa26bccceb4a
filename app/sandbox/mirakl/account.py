"""What tests drive at this operator, and what they compare with."""

from collections import Counter
from decimal import Decimal

from pydantic import Field

from app.sandbox import amounts
from app.sandbox.accounts import Json
from app.sandbox.control_input import ControlNotFound, ControlRefused, ControlRequest, read
from app.sandbox.mirakl import lifecycle
from app.sandbox.mirakl.factory import MiraklOrderRequest, create_orders
from app.sandbox.mirakl.offers.back_office import OfferRequest, change_offers, summary
from app.sandbox.mirakl.offers.imports import Import
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.shop import Shop
from app.sandbox.mirakl.states import ON_ITS_WAY, UNDECIDED, UNPAID, Ending, State, Word, state_of
from app.sandbox.mirakl.switches import Switches
from app.sandbox.times import iso, iso_or_none

# Larger files and further errors are for the control API's own route and the error report.
SHOWN_FILE_BYTES = 20_000
SHOWN_ERRORS = 100


class OrderChangeRequest(ControlRequest):
    """A change of one order by the operator's back office."""

    state: Word | None = None
    incident: bool | None = None
    total: Decimal | None = Field(default=None, ge=0, decimal_places=2)


class MiraklAccount:
    """One shop of the operator, seen from the control API."""

    def __init__(self, shop: Shop, *, operations: frozenset[str]) -> None:
        self.shop = shop
        self.faults = shop.faults
        self.operations = operations

    def create_orders(self, body: Json) -> list[str]:
        now = self.shop.context.clock.now()
        lifecycle.settle(self.shop, now)
        return [order.order_id for order in create_orders(self.shop, read(MiraklOrderRequest, body), now=now)]

    def change_order(self, order_id: str, body: Json) -> Json:
        now = self.shop.context.clock.now()
        lifecycle.settle(self.shop, now)
        change = read(OrderChangeRequest, body)
        order = self.shop.orders.get(order_id)
        if order is None:
            raise ControlNotFound(f"There is no order {order_id!r} in {self.shop.name}.")
        if not change.model_fields_set:
            raise ControlRefused("Nothing to change; the keys are: incident, state, total.")
        if change.total is not None:
            self._set_total(order, int(change.total * 100))
            lifecycle.touch(order, at=now)
        if change.incident is not None:
            order.incident = change.incident
            lifecycle.touch(order, at=now)
        if change.state is not None:
            self._change_state(order, change.state)
        return self._summary(order)

    def set_switches(self, body: Json) -> Json:
        now = self.shop.context.clock.now()
        lifecycle.settle(self.shop, now)
        before = self.shop.switches
        self.shop.switches = read(Switches, {**before.model_dump(), **body})
        if self.shop.switches.forget_imports:
            self.shop.imports.forget()
        if self.shop.switches.auto_refusal_h != before.auto_refusal_h:
            for order in self.shop.orders.values():
                if order.state == "WAITING_ACCEPTANCE" and not order.by_operator:
                    lifecycle.plan_deadline(self.shop, order, not_before=now)
        return self.shop.switches.model_dump()

    def change_offers(self, body: Json) -> Json:
        now = self.shop.context.clock.now()
        lifecycle.settle(self.shop, now)
        return change_offers(self.shop, read(OfferRequest, body), now=now)

    def sent_file(self, import_id: str) -> bytes:
        sent = self.shop.imports.sent(import_id)
        if sent is None:
            raise ControlNotFound(f"There is no import {import_id!r} in {self.shop.name}.")
        return sent.content

    def state(self, *, offers: bool = True) -> Json:
        shop = self.shop
        now = shop.context.clock.now()
        lifecycle.settle(shop, now)
        orders = list(shop.orders.values())
        answered = [order for order in orders if order.decided_by_seller]
        seen: Json = {
            "now": iso(now),
            "orders_by_state": dict(Counter(order.state for order in orders)),
            "orders": [self._summary(order) for order in orders],
            "accepted": [order.order_id for order in answered if order.accepted],
            "refused": [order.order_id for order in answered if not order.accepted],
            "shipped": [_shipment(order) for order in orders if order.shipped_by_seller],
            "offers_count": len(shop.offers),
            "imports": [self._import(sent) for sent in shop.imports.taken],
            "last_imports": {sent.kind: sent.import_id for sent in shop.imports.taken},
            "calls": dict(shop.calls),
            "throttled": dict(shop.throttled),
            "writes_repeated": shop.repeated["OR21"] + shop.repeated["OR24"],
            "writes_repeated_by_operation": dict(shop.repeated),
            "faults": dict(shop.faults.hits),
            "switches": shop.switches.model_dump(),
        }
        if offers:
            shop_open = shop.is_open
            seen["offers"] = {offer.sku: summary(offer, shop_open=shop_open, now=now) for offer in shop.offers.values()}
        return seen

    def credentials(self, root_url: str) -> Json:
        return {
            "platform": "mirakl",
            "settings": {"base_url": f"{root_url}/mirakl", "shop_id": self.shop.shop_id},
            "secrets": {"api_key": self.shop.key},
        }

    def _change_state(self, order: Order, word: str) -> None:
        now = self.shop.context.clock.now()
        state = state_of(word)
        if state in UNDECIDED:
            order.decided_at = order.decided_by = order.accepted = None
        elif order.accepted is None and state != "CANCELED":
            order.decided_at, order.decided_by = now, "automatic"
            order.accepted = state != "REFUSED"
        if state in UNDECIDED or state in UNPAID:
            order.debited_at = None
        if state not in ON_ITS_WAY:
            order.shipped_at = order.received_at = None
        order.reason = ("BACK_OFFICE", "Décision de l'opérateur") if state in ("REFUSED", "CANCELED") else None
        for line in order.lines:
            line.ended = _ending(state)
        lifecycle.enter(self.shop, order, state, at=now)

    def _set_total(self, order: Order, cents: int) -> None:
        """Let the order cost that much, by the price of a line that can carry the difference."""
        open_only = self.shop.switches.totals == "open_lines"
        difference = cents - order.total_cents(open_only=open_only)
        for line in order.counted_lines(open_only=open_only):
            if line.price_cents + difference >= 0:
                each, rest = divmod(line.price_cents + difference, line.quantity)
                line.unit_cents = each
                line.origin_cents = max(line.origin_cents, each)
                line.shipping_cents += rest
                return
        raise ControlRefused(f"total can't be {amounts.text(cents)}: no line of the order can carry the difference.")

    def _import(self, sent: Import) -> Json:
        now = self.shop.context.clock.now()
        return {
            "id": sent.import_id,
            "operation": sent.kind,
            "mode": sent.mode,
            "status": sent.status(now),
            "reason": sent.failure if sent.done else None,
            "created": iso(sent.created),
            "bytes": sent.size,
            "sha256": sent.digest,
            "lines": len(sent.errors) + sent.lines_in_success,
            "lines_in_error": len(sent.errors),
            "lines_in_success": sent.lines_in_success,
            "errors": [{"line": each.row.line, "reason": each.reason} for each in sent.errors[:SHOWN_ERRORS]],
            "forgotten": sent.forgotten,
            "file": sent.content.decode(errors="replace") if sent.size <= SHOWN_FILE_BYTES else None,
        }

    def _summary(self, order: Order) -> Json:
        tracking = order.tracking
        return {
            "id": order.order_id,
            "state": order.state,
            "fulfilment": "marketplace" if order.by_operator else "merchant",
            "accepted": order.accepted,
            "decided_by": order.decided_by,
            "decided_at": iso_or_none(order.decided_at),
            "carrier": tracking.carrier_name if tracking else None,
            "carrier_code": tracking.carrier_code if tracking else None,
            "tracking": tracking.number if tracking else None,
            "tracking_url": tracking.url if tracking else None,
            "total": amounts.text(order.total_cents(open_only=self.shop.switches.totals == "open_lines")),
            "currency": order.currency,
            "created": iso(order.created),
            "last_updated": iso(order.updated),
            "shipped_at": iso_or_none(order.shipped_at),
            "visible": order.visible,
            "shape": order.shape,
            "lines": [
                {
                    "id": line.line_id,
                    "sku": line.product.sku,
                    "quantity": line.quantity,
                    "state": line.ended or order.state,
                }
                for line in order.lines
            ],
        }


def _ending(state: State) -> Ending | None:
    if state == "REFUSED" or state == "CANCELED":
        return state
    return None


def _shipment(order: Order) -> Json:
    tracking = order.tracking
    return {
        "id": order.order_id,
        "carrier": (tracking.carrier_code or tracking.carrier_name) if tracking else None,
        "tracking": tracking.number if tracking else None,
    }
