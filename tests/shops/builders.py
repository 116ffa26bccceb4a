"""Orders, plans and intents for the tests of shops."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from app.domain.intent import Intent
from app.domain.money import Money, total
from app.domain.order import Address, Buyer, Fulfilment, Line, Order, OrderState, marketplace_key
from app.shops.port import ImportPlan, Match, Shop

NOW = datetime(2026, 11, 21, 9, 20, tzinfo=UTC)
PLACED = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

BUYER = Buyer(last_name="Lefèvre", first_name="Zoé", email="abc123@marketplace.example", company="Chez Zoé")
ADDRESS = Address(
    last_name="Lefèvre",
    first_name="Zoé",
    street_1="12 rue de l'Église",
    postcode="59000",
    city="Lille",
    country="FR",
    phone="+33 6 39 98 00 01",
)


def a_line(
    sku: str = "LAMPE",
    *,
    line_id: str = "",
    quantity: int = 1,
    cancelled: int = 0,
    price: str = "10.00",
    shipping: str = "0.00",
    currency: str = "EUR",
    title: str = "",
) -> Line:
    """One order line; `cancelled` units are no longer owed."""
    unit_price, delivery = Money(Decimal(price), currency), Money(Decimal(shipping), currency)
    open_units = quantity - cancelled
    return Line(
        id=line_id or f"{sku}-1",
        sku=sku,
        title=title,
        quantity=quantity,
        quantity_open=open_units,
        unit_price=unit_price,
        shipping=delivery,
        total=Money(unit_price.amount * (open_units or quantity) + delivery.amount, currency),
        state=OrderState.TO_SHIP if open_units else OrderState.CANCELLED,
    )


def an_order(
    *lines: Line,
    order_id: str = "MKP-1",
    currency: str = "EUR",
    buyer: Buyer | None = BUYER,
    address: Address | None = ADDRESS,
    pickup_point: str = "",
) -> Order:
    """An order to ship; one lamp when no line is given."""
    lines = lines or (a_line(currency=currency),)
    return Order(
        platform="mirakl",
        order_id=order_id,
        state=OrderState.TO_SHIP,
        platform_status="SHIPPING",
        fulfilment=Fulfilment.MERCHANT,
        placed_at=PLACED,
        currency=currency,
        total=total((line.total for line in lines), currency=currency),
        lines=lines,
        buyer=buyer,
        shipping_address=address,
        billing_address=address,
        pickup_point=pickup_point,
        shipping_method="home",
        shipping_method_label="À domicile",
    )


@dataclass
class RememberedIntent:
    """An intent that lives as long as the test."""

    key: str
    steps: dict[str, str] = field(default_factory=dict)

    async def note(self, **steps: str) -> None:
        self.steps.update(steps)

    async def sending(self, step: str) -> None:
        self.steps[f"sending:{step}"] = "now"


def an_intent(order: Order) -> Intent:
    return RememberedIntent(marketplace_key(order.platform, order.order_id))


def a_plan(matches: Iterable[Match], **choices: str) -> ImportPlan:
    """How an order enters: paid and lowering stock, unless said otherwise."""
    chosen = {"state": "paid", "stock": "lower", **choices}
    return ImportPlan(
        matches={match.sku: match for match in matches},
        state="shipped" if chosen["state"] == "shipped" else "paid",
        stock="keep" if chosen["stock"] == "keep" else "lower",
        email="buyer@anonymous.example",
        placeholder="order@marketplace.invalid",
    )


async def plan_for(shop: Shop, order: Order, **choices: str) -> ImportPlan:
    """The plan a task makes: what the shop resolves, the rest left out."""
    resolved = await shop.resolve([line.sku for line in order.open_lines])
    return a_plan((match for match in resolved.by_sku.values() if isinstance(match, Match)), **choices)
