"""A test order as it stands in the shop, against what it should be."""

from app.domain.finding import Finding
from app.domain.order import Order
from app.shops.prestashop.checks.lines import CARRIERS_PAGE, bad, good
from app.shops.prestashop.checks.sample_order import SHIPPING, Article
from app.shops.prestashop.client import any_of
from app.shops.prestashop.orders.completion import amount
from app.shops.prestashop.orders.creation import Creator
from app.shops.prestashop.orders.preparation import carrier_for, payment_label
from app.shops.prestashop.orders.stock_kept import units_in
from app.shops.prestashop.reads import states
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.listing_choices import carrier_name
from app.shops.prestashop.records import Record

LOOK_AT_CHECK = (
    "Look at what marketcron shop check NAME says of states, rounding and the customer group; a module of the shop may "
    "also add something to every order."
)


async def inspect(creator: Creator, ref: str, *, order: Order, article: Article, right: bool) -> list[Finding]:
    """Return a line each for total, rows, state, carrier and payment; raises what the client raises.

    Of an order that is not `right`, only total and rows: the rest follows from them.
    """
    record = await creator.client.get("orders", ref)
    if record is None:
        return [bad("TOTAL", f"The order {ref} is gone.", fix="Find out who or what deletes orders in the shop.")]
    worth = [_total(record, order), _rows(record, article)]
    if not right:
        return worth
    return [
        *worth,
        _state(record, creator),
        _carrier(record, order, creator),
        await _payment(record, order, creator),
    ]


def compared_stock(before: int | None, after: int | None) -> Finding:
    """Return whether the order lowered the stock once; None where the shop keeps none."""
    if before is None or after is None:
        return good("STOCK", "The shop keeps no stock of this product: there is nothing to lower.")
    if before - after == 1:
        return good("STOCK", f"Its stock went down once: {before}, then {after}.")
    return bad(
        "STOCK",
        f"Its stock was {before} and is {after}: one unit less was meant.",
        fix="Unless somebody bought at the same time, a module changes stock too: find out which.",
    )


def compared_with_before(before: int, now: int) -> Finding:
    """Return whether the cancelled order gave its unit back."""
    if now == before:
        return good("STOCK_BACK", f"Its unit is back: the stock is {now} again.")
    return bad(
        "STOCK_BACK",
        f"The stock was {before} before the test order and is {now} after it was cancelled.",
        fix=f"Unless somebody bought at the same time, set it to {before} in the shop.",
    )


def _total(record: Record, order: Order) -> Finding:
    paid, shipping = amount(record["total_paid_tax_incl"]), amount(record["total_shipping_tax_incl"])
    if (paid, shipping) == (order.total.amount, SHIPPING):
        return good("TOTAL", f"Its total is {order.total}, of which {shipping} shipping: right to the cent.")
    return bad(
        "TOTAL",
        f"Its total is {paid}, of which {shipping} shipping, instead of {order.total} with {SHIPPING} shipping.",
        fix=LOOK_AT_CHECK,
    )


def _rows(record: Record, article: Article) -> Finding:
    if units_in(record) == {article.pair: 1}:
        return good("ROWS", "It holds the one unit that was ordered.")
    return bad("ROWS", "It holds something else than the one unit that was ordered.", fix=LOOK_AT_CHECK)


def _state(record: Record, creator: Creator) -> Finding:
    wanted, stands = states.imported_state(creator.facts, creator.mapping), record["current_state"]
    if stands == wanted:
        return good("STATE", f"It stands in the state {_named(creator.facts, stands)}.")
    return bad(
        "STATE",
        f"It stands in the state {_named(creator.facts, stands)} instead of {_named(creator.facts, wanted)}.",
        fix="A module of the shop may change states by itself: look at the order's history.",
    )


def _named(facts: Facts, state_id: str) -> str:
    state = facts.states.get(state_id)
    return f"'{state.name}'" if state else state_id or "none"


def _carrier(record: Record, order: Order, creator: Creator) -> Finding:
    wanted = carrier_for(order, creator.facts, creator.mapping, creator.config)
    if record["id_carrier"] == wanted.id:
        return good("CARRIER", f"It goes with '{carrier_name(wanted)}'.")
    taken = creator.facts.carriers.get(record["id_carrier"])
    return bad(
        "CARRIER",
        f"The shop gave it to '{carrier_name(taken) if taken else record['id_carrier']}' instead of "
        f"'{carrier_name(wanted)}', which it does not offer for this country, weight or group.",
        fix=f"Edit '{carrier_name(wanted)}' under {CARRIERS_PAGE}: tick the zones and groups, widen the ranges.",
    )


async def _payment(record: Record, order: Order, creator: Creator) -> Finding:
    filters = {"order_reference": any_of([record["reference"]])}
    rows = await creator.client.find("order_payments", filters=filters, sort="id_ASC")
    label = payment_label(order)
    reported = ", ".join(f"{amount(each['amount'])} as '{each['payment_method']}'" for each in rows) or "none"
    if [(amount(each["amount"]), each["payment_method"]) for each in rows] == [(order.total.amount, label)]:
        return good("PAYMENT", f"It has one payment: {reported}.")
    return bad("PAYMENT", f"Its payments: {reported}. One of {order.total} as '{label}' was meant.", fix=LOOK_AT_CHECK)
