"""Shall this order be accepted? The merchant's rules, without anything around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.domain.import_obstacles import currency_refused
from app.domain.message import Params
from app.domain.order import Fulfilment, Order
from app.domain.stock import shortages

AcceptWhen = Literal["in_stock", "always", "never"]
WhenShort = Literal["leave", "refuse", "refuse_lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The decision for each line, or None to leave the order alone, and why (a code of `reasons`)."""

    accept: Mapping[str, bool] | None = None
    code: str = ""
    params: Params = field(default_factory=dict)


def choose(
    order: Order,
    *,
    left: Mapping[str, int],
    products: Mapping[str, str],
    unresolved: Mapping[str, str],
    currencies: frozenset[str] | None,
    accept_when: AcceptWhen,
    when_short: WhenShort,
    line_by_line: bool,
) -> Choice:
    """Decide on an order.

    `left` and `products` are those of `shortages`; `unresolved` holds the code for each SKU that the shop can't name
    one product for, `currencies` those that the shop takes (None: it doesn't say). What would keep the order out of
    the shop is never a reason to refuse: a person may mend it in time.
    """
    if order.fulfilment is Fulfilment.MARKETPLACE or accept_when == "never":
        return Choice(code="WAITING_ACCEPTANCE")
    if not order.lines:
        return Choice(code="NO_LINES")
    if accept_when == "always":
        return Choice(accept={line.id: True for line in order.lines})
    if (foreign := currency_refused(order, currencies)) is not None:
        return Choice(code=foreign.code, params=foreign.params)
    for line in order.open_lines:
        if not line.sku:
            return Choice(code="SKU_MISSING")
        if line.sku in unresolved:
            return Choice(code=unresolved[line.sku], params={"sku": line.sku})
    short = shortages(order, left=left, products=products)
    if not short:
        return Choice(accept={line.id: True for line in order.lines})
    first = short[0]
    why: Params = {"sku": first.sku, "wanted": first.wanted, "left": first.left}
    if when_short == "leave":
        return Choice(code="OUT_OF_STOCK", params=why)
    missing = {each.line_id for each in short}
    whole = when_short == "refuse" or len(missing) == len(order.open_lines)
    if not whole and not line_by_line:
        return Choice(code="PARTIAL_ACCEPT_OFF", params=why)
    return Choice(
        accept={line.id: not whole and line.id not in missing for line in order.lines}, code="OUT_OF_STOCK", params=why
    )
