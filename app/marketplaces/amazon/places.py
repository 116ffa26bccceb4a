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
class Place:
    """A marketplace: its id, its country in Amazon's words, the region it is reached in, the currency of its offers."""

    id: str
    country: str
    region: Region
    currency: str


_PLACES = (
    Place("A13V1IB3VIYZZH", "FR", "EU", "EUR"),
    Place("A1PA6795UKMFR9", "DE", "EU", "EUR"),
    Place("APJ6JRA9NG5V4", "IT", "EU", "EUR"),
    Place("A1RKKUPIHCS9HS", "ES", "EU", "EUR"),
    Place("A1805IZSGTT6HS", "NL", "EU", "EUR"),
    Place("AMEN7PMS3EDWL", "BE", "EU", "EUR"),
    Place("A28R8C7NBKEWEA", "IE", "EU", "EUR"),
    Place("A1F83G8C2ARO7P", "UK", "EU", "GBP"),
    Place("A1C3SOZRARQ6R3", "PL", "EU", "PLN"),
    Place("A2NODRKZP88ZB9", "SE", "EU", "SEK"),
    Place("A33AVAJ2PDY3EV", "TR", "EU", "TRY"),
    Place("A2VIGQ35RCS4UG", "AE", "EU", "AED"),
    Place("A17E79C6D8DWNP", "SA", "EU", "SAR"),
    Place("ARBP9OOSHTCHU", "EG", "EU", "EGP"),
    Place("AE08WJ6YKNBMC", "ZA", "EU", "ZAR"),
    Place("A21TJRUUN4KGV", "IN", "EU", "INR"),
    Place("ATVPDKIKX0DER", "US", "NA", "USD"),
    Place("A2EUQ1WTGCTBG2", "CA", "NA", "CAD"),
    Place("A1AM78C64UM0Y8", "MX", "NA", "MXN"),
    Place("A2Q3Y263D00KWC", "BR", "NA", "BRL"),
    Place("A1VC38T7YXB528", "JP", "FE", "JPY"),
    Place("A39IBJ37TRP1C6", "AU", "FE", "AUD"),
    Place("A19VAU5U5O7RUS", "SG", "FE", "SGD"),
)

MARKETPLACES: Mapping[str, Place] = {place.id: place for place in _PLACES}
# Amazon calls the United Kingdom UK, addresses and the rest of the world GB.
PLACES: Mapping[str, Place] = {place.country: place for place in _PLACES} | {"GB": MARKETPLACES["A1F83G8C2ARO7P"]}
CURRENCIES = frozenset(place.currency for place in _PLACES)
