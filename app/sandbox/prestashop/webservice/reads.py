"""Reads: one object, a list, a schema, or what the key may do."""

from collections.abc import Mapping, Sequence

from app.sandbox.prestashop.errors import NotFound
from app.sandbox.prestashop.rules import taxes
from app.sandbox.prestashop.rules.prices import Buyer, PriceOptions, unit_price
from app.sandbox.prestashop.rules.rounding import rounded
from app.sandbox.prestashop.shop import SHOP_ID, Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.entities import Entity, entity_of
from app.sandbox.prestashop.tables.schema import Resource
from app.sandbox.prestashop.webservice.query import Display, Query, read_display, read_query, select, virtual_prices

PRICED = ("products", "combinations")
VISITORS = "PS_UNIDENTIFIED_GROUP"
# Without `decimals` the shop takes the wrong setting: how it rounds instead of how far.
DECIMALS_BY_MISTAKE = "PS_PRICE_ROUND_MODE"
Params = Sequence[tuple[str, str]]


def read_one(shop: Shop, resource: Resource, row_id: str, params: Params) -> Entity:
    """Return one object, whole unless the parameters say what to show; raises NotFound."""
    row = shop.database[resource.name].get(int(row_id)) if row_id.isdigit() else None
    if row is None:
        raise NotFound
    display = read_display(resource, dict(params).get("display"), virtual=virtual_prices(params))
    return _shown(shop, resource, row, display or Display(resource.fields, resource.associations, {}), params)


def read_list(shop: Shop, resource: Resource, params: Params) -> tuple[Sequence[Row], Sequence[Entity] | None]:
    """Return the rows that were asked for, and what is to be shown of them; None: the ids alone."""
    query: Query = read_query(resource, params, warnings=shop.switches.php_warnings)
    rows = select(shop.database[resource.name], query)
    if query.display is None:
        return rows, None
    return rows, [_shown(shop, resource, row, query.display, params) for row in rows]


def _shown(shop: Shop, resource: Resource, row: Row, display: Display, params: Params) -> Entity:
    entity = entity_of(shop.database, resource, row, fields=display.fields, associations=display.associations)
    for name, parts in display.parts.items():
        entity.associations[name] = [
            {part: value for part, value in item.items() if part in parts} for item in entity.associations[name]
        ]
    if display.virtual and resource.name in PRICED:
        entity.more = {name: _price(shop, resource, row, _options(name, params)) for name in display.virtual}
    return entity


def _options(name: str, params: Params) -> Mapping[str, str]:
    start = f"price[{name}]["
    return {key.removeprefix(start).rstrip("]"): value for key, value in params if key.startswith(start)}


def _price(shop: Shop, resource: Resource, row: Row, options: Mapping[str, str]) -> str:
    database = shop.database
    combination = row.id if resource.name == "combinations" else _number(options, "product_attribute", 0)
    product = row if resource.name == "products" else database["products"][row["id_product"]]
    buyer = Buyer(
        country=_number(options, "country", taxes.country_of(database, 0)),
        currency=_number(options, "currency", shop.config_number("PS_CURRENCY_DEFAULT")),
        group=_number(options, "group", shop.config_number(VISITORS)),
        customer=0,
        cart=0,
        shop=SHOP_ID,
        now=shop.local_now(),
    )
    price_options = PriceOptions(
        tax=_number(options, "use_tax", 1) == 1,
        reduction=_number(options, "use_reduction", 1) == 1,
        ecotax=_number(options, "use_ecotax", 1) == 1,
        only_reduction=_number(options, "only_reduction", 0) == 1,
    )
    quantity = _number(options, "quantity", 1)
    price = unit_price(database, product, attribute=combination, quantity=quantity, buyer=buyer, options=price_options)
    decimals = _number(options, "decimals", shop.config_number(DECIMALS_BY_MISTAKE))
    return f"{rounded(price, decimals):.6f}"


def _number(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name, "")
    return int(text) if text.isdigit() else default
