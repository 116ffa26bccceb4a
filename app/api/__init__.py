"""JSON over HTTP: the cron URLs, the reports, the management API."""

from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from app.api import accounts, cron, health, orders, reports, shops, sku_links, status
from app.api.middleware import LimitBody, StripTrailingSlash
from app.api.openapi import describe
from app.api.problem import install_problems
from app.api.security import KnownAccounts, WrongTokens

_ROUTERS = (
    cron.router,
    reports.router,
    status.router,
    accounts.router,
    sku_links.router,
    shops.router,
    orders.router,
    health.router,
)


def description() -> dict[str, Any]:
    """Return the arguments of FastAPI that describe this API."""
    return {
        "title": "marketcron",
        "version": "1",
        "summary": "Token-protected cron URLs between marketplaces and a shop.",
        "redirect_slashes": False,
        # Their pages load scripts from elsewhere; /openapi.json opens in any viewer.
        "docs_url": None,
        "redoc_url": None,
        "middleware": [Middleware(StripTrailingSlash), Middleware(LimitBody)],
    }


def install(app: FastAPI) -> None:
    """Add the routes and the error pages."""
    app.state.wrong_tokens = WrongTokens()
    app.state.known_accounts = KnownAccounts()
    app.state.routes = [route for router in _ROUTERS for route in router.routes]
    install_problems(app)
    # Not `include_router`, which makes every route again for each app.
    app.router.routes += app.state.routes
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
