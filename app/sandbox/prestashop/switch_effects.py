"""What a switch does to the shop's database: settings, countries, groups, products."""

import asyncio
from decimal import Decimal

from app.sandbox.control_input import ControlRefused
from app.sandbox.prestashop.installation.configuration import MARKETPLACE, REMOTE_PAYMENT
from app.sandbox.prestashop.installation.localization import install_language
from app.sandbox.prestashop.installation.products import add_twin, remove_twin
from app.sandbox.prestashop.rules import stock
from app.sandbox.prestashop.rules.order_validation import ENTRY
from app.sandbox.prestashop.shop import SECOND_SHOP, Shop
from app.sandbox.prestashop.switches import Switches
from app.sandbox.prestashop.tables import Row

ENTRY_STATES = {"A": REMOTE_PAYMENT, "B": MARKETPLACE}


def switch(shop: Shop, wanted: Switches) -> None:
    """Apply the switches to the shop; raises ControlRefused when they name what does not exist."""
    for sku in (*wanted.ecotax, *wanted.shared_skus, *wanted.inactive_skus):
        if sku not in shop.context.by_sku or not products_of(shop, sku):
            raise ControlRefused(f"The shop sells no {sku!r}; allowed: the SKUs of /_control/catalog.")
    unknown = sorted(set(wanted.group_reductions) - {row.id for row in shop.database["groups"]})
    if unknown:
        raise ControlRefused(f"group_reductions can't name {unknown[0]}; the groups are 1, 2 and 3.")
    before, shop.switches = shop.switches, wanted
    _configure(shop, before, wanted)
    for iso in {*before.inactive_countries, *wanted.inactive_countries}:
        for country in shop.database["countries"].where("iso_code", iso):
            shop.database["countries"].change(country, active=0 if iso in wanted.inactive_countries else 1)
    for group in {*before.group_reductions, *wanted.group_reductions}:
        row = shop.database["groups"][group]
        shop.database["groups"].change(row, reduction=wanted.group_reductions.get(group, Decimal(0)))
    _price(shop, before, wanted)
    for sku in set(wanted.shared_skus) - set(before.shared_skus):
        add_twin(shop, sku)
    for sku in set(before.shared_skus) - set(wanted.shared_skus):
        remove_twin(shop, sku)
    if wanted.languages > len(shop.database["languages"]):
        install_language(shop, 2)
    if wanted.shared_stock != before.shared_stock:
        _share_stock(shop, shared=wanted.shared_stock)
    if wanted.second_shop and SECOND_SHOP not in shop.database["shops"]:
        shop.database["shops"].add(id=SECOND_SHOP, name="Deuxième boutique", active=1)
    if wanted.hold_orders != before.hold_orders:
        shop.may_go_on.set()
        shop.may_go_on = asyncio.Event()


def products_of(shop: Shop, sku: str) -> list[tuple[Row, Row | None]]:
    """Return every product, and combination of it, that has that reference."""
    plain = [(row, None) for row in shop.database["products"].where("reference", sku)]
    combined = [
        (shop.database["products"][row["id_product"]], row)
        for row in shop.database["combinations"].where("reference", sku)
    ]
    return [*plain, *combined]


def _configure(shop: Shop, before: Switches, wanted: Switches) -> None:
    settings = {
        "timezone": ("PS_TIMEZONE", wanted.timezone),
        "round_type": ("PS_ROUND_TYPE", str(wanted.round_type)),
        "tax_address": ("PS_TAX_ADDRESS_TYPE", wanted.tax_address),
        "variant": (ENTRY, str(ENTRY_STATES[wanted.variant])),
        "stock_management": ("PS_STOCK_MANAGEMENT", str(int(wanted.stock_management))),
        "backorder_status": ("PS_ENABLE_BACKORDER_STATUS", str(int(wanted.backorder_status))),
        "webservice": ("PS_WEBSERVICE", str(int(wanted.webservice))),
    }
    for name, (setting, value) in settings.items():
        # What was set through the Webservice meanwhile stays, unless its own switch moves.
        if getattr(before, name) != getattr(wanted, name):
            shop.database.configure(setting, value)


def _share_stock(shop: Shop, *, shared: bool) -> None:
    before = stock.owner(shop.database)
    shop.database["shop_groups"].change(shop.database["shop_groups"][1], share_stock=int(shared))
    id_shop, id_shop_group = stock.owner(shop.database)
    for row in shop.database["stock_availables"]:
        if (row["id_shop"], row["id_shop_group"]) == before:
            shop.database["stock_availables"].change(row, id_shop=id_shop, id_shop_group=id_shop_group)


def _price(shop: Shop, before: Switches, wanted: Switches) -> None:
    for sku in {*before.ecotax, *wanted.ecotax}:
        for product, combination in products_of(shop, sku):
            table = shop.database["products" if combination is None else "combinations"]
            table.change(combination or product, ecotax=wanted.ecotax.get(sku, Decimal(0)))
    for sku in {*before.inactive_skus, *wanted.inactive_skus}:
        for product, _ in products_of(shop, sku):
            shop.database["products"].change(product, active=0 if sku in wanted.inactive_skus else 1)
