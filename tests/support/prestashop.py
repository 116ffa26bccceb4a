"""The PrestaShop of the sandbox, seen from its control API, and a service whose account works for it."""

from collections.abc import Mapping
from typing import Any

from app.system import System
from tests.support.caller import Service
from tests.support.marketplace import Json, Marketplace


class PrestaShop:
    """The shop of the sandbox, seen from its control API."""

    def __init__(self, marketplace: Marketplace) -> None:
        self._control = marketplace.control
        given = self._control.get("/credentials").raise_for_status().json()["shops"]["prestashop"]
        self.words = [f"{name}={value}" for name, value in {**given["settings"], **given["secrets"]}.items()]

    def state(self) -> Json:
        state: Json = self._control.get("/prestashop/state").raise_for_status().json()
        return state

    def act(self, path: str, **options: Any) -> Json:
        answer: Json = self._control.post(f"/prestashop/{path}", json=options).raise_for_status().json()
        return answer

    def orders(self) -> dict[str, Json]:
        """Return every order by the number the marketplace gave it."""
        return {order["key"].rpartition(":")[2]: order for order in self.state()["orders"]}

    def fault(self, kind: str, *, rate: float, **options: Any) -> None:
        self.act("faults", kind=kind, rate=rate, **options)

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._control.delete("/prestashop/faults").raise_for_status()


def connect(service: Service, marketplace: Marketplace, shop: PrestaShop, **settings: Any) -> None:
    """Add the shop and an account that works for it, and keep the account's cron token."""
    values: Mapping[str, str] = dict(word.split("=", 1) for word in shop.words)

    async def work(system: System) -> None:
        await system.shops.add("ps", kind_name="prestashop", values=values)

    service.tool(work)
    service.add_account(service.account, marketplace.connection(), platform=marketplace.platform, shop="ps", **settings)
