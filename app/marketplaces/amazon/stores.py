"""Amazon's regions and marketplaces. A request may name marketplaces of one region only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Region = Literal["EU", "NA", "FE"]

REGIONS: Mapping[Region, str] = {
    "EU": "https://sellingpartnerapi-eu.amazon.com",
    "NA": "https://sellingpartnerapi-na.amazon.com",
    "FE": "https://sellingpartnerapi-fe.amazon.com",
}
# What prices of a shop are in, unless its merchant says otherwise.
HOME_CURRENCIES: Mapping[Region, str] = {"EU": "EUR", "NA": "USD", "FE": "JPY"}
# One for all regions.
TOKEN_ADDRESS = "https://api.amazon.com/auth/o2/token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class AmazonStore:
    """A marketplace: its id, its country in Amazon's words, the region it is reached in, the currency of its offers."""

    id: str
    country: str
    region: Region
    currency: str


_STORES = (
    AmazonStore("A13V1IB3VIYZZH", "FR", "EU", "EUR"),
    AmazonStore("A1PA6795UKMFR9", "DE", "EU", "EUR"),
    AmazonStore("APJ6JRA9NG5V4", "IT", "EU", "EUR"),
    AmazonStore("A1RKKUPIHCS9HS", "ES", "EU", "EUR"),
    AmazonStore("A1805IZSGTT6HS", "NL", "EU", "EUR"),
    AmazonStore("AMEN7PMS3EDWL", "BE", "EU", "EUR"),
    AmazonStore("A28R8C7NBKEWEA", "IE", "EU", "EUR"),
    AmazonStore("A1F83G8C2ARO7P", "UK", "EU", "GBP"),
    AmazonStore("A1C3SOZRARQ6R3", "PL", "EU", "PLN"),
    AmazonStore("A2NODRKZP88ZB9", "SE", "EU", "SEK"),
    AmazonStore("A33AVAJ2PDY3EV", "TR", "EU", "TRY"),
    AmazonStore("A2VIGQ35RCS4UG", "AE", "EU", "AED"),
    AmazonStore("A17E79C6D8DWNP", "SA", "EU", "SAR"),
    AmazonStore("ARBP9OOSHTCHU", "EG", "EU", "EGP"),
    AmazonStore("AE08WJ6YKNBMC", "ZA", "EU", "ZAR"),
    AmazonStore("A21TJRUUN4KGV", "IN", "EU", "INR"),
    AmazonStore("ATVPDKIKX0DER", "US", "NA", "USD"),
    AmazonStore("A2EUQ1WTGCTBG2", "CA", "NA", "CAD"),
    AmazonStore("A1AM78C64UM0Y8", "MX", "NA", "MXN"),
    AmazonStore("A2Q3Y263D00KWC", "BR", "NA", "BRL"),
    AmazonStore("A1VC38T7YXB528", "JP", "FE", "JPY"),
    AmazonStore("A39IBJ37TRP1C6", "AU", "FE", "AUD"),
    AmazonStore("A19VAU5U5O7RUS", "SG", "FE", "SGD"),
)

MARKETPLACES: Mapping[str, AmazonStore] = {store.id: store for store in _STORES}
# Amazon calls the United Kingdom UK, addresses and the rest of the world GB.
STORES: Mapping[str, AmazonStore] = {store.country: store for store in _STORES} | {"GB": MARKETPLACES["A1F83G8C2ARO7P"]}
CURRENCIES = frozenset(store.currency for store in _STORES)
