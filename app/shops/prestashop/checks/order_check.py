"""A test order as it stands in the shop, against what it should be."""

from app.domain.finding import Finding
from app.domain.message import Message, message
from app.domain.money import Money
from app.domain.order import Order
from app.shops.prestashop.checks.lines import bad, good
from app.shops.prestashop.checks.sample_order import SHIPPING, Article
from app.shops.prestashop.client import any_of
from app.shops.prestashop.orders.completion import amount
from app.shops.prestashop.orders.creation import Creator
from app.shops.prestashop.orders.preparation import carrier_for, payment_label
from app.shops.prestashop.orders.stock_kept import units_in
from app.shops.prestashop.reads import states
from app.shops.prestashop.reads.listing_choices import carrier_name, state_name
from app.shops.prestashop.records import Record

LOOK_AT_CHECK = message("TEST_LOOK_AT_CHECK")


async def inspect(creator: Creator, ref: str, *, order: Order, article: Article, right: bool) -> list[Finding]:
    """Return a line each for total, rows, state, carrier and payment; raises what the client raises.

    Of an order that is not `right`, only total and rows: the rest follows from them.
    """
    record = await creator.client.get("orders", ref)
    if record is None:
        return [bad("TOTAL", "TEST_ORDER_GONE", ref=ref)]
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
        return good("STOCK", "TEST_STOCK_NOT_KEPT")
    if before - after == 1:
        return good("STOCK", "TEST_STOCK_LOWERED", before=before, after=after)
    return bad("STOCK", "TEST_STOCK_WRONG", before=before, after=after)


def compared_with_before(before: int, now: int) -> Finding:
    """Return whether the cancelled order gave its unit back."""
    if now == before:
        return good("STOCK_BACK", "TEST_STOCK_BACK", now=now)
    return bad("STOCK_BACK", "TEST_STOCK_NOT_BACK", before=before, now=now)


def _total(record: Record, order: Order) -> Finding:
    paid, shipping = amount(record["total_paid_tax_incl"]), amount(record["total_shipping_tax_incl"])
    meant = {"total": order.total, "shipping": Money(SHIPPING, order.currency)}
    if (paid, shipping) == (order.total.amount, SHIPPING):
        return good("TOTAL", "TEST_TOTAL_RIGHT", **meant)
    found = {"paid": Money(paid, order.currency), "shipping_paid": Money(shipping, order.currency)}
    return bad("TOTAL", "TEST_TOTAL_WRONG", LOOK_AT_CHECK, **found, **meant)


def _rows(record: Record, article: Article) -> Finding:
    if units_in(record) == {article.pair: 1}:
        return good("ROWS", "TEST_LINES_RIGHT")
    return bad("ROWS", "TEST_LINES_WRONG", LOOK_AT_CHECK)


def _state(record: Record, creator: Creator) -> Finding:
    wanted, stands = states.imported_state(creator.facts, creator.mapping), record["current_state"]
    if stands == wanted:
        return good("STATE", "TEST_STATE_RIGHT", state=state_name(creator.facts, stands))
    found = {"state": state_name(creator.facts, stands), "wanted": state_name(creator.facts, wanted)}
    return bad("STATE", "TEST_STATE_WRONG", **found)


def _carrier(record: Record, order: Order, creator: Creator) -> Finding:
    wanted = carrier_for(order, creator.facts, creator.mapping, creator.config)
    if record["id_carrier"] == wanted.id:
        return good("CARRIER", "TEST_CARRIER_RIGHT", carrier=carrier_name(wanted))
    taken = creator.facts.carriers.get(record["id_carrier"])
    given_to = carrier_name(taken) if taken else record["id_carrier"]
    return bad("CARRIER", "TEST_CARRIER_WRONG", carrier=given_to, wanted=carrier_name(wanted))


async def _payment(record: Record, order: Order, creator: Creator) -> Finding:
    filters = {"order_reference": any_of([record["reference"]])}
    rows = await creator.client.find("order_payments", filters=filters, sort="id_ASC")
    label = payment_label(order)
    found = [(amount(each["amount"]), each["payment_method"]) for each in rows]
    payments = tuple(_payment_said(Money(paid, order.currency), method) for paid, method in found)
    if found == [(order.total.amount, label)]:
        return good("PAYMENT", "TEST_PAYMENT_RIGHT", payments=payments)
    says = "TEST_PAYMENT_WRONG" if found else "TEST_PAYMENT_NONE"
    return bad("PAYMENT", says, LOOK_AT_CHECK, payments=payments, total=order.total, label=label)


def _payment_said(paid: Money, method: str) -> Message:
    return message("TEST_PAYMENT", amount=paid, label=method)
