"""What a cart will be worth to the cent, by PrestaShop's own arithmetic, and the unit prices that make it so. Pure.

A price is forced without tax and with six decimals. PrestaShop then reckons, as PS_ROUND_TYPE says:

    a unit   price × (1 + rate) + ecotax × (1 + its rate), rounded to six decimals
    1         the unit is rounded to cents, times the quantity
    2         the unit times the quantity is rounded to cents
    3         the unit times the quantity; the sum of all rows is rounded to cents

and the same without the taxes for what it is worth before tax. One cent of difference and the order lands in the error
state, its stock not lowered, its buyer mailed: so it is reckoned here before anything is made. Halves go up, as a shop
is delivered (PS_PRICE_ROUND_MODE 2; whole cents are never met by a half, so 3, 4 and 5 ask the same, 0 and 1 don't).

With type 2 every amount in whole cents can be met up to 4,000 units a row and 30 % tax: both roundings to six decimals
are worth 0.46 cents then, and half a cent would show. With type 3 that holds for the units of all rows together; with
type 1 the amount must be whole cents a unit, so 10.00 for three can't be met.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from app.domain.money import CENT

PER_ITEM, PER_LINE, PER_TOTAL = 1, 2, 3

_MILLIONTH = Decimal("0.000001")
_HALF_CENT = CENT / 2
_FREE = Decimal("0.000000")
_NEIGHBOURS = (0, 1, -1, 2, -2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CartRow:
    """Pieces of one article; `amount_incl` is what the buyer pays for all of them without shipping, rates in percent.

    `rate` and the ecotax of a unit are the shop's, for the country that it taxes by.
    """

    product_id: str
    attribute_id: str
    quantity: int
    amount_incl: Decimal
    rate: Decimal
    ecotax_excl: Decimal = Decimal(0)
    ecotax_rate: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError("a row of a cart needs a unit: PrestaShop takes none and breaks on it later")


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePlan:
    """The rows of a cart, each article once, with the price to force on each and what the shop will make of them."""

    rows: tuple[CartRow, ...]
    prices: tuple[Decimal, ...]
    total: Decimal
    wanted: Decimal

    @property
    def matches(self) -> bool:
        """Whether the shop's total is the marketplace's; if not, the order must not be posted with it."""
        return self.total == self.wanted


def merge(rows: Iterable[CartRow]) -> tuple[CartRow, ...]:
    """Return the rows with each article once, quantities and amounts added: a cart refuses an article twice."""
    merged: dict[tuple[str, str], CartRow] = {}
    for row in rows:
        article = (row.product_id, row.attribute_id)
        if same := merged.get(article):
            row = replace(same, quantity=same.quantity + row.quantity, amount_incl=same.amount_incl + row.amount_incl)
        merged[article] = row
    return tuple(merged.values())


def unit_price_excl(row: CartRow) -> Decimal:
    """Return the price of a unit before tax and without its ecotax, six decimals; never less than zero."""
    price = (row.amount_incl / row.quantity - _with_tax(row.ecotax_excl, row.ecotax_rate)) / _with_tax(
        Decimal(1), row.rate
    )
    return max(_FREE, price).quantize(_MILLIONTH, ROUND_HALF_UP)


def row_total(row: CartRow, *, round_type: int, price: Decimal | None = None) -> Decimal:
    """Return what the shop will ask for a row, whole cents but with type 3; `price` in place of `unit_price_excl`."""
    price = unit_price_excl(row) if price is None else price
    unit = _with_tax(price, row.rate) + _with_tax(row.ecotax_excl, row.ecotax_rate)
    return _row(unit, row.quantity, round_type)


def cart_total(rows: Iterable[CartRow], *, round_type: int, prices: Sequence[Decimal] | None = None) -> Decimal:
    """Return what the shop will ask for all rows, whole cents; `prices` in the order of the rows."""
    pairs = _priced(rows, prices)
    return _cents(sum((row_total(row, round_type=round_type, price=price) for row, price in pairs), Decimal(0)))


def cart_total_excl(rows: Iterable[CartRow], *, round_type: int, prices: Sequence[Decimal] | None = None) -> Decimal:
    """Return what the shop will count for all rows before tax, whole cents."""
    pairs = _priced(rows, prices)
    return _cents(sum((_row(price + row.ecotax_excl, row.quantity, round_type) for row, price in pairs), Decimal(0)))


def plan_prices(rows: Iterable[CartRow], *, round_type: int) -> PricePlan:
    """Return the price to force on each row, the nearest one or a millionth or two beside it where that one misses."""
    merged = merge(rows)
    prices: list[Decimal] = []
    owed = Decimal(0)
    for row in merged:
        owed += row.amount_incl
        price, asked = _nearest(row, owed, round_type)
        prices.append(price)
        owed -= asked
    return PricePlan(
        rows=merged,
        prices=tuple(prices),
        total=cart_total(merged, round_type=round_type, prices=prices),
        wanted=_cents(sum((row.amount_incl for row in merged), Decimal(0))),
    )


def vat_differs(
    rows: Sequence[CartRow], *, reported: Decimal | None, round_type: int, prices: Sequence[Decimal] | None = None
) -> bool:
    """Return whether the shop's tax on these rows is more than a cent a row away from what the marketplace gave.

    `told` is None where it gives none: nothing differs then.
    """
    if reported is None:
        return False
    incl = cart_total(rows, round_type=round_type, prices=prices)
    excl = cart_total_excl(rows, round_type=round_type, prices=prices)
    return abs(incl - excl - reported) > CENT * len(rows)


def shipping_excl(shipping_incl: Decimal, rate: Decimal) -> Decimal:
    """Return shipping before tax in whole cents, as PrestaShop keeps it: it and the tax add up to what is paid."""
    return _cents(_cents(shipping_incl) / _with_tax(Decimal(1), rate))


def patched_totals(
    products_incl: Decimal, products_excl: Decimal, shipping_incl: Decimal, shipping_rate: Decimal, *, paid: bool
) -> dict[str, str]:
    """Return the fields of an `<order>` that make its totals the marketplace's, shipping included.

    The products as the shop counts them (`total_products_wt` and `total_products`). `paid`: whether the order has its
    payment already; if not, the shop adds it to `total_paid_real` when it comes, so that field is left out.
    """
    before_tax = shipping_excl(shipping_incl, shipping_rate)
    shipping, total = amount_text(_cents(shipping_incl)), amount_text(_cents(products_incl) + _cents(shipping_incl))
    fields = {
        "total_shipping": shipping,
        "total_shipping_tax_incl": shipping,
        "total_shipping_tax_excl": amount_text(before_tax),
        "total_paid": total,
        "total_paid_tax_incl": total,
        "total_paid_tax_excl": amount_text(_cents(products_excl) + before_tax),
    }
    return fields | ({"total_paid_real": total} if paid else {})


def amount_text(amount: Decimal) -> str:
    """Return an amount as PrestaShop writes it, with six decimals."""
    return f"{amount.quantize(_MILLIONTH, ROUND_HALF_UP):f}"


def _nearest(row: CartRow, owed: Decimal, round_type: int) -> tuple[Decimal, Decimal]:
    """Return the price that makes the row worth what is owed, and what the shop will ask for it."""
    price = unit_price_excl(row)
    candidates = [max(_FREE, price + step * _MILLIONTH) for step in _NEIGHBOURS]
    asked = [(each, row_total(row, round_type=round_type, price=each)) for each in candidates]
    fitting = (pair for pair in asked if abs(owed - pair[1]) < _HALF_CENT)
    return next(fitting, None) or min(asked, key=lambda pair: abs(owed - pair[1]))


def _row(unit: Decimal, quantity: int, round_type: int) -> Decimal:
    unit = unit.quantize(_MILLIONTH, ROUND_HALF_UP)
    if round_type == PER_TOTAL:
        return unit * quantity
    return _cents(unit * quantity) if round_type == PER_LINE else _cents(unit) * quantity


def _priced(rows: Iterable[CartRow], prices: Sequence[Decimal] | None) -> list[tuple[CartRow, Decimal]]:
    rows = list(rows)
    return list(zip(rows, map(unit_price_excl, rows) if prices is None else prices, strict=True))


def _with_tax(amount: Decimal, rate: Decimal) -> Decimal:
    return amount * (1 + rate / 100)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
