"""Amazon's records in the words of the trade, and back where a query needs their words. Pure.

What an order must have to be understood: dates, status, who ships it, lines with an id and a quantity, and amounts as
soon as it can be shipped: a pending order has none yet, and a replacement costs nothing. All else may be missing, since
a role that the application lacks leaves fields out without a word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.message import message
from app.domain.money import Money, total
from app.domain.order import Address, Buyer, Fulfilment, Line, Order, OrderState, Unreadable
from app.marketplaces.amazon.orders.amounts import amounts, money
from app.marketplaces.amazon.stores import MARKETPLACES
from app.marketplaces.shared.fields import UnreadableField
from app.marketplaces.shared.json_records import (
    each,
    nested,
    optional_count,
    optional_moment,
    required_count,
    required_moment,
    required_text,
    text,
    texts,
)

PLATFORM_NAME = "amazon"

STATES = {
    "PENDING_AVAILABILITY": OrderState.PENDING,
    "PENDING": OrderState.PENDING,
    "UNSHIPPED": OrderState.TO_SHIP,
    "PARTIALLY_SHIPPED": OrderState.PARTIALLY_SHIPPED,
    "SHIPPED": OrderState.SHIPPED,
    "CANCELLED": OrderState.CANCELLED,
    # Nothing will ever be sent.
    "UNFULFILLABLE": OrderState.CANCELLED,
}
_BY_AMAZON = {"MERCHANT": Fulfilment.MERCHANT, "AMAZON": Fulfilment.MARKETPLACE}

_PAID = frozenset({OrderState.TO_SHIP, OrderState.PARTIALLY_SHIPPED, OrderState.SHIPPED})
# After that nobody asks whether the buyer wanted to cancel.
_STOPPABLE = frozenset({OrderState.PENDING, OrderState.TO_SHIP, OrderState.PARTIALLY_SHIPPED})
_ORIGINALS = frozenset({"REPLACEMENT_ORIGINAL_ID", "EXCHANGE_ORIGINAL_ID"})
# For the driver, not for the seller.
_TIP = "DELIVERY_TIP"
_OTHER_CHANNEL = "NON_AMAZON"
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """Whether this seller sells on a marketplace, and whether Amazon stopped his offers there."""

    marketplace_id: str
    country: str
    sells: bool
    suspended: bool


def participation(record: Mapping[str, Any]) -> Participation:
    """Return one marketplace of getMarketplaceParticipations."""
    marketplace, reported = nested(record, "marketplace"), nested(record, "participation")
    return Participation(
        marketplace_id=text(marketplace, "id"),
        country=text(marketplace, "countryCode"),
        sells=reported.get("isParticipating") is True,
        suspended=reported.get("hasSuspendedListings") is True,
    )


def is_of_another_channel(record: Mapping[str, Any]) -> bool:
    """Whether Amazon only ships an order that was sold elsewhere, often in the shop itself: never to be imported."""
    return text(nested(record, "salesChannel"), "channelName") == _OTHER_CHANNEL


def order(record: Mapping[str, Any]) -> Order | Unreadable:
    """Return the order of a record with an `orderId`, or which field can't be understood."""
    try:
        return _order(record)
    except UnreadableField as exc:
        return Unreadable(record["orderId"], message("FIELD_UNREADABLE", field=str(exc)))


def platform_statuses(states: Iterable[OrderState]) -> tuple[str, ...]:
    """Return Amazon's statuses for these states, none where one that nobody knows yet could be meant."""
    wanted = frozenset(states)
    if OrderState.UNKNOWN in wanted:
        return ()
    return tuple(name for name, state in STATES.items() if state in wanted)


def fulfilled_by(fulfilments: Iterable[Fulfilment]) -> tuple[str, ...]:
    """Return Amazon's word for who ships, none for both: one list of both costs half."""
    wanted = frozenset(fulfilments)
    return () if wanted == frozenset(Fulfilment) else tuple(name for name, who in _BY_AMAZON.items() if who in wanted)


