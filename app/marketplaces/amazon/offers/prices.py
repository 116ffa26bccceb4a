"""One price of the shop, and what it is in the currency of each marketplace. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from app.marketplaces.amazon.stores import AmazonStore

DECIMALS = {"JPY": 0}
OTHER_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """The currency of the shop's prices, and what one unit of it is in others."""

    currency: str
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def rate(self, store: AmazonStore) -> Decimal | None:
        """Return what one unit is where that marketplace sells, None where no rate is set."""
        return Decimal(1) if store.currency == self.currency else self.rates.get(store.currency)

    def local(self, price: Decimal, store: AmazonStore) -> Decimal | None:
        """Return a price of the shop as that marketplace shows it, halves rounded up; None without a rate."""
        rate = self.rate(store)
        return None if rate is None else rounded(price * rate, store.currency)

    def shop_price(self, shown: Mapping[AmazonStore, Decimal]) -> tuple[Decimal, bool]:
        """Return the price of the shop that stands behind what the marketplaces show, and whether they all show it.

        Zero where nothing is known. Marketplaces without a rate do not count. Where no marketplace has the shop's
        currency it is one of several prices that look alike there.
        """
        rates = {store: rate for store in shown if (rate := self.rate(store)) is not None}
        if not rates:
            return Decimal(0), True
        # The shop's own currency gives it exactly; of others, the one with the smallest unit is the best witness.
        best = max(rates, key=lambda store: (store.currency == self.currency, rates[store]))
        price = rounded(shown[best] / rates[best], self.currency)
        return price, all(self.local(price, store) == shown[store] for store in rates)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with as many decimals as the currency has."""
    return amount.quantize(Decimal(1).scaleb(-DECIMALS.get(currency, OTHER_DECIMALS)), ROUND_HALF_UP)
