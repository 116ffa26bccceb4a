"""An adapter over the real transport against the sandbox of its platform: both know the contract alone."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.clock import JumpingClock
from app.marketplaces.platform import Platform
from app.sandbox import create_sandbox
from app.transport.connector import Connector
from tests.contract.marketplaces.under_test import MarketplaceUnderTest, Subject
from tests.marketplaces.reaching import NOON, a_connector

ADDRESS = "http://127.0.0.1:9000"

# How the sandbox begins to say that a platform knows no such state or order.
_IMPOSSIBLE = ("state can't be", "shape can't be")
# How it begins to say that there is nothing to switch.
_NO_SWITCH = "Unknown key"


@dataclass(kw_only=True)
class OnSandbox(MarketplaceUnderTest):
    """A platform in a sandbox of its own, and the sandbox's control API."""

    connector: Connector
    control: httpx.AsyncClient

    async def make(self, count: int = 1, **values: object) -> list[str]:
        made: list[str] = (await self._control("orders", {"count": count, **values}))["ids"]
        return made

    async def move(self, *order_ids: str, state: str) -> None:
        for order_id in order_ids:
            await self._control(f"orders/{order_id}", {"state": state})

    async def look(self) -> dict[str, Any]:
        return await _good(await self.control.get(f"{self.platform.name}/state"))

    async def put_up(self, **values: object) -> None:
        await self._control("offers", values)

    async def switch(self, **switches: object) -> None:
        answer = await self.control.post(f"{self.platform.name}/switches", json=switches)
        if not (answer.status_code == 422 and answer.json()["detail"].startswith(_NO_SWITCH)):
            await _good(answer)

    async def forget_everything(self) -> None:
        await _good(await self.control.post("reset", json={"seed": 1, "speed": 1}))

    async def break_down(self, kind: str, **values: object) -> None:
        """Let calls fail from now on."""
        await _good(await self.control.post(f"{self.platform.name}/faults", json={"kind": kind, **values}))

    async def mend(self) -> None:
        """Let calls work again."""
        await _good(await self.control.delete(f"{self.platform.name}/faults"))

    async def _control(self, path: str, values: Mapping[str, object]) -> dict[str, Any]:
        """Return what the sandbox did; skips what it says that this platform does not have."""
        answer = await self.control.post(f"{self.platform.name}/{path}", json=values)
        said = answer.json()["detail"] if answer.status_code == 422 else ""
        if said.startswith(_IMPOSSIBLE):
            pytest.skip(f"{self.name} has no such {path.partition('/')[0]}: {said}")
        return await _good(answer)


def on_sandbox(platform: Platform) -> Subject:
    """Return the platform as a subject, each time in a new sandbox, on a clock that jumps when everybody waits."""

    @asynccontextmanager
    async def connect(wrong_secrets: bool) -> AsyncIterator[MarketplaceUnderTest]:
        clock = JumpingClock(NOON)
        transport = httpx.ASGITransport(app=create_sandbox(seed=1, speed=1, clock=clock))
        connector = a_connector(transport, clock=clock)
        async with connector.http, httpx.AsyncClient(transport=transport, base_url=f"{ADDRESS}/_control/") as control:
            accounts = (await _good(await control.get("credentials"))).values()
            account = next(each for each in accounts if each["platform"] == platform.name)
            secrets: dict[str, str] = account["secrets"]
            if wrong_secrets:
                secrets = {name: secret[::-1] for name, secret in secrets.items()}
            config = platform.config.model_validate(account["settings"] | secrets)
            yield OnSandbox(
                platform=platform,
                marketplace=platform.open(config, connector),
                clock=clock,
                name=platform.name,
                secrets=frozenset(secrets.values()),
                connector=connector,
                control=control,
            )

    return Subject(name=platform.name, platform=platform, connect=connect)


async def _good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    content: dict[str, Any] = answer.json() if answer.content else {}
    return content
