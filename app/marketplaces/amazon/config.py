"""What is needed to reach a seller account on Amazon; forms and the CLI are made from it."""

import re
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from app.domain.invalid import InvalidValue
from app.domain.message import message
from app.domain.order import Fulfilment
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import (
    CURRENCIES,
    HOME_CURRENCIES,
    MARKETPLACES,
    REGIONS,
    STORES,
    TOKEN_ADDRESS,
    Region,
)
from app.web_address import base_address, is_secure

_TOKEN_PATH = "/auth/o2/token"  # noqa: S105
_CHANNELS = {"MFN": Fulfilment.MERCHANT, "AFN": Fulfilment.MARKETPLACE}


class AmazonConfig(BaseModel):
    """A seller in one region, and the application that he allowed to act for him."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    region: Literal["EU", "NA", "FE"] = Field(
        default="EU",
        title="Region",
        description="EU (Europe, Middle East, Africa, India), NA (the Americas) or FE (Japan, Australia, Singapore).",
    )
    seller_id: str = Field(
        title="Seller number",
        description="Merchant token from Seller Central, Settings > Account info, for example A1B2C3D4E5F6G7.",
    )
    client_id: str = Field(
        title="Application: client ID",
        description="LWA client identifier of the application, from Developer Central; begins with amzn1.",
    )
    client_secret: SecretStr = Field(
        title="Application: client secret",
        description="LWA client secret of the application; Amazon ends it after 180 days, so note when it was made.",
    )
    refresh_token: SecretStr = Field(
        title="Refresh token",
        description="Given when the seller authorises the application in Seller Central; begins with Atzr|.",
    )
    marketplaces: str = Field(
        default="",
        title="Marketplaces",
        description="Country codes with commas between, for example FR,DE,UK; empty: all where the account sells.",
    )
    channels: str = Field(
        default="MFN,AFN",
        title="Channels",
        description="Whose shipping is read: MFN (by the merchant), AFN (by Amazon, FBA), or both.",
    )
    currency: str = Field(
        default="",
        title="Currency of the shop's prices",
        description="For example EUR; empty: EUR, USD or JPY by the region.",
    )
    rates: str = Field(
        default="",
        title="Rates of other currencies",
        description=(
            "What one unit of the shop's currency is in those of other marketplaces, for example GBP=0.86,PLN=4.30; "
            "where there is no rate, no price is sent."
        ),
    )
    base_url: str = Field(
        default="",
        title="Address",
        description="Address of the API in place of the region's own, for example of a sandbox; usually empty.",
    )
    token_url: str = Field(
        default="",
        title="Token address",
        description="Address that gives access tokens, where it is neither Amazon's own nor below the address above.",
    )

    @property
    def api_root(self) -> str:
        """Return scheme, host and prefix of the API."""
        return self.base_url or REGIONS[self.region]

    @property
    def token_address(self) -> str:
        """Return where access tokens come from."""
        if self.token_url:
            return self.token_url
        return f"{self.base_url}{_TOKEN_PATH}" if self.base_url else TOKEN_ADDRESS

    @property
    def marketplace_ids(self) -> tuple[str, ...]:
        """Return Amazon's ids of the chosen marketplaces, none for all."""
        return tuple(STORES[country].id for country in self.marketplaces.split(",") if country)

    @property
    def exchange_rates(self) -> ExchangeRates:
        """Return the currency of the shop's prices, and what it is worth elsewhere."""
        rates = (pair.partition("=") for pair in self.rates.split(",") if pair)
        return ExchangeRates(
            self.currency or HOME_CURRENCIES[self.region], {code: Decimal(rate) for code, _, rate in rates}
        )

    @property
    def fulfilments(self) -> frozenset[Fulfilment]:
        """Return whose shipping is read."""
        return frozenset(_CHANNELS[word] for word in self.channels.split(","))

    @field_validator("seller_id")
    @classmethod
    def _seller(cls, given: str) -> str:
        if not re.fullmatch(r"[A-Z0-9]{8,20}", given):
            raise InvalidValue("AMAZON_SELLER_NUMBER")
        return given

    @field_validator("client_id")
    @classmethod
    def _client(cls, given: str) -> str:
        if not re.fullmatch(r"[!-~]+", given):
            raise InvalidValue("AMAZON_CLIENT_ID")
        return given

    @field_validator("client_secret", "refresh_token")
    @classmethod
    def _bare(cls, given: SecretStr) -> SecretStr:
        return SecretStr(bare_secret(given.get_secret_value()))

    @field_validator("marketplaces", mode="before")
    @classmethod
    def _countries(cls, given: object, info: ValidationInfo) -> object:
        words = _words(given)
        return given if words is None else ",".join(_country(word, region=info.data.get("region")) for word in words)

    @field_validator("channels", mode="before")
    @classmethod
    def _channels(cls, given: object) -> object:
        words = _words(given)
        if words is None:
            return given
        odd = [word for word in words if word not in _CHANNELS]
        if odd or not words:
            raise InvalidValue("AMAZON_CHANNELS")
        return ",".join(words)

    @field_validator("currency")
    @classmethod
    def _currency(cls, given: str) -> str:
        if given and given.upper() not in CURRENCIES:
            raise InvalidValue("AMAZON_CURRENCY", known=tuple(sorted(CURRENCIES)))
        return given.upper()

    @field_validator("rates", mode="before")
    @classmethod
    def _rates(cls, given: object, info: ValidationInfo) -> object:
        words = _words(given)
        if words is None:
            return given
        rates = [_rate(word) for word in words]
        codes = [code for code, _ in rates]
        own = info.data.get("currency") or HOME_CURRENCIES.get(info.data.get("region", "EU"))
        if len(set(codes)) < len(codes) or own in codes:
            raise InvalidValue("AMAZON_RATE_EACH", own=str(own))
        return ",".join(f"{code}={rate}" for code, rate in rates)

    @field_validator("base_url", "token_url")
    @classmethod
    def _address(cls, given: str) -> str:
        return given and secure_address(given)


