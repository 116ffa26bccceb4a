"""What the merchant chose for one account: every field with a default, a type and a sentence.

The API, the CLI and the settings page are made from this one model.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.domain.acceptance import AcceptWhen, WhenShort
from app.errors import BadInput


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
    anonymous_email_domain: str = Field(
        "marketplace.invalid",
        pattern=r"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$",
        max_length=100,
        description="Domain of the placeholder address where the marketplace gives no e-mail of the buyer.",
    )

    @field_validator("allowed_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for text in value:
            try:
                ip_network(text, strict=False)
            except ValueError as exc:
                raise ValueError(f"'{text[:50]}' is no network; write 203.0.113.7 or 203.0.113.0/24") from exc
        return value

    @field_validator("start_from")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("needs a time zone, for example 2026-01-31T08:00:00Z")
        return value

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
