"""One account in the demo: what its marketplace does, its URLs hit as a caller would, and what went not as it must."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.cli.demo.servers import WAIT_S, Servers
from app.cli.demo.shops import DemoShop
from app.cli.output import say
from app.cli.run import report_lines
from app.cli.urls import urls_of
from app.domain.task import ACTIVE, RunStatus, Task
from app.marketplaces.registry import PLATFORMS
from app.runs.report import RunReport
from app.store.accounts import StoredAccount

WELL = frozenset({RunStatus.DONE, RunStatus.PARTIAL})
DIFFERING = ("only_on_marketplace", "only_in_shop", "state_differs", "total_differs", "offers_differ")

ShopOrder = Mapping[str, Any]


@dataclass
class Visit:
    """One account, the ids of its orders as the story needs them, what its reports counted, and the faults so far.

    `skus` are products to be bought, `paid` the orders that must be in the shop. `usual` and `late` are paid soon and
    hours late, `leaving` is sent by the marketplace in the night. `parcels` are the numbers that the marketplace is
    told; that of the order `unnumbered` comes later.
    """

    servers: Servers
    shop: DemoShop
    account: StoredAccount
    skus: list[str]
    paid: set[str] = field(default_factory=set)
    usual: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    leaving: str = ""
    parcels: dict[str, str] = field(default_factory=dict)
    unnumbered: ShopOrder = field(default_factory=dict)
    counted: Counter[tuple[Task, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def tasks(self) -> Collection[Task]:
        """What its platform offers."""
        return PLATFORMS[self.account.platform].tasks

    async def orders(self, count: int, **options: Any) -> set[str]:
        """Let orders of one unit each come in at the marketplace; return their ids."""
        made: set[str] = set()
        for _ in range(count):
            known = {} if options.keys() & {"sku", "shape"} else {"sku": self.skus.pop(0)}
            wished = {"lines": 1, "quantity": 1, "payment": "ok", **known, **options}
            made |= set((await self.servers.control(f"{self.account.name}/orders", **wished))["ids"])
        return made

    async def order(self, **options: Any) -> str:
        """Let one order come in; return its id."""
        [order_id] = await self.orders(1, **options)
        return order_id

    async def becomes(self, order_id: str, state: str) -> None:
        """Let the marketplace put an order into that state."""
        await self.servers.control(f"{self.account.name}/orders/{order_id}", state=state)

    async def on_marketplace(self) -> Any:
        """Return what the marketplace has."""
        return await self.servers.look(f"{self.account.name}/state")

    async def in_shop(self) -> list[dict[str, Any]]:
        """Return the orders of this account that the shop holds, oldest first."""
        return [order for order in await self.shop.orders() if order["platform"] == self.account.platform]

    async def hit(self, task: Task, flags: str = "") -> RunReport:
        """Hit a cron URL and print what it answers."""
        url = self._url(task) + flags
        say(f"  GET {url}")
        answer = await self.servers.get(f"{url}&wait={WAIT_S}")
        report = RunReport.model_validate(answer.body)
        while report.status in ACTIVE:
            answer = await self.servers.get(f"{url}&wait={WAIT_S}")
            report = RunReport.model_validate(answer.body)
        for line in report_lines(report):
            say(f"    {line}")
        self.expect(
            answer.status == 200 and report.status in WELL,
            f"{task}{flags} answered {answer.status}, {report.status}: {report.message}",
        )
        if not report.dry_run:
            self.counted.update({(task, name): count for name, count in report.counts.items()})
        return report

    async def hit_in_vain(self, task: Task) -> None:
        """Hit the URL of a task that the platform does not offer, and print the sentence that says so."""
        url = self._url(task)
        say(f"  GET {url}")
        answer = await self.servers.get(url)
        say(f"    {answer.status}: {answer.body.get('detail')}")
        self.expect(answer.status == 404, f"{task} is not offered and answered {answer.status}")

    async def import_orders(self, flags: str = "", *, not_yet: Collection[str] = ()) -> RunReport:
        """Import, and compare: what is paid must be in the shop (but for those not yet seen), nothing else may be."""
        report = await self.hit(Task.ORDERS_IMPORT, flags)
        listed = [id_of(order) for order in await self.in_shop()]
        held, wanted = set(listed), self.paid.difference(not_yet)
        self.expect(wanted <= held, f"paid orders are not in the shop: {named(wanted - held)}")
        self.expect(held <= wanted, f"orders are in the shop too soon: {named(held - wanted)}")
        self.expect(len(listed) == len(held), "an order is in the shop twice")
        return report

    async def reconcile(self) -> None:
        """Compare both sides; nothing may differ."""
        report = await self.hit(Task.ORDERS_RECONCILE)
        self.expect(
            report.counts["matched"] == report.counts["shop"] == len(self.paid),
            f"{report.counts['matched']} of {len(self.paid)} orders are the same on both sides",
        )
        found = [key for key in DIFFERING if report.counts[key]]
        self.expect(not found, f"the two sides differ: {', '.join(found)}")

    def expect(self, holds: bool, otherwise: str) -> None:
        """Keep the sentence when something is not as it must be."""
        if not holds:
            self.faults.append(f"{self.account.name}: {otherwise}")

    def _url(self, task: Task) -> str:
        """Return the address of a task, be it offered or not."""
        some, *_ = urls_of(self.servers.system, self.account, base_url=self.servers.service_url)
        return some.url.replace(f"/{some.task}?", f"/{task}?")


def id_of(order: ShopOrder) -> str:
    """Return the marketplace's id of an order of the shop."""
    return str(order["marketplace_order_id"])


def named(ids: Collection[Any]) -> str:
    """Return ids as a sentence holds them."""
    return ", ".join(sorted(map(str, ids)))
