"""What a connection test says in words. Pure."""

from collections.abc import Iterable, Sequence

from app.domain.finding import Finding
from app.domain.message import message
from app.domain.order import TO_SHIP, Fulfilment, Order
from app.marketplaces.amazon.errors import LISTING_ROLE, SELLING_ROLE
from app.marketplaces.amazon.mapping import Participation
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import MARKETPLACES

BUYER_ROLE = "Tax Invoicing (Restricted)"
ADDRESS_ROLE = "Direct-to-Consumer Delivery (Restricted)"
NOWHERE = message("AMAZON_SELLS_NOWHERE", role=SELLING_ROLE)


def marketplaces(known: Iterable[Participation] | None, *, chosen: Sequence[str]) -> Sequence[Finding]:
    """Return where the seller sells, what of the chosen is missing, and where Amazon stopped his offers.

    None: the application may not know it.
    """
    if known is None:
        code = "AMAZON_MARKETPLACES_UNREAD" if chosen else "AMAZON_MARKETPLACES_UNREAD_FOR_OFFERS"
        return (Finding(code="MARKETPLACES", ok=True, says=message(code, role=SELLING_ROLE)),)
    sold = {each.marketplace_id: each for each in known if each.sells and each.marketplace_id in MARKETPLACES}
    # Amazon calls the United Kingdom by other names here and there.
    countries = {marketplace_id: MARKETPLACES[marketplace_id].country for marketplace_id in {*sold, *chosen}}
    missing = [countries[each] for each in chosen if each not in sold]
    stopped = [countries[each] for each in chosen or sold if each in sold and sold[each].suspended]
    read = [countries[each] for each in chosen if each in sold]
    return (_sells([countries[each] for each in sold], missing, read=read), *_stopped(stopped))


def rates(marketplace_ids: Sequence[str], exchange_rates: ExchangeRates) -> Sequence[Finding]:
    """Return in which marketplaces no price can be sent, since no rate for the shop's currency is set."""
    stores = [MARKETPLACES[each] for each in marketplace_ids]
    without = [f"{store.country} ({store.currency})" for store in stores if exchange_rates.rate(store) is None]
    if not without:
        return ()
    return (
        Finding(
            code="RATES",
            ok=True,
            says=message("AMAZON_RATES_MISSING", stores=tuple(without), currency=exchange_rates.currency),
        ),
    )


def no_listing_role() -> Finding:
    """Return what to do about an application that may not touch offers."""
    return Finding(
        code="ROLE_MISSING",
        ok=False,
        says=message("AMAZON_LISTING_ROLE_MISSING", role=LISTING_ROLE),
    )


def roles(orders: Iterable[Order], *, since_days: int) -> Finding:
    """Return which roles the application lacks, as seen from what an order to be shipped does not hold."""
    seen = [each for each in orders if each.fulfilment is Fulfilment.MERCHANT and each.state in TO_SHIP]
    if not seen:
        return Finding(code="ROLES", ok=True, says=message("AMAZON_NO_ORDER_TO_TEST", days=since_days))
    if all(each.shipping_address is None for each in seen):
        return Finding(
            code="ROLE_MISSING",
            ok=False,
            says=message("AMAZON_ADDRESS_ROLE_MISSING", role=ADDRESS_ROLE),
        )
    if all(each.buyer is None for each in seen):
        return Finding(
            code="ROLES",
            ok=True,
            says=message("AMAZON_BUYERS_HIDDEN", role=BUYER_ROLE),
        )
    return Finding(code="ROLES", ok=True, says=message("AMAZON_ORDERS_WHOLE"))


def _sells(sold: Sequence[str], missing: Sequence[str], *, read: Sequence[str]) -> Finding:
    if sold and not missing:
        only = {"served": tuple(read)} if 0 < len(read) < len(sold) else {}
        return Finding(code="MARKETPLACES", ok=True, says=message("AMAZON_SELLS_IN", sold=tuple(sold), **only))
    if not missing:
        return Finding(code="MARKETPLACES", ok=False, says=message("AMAZON_SELLS_IN_NONE"))
    says = message("AMAZON_DOES_NOT_SELL_IN", missing=tuple(missing), sold=tuple(sold))
    return Finding(code="MARKETPLACES", ok=False, says=says)


def _stopped(countries: Sequence[str]) -> Sequence[Finding]:
    if not countries:
        return ()
    return (
        Finding(
            code="LISTINGS_SUSPENDED",
            ok=False,
            says=message("AMAZON_LISTINGS_SUSPENDED", countries=tuple(countries)),
        ),
    )
