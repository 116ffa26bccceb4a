"""The shop that was recorded, as it stood before the first call: what its reads show, and a few rows that they imply.

Only rows that were there before are learned here. Whatever a call writes is the sandbox's own doing.
"""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from app.clock import JumpingClock
from app.sandbox.clock import SandboxClock
from app.sandbox.context import Context
from app.sandbox.prestashop.app import PrestaShop
from app.sandbox.prestashop.rules.carriers import ZONE_PRICES
from app.sandbox.prestashop.rules.names import ATTRIBUTES
from app.sandbox.prestashop.shop import Identifiers, Key, Shop
from app.sandbox.prestashop.tables import RESOURCES, Database
from app.sandbox.prestashop.tables.schema import NO_DATE, Resource
from tests.sandbox.prestashop.recordings import Recording

KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456"
LIMITED_KEY = "READONLYKEY000000000000000000000"
EUROPE = 1
# Reads of rows that nothing had changed since the shop was installed.
BEFORE = (
    "011-countries-json",
    "012-order-states",
    "014-configurations",
    "016-currencies",
    "018-product-full",
    "019-products-json",
    "020-combinations",
    "021-stock",
    "022-stock-json",
    "023-price-computed",
    "024-price-combination",
    "025-languages",
    "171-conf",
    "212-orders-full-json",
    "217-carriers-json",
    "293-product-suppliers",
    "294-specific-prices",
    "295-taxes",
    "296-tax-rules",
)
# How many rows a table had, by the number of the first that was made.
FIRST_NUMBERS = {
    "customers": 3,
    "addresses": 7,
    "carts": 6,
    "orders": 6,
    "order_details": 8,
    "order_carriers": 6,
    "order_histories": 8,
    "specific_prices": 3,
}
SETTINGS = {
    "PS_SHOP_NAME": "Test shop",
    "PS_LANG_DEFAULT": "1",
    "PS_CURRENCY_DEFAULT": "1",
    "PS_COUNTRY_DEFAULT": "8",
    "PS_SHIPPING_HANDLING": "2.00",
    "PS_ROUND_TYPE": "2",
    "PS_PRICE_ROUND_MODE": "2",
    "PS_TAX_ADDRESS_TYPE": "id_address_delivery",
    "PS_UNIDENTIFIED_GROUP": "1",
    "PS_GUEST_GROUP": "2",
    "PS_CUSTOMER_GROUP": "3",
}
_KEY = re.compile(r"<customer>.*<secure_key><!\[CDATA\[(\w{32})", re.DOTALL)
_ORDER_XML = re.compile(
    r"<order>\s*<id><!\[CDATA\[(\d+)\]\]>(?:(?!</order>).)*<reference><!\[CDATA\[([A-Z]{8,9})\]", re.DOTALL
)
_ORDER_JSON = re.compile(r'"id":(\d+),"current_state"[^}]*"reference":"([A-Z]{9})"')
_ORDER_LINE = re.compile(r"(?P<name>.+?)(?: \((?P<attributes>.+)\))?")


class RecordedIdentifiers(Identifiers):
    """The keys of customers and the references of orders that the real shop made up."""

    def __init__(self, shop: Shop, recorded: Iterable[Recording]) -> None:
        self._orders = shop.database["orders"]
        texts = [each.received.decode() for each in recorded]
        self._keys: list[str] = [key for text in texts for key in _KEY.findall(text)]
        self._references: dict[int, str] = {
            int(number): reference
            for text in texts
            for number, reference in (*_ORDER_XML.findall(text), *_ORDER_JSON.findall(text))
        }

    def key(self) -> str:
        return self._keys.pop(0)

    def reference(self) -> str:
        return self._references.get(self._orders.next_id, "UNWRITTEN")


def open_demo_shop(recorded: Iterable[Recording], *, clock: JumpingClock) -> PrestaShop:
    """Return a sandbox shop with the rows of the recorded one."""
    recorded = list(recorded)
    prestashop = PrestaShop(Context(seed=1, clock=SandboxClock(clock=clock)))
    shop = prestashop.shop
    shop.database = Database(RESOURCES.values())
    shop.switches = shop.switches.model_copy(update={"variant": "A"})
    shop.identifiers = RecordedIdentifiers(shop, recorded)
    rights = {name: resource.verbs for name, resource in RESOURCES.items()}
    shop.keys = {KEY: Key(KEY, rights), LIMITED_KEY: Key(LIMITED_KEY, {"orders": frozenset({"GET"})})}
    by_name = {each.name: each for each in recorded}
    for name in BEFORE:
        for resource, values in _rows(by_name[name]):
            _learn(shop, resource, values)
    _imply(shop)
    _name_goods(shop, recorded)
    for name, number in FIRST_NUMBERS.items():
        shop.database[name].skip_to(number)
    return prestashop


