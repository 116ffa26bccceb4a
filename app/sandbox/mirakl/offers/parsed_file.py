"""What a file says once it is read: the changes it asks for, and the lines that can't be understood."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from app.sandbox.catalogue import Product
from app.sandbox.mirakl.offers.offer import Offer
from app.sandbox.mirakl.offers.sheet import LineBroken, LineError, Row, amount
from app.sandbox.mirakl.switches import Switches

Effect = Literal["inserted", "updated", "deleted", "pending"]


@dataclass(frozen=True)
class ShopOffers:
    """What a change works on: the offers, and the products that may become offers."""

    offers: dict[str, Offer]
    product: Callable[[str], Product | None]


class Change(Protocol):
    """What some lines of a file want of one offer."""

    @property
    def rows(self) -> Sequence[Row]: ...

    def apply(self, seller: ShopOffers) -> Effect:
        """Do it; LineBroken when the offer does not allow it."""
        ...


@dataclass
class ParsedFile:
    """A file that was read; `keeps` names the offers that a replacing file leaves alive."""

    columns: Sequence[str]
    changes: list[Change] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    keeps: frozenset[str] | None = None


@dataclass(frozen=True)
class Rules:
    """What a file is read under: the platform's switches at the time, and what was sent beside the file."""

    switches: Switches
    now: datetime
    replaces: bool = False

    def amount(self, text: str, column: str) -> Decimal:
        """Return the amount in that cell; LineBroken unless the platform takes it."""
        switches = self.switches
        rounds = switches.excess_decimals == "rounded"
        return amount(text, column=column, decimals=switches.offer_prices_decimals, rounds=rounds)


# FileBroken when nothing of the file counts.
Parser = Callable[[bytes, Rules], ParsedFile]


def offer_of_line(seller: ShopOffers, sku: str) -> Offer:
    """Return the offer; LineBroken when there is none, since stock and prices create nothing."""
    offer = seller.offers.get(sku)
    if offer is None:
        raise LineBroken(f"Offer with SKU '{sku}' not found")
    return offer
