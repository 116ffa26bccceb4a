"""Mirakl's records in the words of the trade, and back where a query needs their words. Pure.

What an order must have to be understood: dates, state, currency, amounts, and lines with an id, a quantity and prices.
All else may be missing or null (addresses are, until the operator gives them), and unknown fields are ignored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.countries import country_code
from app.domain.message import message
from app.domain.money import Money, total
from app.domain.order import Address, Buyer, Fulfilment, Line, Order, OrderState, TaxMode, Unreadable
from app.marketplaces.mirakl.amounts import Amounts, amount_of, line_tax, order_amounts
from app.marketplaces.shared.fields import UnreadableField
from app.marketplaces.shared.json_records import (
    nested,
    optional_moment,
    required_count,
    required_moment,
    required_text,
    text,
)

PLATFORM_NAME = "mirakl"

WAITING_ACCEPTANCE = "WAITING_ACCEPTANCE"

STATES = {
    "STAGING": OrderState.PENDING,
    WAITING_ACCEPTANCE: OrderState.TO_ACCEPT,
    "WAITING_DEBIT": OrderState.ACCEPTED,
    "WAITING_DEBIT_PAYMENT": OrderState.ACCEPTED,
    "SHIPPING": OrderState.TO_SHIP,
    "SHIPPED": OrderState.SHIPPED,
    "TO_COLLECT": OrderState.SHIPPED,
    # Received orders can still be refunded, closed ones can't: only CLOSED is final.
    "RECEIVED": OrderState.SHIPPED,
    "CLOSED": OrderState.CLOSED,
    "REFUSED": OrderState.REFUSED,
    "CANCELED": OrderState.CANCELLED,
}
# Lines know more words. An incident may be open before and after the parcel left, so it stays UNKNOWN.
_LINE_STATES = {**STATES, "REFUNDED": OrderState.CLOSED}

_TAX_MODES: Mapping[str, TaxMode] = {"TAX_INCLUDED": "incl", "TAX_EXCLUDED": "excl"}

# The fulfilment centre of orders that the seller ships; every other code is a warehouse that is not his.
_SELLER_SHIPS = "DEFAULT"

USUAL_DECIMALS = 2
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a connection test needs of A01, which holds bank details too: nothing else of it is kept."""

    shop_id: str
    name: str
    state: str
    suspension: str
    closed_from: str
    closed_to: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformConfiguration:
    """What we need of PC01. Older tenants lack keys: what is missing is empty, off or usual."""

    order_acceptance: str
    early_addresses: bool
    listed_carriers_only: bool
    timezone: str
    price_decimals: int = USUAL_DECIMALS


def account(record: Mapping[str, Any]) -> Account:
    """Return the account of an A01 record with a `shop_id`."""
    return Account(
        shop_id=text(record, "shop_id"),
        name=text(record, "shop_name"),
        state=text(record, "shop_state"),
        suspension=text(record, "suspension_type"),
        closed_from=text(record, "closed_from"),
        closed_to=text(record, "closed_to"),
        currency=text(record, "currency_iso_code"),
    )


def platform_configuration(record: Mapping[str, Any]) -> PlatformConfiguration:
    """Return the platform configuration of a PC01 record."""
    features = nested(record, "features")
    workflows = nested(features, "order_workflows")
    return PlatformConfiguration(
        order_acceptance=text(workflows, "order_acceptance"),
        early_addresses=workflows.get("shipping_and_billing_details_before_acceptance") is True,
        listed_carriers_only=features.get("disable_seller_alternative_carrier") is True,
        timezone=text(record, "timezone"),
        price_decimals=_decimals(text(features, "offer_prices_decimals")),
    )


def order(record: Mapping[str, Any], *, asked_tax_mode: TaxMode = "incl") -> Order | Unreadable:
    """Return the order of an OR11 record with an `order_id`, or which field can't be understood."""
    try:
        return _order(record, asked_tax_mode)
    except UnreadableField as exc:
        return Unreadable(record["order_id"], message("FIELD_UNREADABLE", field=str(exc)))


def platform_statuses(states: Iterable[OrderState]) -> tuple[str, ...]:
    """Return Mirakl's statuses for these states; none (no filter) where one has no status of its own."""
    wanted = frozenset(states)
    if OrderState.UNKNOWN in wanted or not wanted <= set(STATES.values()) | {OrderState.PARTIALLY_SHIPPED}:
        return ()
    return tuple(name for name, state in STATES.items() if state in wanted)


def platform_status_of(record: Mapping[str, Any]) -> str:
    """Return Mirakl's status of an order, empty where there is none."""
    return text(record, "order_state")


def created_at(record: Mapping[str, Any]) -> datetime | None:
    """Return when an order was created, the key by which the list is sorted; None where it can't be understood."""
    try:
        return required_moment(record, "created_date")
    except UnreadableField:
        return None


def _decimals(reported: str) -> int:
    """Return how many decimals a price may have, which PC01 gives as a text."""
    return (
        int(reported)
        if reported.isascii() and reported.isdigit() and int(reported) <= _MOST_DECIMALS
        else USUAL_DECIMALS
    )


