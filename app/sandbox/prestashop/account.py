"""What tests drive at this shop, and what they compare with."""

from collections import Counter
from typing import Any

from app.sandbox.faults import FaultPlan
from app.sandbox.moments import iso
from app.sandbox.prestashop import back_office, setting
from app.sandbox.prestashop.back_office import GoodsWish
from app.sandbox.prestashop.opening.buyers import BuyersWish, let_them_buy
from app.sandbox.prestashop.opening.setup import MARKETPLACE
from app.sandbox.prestashop.rules import stock
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.switches import Switches
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.schema import CART_ROWS
from app.sandbox.wishes import read

Json = dict[str, Any]


class PrestaShopAccount:
    """The shop seen from the control API. Neither names nor addresses of buyers are shown, nor their e-mails."""

    def __init__(self, shop: Shop, *, operations: frozenset[str]) -> None:
        self.shop = shop
        self.operations = operations

    @property
    def faults(self) -> FaultPlan:
        return self.shop.faults

    def create_orders(self, wish: Json) -> list[str]:
        return let_them_buy(self.shop, read(BuyersWish, wish))

    def set_switches(self, wish: Json) -> Json:
        wanted = read(Switches, {**self.shop.switches.model_dump(), **wish})
        setting.switch(self.shop, wanted)
        return self.shop.switches.model_dump(mode="json")

    def change_offers(self, wish: Json) -> Json:
        return back_office.change_goods(self.shop, read(GoodsWish, wish))

    def act(self, things: str, number: str, action: str, wish: Json) -> Json:
        return back_office.act(self.shop, things, number, action, wish)

    def state(self, *, offers: bool = True) -> Json:
        shop = self.shop
        database = shop.database
        seen: Json = {
            "now": iso(shop.world.clock.now()),
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
            "specific_prices": [
                {"id": row.id, "cart": row["id_cart"], "product": row["id_product"], "price": f"{row['price']:.6f}"}
                for row in database["specific_prices"]
            ],
            "mails": dict(shop.mails),
            "mails_to_buyers": dict(shop.mails_to_buyers),
            "calls": _by_resource(shop.calls),
            "writes": _by_resource(shop.writes),
            "under_way": {place: count for place, count in shop.standing.items() if count},
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
        fields = database["orders"].resource.by_name
        money = ("total_paid", "total_paid_real", "total_products_wt", "total_shipping")
        return {
            "id": order.id,
            "reference": order["reference"],
            "cart": order["id_cart"],
            "key": order["gift_message"],
            "payment": order["payment"],
            "note": order["note"],
            "customer": order["id_customer"],
            "state": order["current_state"],
            **{name: fields[name].shown(order[name]) for name in money},
            "rows": [
                {
                    "product": row["product_id"],
                    "attribute": row["product_attribute_id"],
                    "sku": row["product_reference"],
                    "quantity": row["product_quantity"],
                    "unit_price": f"{row['unit_price_tax_incl']:.6f}",
                }
                for row in database["order_details"].where("id_order", order.id)
            ],
            "carriers": [
                {"carrier": row["id_carrier"], "tracking": row["tracking_number"]}
                for row in database["order_carriers"].where("id_order", order.id)
            ],
            "history": [row["id_order_state"] for row in database["order_histories"].where("id_order", order.id)],
            "payments": [
                {
                    "amount": f"{row['amount']:.6f}",
                    "method": row["payment_method"],
                    "transaction": row["transaction_id"],
                }
                for row in database["order_payments"].where("order_reference", order["reference"])
            ],
            "invoices": [row["number"] for row in database["order_invoices"].where("id_order", order.id)],
            "mails": list(self.shop.mails_of_orders.get(order.id, ())),
            "date_add": order["date_add"],
            "date_upd": order["date_upd"],
        }


def _by_resource(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (name, verb), count in counts.items():
        found.setdefault(name or "/", {})[verb] = count
    return found
