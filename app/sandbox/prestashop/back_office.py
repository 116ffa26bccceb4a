"""What the merchant does by hand: ships, cancels and deletes orders, edits carriers, changes stock and prices."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from app.sandbox.catalogue import LARGEST_RANGE, Product, unlisted_product
from app.sandbox.control_input import ControlNotFound, ControlRefused, ControlRequest, read
from app.sandbox.prestashop.installation.products import add_products
from app.sandbox.prestashop.rules import states, stock
from app.sandbox.prestashop.rules.carriers import ZONE_PRICES
from app.sandbox.prestashop.rules.rounding import to_millionths, without_tax
from app.sandbox.prestashop.rules.taxes import country_of, rate_of
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.switch_effects import products_of
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.computed import last_order_carrier

Json = dict[str, Any]


class ShipRequest(ControlRequest):
    """A shipment: the number is written on the parcel, and the order is sent."""

    tracking: str = Field(default="", max_length=64)
    carrier: int | None = None


class StateRequest(ControlRequest):
    """A state that the merchant chooses, with its mail as the back office sends it."""

    state: int


class EmptyRequest(ControlRequest):
    """Nothing more to say."""


class ProductRequest(ControlRequest):
    """One SKU whose stock, price or activity changes; or `count` articles of the large range to put on sale."""

    sku: str | None = Field(default=None, min_length=1, max_length=64)
    quantity: int | None = Field(default=None, ge=-1_000_000, le=1_000_000_000)
    price: Annotated[Decimal, Field(gt=0, lt=1_000_000)] | None = None
    active: bool | None = None
    count: int | None = Field(default=None, ge=1, le=LARGEST_RANGE)


def act(shop: Shop, things: str, number: str, action: str, body: Json) -> Json:
    """Do that to one order or carrier, and return what became of it."""
    actions = _ACTIONS.get(things)
    if actions is None or action not in actions:
        allowed = ", ".join(f"{name}/…/{each}" for name, some in _ACTIONS.items() for each in some)
        raise ControlNotFound(f"The merchant can't {action!r} {things!r}; there are: {allowed}.")
    row = shop.database[things].get(int(number)) if number.isdigit() else None
    if row is None:
        raise ControlNotFound(f"There is no {number!r} among the {things} of the shop.")
    return actions[action](shop, row, body)


def change_goods(shop: Shop, request: ProductRequest) -> Json:
    """Do what the request says and return how many products there are."""
    if (request.sku is None) == (request.count is None):
        raise ControlRefused("Name one article by sku, or how many of the large range by count.")
    if request.count is not None:
        known = shop.database["products"], shop.database["combinations"]
        fresh = [
            article
            for article in shop.context.large_range(request.count)
            if not any(table.where("reference", article.sku) for table in known)
        ]
        add_products(shop, fresh)
    else:
        _change_one(shop, request.sku or "", request)
    return {"products": len(shop.database["products"]), "stock_rows": len(shop.database["stock_availables"])}


def _change_one(shop: Shop, sku: str, request: ProductRequest) -> None:
    found = products_of(shop, sku)
    if not found and request.price is not None and request.quantity is not None:
        add_products(shop, [_new_article(shop, sku, request.price, request.quantity)])
        return
    if not found:
        raise ControlNotFound(f"There is no {sku!r} in the shop; a new product needs a price and a quantity.")
    now = shop.local_now()
    for product, combination in found:
        if request.quantity is not None:
            attribute = combination.id if combination is not None else 0
            quantity = request.quantity - stock.in_stock(shop.database, product.id, attribute)
            stock.move(shop.database, product.id, attribute, quantity)
        if request.price is not None:
            own = country_of(shop.database, 0)
            rate = rate_of(shop.database, group=product["id_tax_rules_group"], country=own)
            impact = combination["price"] if combination is not None else Decimal(0)
            price = to_millionths(without_tax(request.price, rate)) - impact
            shop.database["products"].change(product, price=price, date_upd=now)
        if request.active is not None:
            shop.database["products"].change(product, active=int(request.active), date_upd=now)


def _new_article(shop: Shop, sku: str, price: Decimal, quantity: int) -> Product:
    # No multiple of seven: it has no combinations.
    number = 7 * len(shop.database["products"]) + 1
    article = replace(unlisted_product(number), number=number, ean="", price_cents=int(price * 100))
    return replace(article, sku=sku, title=sku, quantity=quantity)


def _ship(shop: Shop, order: Row, body: Json) -> Json:
    request = read(ShipRequest, body)
    parcel = _parcel(shop, order)
    if request.carrier is not None and shop.database["carriers"].get(request.carrier) is None:
        raise ControlRefused(f"carrier can't be {request.carrier}; allowed: the ids of the shop's carriers.")
    if request.carrier is not None:
        shop.database["order_carriers"].change(parcel, id_carrier=request.carrier)
        shop.database["orders"].change(order, id_carrier=request.carrier)
    _write_number(shop, order, parcel, request.tracking)
    return _enter(shop, order, shop.config_number("PS_OS_SHIPPING"))


def _cancel(shop: Shop, order: Row, body: Json) -> Json:
    read(EmptyRequest, body)
    return _enter(shop, order, shop.config_number(states.CANCELED))


def _state(shop: Shop, order: Row, body: Json) -> Json:
    request = read(StateRequest, body)
    if shop.database["order_states"].get(request.state) is None:
        raise ControlRefused(f"state can't be {request.state}; allowed: the ids of the shop's order states.")
    return _enter(shop, order, request.state)


def _enter(shop: Shop, order: Row, state: int) -> Json:
    states.change_state(shop, order, shop.database["order_states"][state], mail=True, employee=1)
    return {"id": order.id, "state": state}


def _track(shop: Shop, order: Row, body: Json) -> Json:
    request = read(ShipRequest, body)
    _write_number(shop, order, _parcel(shop, order), request.tracking)
    return {"id": order.id, "tracking": request.tracking}


def _parcel(shop: Shop, order: Row) -> Row:
    parcel = last_order_carrier(shop.database, order.id)
    if parcel is None:
        raise ControlRefused("The order has no carrier, so there is no parcel to write a number on.")
    return parcel


def _write_number(shop: Shop, order: Row, parcel: Row, number: str) -> None:
    # Typed into the back office since 8.0, a number touches the parcel's row alone, and no date.
    shop.database["order_carriers"].change(parcel, tracking_number=number)
    if not shop.switches.modern:
        shop.database["orders"].change(order, shipping_number=number, date_upd=shop.local_now())


def _delete(shop: Shop, order: Row, body: Json) -> Json:
    read(EmptyRequest, body)
    shop.database["orders"].remove(order)
    return {"id": order.id, "deleted": True}


def _edit_carrier(shop: Shop, carrier: Row, body: Json) -> Json:
    """Save a carrier as the back office does: a new row with a new id, the old one deleted, the reference kept."""
    read(EmptyRequest, body)
    carriers = shop.database["carriers"]
    edited = carriers.add(**{name: value for name, value in carrier.items() if name not in ("id", ZONE_PRICES)})
    edited[ZONE_PRICES] = carrier[ZONE_PRICES]
    carriers.change(carrier, deleted=1, active=0)
    return {"id": edited.id, "reference": edited["id_reference"]}


_ACTIONS: Mapping[str, Mapping[str, Callable[[Shop, Row, Json], Json]]] = {
    "orders": {"ship": _ship, "track": _track, "state": _state, "cancel": _cancel, "delete": _delete},
    "carriers": {"edit": _edit_carrier},
}
