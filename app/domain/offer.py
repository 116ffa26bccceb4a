"""Offers: what the shop has, what the marketplace shows, and what has to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.domain.message import Message, Param
from app.domain.order import Fulfilment
from app.domain.shop_mapping import SkuSource


class OfferKind(StrEnum):
    """What a batch of offers changes; stock and prices travel apart, so that neither touches the other."""

    STOCK = "stock"
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOffer:
    """A product as the shop would sell it: free units and its price with and (where the shop knows it) without tax.

    `sku` is the marketplace's. `ref` and `identifiers` say which product it is and what it goes by, as far as the shop
    says: other accounts may name it by another identifier.
    """

    sku: str
    quantity: int
    price_incl: Decimal
    price_excl: Decimal | None = None
    active: bool = True
    ref: str = ""
    identifiers: Mapping[SkuSource, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOffer:
    """An offer as the marketplace shows it now.

    `inactive` says why it is not on sale. `other_prices` is the adapter's own text of the prices beside the plain one
    (discounts, channels, quantities): a platform that replaces an offer's prices as a whole gets it back. `uneven`:
    other marketplaces of the account show other prices, so that the price is sent again whatever it is.
    """

    sku: str
    quantity: int
    price: Decimal
    fulfilment: Fulfilment = Fulfilment.MERCHANT
    inactive: tuple[str, ...] = ()
    other_prices: str = ""
    uneven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One SKU's new stock or price, by the kind of its batch; `other_prices` as the live offer had it."""

    sku: str
    quantity: int | None = None
    price: Decimal | None = None
    other_prices: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A batch that the marketplace took: a receipt to ask about later, or at once why SKUs were refused."""

    receipt: str | None
    refused: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferResults:
    """What became of a batch: why SKUs were refused; all others were accepted.

    `gone`: the marketplace no longer knows the receipt; `failed`: it took none of the lines, with its reason.
    """

    refused: Mapping[str, Param] = field(default_factory=dict)
    gone: bool = False
    failed: Message | str = ""
