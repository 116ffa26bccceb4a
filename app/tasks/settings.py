"""What the merchant chose for one account: every field with a default, a type and a sentence.

The API, the CLI and the settings page are made from this one model.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from app.domain.acceptance import AcceptWhen, WhenShort
from app.domain.carriers.lookup import CarrierName
from app.domain.intake import Importing
from app.domain.invalid import InvalidValue, what_is_wrong, wrong_field
from app.domain.message import message
from app.domain.pricing import Rounding, Rules
from app.domain.shop_mapping import CustomerMode, ShopMapping, SkuSource, shop_mapping_of
from app.domain.task import Task
from app.domain.wording import Language, Reader
from app.domain.working_hours import ALWAYS, WorkingHours, cleaned, working_hours
from app.errors import BadInput
from app.web_address import base_address, is_secure

# Most of the marketplaces served are French, and so are the shops that sell there.
TIMEZONE = "Europe/Paris"

_ONE_LINE = {
    "ping_urls": '{"orders-import": "https://…"}',
    "carrier_names": '{"Colissimo": {"carrier": "colissimo"}}',
    "sku_links": '{"SKU-AT-THE-MARKETPLACE": "PRODUCT-OF-THE-SHOP"}',
    "carriers": '{"EXPRESS": "12", "*": "7"}',
}

# Ids are texts, also where a program writes them as numbers; no database keeps control characters, nor does a SKU.
ShopId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", coerce_numbers_to_str=True)]
SkuText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Affix = Annotated[str, Field(max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")]
StateId = Annotated[str, Field(max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$", coerce_numbers_to_str=True)]


class CarrierSetting(BaseModel):
    """One carrier of the shop in the marketplace's words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    carrier: str = Field("", max_length=200, description="The marketplace's code or name; empty: the shop's own.")
    url: str = Field("", max_length=500, description="Address to follow a parcel, with {number} and {postcode}.")


_VISIBLE = re.compile(r"[!-~]{1,500}")