def _imply(shop: Shop) -> None:
    """Add what the recorded reads do not show but rest on."""
    database = shop.database
    for name, value in SETTINGS.items():
        database.configure(name, value)
    database.configure("PS_OS_WS_PAYMENT", "11")
    for group in ("Visiteur", "Invité", "Client"):
        database["groups"].add(name=group)
    database["shops"].add(name="Test shop", active=1)
    # Product 2 costs a fifth less too: 28.72 of 35.90.
    database["specific_prices"].add(
        id_product=2, price=Decimal(-1), from_quantity=1, reduction=Decimal("0.2"), reduction_type="percentage"
    )
    for carrier in database["carriers"]:
        # 7.00 with the handling of 2.00.
        carrier[ZONE_PRICES] = {EUROPE: Decimal("5.00")}
    for number in (1, 2):
        # Shown as a number: the method is the shop's default.
        database["carriers"].change(database["carriers"][number], shipping_method=0)
    database["products"].change(database["products"][3], id_tax_rules_group=1)
    database["customers"].add(id=2, email="demo@shop.example", secure_key="b44a6d9efd7a0076a0fbce6b15eaf3b1", active=1)


def _name_goods(shop: Shop, recorded: Iterable[Recording]) -> None:
    """Learn what products and combinations are called from the lines of orders."""
    products, combinations = shop.database["products"], shop.database["combinations"]
    for each in recorded:
        for row in _order_rows(each):
            line = _ORDER_LINE.fullmatch(row["product_name"])
            assert line is not None
            product, attribute = int(row["product_id"]), int(row["product_attribute_id"])
            if product not in products:
                continue
            if not products[product]["name"]:
                products.change(products[product], name=line["name"])
            if attribute and attribute not in combinations:
                combinations.add(id=attribute, id_product=product, reference=row["product_reference"])
            if attribute and line["attributes"]:
                combinations[attribute][ATTRIBUTES] = line["attributes"]


def _order_rows(recording: Recording) -> Iterator[dict[str, str]]:
    if recording.verb == "POST" and recording.resource == "orders" and recording.status == 201:
        for row in ElementTree.fromstring(recording.received).iter("order_row"):
            yield {each.tag: each.text or "" for each in row}


def _rows(recording: Recording) -> Iterator[tuple[Resource, dict[str, Any]]]:
    resource = RESOURCES[recording.resource]
    if recording.kind == "application/json":
        for row in json.loads(recording.received)[resource.name]:
            yield resource, row
        return
    for element in ElementTree.fromstring(recording.received).iter(resource.node):
        if element.find("id") is None and resource.name != "configurations":
            continue
        yield resource, {each.tag: _value(each) for each in element}


def _value(element: ElementTree.Element) -> Any:
    language = element.find("language")
    if language is not None:
        return language.text or ""
    if element.tag != "associations":
        return element.text or ""
    return {each.tag: [{part.tag: part.text or "" for part in item} for item in each] for each in element}


def _learn(shop: Shop, resource: Resource, shown: dict[str, Any]) -> None:
    table = shop.database[resource.name]
    associations_sent = shown.pop("associations", {})
    values = {
        name: field.stored(None if value is None else str(value))
        for name, value in shown.items()
        if (field := resource.by_name.get(name)) is not None
    }
    known = [row for row in table if row.id == values.get("id")]
    if resource.name == "configurations":
        known = table.where("name", str(values["name"]))
        if known and "id" in values:
            table.remove(known.pop())
    if known:
        table.change(known[0], **values)
    else:
        known = [table.add(**values)]
    if resource.name == "configurations":
        known[0].setdefault("date_add", NO_DATE)
    for association in resource.associations:
        if associations_sent.get(association.name) and association.name != "order_rows":
            known[0][association.key] = associations_sent[association.name]
    for row in associations_sent.get("order_rows", ()):
        details = RESOURCES["order_details"].by_name
        kept = {name: details[name].stored(value) for name, value in row.items()}
        shop.database["order_details"].add(**kept, id_order=known[0].id)
