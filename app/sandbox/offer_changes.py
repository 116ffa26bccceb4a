"""What the control API does with the offers of every marketplace: a large range, a removal, or a change of one SKU."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import Field

from app.sandbox.catalogue import LARGEST_RANGE, Product
from app.sandbox.context import Context
from app.sandbox.control_input import ControlNotFound, ControlRefused, ControlRequest

Offer = TypeVar("Offer")


class CommonOfferRequest(ControlRequest):
    """The part of an offers body that every marketplace understands: one SKU, or `count`, a large range."""

    sku: str | None = Field(default=None, min_length=1, max_length=40)
    remove: bool = False
    count: int | None = Field(default=None, ge=1, le=LARGEST_RANGE)


def change_offers(
    request: CommonOfferRequest,
    offers: dict[str, Offer],
    *,
    context: Context,
    account: str,
    new: Callable[[Product], Offer],
    change: Callable[[str], dict[str, Any]],
) -> dict[str, Any]:
    """Do what the request says and return how many offers there are, and the one that was changed."""
    if (request.sku is None) == (request.count is None):
        raise ControlRefused("Name one offer by sku, or how many of the large range by count.")
    if request.count is not None:
        _only(request, "count")
        offers.update({each.sku: new(each) for each in context.large_range(request.count) if each.sku not in offers})
        return {"offers": len(offers)}
    sku = request.sku or ""
    if not request.remove:
        changed = change(sku)
        return {"offers": len(offers), "offer": changed}
    _only(request, "sku", "remove")
    if offers.pop(sku, None) is None:
        raise ControlNotFound(f"There is no offer {sku!r} in {account}.")
    return {"offers": len(offers)}


def _only(request: CommonOfferRequest, *keys: str) -> None:
    others = sorted(request.model_fields_set - set(keys))
    if others:
        raise ControlRefused(f"{keys[-1]} does not go together with: {', '.join(others)}.")
