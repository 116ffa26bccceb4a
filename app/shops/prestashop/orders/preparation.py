"""Everything an order needs before the first call that makes something: what can't work is refused here.

PrestaShop takes unknown products, inactive countries and wrong totals without a word and spoils the order later.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.message import Message, Param, message
from app.domain.money import Money, total
from app.domain.order import Address, Line, Order
from app.domain.shop_mapping import ShopMapping
from app.errors import Refused
from app.shops.port import ImportPlan
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.errors import setup_wrong, shop_refuses
from app.shops.prestashop.mapping.addresses import address_fields
from app.shops.prestashop.mapping.texts import generic
from app.shops.prestashop.mapping.totals import CartRow, PricePlan, plan_prices, vat_differs
from app.shops.prestashop.reads.catalogue import Catalogue, Product
from app.shops.prestashop.reads.facts import Carrier, Country, Currency, Facts
from app.shops.prestashop.reads.regions import Regions

_KEY_SIGNS = re.compile(r"[^A-Za-z0-9:._/-]")
_LONGEST_PAYMENT = 255
# PS_PRICE_ROUND_MODE: ceiling and floor.
_ALWAYS_ONE_WAY = ("0", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An order in PrestaShop's words; `shipping` is charged on top of what its `cart` is worth.

    `regions` are the shop's ids of the addresses' regions, where their countries have some.
    """

    cart: PricePlan
    shipping: Decimal
    carrier: Carrier
    delivery: Address
    billing: Address | None
    countries: Mapping[str, Country]
    regions: Mapping[Address, str]
    currency: Currency
    language: str
    payment: str
    warnings: Mapping[str, Mapping[str, str]]


def shop_key(key: str) -> str:
    """Return our key as a shop can keep and filter it: other signs are replaced, a checksum keeps it unique."""
    plain = _KEY_SIGNS.sub("_", key)
    return plain if plain == key else f"{plain}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def amounts_of(order: Order) -> tuple[Decimal, Decimal]:
    """Return what the open lines cost without shipping, and their shipping."""
    shipping = total((line.shipping for line in order.open_lines), currency=order.currency)
    return (order.open_total - shipping).amount, shipping.amount


def payment_label(order: Order) -> str:
    """Return what stands as method of payment: people look for the marketplace's number in it."""
    return generic(f"{order.platform.capitalize()} {order.order_id}", _LONGEST_PAYMENT)


async def prepare(
    order: Order,
    *,
    plan: ImportPlan,
    facts: Facts,
    mapping: ShopMapping,
    config: PrestashopConfig,
    catalogue: Catalogue,
    regions: Regions,
) -> Prepared:
    """Return an order ready to be made; raises Refused for what the shop can't take, SetupWrong for the shop itself."""
    _can_take_orders(facts)
    if not order.open_lines:
        raise _refused("NO_LINES", message("NOTHING_TO_DELIVER"))
    if order.tax_mode == "excl":
        raise _refused("TAXES_EXCLUDED", "")
    currency = facts.currencies.get(order.currency)
    if currency is None:
        raise _refused(
            "CURRENCY_UNKNOWN",
            message("NO_CURRENCY", currency=order.currency),
            currency=order.currency,
            expected=", ".join(sorted(facts.currencies)),
        )
    delivery = _delivery(order, plan, facts)
    billing = order.billing_address if order.billing_address != order.shipping_address else None
    countries = _countries(delivery, billing, facts)
    carrier = carrier_for(order, facts, mapping, config)
    products = await catalogue.products([match.ref for match in plan.matches.values()])
    region_ids = {
        each: await regions.id_of(each.region, country=countries[each.country])
        for each in filter(None, (delivery, billing))
    }
    taxed = billing if billing is not None and facts.taxes_by_invoice else delivery

    async def rate(tax_group: str) -> Decimal:
        country = countries[taxed.country]
        return await catalogue.rate(
            tax_group, country_id=country.id, postcode=taxed.postcode, state_id=region_ids[taxed]
        )

    rows = [await _row(line, plan, products, rate, facts) for line in order.open_lines]
    cart = plan_prices(rows, round_type=facts.round_type)
    if not cart.matches:
        raise _refused(
            "TOTAL_MISMATCH",
            message("ROUNDING_DIFFERS"),
            lines=Money(cart.total, order.currency),
            total=Money(cart.wanted, order.currency),
        )
    for address in filter(None, (delivery, billing)):
        # Refused now rather than when a customer was made for it.
        address_fields(
            address,
            country=countries[address.country],
            customer_id="",
            alias="",
            pickup_point=order.pickup_point if address is delivery else "",
            delivery=address is delivery,
            partial=plan.state == "shipped",
        )
    locale = order.buyer.locale[:2].lower() if order.buyer else ""
    return Prepared(
        cart=cart,
        shipping=amounts_of(order)[1],
        carrier=carrier,
        delivery=delivery,
        billing=billing,
        countries=countries,
        regions=region_ids,
        currency=currency,
        language=facts.languages.get(locale) or facts.setting("PS_LANG_DEFAULT", "1"),
        payment=payment_label(order),
        warnings=_warnings(order, rows, facts),
    )


