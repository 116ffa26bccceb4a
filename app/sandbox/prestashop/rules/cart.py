"""A cart read as the shop reads it: products that exist, at the prices of this buyer, with the carrier it gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.prestashop.rules import carriers, prices, taxes
from app.sandbox.prestashop.rules.carriers import Delivery
from app.sandbox.prestashop.rules.prices import Buyer, PriceOptions
from app.sandbox.prestashop.rules.totals import Line, Totals, totals
from app.sandbox.prestashop.shop import SHOP_ID, Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.schema import CART_ROWS


@dataclass(frozen=True)
class CartContents:
    """What an order is made from."""

    lines: Sequence[Line]
    delivery: Delivery
    totals: Totals
    buyer: Buyer


def read_cart(shop: Shop, cart: Row) -> CartContents:
    """Return the cart's lines, carrier and totals; a row of a product that does not exist is no line."""
    database = shop.database
    customer = database["customers"].get(cart["id_customer"])
    tax_address = database.config("PS_TAX_ADDRESS_TYPE") or "id_address_delivery"
    buyer = Buyer(
        country=taxes.country_of(database, cart[tax_address]),
        currency=cart["id_currency"],
        group=customer["id_default_group"] if customer is not None else 0,
        customer=cart["id_customer"],
        cart=cart.id,
        shop=SHOP_ID,
        now=shop.local_now(),
    )
    lines = [
        _line(shop, product, attribute=int(item["id_product_attribute"]), quantity=int(item["quantity"]), buyer=buyer)
        for item in cart.get(CART_ROWS, ())
        if (product := database["products"].get(int(item["id_product"]))) is not None
    ]
    weight = sum((line.weight for line in lines), start=prices.NOTHING)
    delivery = carriers.deliver(database, cart, group=buyer.group, weight=weight, tax_country=buyer.country)
    return CartContents(lines, delivery, totals(lines, shipping_excl=delivery.excl, shipping_incl=delivery.incl), buyer)


def _line(shop: Shop, product: Row, *, attribute: int, quantity: int, buyer: Buyer) -> Line:
    database = shop.database
    excl, incl = (
        prices.unit_price(
            database, product, attribute=attribute, quantity=quantity, buyer=buyer, options=PriceOptions(tax=tax)
        )
        for tax in (False, True)
    )
    return Line(
        product=product,
        combination=database["combinations"].get(attribute),
        attribute=attribute,
        quantity=quantity,
        unit_excl=excl,
        unit_incl=incl,
        round_type=shop.config_number("PS_ROUND_TYPE"),
    )
