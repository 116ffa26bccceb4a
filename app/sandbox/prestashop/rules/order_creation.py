"""The creation of an order: first its row without a state, its lines, the stock and the carrier; then the rest."""

from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.prestashop.rules import states, stock, taxes
from app.sandbox.prestashop.rules.cart import CartContents
from app.sandbox.prestashop.rules.names import name_of
from app.sandbox.prestashop.rules.rounding import to_cents
from app.sandbox.prestashop.rules.totals import Line
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import Row


@dataclass(frozen=True)
class PaymentDetails:
    """What the caller of the shop's program says about the order; all else comes from the cart."""

    module: str
    payment: str
    paid: Decimal
    state: Row


@dataclass
class OrderCreation:
    """One order on its way from a cart."""

    shop: Shop
    cart: Row
    contents: CartContents
    details: PaymentDetails
    secure_key: str

    @property
    def entry(self) -> Row:
        """The state it enters: the wanted one, unless a state that counts meets a total that is not the cart's."""
        matches = to_cents(self.details.paid) == self.contents.totals.paid_incl
        if matches or not self.details.state["logable"]:
            return self.details.state
        return self.shop.database["order_states"][self.shop.config_number(states.ERROR)]

    def write_half(self) -> Row:
        """Write what comes first and return the order, which has no state yet."""
        database = self.shop.database
        order = database["orders"].add(**self._values())
        for line in self.contents.lines:
            self._write_line(order, line)
        if self.contents.delivery.carrier is not None:
            database["order_carriers"].add(
                id_order=order.id,
                id_carrier=self.contents.delivery.carrier.id,
                weight=sum((line.weight for line in self.contents.lines), Decimal(0)),
                shipping_cost_tax_excl=self.contents.totals.shipping_excl,
                shipping_cost_tax_incl=self.contents.totals.shipping_incl,
                date_add=self.shop.local_now(),
            )
        return order

    def finish(self, order: Row) -> None:
        """Record the payment, change the order's state, mail the buyer, and delete the cart's specific prices."""
        shop, entry = self.shop, self.entry
        if self.details.state["logable"]:
            # What was said to be paid is recorded, right or wrong.
            states.record_payment(shop, order, amount=to_cents(self.details.paid), method=self.details.payment)
        states.change_state(shop, order, entry, mail=True, with_payments=True)
        if shop.switches.backorder_status and entry is self.details.state and self._is_short(order):
            name = states.OUT_OF_STOCK_PAID if entry["logable"] else states.OUT_OF_STOCK_UNPAID
            states.change_state(shop, order, shop.database["order_states"][shop.config_number(name)], mail=True)
        if not states.is_void(shop, entry):
            shop.send_mail("order_conf", order_id=order.id)
        for special in shop.database["specific_prices"].where("id_cart", self.cart.id):
            shop.database["specific_prices"].remove(special)

    def _is_short(self, order: Row) -> bool:
        database = self.shop.database
        details = database["order_details"].where("id_order", order.id)
        return any(stock.in_stock(database, each["product_id"], each["product_attribute_id"]) < 0 for each in details)

    def _values(self) -> dict[str, object]:
        shop, cart = self.shop, self.cart
        now = shop.local_now()
        money = self.contents.totals
        carrier = self.contents.delivery.carrier
        return {
            **{name: cart[name] for name in ("id_address_delivery", "id_address_invoice", "id_currency", "id_lang")},
            **{name: cart[name] for name in ("id_customer", "recyclable", "gift", "gift_message", "mobile_theme")},
            "id_cart": cart.id,
            "id_carrier": carrier.id if carrier is not None else 0,
            "current_state": 0,
            "module": self.details.module,
            "payment": self.details.payment,
            "date_add": now,
            "date_upd": now,
            "secure_key": self.secure_key,
            "total_paid": money.paid_incl,
            "total_paid_tax_incl": money.paid_incl,
            "total_paid_tax_excl": money.paid_excl,
            "total_products": money.products_excl,
            "total_products_wt": money.products_incl,
            "total_shipping": money.shipping_incl,
            "total_shipping_tax_incl": money.shipping_incl,
            "total_shipping_tax_excl": money.shipping_excl,
            "carrier_tax_rate": self.contents.delivery.rate,
            "round_mode": shop.config_number("PS_PRICE_ROUND_MODE"),
            "round_type": shop.config_number("PS_ROUND_TYPE"),
            "conversion_rate": shop.database["currencies"][cart["id_currency"]]["conversion_rate"],
            "reference": shop.identifiers.reference(),
        }

    def _write_line(self, order: Row, line: Line) -> None:
        database = self.shop.database
        product, combination, group = line.product, line.combination, self.contents.buyer.group
        tax = taxes.tax_of(database, group=product["id_tax_rules_group"], country=self.contents.buyer.country)
        own = combination if combination is not None else product
        in_stock_now = stock.in_stock(database, product.id, line.attribute)
        detail = database["order_details"].add(
            id_order=order.id,
            product_id=product.id,
            product_attribute_id=line.attribute,
            group_reduction=database["groups"][group]["reduction"] if group in database["groups"] else Decimal(0),
            product_name=name_of(database, product, line.attribute, language=order["id_lang"]),
            product_quantity=line.quantity,
            product_quantity_in_stock=min(in_stock_now, line.quantity),
            product_price=line.unit_excl,
            **{f"product_{name}": own[name] or product[name] for name in ("ean13", "isbn", "upc", "mpn", "reference")},
            product_supplier_reference=self._supplier_reference(product, line.attribute),
            product_weight=product["weight"] + (combination["weight"] if combination is not None else 0),
            id_tax_rules_group=product["id_tax_rules_group"],
            ecotax=product["ecotax"],
            unit_price_tax_incl=line.unit_incl,
            unit_price_tax_excl=line.unit_excl,
            total_price_tax_incl=line.total_incl,
            total_price_tax_excl=line.total_excl,
            purchase_supplier_price=product["wholesale_price"],
            original_product_price=product["price"] + (combination["price"] if combination is not None else 0),
            original_wholesale_price=product["wholesale_price"],
        )
        detail["@taxes"] = [{"id": str(tax.id)}] if tax is not None else []
        if not states.is_void(self.shop, self.entry) and self.shop.switches.stock_management:
            stock.move(database, product.id, line.attribute, -line.quantity)

    def _supplier_reference(self, product: Row, attribute: int) -> str:
        rows = self.shop.database["product_suppliers"].where("id_product", product.id)
        ranked = sorted(rows, key=lambda row: row["id_product_attribute"] != attribute)
        return str(ranked[0]["product_supplier_reference"]) if ranked else ""
