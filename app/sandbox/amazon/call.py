"""One accepted request: the seller, the time, and what was sent."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

from app.sandbox.amazon.errors import Refusal, bad_request, not_found
from app.sandbox.amazon.orders.order import Order
from app.sandbox.amazon.seller import Seller

LARGEST_BODY_BYTES = 2_000_000


@dataclass(frozen=True)
class Call:
    """A request of a known seller, after everything that was due has happened."""

    request: Request
    body: bytes
    seller: Seller
    operation: str
    now: datetime

    @property
    def root(self) -> str:
        """Return the address under which Amazon is served, without a slash at its end."""
        url = self.request.url
        return f"{url.scheme}://{url.netloc}{self.request.scope['root_path']}"

    def path(self, name: str) -> str:
        """Return a part of the path, decoded."""
        found: str = self.request.path_params[name]
        return found

    def order(self) -> Order:
        """Return the order that the path names."""
        order = self.seller.orders.get(self.path("orderId"))
        if order is None:
            raise not_found(f"Order {self.path('orderId')}")
        return order

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object that was sent."""
        content_type = self.request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type != "application/json":
            raise Refusal(415, "UnsupportedMediaType", f"Content type '{content_type}' is not supported.")
        if len(self.body) > LARGEST_BODY_BYTES:
            raise Refusal(413, "RequestEntityTooLarge", "The request size exceeded the maximum accepted size.")
        try:
            sent = json.loads(self.body)
        except ValueError as broken:
            raise bad_request("The request body is not readable JSON.") from broken
        if not isinstance(sent, dict):
            raise bad_request("The request body must be a JSON object.")
        return sent