def _order(record: Mapping[str, Any]) -> Order:
    fulfilling = nested(record, "fulfillment")
    platform_status = _platform_status(fulfilling)
    state = STATES.get(platform_status, OrderState.UNKNOWN)
    shipper = _BY_AMAZON.get(text(fulfilling, "fulfilledBy"))
    if shipper is None:
        # A guess could send goods that Amazon sends already.
        raise UnreadableField("fulfillment.fulfilledBy")
    currency = _currency(record)
    original = _original(record)
    lines = _lines(record, currency, state, free=bool(original) or _is_free(record, shipper))
    recipient = nested(record, "recipient", "deliveryAddress")
    return Order(
        platform=PLATFORM_NAME,
        order_id=record["orderId"],
        state=state,
        platform_status=platform_status,
        fulfilment=shipper,
        placed_at=required_moment(record, "createdTime"),
        updated_at=required_moment(record, "lastUpdatedTime"),
        ship_by=optional_moment(nested(fulfilling, "shipByWindow"), "latestDateTime"),
        currency=currency,
        total=_total(record, currency, lines),
        lines=lines,
        sales_channel=_sales_channel(record),
        buyer=_buyer(record),
        shipping_address=_address(recipient, partial=shipper is Fulfilment.MARKETPLACE),
        billing_address=_billing_address(record),
        shipping_method=text(fulfilling, "fulfillmentServiceLevel"),
        replacement_of=original,
        business="AMAZON_BUSINESS" in texts(record, "programs"),
        cancel_requested=state in _STOPPABLE and any(_asks_to_cancel(item) for item in each(record, "orderItems")),
    )


def _platform_status(fulfilling: Mapping[str, Any]) -> str:
    platform_status = text(fulfilling, "fulfillmentStatus")
    if not platform_status:
        raise UnreadableField("fulfillment.fulfillmentStatus")
    return platform_status


def _lines(record: Mapping[str, Any], currency: str, state: OrderState, *, free: bool) -> tuple[Line, ...]:
    items = record.get("orderItems")
    if not isinstance(items, list):
        raise UnreadableField("orderItems")
    lines = tuple(_line(item, currency, state, free=free, path=f"orderItems[{at}]") for at, item in enumerate(items))
    if len({line.id for line in lines}) < len(lines):
        raise UnreadableField("orderItems[].orderItemId")
    return lines


def _line(item: object, currency: str, state: OrderState, *, free: bool, path: str) -> Line:
    if not isinstance(item, Mapping):
        raise UnreadableField(path)
    try:
        product = nested(item, "product")
        quantity, still_open = required_count(item, "quantityOrdered"), _still_open(item, state)
        priced = amounts(item, currency=currency)
        if priced is None and state in _PAID and still_open and not free:
            raise UnreadableField("proceeds.proceedsTotal")
        return Line(
            id=required_text(item, "orderItemId"),
            sku=text(product, "sellerSku"),
            title=text(product, "title"),
            quantity=quantity,
            quantity_open=still_open,
            unit_price=_unit_price(
                product, currency, taxes=priced.tax_on_top / quantity if priced and quantity else _NONE
            ),
            shipping=Money(priced.shipping if priced else _NONE, currency),
            total=Money(priced.total if priced else _NONE, currency),
            tax=Money(priced.tax, currency) if priced and priced.tax is not None else None,
            state=_line_state(item, state, still_open=still_open),
        )
    except UnreadableField as exc:
        raise UnreadableField(f"{path}.{exc}") from exc


def _still_open(item: Mapping[str, Any], state: OrderState) -> int:
    """Return how many units were not cancelled, shipped or not."""
    ordered, reported = required_count(item, "quantityOrdered"), nested(item, "fulfillment")
    sent, unsent = optional_count(reported, "quantityFulfilled"), optional_count(reported, "quantityUnfulfilled")
    if state is OrderState.CANCELLED:
        return 0
    if nested(item, "cancellation", "cancellationExecution") and not sent:
        return 0
    if sent is None or unsent is None or state not in _PAID:
        return ordered
    return min(ordered, sent + unsent)


def _line_state(item: Mapping[str, Any], state: OrderState, *, still_open: int) -> OrderState:
    sent = optional_count(nested(item, "fulfillment"), "quantityFulfilled") or 0
    if not still_open:
        return OrderState.CANCELLED
    if state is not OrderState.PARTIALLY_SHIPPED:
        return state
    if sent >= still_open:
        return OrderState.SHIPPED
    return OrderState.PARTIALLY_SHIPPED if sent else OrderState.TO_SHIP


def _unit_price(product: Mapping[str, Any], currency: str, *, taxes: Decimal) -> Money:
    """Return the price of one unit with its taxes."""
    price = money(nested(product, "price"), "unitPrice")
    if price is None:
        return Money(_NONE, currency)
    if price.currency != currency:
        raise UnreadableField("product.price.unitPrice.currencyCode")
    return (price + Money(taxes, currency)).rounded() if taxes else price


def _total(record: Mapping[str, Any], currency: str, lines: tuple[Line, ...]) -> Money:
    """Return the total of all lines, or what Amazon gives where neither all nor the open ones add up to it."""
    whole = total((line.total for line in lines), currency=currency)
    reported = money(nested(record, "proceeds"), "grandTotal")
    if reported is None:
        return whole
    reported -= _tip(record, currency)
    # Whether lines that were cancelled still count in it is not documented.
    still_open = total((line.total for line in lines if line.quantity_open), currency=currency)
    return whole if reported in {whole, still_open} else reported


