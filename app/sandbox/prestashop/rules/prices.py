"""What one unit costs: the catalogue's price, whatever replaces it, the combination's share, taxes, reductions."""

from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.prestashop.rules import taxes
from app.sandbox.prestashop.rules.rounding import HUNDRED, to_millionths, with_tax, without_tax
from app.sandbox.prestashop.tables import Database, Row
from app.sandbox.prestashop.tables.schema import NO_DATE

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """For whom, where and when a price is computed; 0 is any customer, country or cart."""

    country: int
    currency: int
    group: int
    customer: int
    cart: int
    shop: int
    now: str


@dataclass(frozen=True)
class PriceOptions:
    """What the price is to contain."""

    tax: bool
    reduction: bool = True
    ecotax: bool = True
    group_reduction: bool = True
    only_reduction: bool = False


def unit_price(
    database: Database, product: Row, *, attribute: int, quantity: int, buyer: Buyer, options: PriceOptions
) -> Decimal:
    """Return what one unit costs, in millionths."""
    special = special_price(database, product, attribute=attribute, quantity=quantity, buyer=buyer)
    rate = taxes.rate_of(database, group=product["id_tax_rules_group"], country=buyer.country)
    combination = database["combinations"].get(attribute)
    # A negative price leaves the product's own, to be reduced.
    fixed = special if special is not None and special["price"] >= 0 else None
    price: Decimal = product["price"] if fixed is None else fixed["price"]
    # A price for one combination is complete; any other gets the combination's difference on top.
    if combination is not None and not (fixed is not None and fixed["id_product_attribute"]):
        price += combination["price"]
    if options.tax:
        price = with_tax(price, rate)
    if options.ecotax:
        price += ecotax_of(product, combination)
    reduction = _reduction(special, price, rate, tax=options.tax) if special is not None else Decimal(0)
    if options.only_reduction:
        return to_millionths(reduction)
    if options.reduction:
        price -= reduction
    if options.group_reduction:
        group = database["groups"].get(buyer.group)
        price -= price * (group["reduction"] if group is not None else Decimal(0)) / HUNDRED
    return to_millionths(max(price, Decimal(0)))


def ecotax_of(product: Row, combination: Row | None) -> Decimal:
    """Return the ecotax of one unit; the combination's own wins. It has no tax in this shop."""
    ecotax: Decimal = product["ecotax"]
    if combination is not None and combination["ecotax"]:
        ecotax = combination["ecotax"]
    return ecotax


def special_price(database: Database, product: Row, *, attribute: int, quantity: int, buyer: Buyer) -> Row | None:
    """Return the row that decides, if one applies: for this combination first, then for this cart."""
    applying = [
        row
        for row in database["specific_prices"].where("id_product", product.id)
        if _applies(row, attribute=attribute, quantity=quantity, buyer=buyer)
    ]
    return max(applying, key=_weight, default=None)


def _applies(row: Row, *, attribute: int, quantity: int, buyer: Buyer) -> bool:
    conditions = (
        (row["id_product_attribute"], attribute),
        (row["id_cart"], buyer.cart),
        (row["id_customer"], buyer.customer),
        (row["id_group"], buyer.group),
        (row["id_country"], buyer.country),
        (row["id_currency"], buyer.currency),
        (row["id_shop"], buyer.shop),
    )
    if any(wanted not in (0, given) for wanted, given in conditions):
        return False
    if row["from_quantity"] > max(1, quantity):
        return False
    begun = row["from"] in (NO_DATE, "") or row["from"] <= buyer.now
    ended = row["to"] not in (NO_DATE, "") and row["to"] < buyer.now
    return begun and not ended


def _weight(row: Row) -> tuple[int, ...]:
    score = sum(
        weight
        for name, weight in (
            ("id_customer", 32),
            ("id_shop", 16),
            ("id_currency", 8),
            ("id_country", 4),
            ("id_group", 2),
        )
        if row[name]
    )
    return (row["id_product_attribute"], row["id_cart"], row["from_quantity"], -row["id_specific_price_rule"], score)


def _reduction(special: Row, price: Decimal, rate: Decimal, *, tax: bool) -> Decimal:
    reduction: Decimal = special["reduction"]
    if special["reduction_type"] == "percentage":
        return price * reduction
    if tax and not special["reduction_tax"]:
        return with_tax(reduction, rate)
    if not tax and special["reduction_tax"]:
        return without_tax(reduction, rate)
    return reduction
