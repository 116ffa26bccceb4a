"""A caller of the sandbox's shop: the Webservice by a few words, and the control API."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import httpx

from app.clock import JumpingClock
from app.sandbox.app import create_sandbox

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FRANCE = 8
PLAIN_SKU = "LAMPE-BUREAU-001"
# The seventh article of the catalogue is sold in two finishes.
COMBINED_SKU = "CAFETIERE-001"
MARKETPLACE_CARRIER = 3
ENTRY, PAID, PREPARED, SHIPPED, DELIVERED, CANCELED, REFUNDED, ERROR, REMOTE = 14, 2, 3, 4, 5, 6, 7, 8, 11
Answer = TypeVar("Answer")
Json = dict[str, Any]


@dataclass(frozen=True)
class Ids:
    """A customer, an address and a cart that are ready for an order."""

    customer: int
    address: int
    cart: int


class Caller:
    """Asks the shop and reads what it says."""

    def __init__(self, http: httpx.AsyncClient, *, key: str) -> None:
        self.http = http
        self.key = key

    # The Webservice

    async def ask(self, verb: str, path: str, body: str | None = None, /, **options: Any) -> httpx.Response:
        """Make a call; `auth=None` leaves the key out."""
        auth = options.pop("auth", httpx.BasicAuth(self.key, ""))
        content = None if body is None else f"<prestashop>{body}</prestashop>".encode()
        return await self.http.request(verb, f"/prestashop/api/{path}", content=content, auth=auth, **options)

    async def get(self, path: str, /, **params: str) -> httpx.Response:
        return await self.ask("GET", path, params=params or None)

    async def listed(self, resource: str, /, **params: str) -> list[Json]:
        """Return the rows of a list as JSON shows them."""
        answer = await self.get(resource, **{"display": "full", "output_format": "JSON", **params})
        assert answer.status_code == 200, answer.text
        content = answer.json()
        return list(content[resource]) if content else []

    async def one(self, resource: str, number: int) -> dict[str, str]:
        """Return the fields of one object."""
        answer = await self.get(f"{resource}/{number}")
        assert answer.status_code == 200, answer.text
        return fields(answer)

    async def make(
        self, resource: str, node: str, /, *, query: str = "", associations_sent: str = "", **values: Any
    ) -> int:
        """Create an object and return its id."""
        answer = await self.post(resource, node, query=query, associations_sent=associations_sent, **values)
        assert answer.status_code == 201, answer.text
        return int(fields(answer)["id"])

    async def post(
        self, resource: str, node: str, /, *, query: str = "", associations_sent: str = "", **values: Any
    ) -> httpx.Response:
        return await self.ask("POST", resource + query, an_object(node, associations_sent, **values))

    async def patch(
        self, resource: str, node: str, number: int, /, *, query: str = "", **values: Any
    ) -> httpx.Response:
        return await self.ask("PATCH", f"{resource}/{number}{query}", an_object(node, "", id=number, **values))

    # What an order needs

    async def customer(self, **values: Any) -> int:
        held_orders = {
            "lastname": "Lefèvre",
            "firstname": "Zoé",
            "passwd": "un-long-secret",
            "is_guest": 1,
            "active": 1,
        }
        return await self.make("customers", "customer", **{"email": "buyer@orders.invalid", **held_orders, **values})

    async def address(self, customer: int, **values: Any) -> int:
        return await self.make("addresses", "address", **an_address(id_customer=customer, **values))

    async def cart(
        self,
        customer: int,
        address: int,
        rows: Sequence[tuple[int, int, int]],
        *,
        carrier: str | None = f"{MARKETPLACE_CARRIER},",
        **values: Any,
    ) -> int:
        """Make a cart of (product, combination, quantity) and return its id."""
        return await self.make(
            "carts", "cart", associations_sent=cart_rows(address, rows), **a_cart(customer, address, carrier, **values)
        )

    async def ready(self, *, quantity: int = 1, sku: str = PLAIN_SKU, **values: Any) -> Ids:
        """Make all that an order of one article needs."""
        customer = await self.customer()
        address = await self.address(customer, **values.pop("address", {}))
        product, attribute = await self.found(sku)
        cart = await self.cart(customer, address, [(product, attribute, quantity)], **values)
        return Ids(customer, address, cart)

    async def found(self, sku: str) -> tuple[int, int]:
        """Return the product and the combination of a SKU."""
        for row in await self.listed("combinations", **{"filter[reference]": f"[{sku}]"}):
            return int(row["id_product"]), int(row["id"])
        (row,) = await self.listed("products", **{"filter[reference]": f"[{sku}]"})
        return int(row["id"]), 0

    async def order(self, ids: Ids, total: str = "1.00", **values: Any) -> httpx.Response:
        return await self.post("orders", "order", **an_order(ids, total, **values))

    async def ordered(self, ids: Ids, total: str = "1.00", **values: Any) -> int:
        """Order a cart and return the order's id."""
        answer = await self.order(ids, total, **values)
        assert answer.status_code == 201, answer.text
        return int(fields(answer)["id"])

    async def enter(self, order: int, state: int, query: str = "") -> int:
        """Let an order enter a state by its history."""
        return await self.make("order_histories", "order_history", query=query, id_order=order, id_order_state=state)

    # The control API

    async def control(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.http.post(f"/_control/prestashop/{path}", json=body)

    async def switch(self, **switches: Any) -> None:
        answer = await self.control("switches", **switches)
        assert answer.status_code == 200, answer.text

    async def state(self) -> Json:
        state: Json = (await self.http.get("/_control/prestashop/state")).json()
        return state

    async def stock(self, sku: str = PLAIN_SKU) -> int:
        quantity: int = (await self.state())["stock"][sku]
        return quantity

    async def seen(self, order: int) -> Json:
        """Return an order as the control API shows it."""
        found: Json = next(each for each in (await self.state())["orders"] if each["id"] == order)
        return found

    async def wait(self, seconds: float) -> None:
        await self.http.post("/_control/clock", json={"advance_s": seconds})


def an_object(node: str, associations_sent: str = "", /, **values: Any) -> str:
    """Return an object as it is sent."""
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())
    return f"<{node}>{inside}{associations_sent}</{node}>"


