"""All offers of one seller: changes are taken at once and live minutes later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from app.sandbox.amazon.listings.offer import DEFAULT, UNLISTED_EVERY, Availability, Offer, Terms, offer_of
from app.sandbox.amazon.listings.patches import Change, apply
from app.sandbox.context import Context
from app.sandbox.schedule import Schedule

# The offers of the beginning are older than any order.
LISTED_BEFORE = timedelta(days=400)


class Listings:
    """The offers by SKU."""

    def __init__(self, context: Context, schedule: Schedule) -> None:
        self.context = context
        self._schedule = schedule
        self._since = context.clock.now() - LISTED_BEFORE
        self._first = [product for product in context.catalogue if product.number % UNLISTED_EVERY]

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """The offers by SKU; created at the first use, which most tests never have."""
        return {product.sku: offer_of(product, now=self._since) for product in self._first}

    def change(self, offer: Offer, changes: Sequence[Change], *, now: datetime, live_after_s: float) -> None:
        """Take the changes, and let buyers see them after that many seconds."""
        offer.terms, turned = apply(changes, offer.terms)
        offer.turned_to_merchant += turned

        def live(moment: datetime) -> None:
            offer.live, _ = apply(changes, offer.live)
            offer.updated = max(offer.updated, moment)

        if live_after_s:
            self._schedule.plan(live, at=now + timedelta(seconds=live_after_s))
        else:
            live(now)

    def put(self, offer: Offer, terms: Terms, *, now: datetime) -> None:
        """Let the offer be so, at once and everywhere."""
        offer.terms = offer.live = terms
        offer.updated = now
        self.offers[offer.sku] = offer

    def remove(self, sku: str) -> bool:
        """Take the offer off; say whether there was one."""
        return self.offers.pop(sku, None) is not None

    def sell(self, sku: str, quantity: int, *, by_amazon: bool) -> None:
        """Lower the stock that the order came out of."""
        offer = self.offers.get(sku)
        if offer is None:
            return
        if by_amazon:
            offer.amazon_stock = max(0, offer.amazon_stock - quantity)
            return
        offer.terms = _less(offer.terms, quantity)
        offer.live = _less(offer.live, quantity)


def _less(terms: Terms, quantity: int) -> Terms:
    def lowered(each: Availability) -> Availability:
        if each.channel != DEFAULT or each.quantity is None:
            return each
        return replace(each, quantity=max(0, each.quantity - quantity))

    return replace(terms, availability=tuple(lowered(each) for each in terms.availability))
