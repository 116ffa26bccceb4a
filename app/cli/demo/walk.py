"""What the demo shows: orders come in at each marketplace, and every cron URL is hit as a caller would."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.cli.demo.world import WAIT_S, World
from app.cli.output import say
from app.cli.run import print_report
from app.cli.shop import load, print_orders
from app.cli.urls import print_urls, urls_of
from app.domain.task import ACTIVE, RunStatus, Task
from app.marketplaces.registry import PLATFORMS
from app.runs.report import RunReport
from app.shops.embedded.orders import orders as orders_of
from app.store import accounts
from app.store.tables import AccountRow

SHOP = "main"
HOUR_S = 3600
PAID_AFTER_S = HOUR_S // 6
PAID_LATE_AFTER_S = 6 * HOUR_S
WELL = frozenset({RunStatus.DONE, RunStatus.PARTIAL})


async def walk(world: World) -> list[str]:
    """Show everything once; return what was not as it must be, in sentences."""
    say(f"The sandbox of marketplaces listens on {world.sandbox_url}, the service on {world.service_url}.")
    say(f"Time runs {world.settings.clock_speed:.0f} times as fast as usual; all data is in {world.settings.data_dir}.")
    saved = await load(world.system, SHOP, io.BytesIO(await world.text("catalog?format=csv")))
    say(f"The shop '{SHOP}' got a catalogue of {saved.added} products.")
    faults: list[str] = []
    for row in await _add_accounts(world):
        faults += await _Visit(world, row).make()
    say("\nWhat the shop holds now:")
    print_orders(await _shop_orders(world))
    if not faults:
        say("\nEvery paid order is in the shop, once; orders that are not paid, or that nobody can pack, are not.")
    return faults


async def show_the_way_around(world: World) -> None:
    """Print what a person may try next."""
    say("\nThe URLs, ready for a browser:")
    for row in await world.system.store.read(accounts.accounts):
        print_urls(urls_of(world.system, row, base_url=world.service_url))
        say(f"More orders at {row.name}, then hit its URLs again:")
        say(
            f"  curl -X POST {world.sandbox_url}/_control/{row.name}/orders "
            """-d '{"count": 3, "state": "to_ship", "lines": 1}'"""
        )
    say(f"The API, described: {world.service_url}/docs (admin token: {world.system.admin_token})")
    say(f"The shop's orders, from another terminal: DATA_DIR={world.settings.data_dir} marketcron shop orders {SHOP}")
    say("Ctrl-C ends the demo and removes its data.")


async def _add_accounts(world: World) -> list[AccountRow]:
    """Add one account of every platform that both the sandbox and we know."""
    rows: dict[str, AccountRow] = {}
    for name, reach in (await world.look("credentials")).items():
        platform = reach["platform"]
        if platform in rows or platform not in PLATFORMS:
            continue
        values = {**reach["settings"], **reach["secrets"], "start_from": "30d"}
        added = await world.system.accounts.add(name, platform_name=platform, shop_name=SHOP, values=values, test=True)
        rows[platform] = added.account
        say(f"Added the account {name}; its connection test said:")
        for finding in added.findings:
            say(f"  {finding.sentence}")
    return list(rows.values())


async def _shop_orders(world: World) -> list[dict[str, Any]]:
    shop = await world.system.accounts.shop_named(SHOP)
    return [order async for order in orders_of(world.system.store, shop.id, world.system.keys.box)]


@dataclass
class _Visit:
    """One account from its first order to the comparison at the end."""

    world: World
    account: AccountRow
    paid: set[str] = field(default_factory=set)
    imported: int = 0
    faults: list[str] = field(default_factory=list)
    skus: list[str] = field(default_factory=list)

    async def make(self) -> list[str]:
        """Walk the whole way; return what was not as it must be."""
        # Pieces enough of each: what is shown is not how stock runs out.
        catalogue = sorted(await self.world.look("catalog"), key=lambda product: -product["quantity"])
        self.skus = [product["sku"] for product in catalogue]
        accepts = Task.ORDERS_ACCEPT in PLATFORMS[self.account.platform].tasks
        new = "to_accept" if accepts else "pending"

        self._tell(
            "Six orders are new, two of them will be paid hours late. Two more the marketplace ships itself. "
            "And one is paid, but the shop does not know its SKU."
        )
        usual = await self._orders(4, state=new, payment_delay_s=PAID_AFTER_S)
        late = await self._orders(2, state=new, payment_delay_s=PAID_LATE_AFTER_S)
        self.paid |= await self._orders(2, state="shipped", fulfilment="marketplace")
        await self._orders(1, state="to_ship", shape="unknown_sku")
        if accepts:
            self._tell("orders-accept: the shop has the goods, so the new orders are accepted.")
            report = await self._hit(Task.ORDERS_ACCEPT)
            self._expect(report.counts["accepted"] == 6, f"{report.counts['accepted']} of 6 orders were accepted")

        self._tell("orders-import, before anybody has paid: accepted orders wait, those already shipped come in.")
        await self._import()
        self._hours_pass(1)
        self._tell("An hour later four buyers have paid: their orders come in, their goods leave the stock.")
        self.paid |= usual
        await self._import()
        self._hours_pass(12)
        self._tell("Half a day later the late payments have arrived, and their orders come in as well.")
        self.paid |= late
        await self._import()

        self._tell("Two orders appear behind the back of the hourly import, one of each kind. The daily catch-ups:")
        shipped = await self._orders(1, state="shipped", fulfilment="marketplace", age="2d", silent=True)
        to_ship = await self._orders(1, state="to_ship", age="2d", silent=True)
        self.paid |= shipped | to_ship
        await self._import("&recheck=1", at_least=self.paid - to_ship)
        await self._import("&doublecheck=1")

        self._tell("A rehearsal says what an import would do, and does nothing.")
        held, rehearsed = await self._held(), await self._orders(1, state="to_ship")
        report = await self._hit(Task.ORDERS_IMPORT, "&dry_run=1")
        self._expect(report.counts["imported"] == 1, "the rehearsal did not foresee the new order")
        self._expect(await self._held() == held, "the rehearsal changed the shop")
        self._tell("The import itself, then once more: nothing is imported twice.")
        self.paid |= rehearsed
        await self._import()
        again = await self._import()
        self._expect(again.counts["imported"] == 0, "a second pass imported something again")
        self._expect(
            self.imported == len(self.paid),
            f"the reports name {self.imported} imported orders, {len(self.paid)} are paid",
        )
        return self.faults

    async def _orders(self, count: int, **wish: Any) -> set[str]:
        """Make orders of one piece each; return their ids."""
        made: set[str] = set()
        for _ in range(count):
            known = {} if "shape" in wish else {"sku": self.skus.pop(0)}
            wish = {"lines": 1, "quantity": 1, "payment": "ok", **wish}
            made |= set((await self.world.control(f"{self.account.name}/orders", **known, **wish))["ids"])
        return made

    def _hours_pass(self, hours: int) -> None:
        self.world.clock.advance(hours * HOUR_S)

    async def _import(self, flags: str = "", *, at_least: set[str] | None = None) -> RunReport:
        """Import, and compare: what is paid must be in the shop (or that part of it), nothing else may be."""
        report = await self._hit(Task.ORDERS_IMPORT, flags)
        self.imported += report.counts["imported"]
        held = await self._held()
        wanted = self.paid if at_least is None else at_least
        self._expect(wanted <= set(held), f"paid orders are not in the shop: {_named(wanted - set(held))}")
        self._expect(set(held) <= self.paid, f"orders are in the shop too soon: {_named(set(held) - self.paid)}")
        self._expect(len(held) == len(set(held)), "an order is in the shop twice")
        return report

    async def _hit(self, task: Task, flags: str = "") -> RunReport:
        """Hit a cron URL and print what it answers."""
        first = urls_of(self.world.system, self.account, base_url=self.world.service_url)
        url = next(each.url for each in first if each.task == task and not each.catch_up) + flags
        say(f"  GET {url}")
        answer = await self.world.get(f"{url}&wait={WAIT_S}")
        report = RunReport.model_validate(answer.body)
        while report.status in ACTIVE:
            answer = await self.world.get(f"{url}&wait={WAIT_S}")
            report = RunReport.model_validate(answer.body)
        print_report(report)
        self._expect(
            answer.status == 200 and report.status in WELL,
            f"{task}{flags} answered {answer.status}, {report.status}: {report.message}",
        )
        return report

    async def _held(self) -> Sequence[str]:
        return [
            order["marketplace_order_id"]
            for order in await _shop_orders(self.world)
            if order["platform"] == self.account.platform
        ]

    def _tell(self, sentence: str) -> None:
        say(f"\n[{self.account.name}] {sentence}")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.faults.append(f"{self.account.name}: {otherwise}")


def _named(ids: set[str]) -> str:
    return ", ".join(sorted(ids))