class AccountSettings(BaseModel):
    """Settings of one account; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start_from: datetime = Field(
        description="Orders placed before this moment are never imported (ISO 8601, or a span before now such as 30d)."
    )
    allowed_networks: list[str] = Field(
        [],
        max_length=100,
        description="Networks whose hits are served, such as 203.0.113.0/24 (the cron service's); none: all are.",
    )
    language: Language = Field("en", description="Language of the sentences in reports.")
    timezone: str = Field(
        TIMEZONE, max_length=64, description="Time zone of the working hours, an IANA name such as Europe/Paris."
    )
    working_hours: str = Field(
        "",
        max_length=500,
        description="When offers-send and orders-status are planned, such as mo-fr 08:00-19:00, sa 09:00-12:00; "
        "empty: always. A hit is served at any time.",
    )
    sku_from: SkuSource = Field("reference", description="What of a product its SKU at the marketplace is made of.")
    sku_prefix: Affix = Field("", description="What stands before that in a SKU at the marketplace.")
    sku_suffix: Affix = Field("", description="What stands after that in a SKU at the marketplace.")
    sku_links: dict[SkuText, ShopId] = Field(
        {},
        max_length=10_000,
        description="The shop's product for SKUs that name none, or several: see marketcron account map-sku.",
    )
    lookback_days: int | None = Field(
        None, ge=1, le=90, description="Days that the first run and the catch-ups look back; default: the platform's."
    )
    import_without_stock: bool = Field(
        True, description="Import accepted orders even if the shop has no stock left for them."
    )
    accept_when: AcceptWhen = Field("in_stock", description="When orders are accepted by themselves.")
    when_short: WhenShort = Field(
        "leave",
        description="What happens to an order with missing stock: leave it to you, refuse it, refuse its lines.",
    )
    acceptance_deadline_h: int = Field(
        24,
        ge=1,
        le=720,
        description="Hours after which an undecided order is late where the marketplace names no limit.",
    )
    fulfilled_import: Importing = Field(
        "order", description="Whether orders shipped by the marketplace become shop orders or are only listed."
    )
    shipped_import: Importing = Field(
        "order",
        description="Whether orders that you ship, and that had left already when they were first seen, become shop "
        "orders or are only listed.",
    )
    business_import: Importing = Field(
        "order",
        description="Whether orders of companies (such as Amazon Business) become shop orders or are only listed.",
    )
    default_country: str = Field(
        "",
        pattern=r"^([A-Z]{2})?$",
        description="ISO code of the country, such as FR, for addresses in which the marketplace names none.",
    )
    carriers: dict[SkuText, ShopId] = Field(
        {},
        max_length=200,
        description="The shop's carrier, by its id, for shipping methods of the marketplace, by code or name; "
        "* is for all others.",
    )
    customer_mode: CustomerMode = Field(
        "guest", description="Whether buyers become guests of the shop, or customers with an account."
    )
    imported_state: StateId = Field(
        "", description="The shop's state, by its id, of an order just imported; empty: what the shop suggests."
    )
    fulfilled_state: StateId = Field(
        "", description="The shop's state of an order that the marketplace ships; empty: what the shop suggests."
    )
    shipped_states: list[ShopId] = Field(
        [], max_length=50, description="The shop's states of an order that has left; none: what the shop suggests."
    )
    cancelled_state: StateId = Field(
        "", description="The shop's state of a cancelled order; empty: what the shop suggests."
    )
    send_stock: bool = Field(True, description="Whether offers-send sends stock.")
    send_price: bool = Field(True, description="Whether offers-send sends prices.")
    price_tax: Literal["incl", "excl"] = Field(
        "incl", description="Whether prices are sent with taxes, or without where the shop knows these."
    )
    price_multiplier: Decimal = Field(
        Decimal(1), gt=0, le=100, description="What the shop's price is multiplied by, such as 1.10."
    )
    price_offset: Decimal = Field(
        Decimal(0), ge=-100_000, le=100_000, description="What is added to the price after that, such as 2.50."
    )
    price_rounding: Rounding = Field(
        "cent", description="How prices are rounded: to the cent, up to the next .99, .95 or .90, to a whole number."
    )
    stock_buffer: int = Field(0, ge=0, le=1_000_000, description="Pieces of each product that are never offered.")
    max_quantity: int | None = Field(
        None, ge=0, le=1_000_000_000, description="The most units that an offer shows; default: no limit."
    )
    exclude_skus: list[str] = Field([], max_length=10_000, description="SKUs whose offers are left alone.")
    tracking_grace_h: int = Field(
        3, ge=0, le=240, description="Hours that a shipped order waits for its tracking number before it is named."
    )
    without_tracking: Literal["hold", "send"] = Field(
        "hold", description="Whether an order without a tracking number is held after that, or sent without."
    )
    carrier_names: dict[str, CarrierSetting] = Field(
        {},
        max_length=200,
        description="The marketplace's carrier for each carrier of the shop, and the address to follow a parcel "
        "with {number} and {postcode}.",
    )
    anonymous_email_domain: str = Field(
        "marketplace.invalid",
        pattern=r"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$",
        max_length=100,
        description="Domain of the placeholder address where the marketplace gives no e-mail of the buyer.",
    )
    ping_urls: dict[Task, str] = Field(
        {},
        max_length=5,
        description="Address by task that a watchdog such as healthchecks.io gives you; it hears when a run begins "
        "and how it ends.",
    )

    @field_validator("allowed_networks", "exclude_skus", "shipped_states", mode="before")
    @classmethod
    def _in_one_line(cls, value: Any) -> Any:
        """A command gives a list as `one,two`."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for text in value:
            try:
                ip_network(text, strict=False)
            except ValueError as exc:
                raise InvalidValue("NO_NETWORK", text=text[:50]) from exc
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        # The default is right also on a machine without a database of time zones, where nobody plans by it.
        if value != TIMEZONE:
            _zone(value)
        return value

    @field_validator("working_hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        return cleaned(value)

    @field_validator("ping_urls", "carrier_names", "sku_links", "carriers", mode="before")
    @classmethod
    def _object_in_one_line(cls, value: Any, about: ValidationInfo) -> Any:
        """A command gives an object as JSON."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as exc:
            raise InvalidValue("WRITE_LIKE", example=_ONE_LINE[about.field_name or ""]) from exc

    @field_validator("ping_urls")
    @classmethod
    def _can_be_pinged(cls, value: dict[Task, str]) -> dict[Task, str]:
        # Whoever knows such an address can silence the watchdog: it is never repeated.
        for task, url in value.items():
            if not _can_be_pinged(url):
                raise InvalidValue("PING_ADDRESS", task=str(task))
        return {task: url.rstrip("/") for task, url in value.items()}

    @field_validator("start_from")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise InvalidValue("MUST_BE_ZONED")
        return value

    def reader(self, language: Language | None = None) -> Reader:
        """Return for whom reports are put into words; `language`: one that was asked for."""
        return Reader(language or self.language, ZoneInfo(self.timezone))

    @property
    def rules(self) -> Rules:
        """What is published of a product."""
        return Rules(
            price_tax=self.price_tax,
            multiplier=self.price_multiplier,
            offset=self.price_offset,
            rounding=self.price_rounding,
            buffer=self.stock_buffer,
            max_quantity=self.max_quantity,
        )

    @property
    def shop_mapping(self) -> ShopMapping:
        """What the settings say of the account's shop."""
        return shop_mapping_of(self.__dict__)

    @property
    def hours(self) -> WorkingHours:
        """When the account works."""
        return hours_of(self.__dict__)

    def carriers_by_name(self) -> dict[str, CarrierName]:
        """Return the translations of the shop's carriers."""
        return {name: CarrierName(carrier=each.carrier, url=each.url) for name, each in self.carrier_names.items()}

    def allows(self, address: str) -> bool:
        """Return whether hits from this address are served; an address that can't be read is served only by all."""
        if not self.allowed_networks:
            return True
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in ip_network(text, strict=False) for text in self.allowed_networks)

    @property
    def acceptance_deadline(self) -> timedelta:
        return timedelta(hours=self.acceptance_deadline_h)


def hours_of(settings: Mapping[str, Any]) -> WorkingHours:
    """Return when an account works, from settings that were checked before."""
    return _hours(settings.get("working_hours", ""), settings.get("timezone", TIMEZONE))


@lru_cache(maxsize=1_000)
def _hours(text: str, timezone: str) -> WorkingHours:
    return working_hours(text, zone=_zone(timezone)) if text else ALWAYS


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError) as exc:
        raise InvalidValue("NO_TIME_ZONE", text=name[:40]) from exc


def _can_be_pinged(url: str) -> bool:
    try:
        return bool(_VISIBLE.fullmatch(url)) and is_secure(base_address(url))
    except ValueError:
        return False


def read_settings(values: Mapping[str, Any]) -> AccountSettings:
    """Return checked settings; raises BadInput naming the field and what it allows."""
    try:
        return AccountSettings.model_validate(values)
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        where, name = (".".join(str(part) for part in error["loc"][:depth]) for depth in (None, 1))
        if error["type"] == "extra_forbidden" and where == name:
            known = ", ".join(AccountSettings.model_fields)
            raise BadInput(message("SETTING_UNKNOWN", setting=name, known=known), field=name) from exc
        raise BadInput(wrong_field(where, what_is_wrong(error)), field=name) from exc
