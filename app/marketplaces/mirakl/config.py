"""What is needed to reach a seller account at a Mirakl operator; forms and the CLI are made from it."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.domain.invalid import InvalidValue
from app.domain.message import message
from app.web_address import is_secure, web_address

# Sellers copy the address bar of the back office (/mmp/shop/…, /login) or an address from the API manual (/api/…).
_PASTED_PATHS = frozenset({"api", "login", "mmp"})


class MiraklConfig(BaseModel):
    """The address of an operator and the key of one of its sellers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    base_url: str = Field(
        title="Address",
        description="Address of the operator's back office, for example https://operator-prod.mirakl.net.",
    )
    api_key: SecretStr = Field(
        title="API key",
        description="Key made in the back office under your user name, tab API key; making a new one ends the old one.",
    )
    shop_id: str = Field(
        default="",
        title="Shop number",
        description="Number of the shop at the operator, for users who see several; the connection test finds it.",
    )
    order_tax_mode: Literal["incl", "excl"] = Field(
        default="incl",
        title="Order amounts",
        description="Whether order amounts are read with taxes (incl) or without (excl).",
    )

    @field_validator("base_url")
    @classmethod
    def _root_of_the_operator(cls, pasted: str) -> str:
        return operator_root(pasted)

    @field_validator("api_key")
    @classmethod
    def _bare_key(cls, given: SecretStr) -> SecretStr:
        return SecretStr(bare_key(given.get_secret_value()))

    @field_validator("shop_id")
    @classmethod
    def _digits(cls, given: str) -> str:
        if given and not re.fullmatch(r"[0-9]{1,19}", given):
            raise InvalidValue("MIRAKL_SHOP_NUMBER")
        return given


def operator_root(pasted: str) -> str:
    """Return scheme, host and prefix of an address as people paste it; raises InvalidValue with what to do."""
    example = message("EXAMPLE_OPERATOR")
    try:
        parts = web_address(pasted if "://" in pasted else f"https://{pasted}")
    except ValueError as exc:
        raise InvalidValue("NO_WEB_ADDRESS", example=example) from exc
    if parts.username or parts.password:
        raise InvalidValue("ADDRESS_WITH_USER", example=example)
    if not is_secure(parts):
        raise InvalidValue("KEY_UNENCRYPTED")
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host
    authority = f"{name}:{parts.port}" if parts.port else name
    return "".join([f"{parts.scheme}://{authority}", *(f"/{folder}" for folder in _prefix(parts.path))])


def bare_key(given: str) -> str:
    """Return the key without surrounding white space; raises InvalidValue for what is not a bare key."""
    key = given.strip()
    if not key:
        raise InvalidValue("SECRET_EMPTY")
    if re.match(r"(?i)(bearer|basic|authorization)[\s:]", key):
        raise InvalidValue("MIRAKL_KEY_WITH_WORD")
    if any(mark in key for mark in "\"'`«»“”‘’"):
        raise InvalidValue("SECRET_QUOTED")
    if not re.fullmatch(r"[!-~]+", key):
        raise InvalidValue("SECRET_UNREADABLE")
    return key


def _prefix(path: str) -> list[str]:
    folders: list[str] = []
    for folder in path.split("/"):
        if folder.lower() in _PASTED_PATHS:
            break
        if folder:
            folders.append(folder)
    return folders
