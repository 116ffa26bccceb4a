"""The parts of an order, each made once: customer, addresses, cart, prices.

A shop may answer 500, or nothing, after it did the work. Each part can be looked up by something only it has, so an
unknown outcome is settled at once; what an earlier attempt made is found the same way.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.domain.order import Address, Order
from app.domain.shop_mapping import ShopMapping
from app.errors import OutcomeUnknown, Refused
from app.shops.port import ImportPlan
from app.shops.prestashop.client import Client, any_of
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.errors import EMAIL_TAKEN, MISSING, NOT_TAKEN
from app.shops.prestashop.mapping.addresses import address_fields
from app.shops.prestashop.mapping.customers import customer_fields, takes_email
from app.shops.prestashop.mapping.texts import ALIAS_LIMIT, generic
from app.shops.prestashop.orders.preparation import Prepared
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.records import Draft, Record

_NO_DATE = "0000-00-00 00:00:00"
_ALL_MAILS_OFF = "3"


class Maker:
    """Makes the parts of one order.

    `again`: an earlier attempt may have made some. `required`: fields of an address that the merchant marked so; what
    the shop says about them is added.
    """

    def __init__(
        self,
        client: Client,
        *,
        order: Order,
        plan: ImportPlan,
        prepared: Prepared,
        facts: Facts,
        config: PrestashopConfig,
        key: str,
        again: bool,
        required: set[str],
    ) -> None:
        self._client, self._order, self._plan, self._config = client, order, plan, config
        self._prepared, self._facts, self._key = prepared, facts, key
        self._again, self._required = again, required
        self._placeholder = _placeholder(plan, key)
        mails_off = facts.setting("PS_MAIL_METHOD") == _ALL_MAILS_OFF
        self._email = plan.email if mails_off and takes_email(plan.email) else self._placeholder

    async def customer(self, *, mapping: ShopMapping) -> str:
        """Return the id of the buyer's customer; whatever we do, the shop writes to it when the order is made."""
        guest, config = mapping.customer_mode == "guest", self._config
        if self._again or not guest:
            found = await self._existing_customer(guest=guest)
            if found:
                return found
        group = config.customer_group or self._facts.setting(
            "PS_GUEST_GROUP" if guest else "PS_CUSTOMER_GROUP", "2" if guest else "3"
        )
        fields = customer_fields(
            self._order,
            email=self._email,
            placeholder=self._email,
            guest=guest,
            group_id=group,
            shop_id=self._shop_id,
            shop_group_id=config.id_shop_group,
            language_id=self._prepared.language,
            password=secrets.token_urlsafe(24),
        )
        draft = Draft(fields=fields, rows={("groups", "group"): [{"id": group}]})
        try:
            return (await self._client.add("customers", draft)).id
        except OutcomeUnknown:
            found = await self._existing_customer(guest=guest)
            if not found:
                raise
            return found
        except Refused as refused:
            if refused.reason != EMAIL_TAKEN:
                raise
            if self._email != self._placeholder:
                # The buyer has an account at the shop, maybe with a reduction: this order is none of it.
                self._email = self._placeholder
                return await self.customer(mapping=mapping)
            # The placeholder of an order is its own: whoever has it was made for this order.
            found = await self._existing_customer(guest=None)
            if not found:
                raise
            return found

    async def addresses(self, *, customer: str) -> tuple[str, str]:
        """Return the ids of the delivery's and the invoice's address, fresh ones: editing one would change the past.

        Two are made in one call.
        """
        wanted = {self._alias("Delivery"): (self._prepared.delivery, True)}
        if self._prepared.billing is not None:
            wanted[self._alias("Invoice")] = (self._prepared.billing, False)
        existing = await self._existing_addresses(customer) if self._again else {}
        missing = {alias: each for alias, each in wanted.items() if alias not in existing}
        if missing:
            existing = {**existing, **await self._add_addresses(missing, customer)}
        ids = [existing[alias] for alias in wanted]
        return ids[0], ids[-1]

    async def cart(self, *, customer: str, delivery: str, billing: str) -> str:
        """Return the id of the cart: it has our key, and the carrier as PrestaShop wants it chosen."""
        if self._again:
            found = await self._existing_cart(customer)
            if found:
                return found
        carrier = self._prepared.carrier.id
        fields = {
            "id_address_delivery": delivery,
            "id_address_invoice": billing,
            "id_currency": self._prepared.currency.id,
            "id_customer": customer,
            "id_guest": "0",
            "id_lang": self._prepared.language,
            "id_shop_group": self._config.id_shop_group,
            "id_shop": self._shop_id,
            "id_carrier": carrier,
            # Without it, or without its last comma, the shop takes the carrier it likes best.
            "delivery_option": json.dumps({delivery: f"{carrier},"}, separators=(",", ":")),
            "gift": "0",
            "gift_message": self._key,
        }
        rows = [
            {
                "id_product": row.product_id,
                "id_product_attribute": row.attribute_id,
                "id_address_delivery": delivery,
                "quantity": str(row.quantity),
            }
            for row in self._prepared.cart.rows
        ]
        try:
            return (await self._client.add("carts", Draft(fields=fields, rows={("cart_rows", "cart_row"): rows}))).id
        except OutcomeUnknown:
            found = await self._existing_cart(customer)
            if not found:
                raise
            return found

    async def prices(self, cart: str) -> None:
        """Give every row of the cart its price, in one call; those that are there already stay."""
        existing = await self._existing_prices(cart) if self._again else set()
        missing = [
            self._price(cart, *article, price) for article, price in self._prices.items() if article not in existing
        ]
        if not missing:
            return
        try:
            await self._client.add_all("specific_prices", missing)
        except OutcomeUnknown:
            if await self._existing_prices(cart) != self._prices.keys():
                raise

    def order(self, *, customer: str, delivery: str, billing: str, cart: str) -> Draft:
        """Return the order to be posted: almost all of it comes from the cart."""
        # An entry state that records payments compares the total with the cart's to the cent.
        paid = self._prepared.cart.total + (self._prepared.shipping if self._facts.enters_unpaid else Decimal(0))
        return Draft(
            fields={
                "id_address_delivery": delivery,
                "id_address_invoice": billing,
                "id_cart": cart,
                "id_currency": self._prepared.currency.id,
                "id_lang": self._prepared.language,
                "id_customer": customer,
                "id_carrier": self._prepared.carrier.id,
                "module": self._config.payment_module,
                "payment": self._prepared.payment,
                "total_paid": str(paid),
                "total_paid_real": str(paid),
                "total_products": str(self._prepared.cart.total),
                "total_products_wt": str(self._prepared.cart.total),
                "conversion_rate": str(self._prepared.currency.rate),
            }
        )

    async def _add_addresses(self, wanted: Mapping[str, tuple[Address, bool]], customer: str) -> Mapping[str, str]:
        """Return the ids of new addresses by alias; fields that the merchant requires are learned from the refusal."""
        while True:
            drafts = [
                self._postal(address, customer, alias, delivery=delivery)
                for alias, (address, delivery) in wanted.items()
            ]
            try:
                made = await self._client.add_all("addresses", drafts)
            except Refused as refused:
                missing = _required_field(refused, drafts)
                if not missing or missing in self._required:
                    raise
                self._required.add(missing)
            except OutcomeUnknown:
                existing = await self._existing_addresses(customer)
                if not wanted.keys() <= existing.keys():
                    raise
                return existing
            else:
                return dict(zip(wanted, (each.id for each in made), strict=True))

    def _postal(self, address: Address, customer: str, alias: str, *, delivery: bool) -> Draft:
        postal = address_fields(
            address,
            country=self._prepared.countries[address.country],
            customer_id=customer,
            alias=alias,
            pickup_point=self._order.pickup_point if delivery else "",
            required=self._required,
            id_state=self._prepared.regions[address],
            dni=self._order.buyer.tax_id if self._order.buyer else "",
            delivery=delivery,
            partial=self._plan.state == "shipped",
        )
        return Draft(fields=postal.fields)

    def _alias(self, purpose: str) -> str:
        return generic(f"{purpose} {self._order.order_id}", ALIAS_LIMIT, required=True)

    def _price(self, cart: str, product: str, attribute: str, price: Decimal) -> Draft:
        fields = {
            "id_shop_group": "0",
            "id_shop": self._shop_id,
            "id_cart": cart,
            "id_product": product,
            # With attribute 0 the price impact of the combination would be added.
            "id_product_attribute": attribute,
            "id_currency": self._prepared.currency.id,
            "id_country": "0",
            "id_group": "0",
            "id_customer": "0",
            "price": str(price),
            "from_quantity": "1",
            "reduction": "0",
            "reduction_tax": "1",
            "reduction_type": "amount",
            "from": _NO_DATE,
            "to": _NO_DATE,
        }
        return Draft(fields=fields)

    @property
    def _shop_id(self) -> str:
        return self._config.id_shop or self._facts.setting("PS_SHOP_DEFAULT", "1")

    async def _existing_customer(self, *, guest: bool | None) -> str:
        found = await self._client.find(
            "customers",
            display=("id", "email", "is_guest"),
            filters={"email": any_of([self._email]), "deleted": "0"},
            sort="id_ASC",
        )
        email = self._email.lower()
        ours = [
            each
            for each in found
            if each["email"].lower() == email and (guest is None or each.is_on("is_guest") == guest)
        ]
        return ours[0].id if ours else ""

    async def _existing_addresses(self, customer: str) -> dict[str, str]:
        """Return the ids of a customer's addresses by alias."""
        found = await self._client.find(
            "addresses", display=("id", "alias"), filters={"id_customer": any_of([customer]), "deleted": "0"}
        )
        return {each["alias"]: each.id for each in found}

    async def _existing_cart(self, customer: str) -> str:
        """Return the cart of an earlier attempt, if it is what we would make now."""
        wanted = {(row.product_id, row.attribute_id): str(row.quantity) for row in self._prepared.cart.rows}
        for cart in await carts_of(self._client, self._key):
            rows = {
                (row.get("id_product", ""), row.get("id_product_attribute", "")): row.get("quantity", "")
                for row in cart.rows.get("cart_rows", ())
            }
            if cart["id_customer"] != customer:
                continue
            if rows == wanted and cart["id_carrier"] == self._prepared.carrier.id:
                return cart.id
            # A line was cancelled since, or the carrier edited: of such a cart the order would be another one.
            await drop_cart(self._client, cart.id)
        return ""

    async def _existing_prices(self, cart: str) -> set[tuple[str, str]]:
        """Return the articles that have their price in a cart; another price than we would give now goes."""
        prices = self._prices
        existing = set()
        for each in await prices_of(self._client, cart):
            article = (each["id_product"], each["id_product_attribute"])
            if article in prices and each.agrees({"price": str(prices[article])}):
                existing.add(article)
            else:
                await self._client.drop("specific_prices", each.id)
        return existing

    @property
    def _prices(self) -> Mapping[tuple[str, str], Decimal]:
        """The price to force on each article."""
        plan = self._prepared.cart
        pairs = zip(plan.rows, plan.prices, strict=True)
        return {(row.product_id, row.attribute_id): price for row, price in pairs}