def bare_secret(given: str) -> str:
    """Return the secret without surrounding white space; raises InvalidValue for what can't be one."""
    secret = given.strip()
    if not secret:
        raise InvalidValue("SECRET_EMPTY")
    if any(mark in secret for mark in "\"'`«»“”‘’"):
        raise InvalidValue("SECRET_QUOTED")
    if not re.fullmatch(r"[!-~]+", secret):
        raise InvalidValue("SECRET_UNREADABLE")
    return secret


def secure_address(given: str) -> str:
    """Return an address without its last slash; raises InvalidValue for one that lets the token travel in clear."""
    try:
        parts = base_address(given)
    except ValueError as exc:
        raise InvalidValue("NO_WEB_ADDRESS", example=message("EXAMPLE_AMAZON")) from exc
    if not is_secure(parts):
        raise InvalidValue("KEY_UNENCRYPTED")
    return given.rstrip("/")


def _words(given: object) -> list[str] | None:
    """Return a list of words, written with commas or given as a list, each once; None for anything else."""
    if isinstance(given, str):
        given = re.split(r"[,;\s]+", given)
    if not isinstance(given, list | tuple) or not all(isinstance(word, str) for word in given):
        return None
    return list(dict.fromkeys(word.strip().upper() for word in given if word.strip()))


def _country(word: str, *, region: Region | None) -> str:
    store = STORES.get(word) or MARKETPLACES.get(word)
    known = tuple(each.country for each in MARKETPLACES.values() if each.region == region)
    if store is None or (region and store.region != region):
        raise InvalidValue("AMAZON_NO_COUNTRY", text=word[:20], known=known)
    return store.country


def _rate(word: str) -> tuple[str, str]:
    code, _, reported = word.partition("=")
    if code not in CURRENCIES or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,8})?", reported) or not Decimal(reported):
        raise InvalidValue("AMAZON_RATE", text=word[:20])
    return code, reported
