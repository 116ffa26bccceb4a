"""Orders of the shop's own front: buyers that come by themselves, with names and addresses that are hard to read."""

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import Field

from app.sandbox.buyers import Buyer, draw_buyer
from app.sandbox.control_input import Age, ControlRequest
from app.sandbox.prestashop.installation.localization import COUNTRIES, CUSTOMERS
from app.sandbox.prestashop.installation.products import is_combined
from app.sandbox.prestashop.rules.order_creation import OrderCreation, PaymentDetails
from app.sandbox.prestashop.rules.order_validation import checked_contents
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.schema import CART_ROWS
from app.sandbox.times import duration

BY_TRANSFER = 10
SPREAD = timedelta(seconds=60)
STAMP = "%Y-%m-%d %H:%M:%S"
IDS = {country.iso: country.id for country in COUNTRIES}


class ShopOrdersRequest(ControlRequest):
    """How many orders; `age` is how long ago the first of them was placed, the others follow a minute apart."""

    count: int = Field(default=1, ge=1, le=20_000)
    age: Age | None = None


def create_shop_orders(shop: Shop, request: ShopOrdersRequest) -> list[str]:
    """Make the orders and return their ids; they wait for a bank transfer."""
    now = datetime.fromisoformat(shop.local_now())
    first = now - duration(request.age) if request.age else now
    return [str(_buy(shop, placed=min(now, first + position * SPREAD)).id) for position in range(request.count)]


def _buy(shop: Shop, *, placed: datetime) -> Row:
    database = shop.database
    draw = shop.context.draw("prestashop", "buyer", len(database["customers"]))
    buyer = draw_buyer(draw)
    customer = database["customers"].add(
        id_default_group=CUSTOMERS,
        id_lang=1,
        lastname=buyer.last_name,
        firstname=buyer.first_name,
        email=f"buyer-{len(database['customers'])}@shop.example",
        secure_key=shop.identifiers.key(),
        active=1,
    )
    address = _address(shop, customer, buyer)
    article = draw.choice([each for each in shop.context.catalogue[:60] if not is_combined(each)])
    (product,) = database["products"].where("reference", article.sku)[:1]
    cart = database["carts"].add(
        id_customer=customer.id,
        id_address_delivery=address.id,
        id_address_invoice=address.id,
        id_currency=1,
        id_lang=1,
        secure_key=customer["secure_key"],
    )
    cart[CART_ROWS] = [_cart_row(product, address, quantity=draw.choice((1, 1, 2)))]
    state = database["order_states"][BY_TRANSFER]
    wanted = PaymentDetails("ps_wirepayment", "Transfert bancaire", Decimal(0), state)
    creation = OrderCreation(shop, cart, checked_contents(shop, cart), wanted, customer["secure_key"])
    order = creation.write_half()
    creation.finish(order)
    moment = placed.strftime(STAMP)
    database["orders"].change(order, date_add=moment, date_upd=moment)
    return order


def _address(shop: Shop, customer: Row, buyer: Buyer) -> Row:
    return shop.database["addresses"].add(
        id_customer=customer.id,
        id_country=IDS[buyer.town.alpha2],
        alias="Domicile",
        lastname=buyer.last_name,
        firstname=buyer.first_name,
        address1=buyer.street[:128],
        postcode=buyer.town.zip_code,
        city=buyer.town.city,
        phone=buyer.phone or "",
    )


def _cart_row(product: Row, address: Row, *, quantity: int) -> dict[str, str]:
    return {
        "id_product": str(product.id),
        "id_product_attribute": "0",
        "id_address_delivery": str(address.id),
        "id_customization": "0",
        "quantity": str(quantity),
    }
