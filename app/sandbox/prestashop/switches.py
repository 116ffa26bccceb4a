"""What a merchant and a host set up, for better or worse; tests change it while the shop runs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from app.sandbox.control_input import ControlRequest
from app.sandbox.prestashop.tables import RESOURCES

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("it is not a time zone such as Europe/Paris")
    return name


def _resource(name: str) -> str:
    if name != "*" and name not in RESOURCES:
        raise ValueError(f"the resources are *, {', '.join(RESOURCES)}")
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Named = Annotated[str, AfterValidator(_resource)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Amount = Annotated[Decimal, Field(ge=0, lt=1_000_000)]


class Switches(ControlRequest):
    """Every switch with its default; the comment names what it is in a real shop."""

    version: Literal["8.2.1", "9.0.0", "1.7.8.11", "1.7.7.8"] = "8.2.1"
    # Advanced parameters > Webservice: the service, this key, and what the key may not do by resource ("*": all).
    webservice: bool = True
    key_active: bool = True
    denied: Mapping[Named, tuple[Verb, ...]] = Field(default_factory=dict)
    # The API goes on during maintenance; a test can see so by this switch.
    maintenance: bool = False
    # A second shop (id 2) of the same installation, which the key has no right to.
    second_shop: bool = False
    # The host: CGI that swallows Authorization, a redirect in front of everything, a filter that refuses verbs.
    lost_authorization: bool = False
    redirect_to_https: bool = False
    # Off: a host without rewriting, where only webservice/dispatcher.php?url=… is reached.
    rewrites: bool = True
    blocked_verbs: tuple[Literal["PUT", "PATCH", "DELETE"], ...] = ()
    # SSL is on in the shop: links begin with https, calls are served as before.
    ssl_links: bool = False
    # PHP warnings become errors beside the true one; notices come before bodies; a write that went well answers 500.
    php_warnings: bool = True
    php_noise: bool = False
    error_500_after_write: bool = False
    # Languages of the messages, and how many the shop's texts are in.
    language: Literal["fr", "en"] = "fr"
    languages: Literal[1, 2] = 1
    timezone: Zone = "Europe/Paris"
    # PS_ROUND_TYPE: 1 each unit, 2 each line, 3 the total. PS_TAX_ADDRESS_TYPE.
    round_type: Literal[1, 2, 3] = 2
    tax_address: Literal["id_address_delivery", "id_address_invoice"] = "id_address_delivery"
    # B: orders enter a state that is not logable; A: the state that real shops have, "remote payment accepted".
    variant: Literal["A", "B"] = "B"
    stock_management: bool = True
    # Shops of a group share their stock: its rows belong to the group.
    shared_stock: bool = False
    backorder_status: bool = False
    # Fields that the merchant made mandatory, by resource.
    required_fields: Mapping[Named, tuple[str, ...]] = Field(default_factory=dict)
    inactive_countries: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = ("US",)
    # Discount by id of the group of customers: 1 visitors, 2 guests, 3 customers.
    group_reductions: Mapping[int, Percent] = Field(default_factory=dict)
    # By SKU: an ecotax, a second product of that reference, products that are not active.
    ecotax: Mapping[str, Amount] = Field(default_factory=dict)
    shared_skus: tuple[str, ...] = ()
    inactive_skus: tuple[str, ...] = ()
    # How long a call takes, and an order from the first row to the answer.
    call_ms: float = Field(default=0.0, ge=0, le=600_000)
    order_post_ms: float = Field(default=0.0, ge=0, le=600_000)
    # Orders in creation are held until it is off again: before their row exists ("door"), or half-created ("half").
    hold_orders: Literal["off", "door", "half"] = "off"
    # So many next orders die half-made, or lose a line while their totals stay.
    half_orders: int = Field(default=0, ge=0)
    lost_rows: int = Field(default=0, ge=0)

    @property
    def modern(self) -> bool:
        """Whether it is 8 or later."""
        return not self.version.startswith("1.")
