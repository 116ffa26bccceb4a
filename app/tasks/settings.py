"""What the merchant chose for one account: every field with a default, a type and a sentence.

The API, the CLI and the settings page are made from this one model.
"""

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from app.domain.acceptance import AcceptWhen, WhenShort
from app.domain.carriers import CarrierName
from app.domain.pricing import Rounding, Rules
from app.domain.task import Task
from app.errors import BadInput

_ONE_LINE = {
    "ping_urls": '{"orders-import": "https://…"}',
    "carrier_names": '{"Colissimo": {"carrier": "colissimo"}}',
}


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
    language: Literal["en", "fr"] = Field("en", description="Language of the sentences in reports.")
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
    fulfilled_import: Literal["order", "list_only"] = Field(
        "order", description="Whether orders shipped by the marketplace become shop orders or are only listed."
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
        None, ge=0, le=1_000_000_000, description="The most pieces that an offer shows; default: no limit."
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

    @field_validator("allowed_networks", "exclude_skus", mode="before")
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
                raise ValueError(f"'{text[:50]}' is no network; write 203.0.113.7 or 203.0.113.0/24") from exc
        return value

    @field_validator("ping_urls", "carrier_names", mode="before")
    @classmethod
    def _object_in_one_line(cls, value: Any, about: ValidationInfo) -> Any:
        """A command gives an object as JSON."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as exc:
            raise ValueError(f"write {_ONE_LINE[about.field_name or '']}") from exc

    @field_validator("ping_urls")
    @classmethod
    def _can_be_pinged(cls, value: dict[Task, str]) -> dict[Task, str]:
        # Whoever knows such an address can silence the watchdog: it is never repeated.
        for task, url in value.items():
            if not _can_be_pinged(url):
                raise ValueError(
                    f"the address of {task} must look like https://host/path, without user, question mark or hash; "
                    "http is for this machine alone"
                )
        return {task: url.rstrip("/") for task, url in value.items()}

    @field_validator("start_from")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("needs a time zone, for example 2026-01-31T08:00:00Z")
        return value

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


def _can_be_pinged(url: str) -> bool:
    if not _VISIBLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    if not usable or "?" in url or "#" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(values: dict[str, Any]) -> AccountSettings:
    """Return checked settings; raises BadInput naming the field and what it allows."""
    try:
        return AccountSettings.model_validate(values)
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in error["loc"])
        field = AccountSettings.model_fields.get(name)
        if error["type"] == "extra_forbidden":
            known = ", ".join(AccountSettings.model_fields)
            raise BadInput(f"There is no setting '{name}'. The settings are: {known}.", field=name) from exc
        sentence = f" {field.description}" if field and field.description else ""
        raise BadInput(f"{name}: {error['msg'].removeprefix('Value error, ')}.{sentence}", field=name) from exc
