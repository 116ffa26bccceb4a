"""What the tests of the Amazon sandbox share: an application with a token, driven in process at noon."""

import asyncio
import gzip
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from app.clock import JumpingClock
from app.sandbox.app import create_sandbox
from tests.sandbox.client import NOON

Answer = TypeVar("Answer")
Json = dict[str, Any]

USER_AGENT = "marketcron-tests/1.0 (Language=Python/3.11)"
FR, DE, UK = "A13V1IB3VIYZZH", "A1PA6795UKMFR9", "A1F83G8C2ARO7P"
EVERYTHING = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT"
RENEW_AFTER = timedelta(minutes=50)
A_YEAR_AGO = "2025-03-02T12:00:00Z"


class Caller:
    """A caller of the Selling Partner API, and of the control API."""

    def __init__(self, http: httpx.AsyncClient, clock: JumpingClock, reach: Json) -> None:
        self.http = http
        self.clock = clock
        self.settings: Json = reach["settings"]
        self.secrets: Json = reach["secrets"]
        self.seller_id: str = self.settings["seller_id"]
        self.token = ""
        self._renew_at = clock.now() + RENEW_AFTER

    # --- the control API

    async def control(self, path: str, /, *, account: str = "amazon", **body: Any) -> httpx.Response:
        return await self.http.post(f"/_control/{account}/{path}", json=body)

    async def make(self, count: int = 1, **body: Any) -> list[str]:
        """Make orders whose payment is neither late nor refused, unless the body says so."""
        wanted = {"count": count, "state": "to_ship", "payment": "ok", **body}
        if "late_payment_h" not in body:
            wanted.setdefault("payment_delay_s", 600)
        answer = await self.control("orders", **wanted)
        assert answer.status_code == 200, answer.text
        ids: list[str] = answer.json()["ids"]
        return ids

    async def change(self, order_id: str, **change: Any) -> Json:
        return await self._good(self.control(f"orders/{order_id}", **change))

    async def switch(self, **switches: Any) -> Json:
        return await self._good(self.control("switches", **switches))

    async def offer(self, sku: str, **body: Any) -> Json:
        return await self._good(self.control("offers", sku=sku, **body))

    async def fault(self, kind: str, **body: Any) -> None:
        await self._good(self.control("faults", kind=kind, **body))

    async def state(self, account: str = "amazon") -> Json:
        return await self._good(self.http.get(f"/_control/{account}/state"))

    async def order(self, order_id: str) -> Json:
        """Return where the order stands, as the control API sees it."""
        return next(order for order in (await self.state())["orders"] if order["id"] == order_id)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    # --- Amazon

    async def login(self, **fields: str) -> httpx.Response:
        asked = {"grant_type": "refresh_token", "client_id": self.settings["client_id"], **self.secrets, **fields}
        return await self.http.post("/amazon/auth/o2/token", data=asked)

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call with a fresh token, and as somebody who says who it is, unless the headers say otherwise."""
        if not self.token or self.clock.now() >= self._renew_at:
            self.token = (await self.login()).json()["access_token"]
            self._renew_at = self.clock.now() + RENEW_AFTER
        headers = {"x-amz-access-token": self.token, "user-agent": USER_AGENT, **options.pop("headers", {})}
        return await self.http.request(method, f"/amazon{path}", headers=headers, **options)

    async def get(self, path: str, params: Mapping[str, Any] | None = None, **options: Any) -> httpx.Response:
        return await self.call("GET", path, params=params, **options)

    async def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return await self.call("POST", path, json=body, **options)

    async def search(self, **params: Any) -> httpx.Response:
        """Search, for everything that changed in a year unless the parameters say otherwise."""
        dated = {"createdAfter", "lastUpdatedAfter"} & params.keys()
        asked = {"includedData": EVERYTHING, **({} if dated else {"lastUpdatedAfter": A_YEAR_AGO}), **params}
        return await self.get("/orders/2026-01-01/orders", {key: value for key, value in asked.items() if value})

    async def search_as(self, user_agent: str) -> httpx.Response:
        return await self.get(
            "/orders/2026-01-01/orders", {"lastUpdatedAfter": A_YEAR_AGO}, headers={"user-agent": user_agent}
        )

    async def page(self, **params: Any) -> Json:
        return await self._good(self.search(**params))

    async def found(self, **params: Any) -> list[str]:
        """Return the ids that the first page holds."""
        return [order["orderId"] for order in (await self.page(**params))["orders"]]

    async def read(self, order_id: str, included: str = EVERYTHING) -> Json:
        """Return the order as getOrder shows it."""
        answer = await self.get(f"/orders/2026-01-01/orders/{order_id}", {"includedData": included})
        order: Json = (await self._good(answer))["order"]
        return order

    async def confirm(self, order_id: str, reference: object = "1", **detail: Any) -> httpx.Response:
        """Confirm a parcel with everything that is open, unless the detail says otherwise."""
        order = await self.order(order_id)
        package = {
            "packageReferenceId": reference,
            "carrierCode": "Colissimo",
            "trackingNumber": "8R00000000001",
            "shipDate": (self.clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "orderItems": [
                {"orderItemId": line["id"], "quantity": line["quantity"] - line["shipped"]} for line in order["lines"]
            ],
            **detail,
        }
        store = {"FR": FR, "DE": DE, "UK": UK}.get(order["store"], FR)
        body = {"marketplaceId": store, "packageDetail": package}
        return await self.post(f"/orders/v0/orders/{order_id}/shipmentConfirmation", body)

    def item(self, sku: str = "") -> str:
        """Return the path of a listing, or of all of them."""
        base = f"/listings/2021-08-01/items/{self.seller_id}"
        return f"{base}/{quote(sku, safe='')}" if sku else base

    async def patch(self, sku: str, *patches: Json, store: str = FR, **params: str) -> httpx.Response:
        body = {"productType": "PRODUCT", "patches": list(patches)}
        return await self.call("PATCH", self.item(sku), params={"marketplaceIds": store, **params}, json=body)

    async def patched(self, sku: str, *patches: Json, **params: str) -> Json:
        return await self._good(self.patch(sku, *patches, **params))

    async def listing(self, sku: str, *, stores: str = FR) -> Json:
        included = "summaries,attributes,issues,offers,fulfillmentAvailability"
        asked = {"marketplaceIds": stores, "includedData": included}
        return await self._good(self.get(self.item(sku), asked))

    async def upload(self, content: bytes, content_type: str = "application/json; charset=UTF-8") -> str:
        """Upload a feed document and return its id."""
        made = await self._good(self.post("/feeds/2021-06-30/documents", {"contentType": content_type}))
        answer = await self.http.put(made["url"], content=content, headers={"content-type": content_type})
        assert answer.status_code == 200, answer.text
        return str(made["feedDocumentId"])

    async def create_feed(self, kind: str, document_id: str) -> httpx.Response:
        body = {"feedType": kind, "marketplaceIds": [FR], "inputFeedDocumentId": document_id}
        return await self.post("/feeds/2021-06-30/feeds", body)

    async def submit(self, kind: str, content: bytes, content_type: str = "application/json; charset=UTF-8") -> str:
        """Send a feed and return its id."""
        made = await self._good(self.create_feed(kind, await self.upload(content, content_type)))
        return str(made["feedId"])

    async def feed(self, feed_id: str) -> Json:
        return await self._good(self.get(f"/feeds/2021-06-30/feeds/{feed_id}"))

    async def processed(self, feed_id: str) -> bytes:
        """Return the report of a feed, long enough after."""
        self.wait(600)
        feed = await self.feed(feed_id)
        assert feed["processingStatus"] == "DONE", feed
        return await self.document(f"/feeds/2021-06-30/documents/{feed['resultFeedDocumentId']}")

    async def report(self, kind: str, **fields: Any) -> Json:
        """Order a report and return how it stands, long enough after."""
        made = await self._good(
            self.post("/reports/2021-06-30/reports", {"reportType": kind, "marketplaceIds": [FR], **fields})
        )
        self.wait(600)
        return await self._good(self.get(f"/reports/2021-06-30/reports/{made['reportId']}"))

    async def document(self, path: str) -> bytes:
        """Return what a document holds."""
        found = await self._good(self.get(path))
        content = (await self.http.get(found["url"])).content
        return gzip.decompress(content) if found.get("compressionAlgorithm") == "GZIP" else content

    @staticmethod
    async def _good(call: "Coroutine[Any, Any, httpx.Response] | httpx.Response") -> Json:
        answer = call if isinstance(call, httpx.Response) else await call
        assert answer.is_success, answer.text
        content: Json = answer.json()
        return content


def talk(
    script: Callable[[Caller], Coroutine[Any, Any, Answer]],
    *,
    seed: int = 1,
    account: str = "amazon",
    start: datetime = NOON,
    models: Path | None = None,
) -> Answer:
    """Run the script against a fresh sandbox whose clock stands until somebody moves it."""

    async def run() -> Answer:
        clock = JumpingClock(start)
        transport = httpx.ASGITransport(app=create_sandbox(seed=seed, clock=clock, models=models))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.example") as http:
            reach = (await http.get("/_control/credentials")).json()[account]
            return await script(Caller(http, clock, reach))

    return asyncio.run(run())
