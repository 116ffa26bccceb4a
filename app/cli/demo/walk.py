"""What the demo shows from its beginning to its end: a shop, an account at each marketplace, two days of them."""

from collections.abc import Sequence

from app.cli.demo.days import TwoDays
from app.cli.demo.servers import Servers
from app.cli.demo.shops import DemoShop
from app.cli.demo.visit import Visit
from app.cli.output import say
from app.cli.shop import print_orders
from app.cli.urls import print_urls, urls_of
from app.domain.wording import Reader
from app.marketplaces.registry import PLATFORMS
from app.store import accounts
from app.store.accounts import StoredAccount


async def walk(servers: Servers, shop: DemoShop) -> list[str]:
    """Show everything once; return what was not as it must be, in sentences."""
    say(f"The sandbox of marketplaces listens on {servers.sandbox_url}, the service on {servers.service_url}.")
    settings = servers.settings
    say(f"Time runs {settings.clock_speed:.0f} times as fast as usual; all data is in {settings.data_dir}.")
    await shop.open()
    faults = await (await _two_days(servers, shop, await _add_accounts(servers, shop.name))).pass_by()
    say("\nWhat the shop holds now:")
    print_orders(await shop.orders())
    if not faults:
        say("\nEvery paid order is in the shop, once. What left it was told, and both sides are the same.")
        say("Each marketplace offers just what the shop has left.")
    return faults


async def _two_days(servers: Servers, shop: DemoShop, accounts: Sequence[StoredAccount]) -> TwoDays:
    """Return the days of these accounts, which all sell the same products."""
    listed = [(await servers.look(f"{row.name}/state"))["offers"].keys() for row in accounts]
    catalogue = sorted(await servers.look("catalog"), key=lambda product: -product["quantity"])
    sold = [product for product in catalogue if all(product["sku"] in skus for skus in listed)]
    visits = [Visit(servers, shop, row, skus=[product["sku"] for product in sold]) for row in accounts]
    return TwoDays(servers, shop, visits, catalogue=sold)


async def show_the_way_around(servers: Servers, shop: DemoShop) -> None:
    """Print what a person may try next."""
    say("\nThe URLs, ready for a browser:")
    for row in await servers.system.store.read(accounts.accounts):
        print_urls(urls_of(servers.system, row, base_url=servers.service_url))
        say(f"More orders at {row.name}, then hit its URLs again:")
        say(
            f"  curl -X POST {servers.sandbox_url}/_control/{row.name}/orders "
            """-d '{"count": 3, "state": "to_ship", "lines": 1}'"""
        )
    say(f"The API, described: {servers.service_url}/docs (admin token: {servers.system.admin_token})")
    words = "orders" if shop.name == "main" else "check"
    command = f"marketcron shop {words} {shop.name}"
    say(f"The shop, from another terminal: DATA_DIR={servers.settings.data_dir} {command}")
    say("Ctrl-C ends the demo and removes its data.")


async def _add_accounts(servers: Servers, shop_name: str) -> list[StoredAccount]:
    """Add one account of every platform that both the sandbox and we know."""
    rows: dict[str, StoredAccount] = {}
    for name, reach in (await servers.look("credentials")).items():
        platform = reach.get("platform")
        if platform in rows or platform not in PLATFORMS:
            continue
        values = {**reach["settings"], **reach["secrets"], "start_from": "30d"}
        added = await servers.system.accounts.add(
            name, platform_name=platform, shop_name=shop_name, values=values, test=True
        )
        rows[platform] = added.account
        say(f"Added the account {name}; its connection test said:")
        for finding in added.findings:
            say(f"  {finding.said(Reader()).message}")
    return list(rows.values())