def _order(record: Mapping[str, Any], asked_tax_mode: TaxMode) -> Order:
    order_id: str = record["order_id"]
    platform_status = required_text(record, "order_state")
    currency = required_text(record, "currency_iso_code")
    customer = nested(record, "customer")
    amounts = order_amounts(record, _line_records(record), tax_mode=_tax_mode(record, asked_tax_mode))
    lines = _lines(record, currency, amounts)
    return Order(
        platform=PLATFORM_NAME,
        order_id=order_id,
        state=STATES.get(platform_status, OrderState.UNKNOWN),
        platform_status=platform_status,
        fulfilment=fulfilment(record),
        placed_at=required_moment(record, "created_date"),
        updated_at=optional_moment(record, "last_updated_date"),
        ship_by=optional_moment(record, "shipping_deadline"),
        currency=currency,
        total=_total(amounts, currency, lines),
        lines=lines,
        sales_channel=text(nested(record, "channel"), "code"),
        basket=text(record, "commercial_id"),
        buyer=_buyer(customer, email=text(record, "customer_notification_email")),
        shipping_address=_address(customer, "shipping_address"),
        billing_address=_address(customer, "billing_address"),
        pickup_point=text(record, "shipping_pudo_id"),
        shipping_method=text(record, "shipping_type_code"),
        shipping_method_label=text(record, "shipping_type_label"),
        tax_mode=amounts.tax_mode,
        amounts_are_proven=amounts.are_proven,
        refund_is_unclear=amounts.refund_is_unclear,
    )


def _line_records(record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    records = record.get("order_lines")
    if not isinstance(records, list):
        raise UnreadableField("order_lines")
    for place, line in enumerate(records):
        if not isinstance(line, Mapping):
            raise UnreadableField(f"order_lines[{place}]")
    return records


def _lines(record: Mapping[str, Any], currency: str, amounts: Amounts) -> tuple[Line, ...]:
    lines = tuple(_line(line, currency, amounts, place) for place, line in enumerate(_line_records(record)))
    if len({line.id for line in lines}) < len(lines):
        raise UnreadableField("order_lines[].order_line_id")
    return lines


def _total(amounts: Amounts, currency: str, lines: tuple[Line, ...]) -> Money:
    """Return the sum of all lines if the operator's total leaves out refused and cancelled ones, else his total."""
    reported = Money(amounts.total, currency)
    # Whether lines that were refused or cancelled still count in it is not documented; their own total_price stays.
    still_open = total((line.reported for line in lines if line.quantity_open), currency=currency)
    return total((line.reported for line in lines), currency=currency) if reported == still_open else reported


def _line(record: Mapping[str, Any], currency: str, amounts: Amounts, place: int) -> Line:
    try:
        platform_status = required_text(record, "order_line_state")
        owed, reported, tax = amounts.lines[place], amounts.reported[place], line_tax(record)
        return Line(
            id=required_text(record, "order_line_id"),
            sku=text(record, "offer_sku"),
            title=text(record, "product_title"),
            quantity=required_count(record, "quantity"),
            quantity_open=amounts.open_units[place],
            unit_price=Money(amount_of(record, "price_unit"), currency),
            # For the whole line, unlike price_unit.
            shipping=Money(owed.shipping, currency),
            total=Money(owed.total, currency),
            reported_total=None if reported == owed.total else Money(reported, currency),
            # Taxes are listed for all units; those of the remaining ones are not known.
            tax=None if tax is None or reported != owed.total else Money(tax, currency),
            state=_LINE_STATES.get(platform_status, OrderState.UNKNOWN),
            platform_status=platform_status,
        )
    except UnreadableField as exc:
        raise UnreadableField(f"order_lines[{place}].{exc}") from exc


def fulfilment(record: Mapping[str, Any]) -> Fulfilment:
    """Return who ships what a record of an order or an offer is about; the seller where it does not say."""
    center = text(nested(nested(record, "fulfillment"), "center"), "code")
    return Fulfilment.MERCHANT if center in {"", _SELLER_SHIPS} else Fulfilment.MARKETPLACE


def _tax_mode(record: Mapping[str, Any], asked: TaxMode) -> TaxMode:
    mode = text(record, "order_tax_mode")
    if not mode:
        return asked
    if mode not in _TAX_MODES:
        raise UnreadableField("order_tax_mode")
    return _TAX_MODES[mode]


def _buyer(customer: Mapping[str, Any], *, email: str) -> Buyer | None:
    organization = nested(customer, "organization")
    buyer = Buyer(
        last_name=text(customer, "lastname"),
        first_name=text(customer, "firstname"),
        email=email,
        company=text(organization, "name"),
        tax_id=text(organization, "tax_identification_number"),
        locale=text(customer, "locale"),
    )
    return None if buyer == Buyer(last_name="") else buyer


def _address(customer: Mapping[str, Any], name: str) -> Address | None:
    record = nested(customer, name)
    address = Address(
        last_name=text(record, "lastname"),
        first_name=text(record, "firstname"),
        company=" ".join(filter(None, (text(record, "company"), text(record, "company_2")))),
        street_1=text(record, "street_1"),
        street_2=text(record, "street_2"),
        extra=text(record, "additional_info"),
        postcode=text(record, "zip_code"),
        city=text(record, "city"),
        region=text(record, "state"),
        # Some operators give no code, and write it or a name where people read it.
        country=country_code(text(record, "country_iso_code"), text(record, "country")),
        phone=text(record, "phone"),
        phone_2=text(record, "phone_secondary"),
    )
    # Nothing to send a parcel to: names and country alone may be shown before the address is.
    given = address.street_1 or address.street_2 or address.postcode or address.city
    return address if given else None
