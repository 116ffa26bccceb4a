"""Orders imported into the sandbox's PrestaShop as runs import them, with an ear on the line."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import httpx

from app.domain.intent import Intent
from app.domain.message import Message
from app.domain.order import Order
from app.domain.shop_mapping import ShopMapping
from app.domain.wording import Reader, say
from app.errors import CallError, Refused
from app.shops.port import Shop, ShopOrder, UnfinishedOrder
from app.store.engine import Store
from app.transport.xml import NotXml, parse
from tests.contract.shops.under_test import SKUS, STOCK
from tests.shops.builders import an_intent, plan_for
from tests.shops.prestashop.under_test import PLAIN, LoopLock, PrestashopUnderTest, a_prestashop, opened
from tests.support.aio import run

MOST_RUNS = 6
# Longer than a shop needs for an order: what is half-made then stays so.
LATER_S = 600.0

Answering = Callable[[httpx.Request], Awaitable[httpx.Response]]
Trap = Callable[[httpx.Request, Answering], Awaitable[httpx.Response]]
Came = ShopOrder | UnfinishedOrder | CallError


@dataclass(frozen=True, slots=True)
class Sent:
    """One call as it left us; `verb` is the one that is meant, also where another one is sent."""

    verb: str
    resource: str
    record_id: str
    query: Mapping[str, str]
    body: str

    def texts(self, name: str) -> list[str]:
        """Return what the fields of that name hold, none when there is none."""
        return [each.text or "" for each in self._root().iter(name)]

    def _root(self) -> Element:
        try:
            return parse(self.body)[0]
        except NotXml:
            return Element("nothing")


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """Passes calls on, keeps them, and lets a test lay traps by verb and resource."""

    inner: httpx.AsyncBaseTransport
    sent: list[Sent] = field(default_factory=list)
    traps: dict[tuple[str, str], Trap] = field(default_factory=dict)

    def calls(self, verb: str, resource: str) -> list[Sent]:
        return [each for each in self.sent if (each.verb, each.resource) == (verb, resource)]

    @property
    def writes(self) -> list[str]:
        return [f"{each.verb} {each.resource}" for each in self.sent if each.verb != "GET"]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        path = query.get("url") or request.url.path.rpartition("/api/")[2]
        resource, _, record_id = path.partition("/")
        verb = query.get("ps_method", request.method)
        self.sent.append(Sent(verb, resource, record_id, query, request.content.decode()))
        trap = self.traps.get((verb, resource))
        return await (trap(request, self._pass_on) if trap else self._pass_on(request))

    async def _pass_on(self, request: httpx.Request) -> httpx.Response:
        return await self.inner.handle_async_request(request)


@dataclass
class Import:
    """A shop of the sandbox, the wire to it, and the account that imports."""

    tested: PrestashopUnderTest
    wire: Wire
    mapping: ShopMapping
    config: Mapping[str, Any]

    def opened(self) -> Shop:
        """Return the shop as the next run opens it."""
        return self.tested.reopened(mapping=self.mapping, **self.config)

    def switch(self, **switches: Any) -> None:
        run(self.tested.switch(**switches))

    def state(self) -> Any:
        return run(self.tested.state())

    def do(self, path: str, **options: Any) -> Any:
        """Do what the merchant does by hand, or what goes wrong on purpose."""
        return run(self.tested.ask("POST", path, **options))

    def rows(self, resource: str) -> list[Any]:
        """Return what the shop's database holds."""
        return list(self.tested.sandbox.database[resource])

    def once(self, order: Order, intent: Intent | None = None, **choices: str) -> Came:
        """Do what one run does with a due order."""
        return run(one_run(self.opened(), order, intent or an_intent(order), **choices))

    def made(self, order: Order, intent: Intent | None = None, **choices: str) -> ShopOrder:
        """Import an order at the first go."""
        came = self.once(order, intent, **choices)
        assert isinstance(came, ShopOrder), came
        return came

    def until_made(self, order: Order, intent: Intent | None = None, **choices: str) -> ShopOrder:
        """Import an order with as many runs as it takes, each some time after the other."""
        intent = intent or an_intent(order)
        for _ in range(MOST_RUNS):
            came = self.once(order, intent, **choices)
            if isinstance(came, ShopOrder):
                return came
            self.tested.wait(LATER_S)
        raise AssertionError("the order was never made")

    def refusal(self, order: Order, **choices: str) -> Refused:
        """Return why an order is refused, before anything of it is in the shop."""
        self.wire.sent.clear()
        came = self.once(order, None, **choices)
        assert isinstance(came, Refused), came
        assert self.wire.writes == []
        assert self.state()["orders"] == []
        return came

    def one_right_order(self, order: Order) -> Any:
        """Return the only order of the shop: paid once and in full, all units taken once, nothing left over."""
        state = self.state()
        (in_shop,) = state["orders"]
        owed = order.open_total.amount
        assert Decimal(in_shop["total_paid"]) == Decimal(in_shop["total_paid_real"]) == owed
        assert [Decimal(each["amount"]) for each in in_shop["payments"]] == [owed]
        units: dict[str, int] = {}
        for line in order.open_lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity_open
        assert {each["sku"]: each["quantity"] for each in in_shop["rows"]} == units
        assert len(in_shop["history"]) == len(set(in_shop["history"]))
        assert state["specific_prices"] == []
        assert "payment_error" not in state["mails"]
        return in_shop


async def one_run(shop: Shop, order: Order, intent: Intent, **choices: str) -> Came:
    """Resolve, plan, look, create: what a run does with a due order. Returns the error that ends it."""
    try:
        plan = await plan_for(shop, order, **choices)
        in_shop = (await shop.find_orders({intent.key: intent.steps})).get(intent.key)
        if in_shop is None or (isinstance(in_shop, ShopOrder) and not in_shop.whole):
            in_shop = await shop.create_order(order, plan=plan, intent=intent)
        return in_shop
    except CallError as error:
        return error


def an_import(
    store: Store,
    *,
    mapping: ShopMapping = PLAIN,
    catalogue: bool = False,
    config: Mapping[str, Any] | None = None,
    **switches: Any,
) -> Import:
    """A shop with `SKUS`, or the whole `catalogue` of the sandbox (switches speak of that alone), set up as told."""
    wires: list[Wire] = []

    def wrap(inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        wires.append(Wire(inner))
        return wires[0]

    stock = None if catalogue else dict.fromkeys(SKUS, STOCK)
    made = Import(a_prestashop(store, stock=stock, mapping=mapping, wrap=wrap), wires[0], mapping, config or {})
    if switches:
        made.switch(**switches)
    return made


def another_process(imports: Import) -> Shop:
    """Return the same shop as another process of ours opens it: they share the database alone."""
    tested = imports.tested
    connector = replace(tested.connector, lock=LoopLock(tested.connector.store))
    return opened(connector, key=tested.key, mapping=imports.mapping, **imports.config)


async def until(look: Callable[[], object]) -> None:
    """Let everybody go on until something is so."""
    async with asyncio.timeout(20):
        while not look():  # noqa: ASYNC110 - what is looked at belongs to the sandbox, which tells nobody
            await asyncio.sleep(0)


def sentence(refused: Refused) -> str:
    """Return the sentence that a merchant reads."""
    return say(Message(refused.reason, {"detail": refused.detail, **refused.params}), Reader()).message
