"""An operator as tests write one: a function of the request, and the adapter that talks to it."""

import httpx

from app.marketplaces.mirakl.adapter import MiraklMarketplace
from app.marketplaces.mirakl.config import MiraklConfig
from app.transport.connector import Connector
from tests.marketplaces.mirakl.records import Record, as_json
from tests.marketplaces.reaching import Remote, a_connector

KEY = "00000000-1111-2222-3333-444444444444"
DATE = "Mon, 02 Mar 2026 12:00:07 GMT"


def a_config(**changes: str) -> MiraklConfig:
    return MiraklConfig.model_validate({"base_url": "https://op.example.test", "api_key": KEY} | changes)


def a_marketplace(remote: Remote, *, connector: Connector | None = None, **config: str) -> MiraklMarketplace:
    return MiraklMarketplace(a_config(**config), connector or a_connector(remote.transport))


def answers(record: object, *, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=as_json(record), headers={"Content-Type": "application/json", "Date": DATE})


def a_page(*records: Record, total_count: int | None = None) -> httpx.Response:
    """Return a page of OR11."""
    return answers({"orders": list(records), "total_count": len(records) if total_count is None else total_count})