def an_address(**values: Any) -> Mapping[str, Any]:
    held_orders = {"id_country": FRANCE, "alias": "Marketplace", "lastname": "Lefèvre", "firstname": "Zoé"}
    return {**held_orders, "address1": "12 rue de l'Église", "postcode": "59000", "city": "Lille", **values}


def a_cart(customer: int, address: int, carrier: str | None, **values: Any) -> Mapping[str, Any]:
    option = {} if carrier is None else {"delivery_option": f'{{"{address}":"{carrier}"}}'}
    ids = {"id_address_delivery": address, "id_address_invoice": address, "id_customer": customer}
    return {**ids, "id_currency": 1, "id_lang": 1, "id_shop": 1, "id_shop_group": 1, **option, **values}


def cart_rows(address: int, rows: Sequence[tuple[int, int, int]]) -> str:
    inside = "".join(
        an_object(
            "cart_row",
            id_product=product,
            id_product_attribute=attribute,
            id_address_delivery=address,
            quantity=quantity,
        )
        for product, attribute, quantity in rows
    )
    return f"<associations><cart_rows>{inside}</cart_rows></associations>"


def an_order(ids: Ids, total: str, **values: Any) -> Mapping[str, Any]:
    money = dict.fromkeys(("total_paid", "total_paid_real", "total_products", "total_products_wt"), total)
    known = {"id_address_delivery": ids.address, "id_address_invoice": ids.address, "id_cart": ids.cart}
    said = {"id_currency": 1, "id_lang": 1, "id_customer": ids.customer, "id_carrier": 1, "conversion_rate": 1}
    return {**known, **said, "module": "ps_wirepayment", "payment": "Marketplace", **money, **values}


def a_price(cart: int, product: int, attribute: int, price: str, **values: Any) -> Mapping[str, Any]:
    """Return a specific price for that cart."""
    nobody = dict.fromkeys(("id_currency", "id_country", "id_group", "id_customer"), 0)
    when = dict.fromkeys(("from", "to"), "0000-00-00 00:00:00")
    what = {"id_cart": cart, "id_product": product, "id_product_attribute": attribute, "id_shop": 1, "price": price}
    how = {"from_quantity": 1, "reduction": 0, "reduction_tax": 1, "reduction_type": "amount"}
    return {**nobody, **when, **what, **how, **values}


def fields(answer: httpx.Response) -> dict[str, str]:
    """Return the fields of the one object of an XML answer."""
    root = ElementTree.fromstring(answer.content)
    return {each.tag: each.text or "" for each in root[0] if each.tag != "associations"}


def codes(answer: httpx.Response) -> list[int]:
    """Return the numbers of the errors of an XML answer."""
    return [int(each.text or 0) for each in ElementTree.fromstring(answer.content).iter("code")]


def ids(answer: httpx.Response) -> list[int]:
    """Return the ids of a list that shows nothing else, in its order."""
    return [int(each.get("id") or each.findtext("id") or 0) for each in ElementTree.fromstring(answer.content)[0]]


def talk(script: Callable[[Caller], Coroutine[Any, Any, Answer]], *, now: datetime = NOON) -> Answer:
    """Run the script against a fresh sandbox whose clock stands at noon."""

    async def run() -> Answer:
        sandbox = create_sandbox(seed=1, clock=JumpingClock(now))
        transport = httpx.ASGITransport(app=sandbox)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.example") as http:
            shops = (await http.get("/_control/credentials")).json()["shops"]
            return await script(Caller(http, key=shops["prestashop"]["secrets"]["key"]))

    return asyncio.run(run())
