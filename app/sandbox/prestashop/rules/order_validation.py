"""What the Webservice's POST of an order really does: the shop's checks, and the time that an order takes.

The guard against a second order of the same cart looks for a finished one. Between its look and the first row, and
from the first row (state 0) to the state the order enters, time passes: whoever looks then sees nothing, or half.
"""

import asyncio
from decimal import Decimal

from app.sandbox.prestashop.errors import FatalError
from app.sandbox.prestashop.messages import sentence
from app.sandbox.prestashop.rules import states
from app.sandbox.prestashop.rules.cart import CartContents, read_cart
from app.sandbox.prestashop.rules.order_creation import OrderCreation, PaymentDetails
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.entities import Entity

ENTRY = "PS_OS_WS_PAYMENT"
PAYMENT_MODULES = frozenset(states.MODULE_TITLES)
# How much of an order's time goes by before its first row.
BEFORE_FIRST_ROW = 0.3
# Since this version a refused order throws, and says nothing.
SILENT_SINCE = "9.0.0"


async def validate_order(shop: Shop, sent: Entity) -> Row:
    """Make the order that was asked for and return it; raises FatalError where the shop's program dies."""
    cart = _checked_cart(shop, sent)
    await _take_time(shop, "door", share=BEFORE_FIRST_ROW)
    creation = OrderCreation(shop, cart, checked_contents(shop, cart), _payment_details(shop, sent), key_of(shop, cart))
    order = creation.write_half()
    shop.unfinished_orders.add(order.id)
    try:
        await _take_time(shop, "half", share=1 - BEFORE_FIRST_ROW)
        if shop.take_one("half_orders"):
            raise FatalError
        creation.finish(order)
        if shop.take_one("lost_rows"):
            shop.database["order_details"].remove(shop.database["order_details"].where("id_order", order.id)[-1])
    finally:
        shop.unfinished_orders.discard(order.id)
    return order


def checked_contents(shop: Shop, cart: Row) -> CartContents:
    """Return what is in a cart; raises FatalError when it can't be sent, or when nothing in it exists."""
    address = shop.database["addresses"].get(cart["id_address_delivery"])
    country = shop.database["countries"].get(address["id_country"]) if address is not None else None
    if country is None or not country["active"]:
        raise FatalError
    contents = read_cart(shop, cart)
    if not contents.lines or cart["id_currency"] not in shop.database["currencies"]:
        raise FatalError
    return contents


def key_of(shop: Shop, cart: Row) -> str:
    """Return the secure key of a cart; the shop fills its customer's in when none was sent."""
    customer = shop.database["customers"].get(cart["id_customer"])
    return cart["secure_key"] or (customer["secure_key"] if customer is not None else "")


async def _take_time(shop: Shop, phase: str, *, share: float) -> None:
    if shop.switches.order_post_ms:
        await asyncio.sleep(shop.switches.order_post_ms * share / 1000)
    while shop.switches.hold_orders == phase:
        shop.held_orders[phase] += 1
        try:
            await shop.may_go_on.wait()
        finally:
            shop.held_orders[phase] -= 1


def _checked_cart(shop: Shop, sent: Entity) -> Row:
    if sent.text("module") not in PAYMENT_MODULES:
        raise FatalError
    customer = shop.database["customers"].get(sent.number("id_customer"))
    cart = shop.database["carts"].get(sent.number("id_cart"))
    if cart is None or _ordered(shop, cart):
        raise FatalError("" if shop.switches.version == SILENT_SINCE else sentence(shop.switches.language, "cart"))
    if customer is None or customer["secure_key"] != key_of(shop, cart):
        raise FatalError("Error processing order. Secure key does not match.")
    return cart


def _ordered(shop: Shop, cart: Row) -> bool:
    orders = shop.database["orders"].where("id_cart", cart.id)
    return any(order.id not in shop.unfinished_orders for order in orders)


def _payment_details(shop: Shop, sent: Entity) -> PaymentDetails:
    state = shop.database["order_states"].get(shop.config_number(ENTRY))
    paid = sent.resource.by_name["total_paid"].stored(sent.values["total_paid"])
    if state is None or not isinstance(paid, Decimal):
        raise FatalError
    return PaymentDetails(sent.text("module"), sent.text("payment"), paid, state)
