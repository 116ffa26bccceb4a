"""What is needed to reach a PrestaShop; forms and the CLI are made from it."""

import ipaddress
import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.domain.invalid import InvalidValue
from app.domain.message import message

KEY_LENGTH = 32
# People paste the address of a page, of the back office or of the API itself.
_PASTED = re.compile(r"/(?:api|index\.php|webservice|admin[\w-]*)(?:/.*)?$", re.I)
# Names that no public server has: a key may travel there without TLS.
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".test", ".example", ".invalid", ".lan", ".home.arpa")


class PrestashopConfig(BaseModel):
    """The address of a shop, a key of its Webservice, and what is special about its host."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    url: str = Field(
        title="Address", description="Address of the shop's home page, for example https://shop.example or …/fr."
    )
    key: SecretStr = Field(
        title="Webservice key",
        description="Key of 32 characters, made in the back office under Advanced Parameters > Webservice.",
    )
    id_shop: str = Field(
        default="",
        title="Shop number",
        description="Number of the shop in a multistore; empty where there is one shop only.",
    )
    id_shop_group: str = Field(
        default="1",
        pattern=r"^[0-9]{1,10}$",
        title="Shop group number",
        description="Number of the shop's group; another than 1 in some multistores only.",
    )
    payment_module: str = Field(
        default="ps_wirepayment",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        title="Payment module",
        description="Technical name of an installed, active payment module; orders have it, nobody pays with it.",
    )
    carrier: str = Field(
        default="",
        pattern=r"^[0-9]{0,10}$",
        title="Carrier",
        description="Stable number (id_reference) of the carrier for orders without another one; a free one is best.",
    )
    customer_group: str = Field(
        default="",
        pattern=r"^[0-9]{0,10}$",
        title="Customer group",
        description="Group of the customers that are created, without reduction; empty: the shop's group of guests.",
    )
    shop_connections: int = Field(
        default=2, ge=1, le=8, title="Connections", description="Calls that the shop gets at the same time."
    )
    key_in_address: bool = Field(
        default=False,
        title="Key in the address",
        description="Send the key as ws_key, for hosts that drop the Authorization header; it shows in their logs.",
    )
    verbs: Literal["all", "post"] = Field(
        default="all", title="Verbs", description="post: only GET and POST are sent, for hosts that block the others."
    )
    rewriting: bool = Field(
        default=True,
        title="Rewriting",
        description="Off for hosts without the rewriting rule of /api: webservice/dispatcher.php is called instead.",
    )

    @field_validator("url")
    @classmethod
    def _home_page(cls, pasted: str) -> str:
        return shop_root(pasted)

    @field_validator("key")
    @classmethod
    def _bare_key(cls, given: SecretStr) -> SecretStr:
        return SecretStr(bare_key(given.get_secret_value()))

    @field_validator("id_shop")
    @classmethod
    def _number(cls, given: str) -> str:
        if given and not re.fullmatch(r"[0-9]{1,10}", given):
            raise InvalidValue("PRESTASHOP_NUMBER")
        return given


def shop_root(pasted: str) -> str:
    """Return scheme, host and folder of a shop's address as people paste it; raises InvalidValue with what to do."""
    example = message("EXAMPLE_SHOP")
    try:
        parts = urlsplit(pasted if "://" in pasted else f"https://{pasted}")
        host, port = parts.hostname or "", parts.port
    except ValueError as exc:
        raise InvalidValue("NO_WEB_ADDRESS", example=example) from exc
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[\w.:-]+", host):
        raise InvalidValue("NO_WEB_ADDRESS", example=example)
    if parts.username or parts.password:
        raise InvalidValue("ADDRESS_WITH_USER", example=example)
    if parts.scheme == "http" and not _is_local(host):
        raise InvalidValue("KEY_UNENCRYPTED")
    name = f"[{host}]" if ":" in host else host
    folder = re.sub(r"/{2,}", "/", _PASTED.sub("", parts.path)).rstrip("/")
    return f"{parts.scheme}://{f'{name}:{port}' if port else name}{folder}"


def bare_key(given: str) -> str:
    """Return the key without surrounding white space; raises InvalidValue for what can't be one."""
    key = given.strip()
    if len(key) != KEY_LENGTH:
        raise InvalidValue("PRESTASHOP_KEY_LENGTH", wanted=KEY_LENGTH, found=len(key))
    if not re.fullmatch(r"[A-Za-z0-9]+", key):
        raise InvalidValue("PRESTASHOP_KEY")
    return key


def _is_local(host: str) -> bool:
    if "." not in host and ":" not in host:
        return True
    if host.endswith(_LOCAL_NAMES):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
