"""What the sandbox tests share: one sandbox at a fixed time, driven in process."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from app.clock import JumpingClock
from app.sandbox.app import create_sandbox

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Answer = TypeVar("Answer")


class Remote:
    """A caller of the sandbox: the control API, and the Mirakl API with a key."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.key = ""
        self.other_key = ""

    async def control(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.http.post(f"/_control/{path}", json=body)

    async def make(self, account: str = "mirakl", /, **body: Any) -> list[str]:
        """Make orders whose payment is neither late nor refused, unless the body says so."""
        answer = await self.control(f"{account}/orders", **{"payment": "ok", "payment_delay_s": 600, **body})
        assert answer.status_code == 200, answer.text
        ids: list[str] = answer.json()["ids"]
        return ids

    async def wait(self, seconds: float) -> None:
        await self.control("clock", advance_s=seconds)

    async def state(self, account: str = "mirakl") -> dict[str, Any]:
        state: dict[str, Any] = (await self.http.get(f"/_control/{account}/state")).json()
        return state

    async def get(self, path: str, params: Any = None, *, key: str | None = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": self.key if key is None else key, **options.pop("headers", {})}
        return await self.http.get(f"/mirakl/api/{path}", params=params, headers=headers, **options)

    async def put(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = {"Authorization": self.key if key is None else key}
        return await self.http.put(f"/mirakl/api/{path}", json=body, headers=headers)

    async def post_file(
        self, path: str, content: str | bytes, *, key: str | None = None, **words: str
    ) -> httpx.Response:
        """Send the file as the part `file`, and the words beside it."""
        headers = {"Authorization": self.key if key is None else key}
        files = {"file": ("offers.csv", content, "text/csv")}
        return await self.http.post(f"/mirakl/api/{path}", files=files, data=words, headers=headers)

    async def send_stock(self, content: str | bytes) -> str:
        """Send the file by STO01, a minute after whatever came before, and return its import id."""
        return await self._send("offers/stock/imports", content)

    async def send_prices(self, content: str | bytes) -> str:
        return await self._send("offers/pricing/imports", content)

    async def send_offers(self, content: str | bytes, *, import_mode: str = "NORMAL") -> str:
        return await self._send("offers/imports", content, import_mode=import_mode)

    async def _send(self, path: str, content: str | bytes, **words: str) -> str:
        await self.wait(60)
        answer = await self.post_file(path, content, **words)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["import_id"])

    async def imported(self, import_id: str) -> dict[str, Any]:
        """Return what became of the import, long enough after."""
        await self.wait(120)
        found: dict[str, Any] = next(sent for sent in (await self.state())["imports"] if sent["id"] == import_id)
        return found

    async def offer(self, sku: str, **params: str) -> dict[str, Any]:
        """Return the offer as OF21 shows it."""
        answer = await self.get("offers", {"sku": sku, **params})
        assert answer.status_code == 200, answer.text
        offers: list[dict[str, Any]] = answer.json()["offers"]
        return offers[0]

    async def list(self, **params: Any) -> dict[str, Any]:
        """Return the orders that OR11 lists, after a pause that its quota asks for."""
        await self.wait(1)
        answer = await self.get("orders", params)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def order(self, order_id: str, **params: Any) -> dict[str, Any]:
        orders: list[dict[str, Any]] = (await self.list(order_ids=order_id, **params))["orders"]
        return orders[0]

    async def decide(self, order_id: str, *accepted: bool) -> httpx.Response:
        lines = [{"id": f"{order_id}-{index}", "accepted": yes} for index, yes in enumerate(accepted, start=1)]
        return await self.put(f"orders/{order_id}/accept", {"order_lines": lines})


def talk(script: Callable[[Remote], Coroutine[Any, Any, Answer]], *, seed: int = 1) -> Answer:
    """Run the script against a fresh sandbox whose clock stands at noon."""

    async def run() -> Answer:
        sandbox = create_sandbox(seed=seed, clock=JumpingClock(NOON))
        transport = httpx.ASGITransport(app=sandbox)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.example") as http:
            remote = Remote(http)
            credentials = (await http.get("/_control/credentials")).json()
            remote.key = credentials["mirakl"]["secrets"]["api_key"]
            remote.other_key = credentials["mirakl-two"]["secrets"]["api_key"]
            return await script(remote)

    return asyncio.run(run())
