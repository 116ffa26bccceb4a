"""What an older shop calls its own: fields that came later are unknown to it, and one that is computed was a column."""

from collections.abc import Mapping
from dataclasses import replace

from app.sandbox.prestashop.tables import RESOURCES
from app.sandbox.prestashop.tables.schema import Field, Resource

_ORDERS = RESOURCES["orders"]
_NUMBER = Field(name="shipping_number", width=64, check="isTrackingNumber")
BEFORE_8 = replace(
    _ORDERS, fields=tuple(_NUMBER if each.name == "shipping_number" else each for each in _ORDERS.fields)
)
BEFORE_1_7_8 = replace(BEFORE_8, fields=tuple(each for each in BEFORE_8.fields if each.name != "note"))
_VERSIONS: Mapping[str, Resource] = {"1.7.7": BEFORE_1_7_8, "1.7.8": BEFORE_8}


def as_of(version: str, resource: Resource) -> Resource:
    """Return the resource as that version declares it."""
    if resource.name != "orders":
        return resource
    return _VERSIONS.get(version.rpartition(".")[0], resource)
