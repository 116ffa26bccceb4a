"""What a connection test says in words. Pure."""

from collections.abc import Iterable, Sequence

from app.domain.finding import Finding
from app.domain.message import message
from app.domain.order import TO_SHIP, Fulfilment, Order
from app.marketplaces.amazon.errors import LISTING_ROLE, SELLING_ROLE
from app.marketplaces.amazon.mapping import Participation
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import MARKETPLACES

ADDRESS_ROLE = "Direct-to-Consumer Delivery (Restricted)"
_MEND_ROLES = "in Developer Central, then authorise the application again in Seller Central"
NOWHERE = message("AMAZON_SELLS_NOWHERE", role=SELLING_ROLE)


def marketplaces(known: Iterable[Participation] | None, *, chosen: Sequence[str]) -> Sequence[Finding]:
    """Return where the seller sells, what of the chosen is missing, and where Amazon stopped his offers.

    None: the application may not know it.
    """
    if known is None:
        sentence = "Where the account sells can't be read by this application; orders don't need it."
        fix = f"To have it checked, give it the role {SELLING_ROLE} {_MEND_ROLES}."
        if not chosen:
            fix += " Offers need it, or the marketplaces in the account's settings."
        return (Finding(code="MARKETPLACES", ok=True, says=sentence, cure=fix),)
    sold = {each.marketplace_id: each for each in known if each.sells and each.marketplace_id in MARKETPLACES}
    # Amazon calls the United Kingdom by other names here and there.
    countries = {marketplace_id: MARKETPLACES[marketplace_id].country for marketplace_id in {*sold, *chosen}}
    missing = [countries[each] for each in chosen if each not in sold]
    stopped = [countries[each] for each in chosen or sold if each in sold and sold[each].suspended]
    read = [countries[each] for each in chosen if each in sold]
    return (_sells([countries[each] for each in sold], missing, read=read), *_stopped(stopped))


def rates(marketplace_ids: Sequence[str], exchange_rates: ExchangeRates) -> Sequence[Finding]:
    """Return in which marketplaces no price can be sent, since nobody told what the shop's money is worth there."""
    stores = [MARKETPLACES[each] for each in marketplace_ids]
    without = [f"{store.country} ({store.currency})" for store in stores if exchange_rates.rate(store) is None]
    if not without:
        return ()
    return (
        Finding(
            code="RATES",
            ok=True,
            says=f"No price is sent to {', '.join(without)}: the shop's prices are in {exchange_rates.currency}.",
            cure="To send prices there, enter a rate for each of these currencies in the account's settings.",
        ),
    )


def no_listing_role() -> Finding:
    """Return what to do about an application that may not touch offers."""
    return Finding(
        code="ROLE_MISSING",
        ok=False,
        says="The application may not read or change offers: it lacks a role.",
        cure=f"Give it the role {LISTING_ROLE} {_MEND_ROLES}. Without it, don't call offers-send.",
    )


def roles(orders: Iterable[Order], *, since_days: int) -> Finding:
    """Return which roles the application lacks, told by what an order to be shipped does not hold."""
    seen = [each for each in orders if each.fulfilment is Fulfilment.MERCHANT and each.state in TO_SHIP]
    if not seen:
        sentence = (
            f"No order of the last {since_days} days waits for shipping: whether addresses are given is not known."
        )
        return Finding(code="ROLES", ok=True, says=sentence)
    if all(each.shipping_address is None for each in seen):
        return Finding(
            code="ROLE_MISSING",
            ok=False,
            says="Orders come without addresses: the application lacks a role.",
            cure=f"Give it the role {ADDRESS_ROLE} {_MEND_ROLES}.",
        )
    if all(each.buyer is None for each in seen):
        return Finding(
            code="ROLES",
            ok=True,
            says="Addresses are given; the buyer's name and e-mail are not, which orders do not need.",
            cure=f"To have them, give the application the role Tax Invoicing (Restricted) {_MEND_ROLES}.",
        )
    return Finding(code="ROLES", ok=True, says="Orders hold addresses and buyers.")


def _sells(sold: Sequence[str], missing: Sequence[str], *, read: Sequence[str]) -> Finding:
    where = ", ".join(sold) or "nowhere"
    if sold and not missing:
        only = (
            f" Of these, only {', '.join(read)} are served, as the settings say." if 0 < len(read) < len(sold) else ""
        )
        return Finding(code="MARKETPLACES", ok=True, says=f"The account sells in: {where}.{only}")
    reported = (
        f"The account does not sell in {', '.join(missing)}, but in: {where}." if missing else "It sells nowhere."
    )
    return Finding(
        code="MARKETPLACES",
        ok=False,
        says=reported,
        cure="Correct region and marketplaces, or register the account for them in Seller Central.",
    )


def _stopped(countries: Sequence[str]) -> Sequence[Finding]:
    if not countries:
        return ()
    return (
        Finding(
            code="LISTINGS_SUSPENDED",
            ok=False,
            says=f"Amazon stopped the offers of this account in: {', '.join(countries)}.",
            cure="Open Account Health in Seller Central and answer what Amazon asks there.",
        ),
    )
