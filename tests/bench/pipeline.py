"""Orders imported into a PrestaShop whose calls take time, against what its order POST alone allows.

The shop takes one order POST at a time, so no import is faster than that; everything else has to happen meanwhile. A
call takes 20 ms and an order POST 350 ms, as on a good small server. The stock is read without that, by a run that
sends nothing: what it takes is ours and the sandbox's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from app.system import System
from tests.bench.figures import Figure
from tests.bench.processes import ACCOUNT, PATIENCE_S, begin, cost, ended, sandbox_and_service
from tests.support.marketplace import SandboxServer as Marketplace
from tests.support.service_process import ServiceProcess as Service

CALL_MS, ORDER_POST_MS = 20, 350


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Orders of each import, and articles beside those that the sandbox begins with."""

    orders: int
    articles: int


FULL = Size(orders=100, articles=100_000)
TINY = Size(orders=4, articles=300)


def measure(size: Size) -> list[Figure]:
    """Return how much of the bound is used, the calls of an order, and what reading a large stock takes."""
    part = "prestashop_pipeline"
    free_rate, free_calls, lines = _imported(size.orders, shipping_cents=0)
    rate, calls, _ = _imported(size.orders, shipping_cents=490)
    bound = 1000 / (CALL_MS + ORDER_POST_MS)
    small, large = _stock_read(0), _stock_read(size.articles)
    return [
        Figure(part=part, name="orders/s ÷ bound, no shipping", value=free_rate / bound, at_least=0.8),
        Figure(part=part, name="orders/s ÷ bound, shipping", value=rate / bound, at_least=0.8),
        Figure(part=part, name="lines an order", value=lines),
        Figure(part=part, name="calls an order, no shipping", value=free_calls, at_most=8 + lines),
        Figure(part=part, name="calls an order, shipping", value=calls, at_most=16 + lines),
        Figure(part=part, name=f"{size.articles:,} stock rows", value=large[0], unit="s", at_most=60),
        Figure(part=part, name="memory growth with them", value=large[1] - small[1], unit="MB", at_most=40),
    ]


def _imported(count: int, *, shipping_cents: int) -> tuple[float, float, float]:
    """Return orders a second, calls an order and lines an order of one import."""
    with _shop_stage() as (marketplace, service, control):
        _ask(control, "switches", call_ms=CALL_MS, order_post_ms=ORDER_POST_MS)
        ids = marketplace.seed(count, "to_ship", shipping_cents=shipping_cents)
        lines = sum(len(marketplace.orders()[each]["lines"]) for each in ids) / count
        before = _calls(control)
        run = ended(service, begin(service, "orders-import"))
        calls = _calls(control) - before
    if run.counts["imported"] != count:
        raise RuntimeError(f"{count} orders should have been imported: {run.counts}")
    return count / run.seconds, calls / count, lines


def _stock_read(articles: int) -> tuple[float, float]:
    """Return the seconds and the peak memory of a run that reads the stock of the sandbox's and so many articles."""
    with _shop_stage() as (_, service, control):
        if articles:
            _ask(control, "offers", count=articles)
        run = ended(service, begin(service, "offers-send", dry_run=1))
        return run.seconds, cost(service).peak_mb


@contextmanager
def _shop_stage() -> Iterator[tuple[Marketplace, Service, httpx.Client]]:
    """Yield a sandbox and a started service whose account works for the sandbox's PrestaShop."""
    with sandbox_and_service() as (marketplace, service):
        control = httpx.Client(base_url=f"{marketplace.url}/_control", timeout=PATIENCE_S, trust_env=False)
        given = control.get("/credentials").raise_for_status().json()["shops"]["prestashop"]
        connection = marketplace.connection()

        async def connect(system: System) -> str:
            values = {**given["settings"], **given["secrets"]}
            await system.shops.add("ps", kind_name="prestashop", values=values)
            added = await system.accounts.add(
                ACCOUNT,
                platform_name="mirakl",
                shop_name="ps",
                values={**connection, "start_from": "30d"},
                test=True,
            )
            return system.accounts.cron_token(added.account)

        service.tokens[ACCOUNT] = service.tool(connect)
        yield marketplace, service.start(), control
        control.close()


def _ask(control: httpx.Client, what: str, **values: Any) -> None:
    control.post(f"/prestashop/{what}", json=values).raise_for_status()


def _calls(control: httpx.Client) -> int:
    state: Mapping[str, Any] = control.get("/prestashop/state", params={"offers": 0}).raise_for_status().json()
    return sum(count for verbs in state["calls"].values() for count in verbs.values())
