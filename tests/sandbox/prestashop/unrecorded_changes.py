"""What happened to the recorded shop between the calls that were recorded, so that ours has the same rows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal

import httpx

from app.clock import JumpingClock
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.switch_effects import switch
from tests.sandbox.prestashop.demo_shop import KEY
from tests.sandbox.prestashop.recordings import Recording

AUTHORIZATION = httpx.BasicAuth(KEY, "")
# 19.99 with the tax of 20 %.
PRICE = "16.658333"
TOTAL_AFTERWARDS = (
    "<note>cdiscount:ABC123</note><total_shipping>3.50</total_shipping>"
    "<total_shipping_tax_incl>3.50</total_shipping_tax_incl><total_shipping_tax_excl>2.916667</total_shipping_tax_excl>"
    "<total_paid>43.48</total_paid><total_paid_tax_incl>43.48</total_paid_tax_incl>"
    "<total_paid_tax_excl>36.236667</total_paid_tax_excl>"
)
PAID = 2


class Replay:
    """Makes the calls, recorded ones and those that went unrecorded."""

    def __init__(self, shop: Shop, http: httpx.AsyncClient, clock: JumpingClock) -> None:
        self.shop = shop
        self.clock = clock
        self._http = http

    def wait_until(self, moment: datetime) -> None:
        self.clock.advance((moment - self.clock.now()).total_seconds())

    async def ask(self, recording: Recording) -> httpx.Response:
        """Make a recorded call."""
        headers = {"Authorization": recording.authorization} if recording.authorization else {}
        return await self._http.request(recording.verb, recording.target, content=recording.sent, headers=headers)

    async def send(self, verb: str, path: str, body: str) -> httpx.Response:
        content = f"<prestashop>{body}</prestashop>".encode()
        return await self._http.request(verb, f"/api/{path}", content=content, auth=AUTHORIZATION)

    async def cart(self, number: int, *, quantity: int = 1, price: str | None = None, address: int = 15) -> None:
        """Make the cart of that number: the small white T-shirt, with a price of its own if given."""
        self.shop.database["carts"].skip_to(number)
        row = (
            f"<id_product>1</id_product><id_product_attribute>1</id_product_attribute>"
            f"<id_address_delivery>{address}</id_address_delivery><quantity>{quantity}</quantity>"
        )
        made = await self.send(
            "POST",
            "carts",
            f"<cart><id_address_delivery>{address}</id_address_delivery>"
            f"<id_address_invoice>{address}</id_address_invoice><id_currency>1</id_currency>"
            f"<id_customer>3</id_customer><id_lang>1</id_lang>"
            f'<delivery_option>{{"{address}":"1,"}}</delivery_option>'
            f"<associations><cart_rows><cart_row>{row}</cart_row></cart_rows></associations></cart>",
        )
        assert made.status_code == 201, made.text
        if price is not None:
            self.price(number, price)

    def price(self, cart: int, price: str, *, product: int = 1, attribute: int = 1) -> None:
        self.shop.database["specific_prices"].add(
            id_cart=cart,
            id_product=product,
            id_product_attribute=attribute,
            id_shop=1,
            price=Decimal(price),
            from_quantity=1,
            reduction_type="amount",
        )

    async def order(self, cart: int, total: str) -> httpx.Response:
        return await self.send(
            "POST",
            "orders",
            "<order><id_address_delivery>15</id_address_delivery><id_address_invoice>15</id_address_invoice>"
            f"<id_cart>{cart}</id_cart><id_currency>1</id_currency><id_lang>1</id_lang><id_customer>3</id_customer>"
            "<id_carrier>1</id_carrier><module>ps_wirepayment</module><payment>Rakuten</payment>"
            f"<total_paid>{total}</total_paid><total_paid_real>{total}</total_paid_real>"
            f"<total_products>{total}</total_products><total_products_wt>{total}</total_products_wt>"
            "<conversion_rate>1</conversion_rate></order>",
        )

    async def enter(self, order: int, state: int) -> None:
        await self.send(
            "POST",
            "order_histories",
            f"<order_history><id_order_state>{state}</id_order_state><id_order>{order}</id_order></order_history>",
        )

    def switch(self, **changes: object) -> None:
        switch(self.shop, self.shop.switches.model_validate({**self.shop.switches.model_dump(), **changes}))

    async def race(self, cart: int, runners: int) -> None:
        """Let several orders of one cart pass the shop's guard before the first of them exists."""
        await self.cart(cart)
        self.switch(hold_orders="door")
        posts = [asyncio.ensure_future(self.order(cart, "22.94")) for _ in range(runners)]
        while self.shop.held_orders["door"] < runners:  # noqa: ASYNC110 - a few turns of this very loop
            await asyncio.sleep(0)
        self.switch(hold_orders="off")
        assert [answer.status_code for answer in await asyncio.gather(*posts)] == [201] * runners


