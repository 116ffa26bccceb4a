"""Where orders may go and what they may cost: carriers, countries, currencies, rounding, taxes, stock."""

from collections.abc import Iterator

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.lines import CARRIERS_PAGE, bad, good, listed, quoted
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.mapping.totals import PER_ITEM, PER_LINE
from app.shops.prestashop.orders.preparation import best_carrier
from app.shops.prestashop.reads.facts import Carrier, Facts
from app.shops.prestashop.reads.listing_choices import carrier_name
from app.shops.prestashop.reads.stock import UNCOUNTED, counts_stock

_ROUNDING_PAGE = "Shop Parameters > General"
_ALWAYS_ONE_WAY = ("0", "1")
_HALVES_UP = "Round up away from zero, when it is half way there"


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
            return bad("CARRIER", "The shop has no carrier that orders can be given to.", fix=_free_carrier())
        return good(
            "CARRIER",
            f"Orders without a carrier of their own go with {_named(best)}, since none is chosen. To choose one: "
            "marketcron shop carriers NAME, then marketcron shop set NAME carrier=…",
        )
    carrier = facts.carrier_of(config.carrier)
    if carrier is None:
        return bad(
            "CARRIER",
            f"The shop has no active carrier with the number {config.carrier}, which is chosen for its orders.",
            fix="Choose one of marketcron shop carriers NAME: marketcron shop set NAME carrier=…",
        )
    if not _fits(carrier, facts):
        return bad("CARRIER", f"{_named(carrier)} is chosen for orders and {_not_free()}", fix=_free_carrier())
    return good("CARRIER", f"Orders without a carrier of their own go with {_named(carrier)}, as chosen.")


def _mapped_carriers(facts: Facts, mapping: ShopMapping) -> Iterator[Finding]:
    odd = False
    for method, number in mapping.carriers.items():
        carrier = facts.carrier_of(number)
        if carrier is None:
            odd = True
            yield bad(
                "CARRIERS",
                f"The setting carriers gives '{method}' the carrier {number}, which is not active in the shop.",
                fix="Choose one of marketcron shop carriers NAME: marketcron account set ACCOUNT carriers=…",
            )
        elif not _fits(carrier, facts):
            odd = True
            yield bad(
                "CARRIERS",
                f"The setting carriers gives '{method}' {_named(carrier)}, which {_not_free()}",
                fix=_free_carrier(),
            )
    if mapping.carriers and not odd:
        yield good("CARRIERS", f"The carriers for {quoted(list(mapping.carriers))} are active.")


def _fits(carrier: Carrier, facts: Facts) -> bool:
    return carrier.free or facts.enters_unpaid


def _not_free() -> str:
    return "is not free: the shop would add its price and refuse the total."


def _free_carrier() -> str:
    return (
        f"Add a carrier with 'Free shipping' under {CARRIERS_PAGE} and choose it, or let orders enter in a state that "
        "records no payment (see the line about it)."
    )


def _named(carrier: Carrier) -> str:
    free = ", free" if carrier.free else ""
    return f"'{carrier_name(carrier)}' (number {carrier.reference}{free})"


def _currencies(facts: Facts) -> Finding:
    if not facts.currencies:
        return bad(
            "CURRENCIES", "The shop has no currency.", fix="Add one under International > Localization > Currencies."
        )
    return good("CURRENCIES", f"The shop takes orders in {listed(sorted(facts.currencies))}.")


def _countries(facts: Facts) -> Iterator[Finding]:
    active = sorted(code for code, each in facts.countries.items() if each.active)
    page = "International > Locations > Countries"
    if not active:
        yield bad("COUNTRIES", "No country is active: the shop delivers nowhere.", fix=f"Activate some under {page}.")
        return
    default = facts.setting("PS_COUNTRY_DEFAULT")
    home = next((code for code, each in facts.countries.items() if each.id == default), "")
    if home and home not in active:
        yield bad("COUNTRIES", f"The shop's own country {home} is not active.", fix=f"Activate it under {page}.")
    count = "1 country" if len(active) == 1 else f"{len(active)} countries"
    yield good("COUNTRIES", f"The shop delivers to {count}: {listed(active)}. Orders to others are refused.")


def _rounding(facts: Facts) -> Iterator[Finding]:
    if facts.setting("PS_PRICE_ROUND_MODE", "2") in _ALWAYS_ONE_WAY:
        yield bad(
            "ROUND_MODE",
            "The shop always rounds up, or always down: no total would match, so that no order is made.",
            fix=f"Set 'Round mode' to '{_HALVES_UP}' under {_ROUNDING_PAGE}.",
        )
    match facts.round_type:
        case kind if kind == PER_LINE:
            yield good("ROUNDING", "The shop rounds each line: every total of a marketplace can be met.")
        case kind if kind == PER_ITEM:
            yield bad(
                "ROUNDING",
                "The shop rounds each unit: a line whose amount is not whole cents a unit, such as 10.00 for three, "
                "can't be met and is refused.",
                fix=f"Set 'Round type' to 'Round on each line' under {_ROUNDING_PAGE}, or make such orders by hand.",
            )
        case _:
            yield good(
                "ROUNDING",
                "The shop rounds the total: every total of a marketplace can be met up to 4,000 units an order.",
            )


def _taxes(facts: Facts) -> Iterator[Finding]:
    if facts.setting("PS_TAX", "1") == "0":
        yield good(
            "TAXES",
            "Taxes are off: orders and invoices bear none. If you owe VAT, switch 'Enable tax' on under International "
            "> Taxes > Tax options.",
        )
    else:
        yield good("TAXES", "Taxes are on: the shop's own rates are taken out of what the marketplace was paid.")
    if facts.setting("PS_USE_ECOTAX") == "1":
        yield good("ECOTAX", "Ecotax is on: it is part of what the marketplace was paid, not added to it.")


def _stock(facts: Facts) -> Finding:
    if counts_stock(facts):
        return good("STOCK", "The shop keeps stock: each order lowers it once.")
    return bad(
        "STOCK",
        f"The shop keeps no stock: orders lower nothing, and every offer shows {UNCOUNTED} units.",
        fix="Switch 'Enable stock management' on under Shop Parameters > Product Settings. If you mean it so, limit "
        "what is shown: marketcron account set ACCOUNT max_quantity=10",
    )
