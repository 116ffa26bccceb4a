"""What tests drive at this region, and what they compare with."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from app.sandbox.accounts import Json
from app.sandbox.amazon.buckets import Plan
from app.sandbox.amazon.gateway import Gateway
from app.sandbox.amazon.listings.back_office import OfferRequest, change_offers, summary
from app.sandbox.amazon.lwa import CLIENT_ID, CLIENT_SECRET, LoginWithAmazon
from app.sandbox.amazon.marketplaces import JOINED, REGION
from app.sandbox.amazon.orders import lifecycle
from app.sandbox.amazon.orders.control_input import AmazonOrderRequest
from app.sandbox.amazon.orders.factory import create_orders
from app.sandbox.amazon.orders.order_changes import cancel_line, change_state, set_total
from app.sandbox.amazon.orders.states import Word
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.summaries import fulfilment_of, job_summary, order_summary, out_of_date, shipment, was_confirmed
from app.sandbox.amazon.switches import Switches
from app.sandbox.control_input import ControlNotFound, ControlRefused, ControlRequest, read
from app.sandbox.times import iso


class OrderChangeRequest(ControlRequest):
    """A change of one order by Amazon, the buyer, or the merchant in Seller Central."""

    state: Word | None = None
    # The number of the parcel that a state on its way makes.
    tracking: str | None = Field(default=None, min_length=1, max_length=60)
    # The buyer asks for a cancellation, or takes that back.
    cancel_request: bool | None = None
    # Which line (from 1) is cancelled.
    cancel_line: int | None = Field(default=None, ge=1)
    total: Decimal | None = Field(default=None, ge=0, decimal_places=2)
    # Something invisible changes, and with it the date of the last update.
    touch: bool = False


class AmazonAccount:
    """One seller, seen from the control API."""

    def __init__(self, seller: Seller, *, operations: frozenset[str], lwa: LoginWithAmazon, gateway: Gateway) -> None:
        self.seller = seller
        self.faults = seller.faults
        self.operations = operations
        self._lwa = lwa
        self._gateway = gateway

    def create_orders(self, body: Json) -> list[str]:
        now = self._settled()
        return [order.order_id for order in create_orders(self.seller, read(AmazonOrderRequest, body), now=now)]

    def change_order(self, order_id: str, body: Json) -> Json:
        now = self._settled()
        change = read(OrderChangeRequest, body)
        order = self.seller.orders.get(order_id)
        if order is None:
            raise ControlNotFound(f"There is no order {order_id!r} in {self.seller.name}.")
        if not change.model_fields_set - {"tracking"}:
            raise ControlRefused("Nothing to change; the keys are: cancel_line, cancel_request, state, total, touch.")
        if change.total is not None:
            set_total(order, int(change.total * 100))
        if change.cancel_request is not None:
            order.cancel_requested = change.cancel_request
        if change.cancel_line is not None:
            cancel_line(self.seller, order, change.cancel_line, now=now)
        lifecycle.touch(self.seller, order, at=now)
        if change.state is not None:
            change_state(self.seller, order, change.state, tracking=change.tracking, now=now)
        return order_summary(order, now=now)

    def set_switches(self, body: Json) -> Json:
        now = self._settled()
        seller = self.seller
        after = read(Switches, {**seller.switches.model_dump(), **body})
        for operation in after.troubles:
            if operation != "*" and operation not in self.operations:
                known = ", ".join(sorted(self.operations))
                raise ControlRefused(f"troubles can't name {operation!r}; allowed: *, {known}.")
        # What ran into the buckets until now came at the old rate.
        self._gateway.levels(seller, now=now)
        if {"plan_factor", "plan_after_s"} & body.keys():
            since_s = now.timestamp() + after.plan_after_s
            seller.plan = Plan(before=seller.plan.at(now.timestamp()), factor=after.plan_factor, since_s=since_s)
        if {"troubles", "trouble_h"} & body.keys():
            seller.trouble_lasts(after.trouble_h, now=now)
        seller.switches = after
        if not after.authorised:
            self._lwa.revoke(seller)
        return seller.switches.model_dump()

    def change_offers(self, body: Json) -> Json:
        now = self._settled()
        return change_offers(self.seller, read(OfferRequest, body), now=now)

    def sent_file(self, import_id: str) -> bytes:
        """Return the document of that feed as it was sent."""
        now = self._settled()
        feed = self.seller.feeds.get(import_id, now=now)
        document = None if feed is None else self.seller.documents.get(feed.input_id, now=now)
        if document is None or document.content is None:
            raise ControlNotFound(f"There is no feed {import_id!r} in {self.seller.name}.")
        return document.content

    def state(self, *, offers: bool = True) -> Json:
        seller, now = self.seller, self._settled()
        orders = list(seller.orders.values())
        seen: Json = {
            "now": iso(now),
            "orders_by_state": dict(Counter(order.state for order in orders)),
            "orders_by_fulfilment": dict(Counter(fulfilment_of(order) for order in orders)),
            "orders": [order_summary(order, now=now) for order in orders],
            "shipped": [shipment(order) for order in orders if was_confirmed(order)],
            "never_shown": [order.order_id for order in orders if not order.shown],
            "out_of_date": [order.order_id for order in orders if out_of_date(order)],
            "offers_count": len(seller.listings.offers),
            "turned_to_merchant": sum(offer.turned_to_merchant for offer in seller.listings.offers.values()),
            "feeds": [job_summary(job) for job in seller.feeds.newest_first(now=now)],
            "reports": [job_summary(job) for job in seller.reports.newest_first(now=now)],
            "calls": dict(seller.calls),
            "throttled": dict(seller.throttled),
            "refused": dict(seller.refused),
            "wasted": dict(seller.throttled + seller.refused),
            "buckets": self._gateway.levels(seller, now=now),
            "writes_repeated": seller.repeated.total(),
            "writes_repeated_by_operation": dict(seller.repeated),
            "faults": dict(seller.faults.hits),
            "switches": seller.switches.model_dump(),
        }
        if offers:
            seen["offers"] = {sku: summary(offer) for sku, offer in seller.listings.offers.items()}
        return seen

    def credentials(self, root_url: str) -> Json:
        return {
            "platform": "amazon",
            "settings": {
                "region": REGION,
                "base_url": f"{root_url}/amazon",
                "seller_id": self.seller.seller_id,
                "client_id": CLIENT_ID,
                "marketplaces": list(JOINED),
            },
            "secrets": {"client_secret": CLIENT_SECRET, "refresh_token": self.seller.refresh_token},
        }

    def _settled(self) -> datetime:
        """Let everything happen that was due, and return the time."""
        now = self.seller.context.clock.now()
        self.seller.schedule.settle(now)
        return now