def _can_take_orders(facts: Facts) -> None:
    state = facts.states.get(facts.entry_state)
    if state is None or state.deleted:
        raise setup_wrong("orders.post", message("ENTRY_STATE_GONE"))
    if facts.setting("PS_PRICE_ROUND_MODE", "2") in _ALWAYS_ONE_WAY:
        raise setup_wrong("orders.post", message("ROUNDS_ONE_WAY"))


def _delivery(order: Order, plan: ImportPlan, facts: Facts) -> Address:
    """Return where it goes; what the marketplace shipped itself may come without a name, a street or any address."""
    given = order.shipping_address or order.billing_address
    if plan.state != "shipped":
        if given is not None and (given.street_1 or given.street_2 or given.city or order.pickup_point):
            return given
        raise _refused("ADDRESS_MISSING", message("ADDRESS_NEEDED"))
    given = given or Address(last_name="", street_1="", postcode="", city="", country="")
    if not (given.last_name or given.first_name or given.company):
        buyer = order.buyer.last_name if order.buyer else ""
        given = replace(given, last_name=buyer or order.platform.capitalize())
    return replace(given, country=given.country or _default_country(facts))


def _default_country(facts: Facts) -> str:
    default = facts.setting("PS_COUNTRY_DEFAULT")
    return next((code for code, country in facts.countries.items() if country.id == default), "")


def _countries(delivery: Address, billing: Address | None, facts: Facts) -> dict[str, Country]:
    """Return the countries of an order's addresses; PrestaShop dies without a word when a delivery's is inactive."""
    found: dict[str, Country] = {}
    for address in filter(None, (billing, delivery)):
        country = facts.countries.get(address.country.upper())
        if country is None or (address is delivery and not country.active):
            raise _refused(
                "COUNTRY_INACTIVE", message("COUNTRY_NOT_SERVED", country=address.country), country=address.country
            )
        found[address.country] = country
    return found


def carrier_for(order: Order, facts: Facts, mapping: ShopMapping, config: PrestashopConfig) -> Carrier:
    """Return the carrier for an order: as mapped, the shop's own for all of them, or the best there is."""
    mapped = next(
        (
            mapping.carriers[word]
            for word in (order.shipping_method, order.shipping_method_label, "*")
            if word in mapping.carriers
        ),
        config.carrier,
    )
    if mapped:
        carrier = facts.carrier_of(mapped)
        if carrier is None:
            raise _unmapped(order, message("CARRIER_INACTIVE", reference=mapped))
    else:
        carrier = best_carrier(facts)
        if carrier is None:
            raise _unmapped(order, message("NO_CARRIER_FITS"))
    if not carrier.free and not facts.enters_unpaid:
        # Its price would be added to the cart, and one cent of difference writes to the buyer.
        raise _unmapped(order, message("CARRIER_NOT_FREE", carrier=carrier.name))
    return carrier


def best_carrier(facts: Facts) -> Carrier | None:
    """Return the carrier for orders without one: the shop's default where it fits, else a free one, None for none."""
    usable = [each for each in facts.carriers.values() if each.active and not each.deleted]
    known = facts.carriers.get(facts.setting("PS_CARRIER_DEFAULT"))
    # Edited since, it has another id.
    default = facts.carrier_of(known.reference) if known is not None else None
    if default is not None and (default.free or facts.enters_unpaid):
        return default
    free = next((each for each in usable if each.free), None)
    return free or (next(iter(usable), None) if facts.enters_unpaid else None)


async def _row(
    line: Line,
    plan: ImportPlan,
    products: Mapping[str, Product],
    rate: Callable[[str], Awaitable[Decimal]],
    facts: Facts,
) -> CartRow:
    if not line.sku:
        raise _refused("SKU_MISSING", message("LINE_WITHOUT_SKU", line=line.id))
    match = plan.matches.get(line.sku)
    product = products.get(match.ref) if match else None
    if product is None:
        raise _refused("SKU_UNKNOWN", message("NO_PRODUCT_OF_SKU", sku=line.sku), sku=line.sku)
    if not product.orderable:
        raise _refused("PRODUCT_INACTIVE", message("PRODUCT_NOT_FOR_SALE", sku=line.sku), sku=line.sku)
    ecotax = product.ecotax if facts.setting("PS_USE_ECOTAX") == "1" else Decimal(0)
    return CartRow(
        product_id=product.product_id,
        attribute_id=product.attribute_id,
        quantity=line.quantity_open,
        amount_incl=(line.total - line.shipping).amount,
        rate=await rate(product.tax_group),
        ecotax_excl=ecotax,
        ecotax_rate=await rate(facts.setting("PS_ECOTAX_TAX_RULES_GROUP_ID", "0")) if ecotax else Decimal(0),
    )


def _warnings(order: Order, rows: Sequence[CartRow], facts: Facts) -> dict[str, Mapping[str, str]]:
    """Return VAT_DIFFERS for the first line whose tax the marketplace gives and the shop computes otherwise."""
    for line, row in zip(order.open_lines, rows, strict=True):
        reported = line.tax.amount if line.tax else None
        if vat_differs([row], reported=reported, round_type=facts.round_type):
            return {"VAT_DIFFERS": {"sku": line.sku}}
    return {}


def _unmapped(order: Order, detail: Message) -> Refused:
    return _refused("CARRIER_UNMAPPED", detail, method=order.shipping_method_label or order.shipping_method)


def _refused(reason: str, detail: Message | str, **params: Param) -> Refused:
    return shop_refuses(reason, detail, operation="create_order", params=params)
