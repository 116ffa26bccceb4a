"""One accepted request: the shop, the time, and what was sent."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

from app.sandbox.mirakl.errors import Refusal, order_not_found
from app.sandbox.mirakl.offers.uploads import Upload
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.shop import Shop


@dataclass(frozen=True)
class Call:
    """A request of a known key, after everything that was due has happened."""

    request: Request
    body: bytes
    shop: Shop
    now: datetime
    sent_file: Upload | Refusal | None = None

    def order(self) -> Order:
        """Return the order that the path names."""
        order_id: str = self.request.path_params["order_id"]
        order = self.shop.visible(order_id)
        if order is None:
            raise order_not_found(order_id)
        return order

    def upload(self) -> Upload:
        """Return the file that was sent."""
        if isinstance(self.sent_file, Refusal):
            raise self.sent_file
        assert self.sent_file is not None, "The operation takes a file"
        return self.sent_file

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object that was sent."""
        content_type = self.request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type != "application/json":
            raise Refusal(415, f"Content-Type '{content_type}' is not supported")
        try:
            sent = json.loads(self.body)
        except ValueError as broken:
            raise Refusal(400, "The request body is not readable JSON", code="VALIDATION_ERROR") from broken
        if not isinstance(sent, dict):
            raise Refusal(400, "The request body must be a JSON object", code="VALIDATION_ERROR")
        return sent
