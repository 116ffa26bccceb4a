"""Amazon's stores: which region each belongs to, and what it sells in. Amazon calls a store a marketplace."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Region = Literal["EU", "NA", "FE"]
REGION: Region = "EU"
HOME = "FR"


@dataclass(frozen=True)
class Store:
    """One store; `code` is Amazon's word for the country, which is UK where addresses say GB."""

    code: str
    store_id: str
    region: Region
    currency: str
    language: str
    name: str


STORES: tuple[Store, ...] = (
    Store("FR", "A13V1IB3VIYZZH", "EU", "EUR", "fr_FR", "Amazon.fr"),
    Store("DE", "A1PA6795UKMFR9", "EU", "EUR", "de_DE", "Amazon.de"),
    Store("IT", "APJ6JRA9NG5V4", "EU", "EUR", "it_IT", "Amazon.it"),
    Store("ES", "A1RKKUPIHCS9HS", "EU", "EUR", "es_ES", "Amazon.es"),
    Store("BE", "AMEN7PMS3EDWL", "EU", "EUR", "fr_BE", "Amazon.com.be"),
    Store("NL", "A1805IZSGTT6HS", "EU", "EUR", "nl_NL", "Amazon.nl"),
    Store("UK", "A1F83G8C2ARO7P", "EU", "GBP", "en_GB", "Amazon.co.uk"),
    Store("IE", "A28R8C7NBKEWEA", "EU", "EUR", "en_IE", "Amazon.ie"),
    Store("PL", "A1C3SOZRARQ6R3", "EU", "PLN", "pl_PL", "Amazon.pl"),
    Store("SE", "A2NODRKZP88ZB9", "EU", "SEK", "sv_SE", "Amazon.se"),
    Store("TR", "A33AVAJ2PDY3EV", "EU", "TRY", "tr_TR", "Amazon.com.tr"),
    Store("AE", "A2VIGQ35RCS4UG", "EU", "AED", "en_AE", "Amazon.ae"),
    Store("SA", "A17E79C6D8DWNP", "EU", "SAR", "ar_SA", "Amazon.sa"),
    Store("EG", "ARBP9OOSHTCHU", "EU", "EGP", "ar_EG", "Amazon.eg"),
    Store("ZA", "AE08WJ6YKNBMC", "EU", "ZAR", "en_ZA", "Amazon.co.za"),
    Store("IN", "A21TJRUUN4KGV", "EU", "INR", "en_IN", "Amazon.in"),
    Store("US", "ATVPDKIKX0DER", "NA", "USD", "en_US", "Amazon.com"),
    Store("CA", "A2EUQ1WTGCTBG2", "NA", "CAD", "en_CA", "Amazon.ca"),
    Store("MX", "A1AM78C64UM0Y8", "NA", "MXN", "es_MX", "Amazon.com.mx"),
    Store("BR", "A2Q3Y263D00KWC", "NA", "BRL", "pt_BR", "Amazon.com.br"),
    Store("JP", "A1VC38T7YXB528", "FE", "JPY", "ja_JP", "Amazon.co.jp"),
    Store("AU", "A39IBJ37TRP1C6", "FE", "AUD", "en_AU", "Amazon.com.au"),
    Store("SG", "A19VAU5U5O7RUS", "FE", "SGD", "en_SG", "Amazon.sg"),
)
BY_ID = {store.store_id: store for store in STORES}
BY_CODE = {store.code: store for store in STORES}
# Where the sellers of the sandbox are listed.
JOINED = ("FR", "DE", "IT", "ES", "BE", "NL", "UK")
# Orders of other channels that Amazon ships have a store of their own that is none.
NO_STORE_ID = "A0SANDBOXNOAMZ"
# What a pound costs, in thousandths of a euro; good enough for a simulated price.
_POUND_PERMILLE = 1160


def of_region(store_ids: Iterable[str]) -> list[Store] | None:
    """Return the stores of those ids; None when one is unknown or belongs to another region."""
    found = [BY_ID.get(store_id) for store_id in store_ids]
    in_region = [store for store in found if store is not None and store.region == REGION]
    return in_region if len(in_region) == len(found) else None


def priced(cents: int, *, currency: str) -> int:
    """Return a price in euro cents in the smallest unit of that currency."""
    return cents * 1000 // _POUND_PERMILLE if currency == "GBP" else cents
