"""What happens when an order enters a state: stock, invoice, payment, delivery slip, history and mail."""

from decimal import Decimal

from app.sandbox.prestashop.rules import stock
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.computed import last_order_carrier

ERROR, CANCELED = "PS_OS_ERROR", "PS_OS_CANCELED"
OUT_OF_STOCK_PAID, OUT_OF_STOCK_UNPAID = "PS_OS_OUTOFSTOCK_PAID", "PS_OS_OUTOFSTOCK_UNPAID"
INVOICED = (
    *("total_paid_tax_excl", "total_paid_tax_incl", "total_products", "total_products_wt"),
    *("total_shipping_tax_excl", "total_shipping_tax_incl"),
)
# The titles of payment modules, for payments without a name of their own.
MODULE_TITLES = {
    "ps_wirepayment": "Transfert bancaire",
    "ps_checkpayment": "Chèque",
    "ps_cashondelivery": "Paiement à la livraison",
}


def change_state(
    shop: Shop, order: Row, state: Row, *, mail: bool, employee: int = 0, with_payments: bool = False
) -> Row:
    """Change the order's state and return the line of its history; `with_payments` counts those it has."""
    database = shop.database
    before = database["order_states"].get(order["current_state"])
    _move_stock(shop, order, before, state)
    database["orders"].change(order, current_state=state.id, valid=state["logable"], date_upd=shop.local_now())
    if state["invoice"] and not order["invoice_number"]:
        _invoice(shop, order, with_payments=with_payments)
    elif (
        state["delivery"]
        and not order["delivery_number"]
        and not database["order_invoices"].where("id_order", order.id)
    ):
        _new_invoice(shop, order, number=0)
    if state["paid"]:
        _pay_the_rest(shop, order)
    if state["delivery"]:
        _deliver(shop, order)
    line = database["order_histories"].add(
        id_employee=employee, id_order_state=state.id, id_order=order.id, date_add=shop.local_now()
    )
    if mail and state["send_email"] and state["template"]:
        shop.send_mail(template_of(state), order_id=order.id)
    return line


def is_void(shop: Shop, state: Row) -> bool:
    """Say whether an order in that state takes no stock."""
    return state.id in (shop.config_number(ERROR), shop.config_number(CANCELED))


def template_of(state: Row) -> str:
    template = state["template"]
    return str(next(iter(template.values()), "")) if isinstance(template, dict) else str(template)


def record_payment(shop: Shop, order: Row, *, amount: Decimal, method: str, invoice: Row | None = None) -> Row:
    """Add a payment, and what it comes to to the order."""
    payment = shop.database["order_payments"].add(
        order_reference=order["reference"],
        id_currency=order["id_currency"],
        amount=amount,
        payment_method=method,
        conversion_rate=order["conversion_rate"],
        date_add=shop.local_now(),
    )
    if invoice is not None:
        _cover(payment, invoice)
    shop.database["orders"].change(order, total_paid_real=order["total_paid_real"] + amount)
    return payment


def _move_stock(shop: Shop, order: Row, before: Row | None, state: Row) -> None:
    if before is None or not shop.switches.stock_management:
        return
    was_void, is_void_now = is_void(shop, before), is_void(shop, state)
    sign = 0
    if was_void and state["logable"] and not before["logable"]:
        sign = -1
    elif is_void_now and not was_void and not state["logable"]:
        sign = 1
    if sign:
        for detail in shop.database["order_details"].where("id_order", order.id):
            quantity = sign * detail["product_quantity"]
            stock.move(shop.database, detail["product_id"], detail["product_attribute_id"], quantity)


def _invoice(shop: Shop, order: Row, *, with_payments: bool) -> None:
    database = shop.database
    number = shop.next_number("invoice")
    invoice = _new_invoice(shop, order, number=number)
    database["orders"].change(order, invoice_number=number, invoice_date=invoice["date_add"])
    if with_payments:
        for payment in database["order_payments"].where("order_reference", order["reference"]):
            _cover(payment, invoice)


def _new_invoice(shop: Shop, order: Row, *, number: int) -> Row:
    database = shop.database
    invoice = database["order_invoices"].add(
        id_order=order.id,
        number=number,
        **{name: order[name] for name in INVOICED},
        shop_address=database.config("PS_SHOP_NAME"),
        date_add=shop.local_now(),
    )
    for detail in database["order_details"].where("id_order", order.id):
        database["order_details"].change(detail, id_order_invoice=invoice.id)
    parcel = last_order_carrier(database, order.id)
    if parcel is not None:
        database["order_carriers"].change(parcel, id_order_invoice=invoice.id)
    return invoice


def _pay_the_rest(shop: Shop, order: Row) -> None:
    database = shop.database
    for invoice in database["order_invoices"].where("id_order", order.id):
        paid = sum(
            (
                payment["amount"]
                for payment in database["order_payments"].where("order_reference", order["reference"])
                if payment.get("@invoice") == invoice.id
            ),
            Decimal(0),
        )
        rest = invoice["total_paid_tax_incl"] - paid
        if rest > 0:
            method = MODULE_TITLES.get(order["module"], order["module"])
            record_payment(shop, order, amount=rest, method=method, invoice=invoice)


def _deliver(shop: Shop, order: Row) -> None:
    database = shop.database
    now = shop.local_now()
    for invoice in database["order_invoices"].where("id_order", order.id):
        if not invoice["delivery_number"]:
            number = shop.next_number("delivery")
            database["order_invoices"].change(invoice, delivery_number=number, delivery_date=now)
            database["orders"].change(order, delivery_number=number)
    database["orders"].change(order, delivery_date=now)


def _cover(payment: Row, invoice: Row) -> None:
    # order_invoice_payment, a table that the Webservice does not show.
    payment["@invoice"] = invoice.id