def _placeholder(plan: ImportPlan, key: str) -> str:
    """Return the e-mail address of a customer to whom the shop must not write."""
    if takes_email(plan.placeholder):
        return plan.placeholder
    domain = plan.placeholder.rpartition("@")[2]
    return f"order-{hashlib.sha256(key.encode()).hexdigest()[:16]}@{domain}"


async def carts_of(client: Client, key: str) -> Sequence[Record]:
    """Return the carts that have our key."""
    found = await client.find("carts", filters={"gift_message": any_of([key])}, sort="id_ASC")
    return [each for each in found if each["gift_message"] == key]


async def prices_of(client: Client, cart: str) -> Sequence[Record]:
    """Return the prices that hold for one cart alone."""
    return await client.find(
        "specific_prices",
        display=("id", "id_product", "id_product_attribute", "price"),
        filters={"id_cart": any_of([cart])},
    )


async def clear_away(client: Client, *, key: str, steps: Mapping[str, str]) -> None:
    """Delete the carts of an order that was not made, and the prices that hold for them alone."""
    carts = {each.id for each in await carts_of(client, key)} | {steps[name] for name in ("cart",) if name in steps}
    for cart in sorted(carts):
        await drop_cart(client, cart)


async def drop_cart(client: Client, cart: str) -> None:
    """Delete a cart and the prices that hold for it alone."""
    for price in await prices_of(client, cart):
        await client.drop("specific_prices", price.id)
    await client.drop("carts", cart)


def _required_field(refused: Refused, drafts: Sequence[Draft]) -> str:
    """Return the field that a refusal asks for: one that was not sent, or was sent empty."""
    empty = str(refused.params.get(NOT_TAKEN, ""))
    if empty and any(not draft.fields.get(empty, "").strip("0") for draft in drafts):
        return empty
    return str(refused.params.get(MISSING, ""))
