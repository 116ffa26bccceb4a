"""What an orders body may hold for Amazon, beside what it may hold for every platform."""

from typing import Literal

from pydantic import Field

from app.sandbox.amazon.orders.states import Word
from app.sandbox.amazon.switches import DiscountSign, Money, StoreCode
from app.sandbox.control_input import Age, OrderRequest

Program = Literal[
    "AMAZON_BAZAAR",
    "AMAZON_BUSINESS",
    "AMAZON_EASY_SHIP",
    "AMAZON_HAUL",
    "DELIVERY_BY_AMAZON",
    "FBM_SHIP_PLUS",
    "INVOICE_BY_AMAZON",
    "IN_STORE_PICK_UP",
    "PREMIUM",
    "PREORDER",
    "PRIME",
]


class AmazonOrderRequest(OrderRequest):
    """An orders body; states are the common words or Amazon's own."""

    state: Word = "pending"
    # Where the order comes from, and under which programmes.
    store: StoreCode | None = None
    programs: tuple[Program, ...] = ()
    business: bool = False
    # An order of another channel that Amazon ships (Multi-Channel Fulfillment).
    mcf: bool = False
    # It replaces an earlier order and costs nothing.
    replacement: bool = False
    cancel_request: bool = False
    cancel_after_s: float | None = Field(default=None, ge=0)
    # How long it is pending: hours to days, on top of payment_delay_s. For Amazon's own parcels also the way out.
    late_payment_h: float | None = Field(default=None, ge=0, le=24 * 30)
    picking_s: float | None = Field(default=None, ge=0)
    # How much later than its changes a search finds it.
    index_lag_s: float | None = Field(default=None, ge=0)
    missing_sku: bool = False
    gift: bool = False
    facilitator: bool = False
    seller_order_id: str | None = Field(default=None, min_length=1, max_length=40)
    money: Money | None = None
    discount_sign: DiscountSign | None = None
    discount: bool | None = None
    # The orders come one by one in that time from now on, instead of all at once.
    over: Age | None = None
