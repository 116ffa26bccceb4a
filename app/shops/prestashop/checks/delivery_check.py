"""Where orders may go and what they may cost: carriers, countries, currencies, rounding, taxes, stock."""

from collections.abc import Iterator
from decimal import Decimal

from app.domain.finding import Finding
from app.domain.message import Param, message
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.lines import bad, good
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.mapping.totals import PER_ITEM, PER_LINE
from app.shops.prestashop.orders.preparation import best_carrier
from app.shops.prestashop.reads.facts import Carrier, Facts
from app.shops.prestashop.reads.listing_choices import carrier_name
from app.shops.prestashop.reads.stock import UNCOUNTED, counts_stock

_ALWAYS_ONE_WAY = ("0", "1")
# Three units of it have no price in whole cents.
_NOT_WHOLE_CENTS = Decimal("10.00")
# Up to so many units the total can be met where the total is rounded.
_UNITS_MET = 4000


def delivery_findings(facts: Facts, mapping: ShopMapping, config: PrestashopConfig) -> Iterator[Finding]:
    """Yield what is to say about all of it."""
    yield _carrier(facts, config)
    yield from _mapped_carriers(facts, mapping)
    yield _currencies(facts)
    yield from _countries(facts)
    yield from _rounding(facts)
    yield from _taxes(facts)
    yield _stock(facts)


def _carrier(facts: Facts, config: PrestashopConfig) -> Finding:
    if not config.carrier:
        best = best_carrier(facts)
        if best is None:
            return bad("CARRIER", "NO_CARRIER_FOR_ORDERS")
        return good("CARRIER", "CARRIER_TAKEN", **_named(best))
    carrier = facts.carrier_of(config.carrier)
    if carrier is None:
        return bad("CARRIER", "CARRIER_CHOSEN_GONE", number=config.carrier)
    if not _fits(carrier, facts):
        return bad("CARRIER", "CARRIER_CHOSEN_COSTS", **_named(carrier))
    return good("CARRIER", "CARRIER_CHOSEN", **_named(carrier))


def _mapped_carriers(facts: Facts, mapping: ShopMapping) -> Iterator[Finding]:
    odd = False
    for method, number in mapping.carriers.items():
        carrier = facts.carrier_of(number)
        if carrier is None:
            odd = True
            yield bad("CARRIERS", "CARRIER_MAPPED_GONE", method=method, number=number)
        elif not _fits(carrier, facts):
            odd = True
            yield bad("CARRIERS", "CARRIER_MAPPED_COSTS", method=method, **_named(carrier))
    if mapping.carriers and not odd:
        yield good("CARRIERS", "CARRIERS_MAPPED", methods=tuple(mapping.carriers))


def _fits(carrier: Carrier, facts: Facts) -> bool:
    return carrier.free or facts.enters_unpaid


def _named(carrier: Carrier) -> dict[str, Param]:
    about = message("CARRIER_NUMBER_FREE" if carrier.free else "CARRIER_NUMBER", number=carrier.reference)
    return {"carrier": carrier_name(carrier), "about": about}


def _currencies(facts: Facts) -> Finding:
    if not facts.currencies:
        return bad("CURRENCIES", "CURRENCIES_NONE")
    return good("CURRENCIES", "CURRENCIES", currencies=tuple(sorted(facts.currencies)))


def _countries(facts: Facts) -> Iterator[Finding]:
    active = sorted(code for code, each in facts.countries.items() if each.active)
    if not active:
        yield bad("COUNTRIES", "COUNTRIES_NONE")
        return
    default = facts.setting("PS_COUNTRY_DEFAULT")
    home = next((code for code, each in facts.countries.items() if each.id == default), "")
    if home and home not in active:
        yield bad("COUNTRIES", "COUNTRY_OF_THE_SHOP", country=home)
    yield good("COUNTRIES", "COUNTRIES", number=len(active), countries=tuple(active))


def _rounding(facts: Facts) -> Iterator[Finding]:
    if facts.setting("PS_PRICE_ROUND_MODE", "2") in _ALWAYS_ONE_WAY:
        yield bad("ROUND_MODE", "ROUND_MODE_ONE_WAY")
    match facts.round_type:
        case kind if kind == PER_LINE:
            yield good("ROUNDING", "ROUNDING_LINES")
        case kind if kind == PER_ITEM:
            yield bad("ROUNDING", "ROUNDING_UNITS", amount=_NOT_WHOLE_CENTS)
        case _:
            yield good("ROUNDING", "ROUNDING_TOTALS", units=_UNITS_MET)


def _taxes(facts: Facts) -> Iterator[Finding]:
    if facts.setting("PS_TAX", "1") == "0":
        yield good("TAXES", "TAXES_OFF")
    else:
        yield good("TAXES", "TAXES_ON")
    if facts.setting("PS_USE_ECOTAX") == "1":
        yield good("ECOTAX", "ECOTAX_ON")


def _stock(facts: Facts) -> Finding:
    if counts_stock(facts):
        return good("STOCK", "STOCK_KEPT")
    return bad("STOCK", "STOCK_NOT_KEPT", units=UNCOUNTED)