async def _before_160(replay: Replay) -> None:
    await replay.cart(10)


async def _before_171(replay: Replay) -> None:
    """A first try with patched totals: the payment of the wrong total, then the whole of the right one."""
    await replay.cart(11, quantity=2, price=PRICE)
    await replay.order(11, "43.48")
    await replay.send("PATCH", "orders/11", f"<order><id>11</id>{TOTAL_AFTERWARDS}</order>")
    await replay.enter(11, PAID)


async def _before_180(replay: Replay) -> None:
    replay.clock.advance(1)
    await replay.race(12, 3)
    await replay.race(13, 3)
    replay.clock.advance(1)
    await replay.race(14, 3)
    await replay.race(15, 2)


async def _before_195(replay: Replay) -> None:
    await replay.cart(20)


async def _before_173(replay: Replay) -> None:
    await replay.cart(22, quantity=2, price=PRICE)


async def _before_178(replay: Replay) -> None:
    await replay.cart(23)
    await replay.order(23, "22.94")


async def _before_198(replay: Replay) -> None:
    await replay.enter(27, PAID)
    await replay.cart(24, address=13)


async def _before_221(replay: Replay) -> None:
    (row,) = [row for row in replay.shop.database["stock_availables"] if row.id == 21]
    replay.shop.database["stock_availables"].change(row, quantity=0)


async def _before_240(replay: Replay) -> None:
    replay.switch(maintenance=True)


async def _before_241(replay: Replay) -> None:
    replay.switch(maintenance=False, webservice=False)


async def _before_242(replay: Replay) -> None:
    replay.switch(webservice=True, ssl_links=True)


async def _before_243(replay: Replay) -> None:
    replay.switch(ssl_links=False)


async def _before_248(replay: Replay) -> None:
    await replay.cart(36)


async def _before_260(replay: Replay) -> None:
    """Six more orders were made, and the entry state was set back."""
    replay.shop.database.configure("PS_OS_WS_PAYMENT", "11")
    replay.shop.database["orders"].skip_to(34)
    replay.shop.database["order_details"].skip_to(36)


async def _before_273(replay: Replay) -> None:
    replay.price(38, PRICE)


async def _before_281(replay: Replay) -> None:
    replay.price(39, PRICE)
    replay.price(39, "8.325000", product=3, attribute=14)


async def _before_282(replay: Replay) -> None:
    replay.shop.database["specific_prices"].skip_to(17)
    await replay.cart(41, price=PRICE)


async def _before_284(replay: Replay) -> None:
    replay.switch(required_fields={"addresses": ("phone",)})


async def _before_290(replay: Replay) -> None:
    replay.switch(required_fields={})
    replay.shop.database["order_histories"].skip_to(61)


UNRECORDED: Mapping[str, Callable[[Replay], Awaitable[None]]] = {
    "160-order-mismatch": _before_160,
    "171-conf": _before_171,
    "180-guest-same-email-as-customer": _before_180,
    "195-order-bad-module": _before_195,
    "173-order-nonlogable-state": _before_173,
    "178-order-payment-post": _before_178,
    "198-order-inactive-country": _before_198,
    "221-stock-zero-one-json": _before_221,
    "240-maintenance": _before_240,
    "241-webservice-disabled": _before_241,
    "242-ssl-enabled-http-call": _before_242,
    "243-limited-key-root": _before_243,
    "248-order-other-customer": _before_248,
    "260-cart-with-gift-message-key": _before_260,
    "273-guest-order": _before_273,
    "281-order-two-lines": _before_281,
    "282-specific-price-delete": _before_282,
    "284-err-required-by-merchant": _before_284,
    "290-ps-method-patch": _before_290,
}