def _is_free(record: Mapping[str, Any], shipper: Fulfilment) -> bool:
    """Whether what has no amount costs nothing: an order that Amazon gives away, or what the total leaves out."""
    items = list(each(record, "orderItems"))
    given = [amount for item in items if (amount := money(nested(item, "proceeds"), "proceedsTotal"))]
    whole = money(nested(record, "proceeds"), "grandTotal")
    if given and whole is not None:
        return sum((amount.amount for amount in given), _NONE) == whole.amount
    priced = any(money(nested(item, "product", "price"), "unitPrice") for item in items)
    return not given and not priced and (shipper is Fulfilment.MARKETPLACE if whole is None else not whole.amount)


def _tip(record: Mapping[str, Any], currency: str) -> Money:
    given = (part for part in each(nested(record, "proceeds"), "breakdowns") if text(part, "type") == _TIP)
    tips = [tip for tip in (money(part, "subtotal") for part in given) if tip]
    if any(tip.currency != currency for tip in tips):
        raise UnreadableField("proceeds.breakdowns[].subtotal.currencyCode")
    return total(tips, currency=currency)


def _currency(record: Mapping[str, Any]) -> str:
    """Return the currency of the first amount, else that of the marketplace: a pending order has no amounts."""
    reported = [money(nested(record, "proceeds"), "grandTotal")]
    for item in each(record, "orderItems"):
        reported += [
            money(nested(item, "proceeds"), "proceedsTotal"),
            money(nested(item, "product", "price"), "unitPrice"),
        ]
    currency = next((amount.currency for amount in reported if amount), "")
    store = MARKETPLACES.get(text(nested(record, "salesChannel"), "marketplaceId"))
    if not currency and store is None:
        raise UnreadableField("proceeds.grandTotal")
    return currency or (store.currency if store else "")


def _sales_channel(record: Mapping[str, Any]) -> str:
    """Return the country of the marketplace as Amazon writes it, its id where nobody knows it yet."""
    marketplace_id = text(nested(record, "salesChannel"), "marketplaceId")
    store = MARKETPLACES.get(marketplace_id)
    return store.country if store else marketplace_id


def _original(record: Mapping[str, Any]) -> str:
    """Return the order in whose place this one was made."""
    originals = (text(other, "orderId") for other in each(record, "associatedOrders") if _is_original(other))
    return next(filter(None, originals), "")


def _is_original(other: Mapping[str, Any]) -> bool:
    return text(other, "associationType") in _ORIGINALS


def _asks_to_cancel(item: Mapping[str, Any]) -> bool:
    cancellation = nested(item, "cancellation")
    return bool(nested(cancellation, "cancellationRequest")) and not nested(cancellation, "cancellationExecution")


def _registration(record: Mapping[str, Any]) -> Mapping[str, Any]:
    registrations = each(nested(record, "tax"), "taxRegistrations")
    return next((found for found in registrations if text(found, "entityType") == "BUYER"), {})


def _buyer(record: Mapping[str, Any]) -> Buyer | None:
    reported, registration = nested(record, "buyer"), _registration(record)
    # Amazon has one name for all of it; who needs two splits it.
    buyer = Buyer(
        last_name=text(reported, "buyerName"),
        email=text(reported, "buyerEmail"),
        company=text(reported, "buyerCompanyName"),
        tax_id=text(registration, "taxRegistrationNumber"),
    )
    return None if buyer == Buyer(last_name="") else buyer


def _billing_address(record: Mapping[str, Any]) -> Address | None:
    """Return where the buyer is registered for taxes; without a country no shop can take it."""
    address = _address(nested(_registration(record), "taxRegistrationAddress"), partial=False)
    return address if address and address.country else None


def _address(record: Mapping[str, Any], *, partial: bool) -> Address | None:
    """Return an address; without a street, which a missing role leaves out, only where nobody has to send there."""
    streets = [street for street in (text(record, f"addressLine{number}") for number in (1, 2, 3)) if street]
    street_1, street_2, extra = (*streets, "", "", "")[:3]
    country = text(record, "countryCode").upper()
    address = Address(
        last_name=text(record, "name"),
        company=text(record, "companyName"),
        street_1=street_1,
        street_2=street_2,
        extra=extra,
        postcode=text(record, "postalCode"),
        city=text(record, "city") or text(record, "municipality"),
        region=text(record, "stateOrRegion") or text(record, "districtOrCounty"),
        country="GB" if country == "UK" else country,
        phone=text(record, "phone"),
    )
    given = street_1 or (partial and (address.postcode or address.city))
    return address if given else None
