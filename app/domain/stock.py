"""Stock rules: what is left for one order once earlier orders have taken theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.order import Order


@dataclass(frozen=True, slots=True)
class Shortage:
    """A SKU of which fewer units are left than the order wants."""

    line_id: str
    sku: str
    wanted: int
    left: int


def shortages(order: Order, *, left: Mapping[str, int], products: Mapping[str, str]) -> list[Shortage]:
    """Return the open lines that `left` (units by SKU) can't serve.

    Lines of one product share its units, first line first; `products` says by SKU which product is meant.
    """
    remaining = {products.get(sku, sku): units for sku, units in left.items()}
    short = []
    for line in order.open_lines:
        product = products.get(line.sku, line.sku)
        units = remaining.get(product, 0)
        if units < line.quantity_open:
            short.append(Shortage(line.id, line.sku, line.quantity_open, max(0, units)))
        else:
            remaining[product] = units - line.quantity_open
    return short
