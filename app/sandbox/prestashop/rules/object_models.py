"""What a resource does when one of its objects is added, changed or deleted; most of them are only stored."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from app.sandbox.prestashop.errors import FatalError, Fault, Refusal
from app.sandbox.prestashop.messages import sentence
from app.sandbox.prestashop.rules import order_validation, states, stock
from app.sandbox.prestashop.shop import SHOP_ID, Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.collation import collated
from app.sandbox.prestashop.tables.computed import last_order_carrier
from app.sandbox.prestashop.tables.entities import Entity
from app.sandbox.prestashop.tables.schema import CART_ROWS, Item, Value

# A new password may not be changed again for so long; the shop dates it back by that.
PASSWORD_REST = timedelta(minutes=360)
GROUPS = "@groups"


@dataclass(frozen=True)
class SentParts:
    """What came beside the object: whether mails are wanted, and the items of its associations, None when not sent."""

    mail: bool
    associations: Mapping[str, Sequence[Item]]


def stored(entity: Entity) -> dict[str, Value]:
    """Return what the database keeps of an object."""
    fields = entity.resource.by_name
    kept = (name for name in entity.values if not fields[name].computed and name != "id")
    return {name: fields[name].stored(entity.values[name]) for name in kept}


async def add(shop: Shop, entity: Entity, sent: SentParts) -> Row:
    """Insert an object and return its row; the object is left as the answer shows it."""
    now = shop.local_now()
    for name in ("date_add", "date_upd"):
        if name in entity.values:
            entity.values[name] = now
    adder = _ADDERS.get(entity.resource.name, _plain)
    row = await adder(shop, entity, sent)
    entity.values["id"] = str(row.id)
    return row


def change(shop: Shop, entity: Entity, row: Row, sent: SentParts) -> None:
    """Write an object over its row."""
    table = shop.database[entity.resource.name]
    if entity.resource.dated:
        entity.values["date_upd"] = shop.local_now()
    if entity.values.get("date_add") is None and "date_add" in entity.values:
        entity.values["date_add"] = shop.local_now()
    table.change(row, **stored(entity))
    match entity.resource.name:
        case "stock_availables":
            if row["id_product_attribute"]:
                stock.add_up(shop.database, row["id_product"])
        case "order_carriers":
            _mail_tracking(shop, row, sent)
        case "carts":
            _fill_cart(row, sent)
        case "customers":
            _group(row, sent)


def remove(shop: Shop, resource: str, row: Row) -> bool:
    """Delete a row; False when the shop does not want to. What hangs on an order stays."""
    if resource == "carts" and shop.database["orders"].where("id_cart", row.id):
        return False
    shop.database[resource].remove(row)
    return True


async def _plain(shop: Shop, entity: Entity, sent: SentParts) -> Row:
    return shop.database[entity.resource.name].add(**stored(entity))


async def _customer(shop: Shop, entity: Entity, sent: SentParts) -> Row:
    customers = shop.database["customers"]
    known = any(not row["is_guest"] for row in customers.where("email", collated(entity.text("email"))))
    if known and shop.switches.modern:
        said = sentence(shop.switches.language, "email")
        raise Refusal(500, Fault(140, said), Fault(46, "Unable to save resource"))
    now = shop.local_now()
    rested = datetime.fromisoformat(now) - PASSWORD_REST
    default_group = "PS_GUEST_GROUP" if entity.number("is_guest") else "PS_CUSTOMER_GROUP"
    entity.values |= {
        "id_default_group": entity.text("id_default_group") or shop.database.config(default_group),
        "id_shop": entity.text("id_shop") or str(SHOP_ID),
        "id_shop_group": entity.text("id_shop_group") or "1",
        "secure_key": shop.identifiers.key(),
        "passwd": f"$2y$10${sha256(entity.text('passwd').encode()).hexdigest()[:53]}",
        "last_passwd_gen": rested.strftime("%Y-%m-%d %H:%M:%S"),
    }
    row = customers.add(**stored(entity))
    row[GROUPS] = [{"id": entity.text("id_default_group")}]
    _group(row, sent)
    return row


async def _cart(shop: Shop, entity: Entity, sent: SentParts) -> Row:
    row = shop.database["carts"].add(**stored(entity))
    _fill_cart(row, sent)
    return row


async def _order(shop: Shop, entity: Entity, sent: SentParts) -> Row:
    entity.values |= {"current_state": None, "date_add": None, "date_upd": None}
    return await order_validation.validate_order(shop, entity)


async def _history(shop: Shop, entity: Entity, sent: SentParts) -> Row:
    order = shop.database["orders"].get(entity.number("id_order"))
    state = shop.database["order_states"].get(entity.number("id_order_state"))
    if order is None or state is None:
        raise FatalError
    return states.change_state(shop, order, state, mail=sent.mail, employee=entity.number("id_employee"))


_ADDERS: Mapping[str, Callable[[Shop, Entity, SentParts], Awaitable[Row]]] = {
    "customers": _customer,
    "carts": _cart,
    "orders": _order,
    "order_histories": _history,
}


def _fill_cart(row: Row, sent: SentParts) -> None:
    items = sent.associations.get("cart_rows")
    if items is None:
        return
    row[CART_ROWS] = []
    keys = [(each["id_product"], each["id_product_attribute"], each["id_address_delivery"]) for each in items]
    if len(set(keys)) < len(keys):
        # The table refuses the second row, the program dies, and the cart stays behind, empty.
        raise FatalError
    row[CART_ROWS] = list(items)


def _group(row: Row, sent: SentParts) -> None:
    groups = sent.associations.get("groups")
    if groups:
        row[GROUPS] = list(groups)


def _mail_tracking(shop: Shop, row: Row, sent: SentParts) -> None:
    carrier = shop.database["carriers"].get(row["id_carrier"])
    if sent.mail and row["tracking_number"] and carrier is not None and carrier["url"]:
        shop.send_mail("in_transit", order_id=row["id_order"])


def track(shop: Shop, order: Row, number: str) -> None:
    """Write an order's shipping number into its last carrier row, its place since 8.0."""
    parcel = last_order_carrier(shop.database, order.id)
    if parcel is not None:
        shop.database["order_carriers"].change(parcel, tracking_number=number)


def set_current_state(shop: Shop, order: Row, state_id: int) -> None:
    """Change an order's state by its own field: always with the mail; before 8.0 also when it has it already."""
    state = shop.database["order_states"].get(state_id)
    if state is None or (shop.switches.modern and order["current_state"] == state_id):
        return
    states.change_state(shop, order, state, mail=True)
