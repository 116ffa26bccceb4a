"""What tests drive at this shop, and what they compare with."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.sandbox.control_input import read
from app.sandbox.prestashop import back_office, switch_effects
from app.sandbox.prestashop.back_office import ProductRequest
from app.sandbox.prestashop.installation.configuration import MARKETPLACE
from app.sandbox.prestashop.installation.shop_orders import ShopOrdersRequest, create_shop_orders
from app.sandbox.prestashop.rules import stock
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.switches import Switches
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.schema import CART_ROWS
from app.sandbox.times import iso

Json = dict[str, Any]


class PrestaShopAccount:
    """The shop seen from the control API. Neither names nor addresses of buyers are shown, nor their e-mails."""

    def __init__(self, shop: Shop, *, operations: frozenset[str]) -> None:
        self.shop = shop
        self.faults = shop.faults
        self.operations = operations

    def create_orders(self, body: Json) -> list[str]:
        return create_shop_orders(self.shop, read(ShopOrdersRequest, body))

    def set_switches(self, body: Json) -> Json:
        wanted = read(Switches, {**self.shop.switches.model_dump(), **body})
        switch_effects.switch(self.shop, wanted)
        return self.shop.switches.model_dump(mode="json")

    def change_offers(self, body: Json) -> Json:
        return back_office.change_goods(self.shop, read(ProductRequest, body))

    def act(self, things: str, number: str, action: str, body: Json) -> Json:
        return back_office.act(self.shop, things, number, action, body)

    def state(self, *, offers: bool = True) -> Json:
        shop = self.shop
        database = shop.database
        seen: Json = {
            "now": iso(shop.context.clock.now()),
            "shop_time": shop.local_now(),
            "orders_by_state": dict(Counter(str(order["current_state"]) for order in database["orders"])),
            "orders": [self._order(order) for order in database["orders"]],
            "customers": [
                {"id": row.id, "guest": bool(row["is_guest"]), "group": row["id_default_group"]}
                for row in database["customers"]
            ],
            "carts": [
                {
                    "id": row.id,
                    "key": row["gift_message"],
                    "rows": len(row.get(CART_ROWS, ())),
                    "ordered": bool(database["orders"].where("id_cart", row.id)),
                }
                for row in database["carts"]
            ],
            "specific_prices": _shown(
                database["specific_prices"], id="id", cart="id_cart", product="id_product", price="price"
            ),
            "mails": dict(shop.mails),
            "mails_to_buyers": dict(shop.mails_to_buyers),
            "calls": _by_resource(shop.calls),
            "writes": _by_resource(shop.writes),
            "under_way": {phase: count for phase, count in shop.held_orders.items() if count},
            "faults": dict(shop.faults.hits),
            "states": {"entry": shop.config_number("PS_OS_WS_PAYMENT"), "marketplace": MARKETPLACE},
            "switches": shop.switches.model_dump(mode="json"),
            "products_count": len(database["products"]),
        }
        if offers:
            seen["stock"] = self._stock()
        return seen

    def credentials(self, root_url: str) -> Json:
        return {
            "kind": "prestashop",
            "settings": {"url": f"{root_url}/prestashop"},
            "secrets": {"key": self.shop.key},
        }

    def _stock(self) -> dict[str, int]:
        database = self.shop.database
        # Of several products with one reference the first is shown.
        plain = {
            row["reference"]: stock.in_stock(database, row.id, 0)
            for row in reversed(list(database["products"]))
            if row["product_type"] != "combinations"
        }
        combined = {
            row["reference"]: stock.in_stock(database, row["id_product"], row.id) for row in database["combinations"]
        }
        return {**plain, **combined}

    def _order(self, order: Row) -> Json:
        database = self.shop.database
        money = ("total_paid", "total_paid_real", "total_products_wt", "total_shipping", "date_add", "date_upd")
        of_order = {"id": "id", "reference": "reference", "cart": "id_cart", "key": "gift_message"}
        of_order |= {"payment": "payment", "note": "note", "customer": "id_customer", "state": "current_state"}
        (record,) = _shown([order], **of_order, **dict(zip(money, money, strict=True)))
        payments = database["order_payments"].where("order_reference", order["reference"])
        return record | {
            "rows": _shown(
                database["order_details"].where("id_order", order.id),
                product="product_id",
                attribute="product_attribute_id",
                sku="product_reference",
                quantity="product_quantity",
                unit_price="unit_price_tax_incl",
            ),
            "carriers": _shown(
                database["order_carriers"].where("id_order", order.id), carrier="id_carrier", tracking="tracking_number"
            ),
            "history": [row["id_order_state"] for row in database["order_histories"].where("id_order", order.id)],
            "payments": _shown(payments, amount="amount", method="payment_method", transaction="transaction_id"),
            "invoices": [row["number"] for row in database["order_invoices"].where("id_order", order.id)],
            "mails": list(self.shop.mails_of_orders.get(order.id, ())),
        }


def _shown(rows: Iterable[Row], **columns: str) -> list[Json]:
    """Return those columns of the rows by the control API's names; amounts as texts."""
    return [{name: _plain(row[column]) for name, column in columns.items()} for row in rows]


def _plain(value: object) -> object:
    return f"{value:.6f}" if isinstance(value, Decimal) else value


def _by_resource(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (name, verb), count in counts.items():
        found.setdefault(name or "/", {})[verb] = count
    return found
