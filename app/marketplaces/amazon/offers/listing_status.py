"""What a record of the Listings Items API says about an offer. Pure; what can't be read counts as not there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.offer import LiveOffer
from app.domain.order import Fulfilment
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import MARKETPLACES, AmazonStore
from app.marketplaces.shared import fields
from app.marketplaces.shared.json_records import each, nested, text, whole_or_zero

Record = Mapping[str, Any]

# The merchant's own channel; the others are warehouses of Amazon's.
MERCHANT_CHANNEL = "DEFAULT"
CONSUMERS = "ALL"
BUYABLE = "BUYABLE"
# Why an offer is not on sale, where Amazon gives no reason.
INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingStatus:
    """An offer as Amazon shows it: one stock for the region, one price for consumers in each marketplace.

    `listed_in` are the marketplaces that know it, `prices` holds those where it is offered; zero where the price can't
    be read. `problems` are the codes of what keeps it from being sold.
    """

    sku: str
    fulfilment: Fulfilment
    quantity: int
    listed_in: tuple[AmazonStore, ...] = ()
    prices: Mapping[AmazonStore, Decimal]
    on_sale: bool
    problems: tuple[str, ...] = ()

    @property
    def by_amazon(self) -> bool:
        return self.fulfilment is Fulfilment.MARKETPLACE

    def live_offer(self, exchange_rates: ExchangeRates) -> LiveOffer:
        """Return it in the words of the tasks."""
        price, everywhere = exchange_rates.shop_price(self.prices)
        return LiveOffer(
            sku=self.sku,
            quantity=self.quantity,
            price=price,
            uneven=not everywhere,
            fulfilment=self.fulfilment,
            inactive=() if self.on_sale else self.problems or (INACTIVE,),
        )


def listing_status(record: Record) -> ListingStatus:
    """Return what a record says that holds summaries, attributes, issues, offers and fulfillmentAvailability."""
    summaries = list(each(record, "summaries"))
    channels = {text(one, "fulfillmentChannelCode"): one for one in each(record, "fulfillmentAvailability")}
    errors = (text(issue, "code") for issue in each(record, "issues") if issue.get("severity") == "ERROR")
    return ListingStatus(
        sku=_sku(record),
        fulfilment=fulfilment_of(channels, has_fn_sku=any(text(one, "fnSku") for one in summaries)),
        quantity=max((whole_or_zero(one, "quantity") for one in channels.values()), default=0),
        listed_in=tuple(MARKETPLACES[id_] for one in summaries if (id_ := text(one, "marketplaceId")) in MARKETPLACES),
        prices=_prices(record),
        on_sale=any(_is_buyable(one) for one in summaries),
        problems=tuple(dict.fromkeys(filter(None, errors))),
    )


def fulfilment_of(channels: Mapping[str, object], *, has_fn_sku: bool = False) -> Fulfilment:
    """Return who ships an offer on these channels.

    One of Amazon's is enough: a quantity would take the offer out of its warehouses. Where no channel is given, a
    number of these warehouses says it.
    """
    if any(channel != MERCHANT_CHANNEL for channel in channels) or (not channels and has_fn_sku):
        return Fulfilment.MARKETPLACE
    return Fulfilment.MERCHANT


def amount(reported: object) -> Decimal:
    """Return a price, zero for what is none."""
    try:
        return max(Decimal(0), fields.required_amount(reported, "amount"))
    except fields.UnreadableField:
        return Decimal(0)


def _sku(record: Record) -> str:
    sku = record.get("sku")
    # As it stands, with all its spaces: it is a key.
    return sku if isinstance(sku, str) else ""


def _is_buyable(summary: Record) -> bool:
    statuses = summary.get("status")
    return isinstance(statuses, list) and BUYABLE in statuses


def _prices(record: Record) -> dict[AmazonStore, Decimal]:
    # What buyers pay today may be a discount; it counts where the price itself is not given.
    return dict(_paid(record)) | dict(_asked(record))


def _paid(record: Record) -> Iterator[tuple[AmazonStore, Decimal]]:
    for offer in each(record, "offers"):
        store = MARKETPLACES.get(text(offer, "marketplaceId"))
        if store is not None and offer.get("offerType") == "B2C":
            yield store, amount(nested(offer, "price").get("amount"))


def _asked(record: Record) -> Iterator[tuple[AmazonStore, Decimal]]:
    for offer in each(nested(record, "attributes"), "purchasable_offer"):
        store = MARKETPLACES.get(text(offer, "marketplace_id"))
        if store is not None and (text(offer, "audience") or CONSUMERS) == CONSUMERS:
            schedules = (schedule for price in each(offer, "our_price") for schedule in each(price, "schedule"))
            yield store, next((amount(schedule.get("value_with_tax")) for schedule in schedules), Decimal(0))
