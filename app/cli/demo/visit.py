"""Two days of one account: orders come in at its marketplace, and every cron URL is hit as a caller would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.cli.demo.shops import DemoShop
from app.cli.demo.world import WAIT_S, World
from app.cli.output import say
from app.cli.run import print_report
from app.cli.urls import urls_of
from app.domain.task import ACTIVE, RunStatus, Task
from app.marketplaces.registry import PLATFORMS
from app.runs.report import RunReport
from app.store.tables import AccountRow

HOUR_S = 3600
PAID_AFTER_S = HOUR_S // 6
PAID_LATE_AFTER_S = 6 * HOUR_S
WELL = frozenset({RunStatus.DONE, RunStatus.PARTIAL})


@dataclass
class Visit:
    """One account from its first offer to the evening's comparison, and a second day on which nothing is left to do."""

    world: World
    shop: DemoShop
    account: AccountRow
    paid: set[str] = field(default_factory=set)
    imported: int = 0
    faults: list[str] = field(default_factory=list)
    skus: list[str] = field(default_factory=list)

    async def make(self) -> list[str]:
        """Walk the whole way; return what was not as it must be, in sentences."""
        # Pieces enough of each: what is shown is not how stock runs out.
        catalogue = sorted(await self.world.look("catalog"), key=lambda product: -product["quantity"])
        self.skus = [product["sku"] for product in catalogue]
        await self._offers_of_the_morning(catalogue[-3:])
        stranger = await self._orders_come_in()
        await self._what_was_not_seen()
        await self._a_rehearsal()
        await self._a_missing_product(stranger)
        await self._parcels_leave()
        await self._evening()
        await self._second_day()
        return self.faults

    async def _offers_of_the_morning(self, products: Sequence[Mapping[str, Any]]) -> None:
        dearer, more, fewer = products
        self._tell("In the shop one price rises and two stocks change. A rehearsal of offers-send shows old → new:")
        await self.shop.put(
            {**dearer, "price": f"{float(dearer['price']) * 1.1:.2f}"},
            {**more, "quantity": more["quantity"] + 5},
            {**fewer, "quantity": 1},
        )
        foreseen = await self._hit(Task.OFFERS_SEND, "&dry_run=1&detail=full")
        shown = {item.sku for item in foreseen.items or () if item.change}
        self._expect(
            shown == {product["sku"] for product in products},
            f"the rehearsal foresaw a change of {_named(shown)}",
        )
        self._tell("offers-send sends just these; the marketplace works on them meanwhile.")
        sent = await self._hit(Task.OFFERS_SEND)
        self._expect(sent.counts["sent"] == 3, f"{sent.counts['sent']} of 3 changes were sent")

    async def _orders_come_in(self) -> str:
        """Let orders arrive and be paid, some of them late; return the one whose SKU the shop does not know."""
        accepts = Task.ORDERS_ACCEPT in PLATFORMS[self.account.platform].tasks
        new = "to_accept" if accepts else "pending"
        self._tell(
            "Six orders are new, two of them will be paid hours late. Two more the marketplace ships itself. "
            "And one is paid, but the shop does not know its SKU."
        )
        usual = await self._orders(4, state=new, payment_delay_s=PAID_AFTER_S)
        late = await self._orders(2, state=new, payment_delay_s=PAID_LATE_AFTER_S)
        self.paid |= await self._orders(2, state="shipped", fulfilment="marketplace")
        [stranger] = await self._orders(1, state="to_ship", shape="unknown_sku")
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
        self._hours_pass(7)
        self._tell("In the afternoon the late payments have arrived, and their orders come in as well.")
        self.paid |= late
        await self._import()
        return stranger

    async def _what_was_not_seen(self) -> None:
        self._tell("Two orders appear behind the back of the hourly import, one of each kind. The daily catch-ups:")
        shipped = await self._orders(1, state="shipped", fulfilment="marketplace", age="2d", silent=True)
        to_ship = await self._orders(1, state="to_ship", age="2d", silent=True)
        self.paid |= shipped | to_ship
        await self._import("&recheck=1", at_least=self.paid - to_ship)
        await self._import("&doublecheck=1")

    async def _a_rehearsal(self) -> None:
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

    async def _a_missing_product(self, stranger: str) -> None:
        self._tell("The shop gets the product that it did not know, and the order that waited for it comes in.")
        [order] = [each for each in (await self._there())["orders"] if each["id"] == stranger]
        sku = order["lines"][0]["sku"]
        await self.shop.put({"sku": sku, "title": sku, "ean": "", "price": "19.90", "quantity": 5})
        self._hours_pass(1)
        self.paid.add(stranger)
        await self._import()
        self._expect(
            self.imported == len(self.paid),
            f"the reports name {self.imported} imported orders, {len(self.paid)} are paid",
        )

    async def _parcels_leave(self) -> None:
        """Let the shop ship all its orders but two, and the marketplace cancel one of these."""
        to_ship = [order for order in await self._of_this_account() if order["state"] == "paid"]
        cancelled, _, late, *others = to_ship
        self._tell(f"{len(others) + 1} orders leave the shop, one of them without its number yet; orders-status:")
        for order in others:
            await self.shop.ship(order, carrier="Colis SBX", number=f"8X{_id(order)}")
        await self.shop.ship(late)
        told = await self._hit(Task.ORDERS_STATUS)
        self._expect(
            (told.counts["sent"], told.counts["waiting_tracking"]) == (len(others), 1),
            f"{told.counts['sent']} of {len(others)} parcels were told",
        )
        self._tell("Its number is known now. And the marketplace cancels an order that has not left:")
        await self.shop.ship({**late, "state": "shipped"}, carrier="Express SBX", number="EX1")
        await self.world.control(f"{self.account.name}/orders/{_id(cancelled)}", state="cancelled")
        told = await self._hit(Task.ORDERS_STATUS)
        self._expect(told.counts["sent"] == 1, "the late number was not told")
        self._expect(told.counts["cancelled_on_marketplace"] == 1, "the cancelled order was not taken out of the shop")
        shipped = {each["id"]: each["tracking"] for each in (await self._there())["shipped"]}
        wanted = {**{_id(order): f"8X{_id(order)}" for order in others}, _id(late): "EX1"}
        self._expect(shipped == wanted, f"the marketplace knows other parcels: {_named(shipped.keys() ^ wanted)}")

    async def _evening(self) -> None:
        self._tell("In the evening offers-send sends the stock that the day left over.")
        self._hours_pass(2)
        sent = await self._hit(Task.OFFERS_SEND)
        self._expect(sent.counts["accepted"] == 3, f"{sent.counts['accepted']} of the morning's 3 changes were taken")
        self._tell("orders-reconcile compares both sides, order by order and offer by offer.")
        await self._hit_reconcile()

    async def _second_day(self) -> None:
        self._tell("The next morning nothing has happened, and every task says so.")
        self._hours_pass(10)
        offers = await self._hit(Task.OFFERS_SEND)
        self._expect(
            (offers.counts["changed"], offers.counts["sent"], offers.counts["pending"]) == (0, 0, 0),
            "offers-send found something to send on a day without changes",
        )
        self._expect(offers.counts["accepted"] > 0, "offers-send did not read the receipts of the evening")
        idle = {
            Task.ORDERS_ACCEPT: ("accepted", "refused", "waiting"),
            Task.ORDERS_IMPORT: ("imported", "not_imported", "waiting"),
            Task.ORDERS_STATUS: ("sent", "waiting_tracking", "refused", "cancelled_on_marketplace"),
        }
        for task, keys in idle.items():
            if task in PLATFORMS[self.account.platform].tasks:
                report = await self._hit(task)
                done = [key for key in keys if report.counts[key]]
                self._expect(not done, f"{task} counts {', '.join(done)} on a day without news")
        await self._hit_reconcile()

    async def _hit_reconcile(self) -> None:
        report = await self._hit(Task.ORDERS_RECONCILE)
        self._expect(
            report.counts["matched"] == report.counts["shop"] == len(self.paid),
            f"{report.counts['matched']} of {len(self.paid)} orders are the same on both sides",
        )
        differing = ("only_on_marketplace", "only_in_shop", "state_differs", "total_differs", "offers_differ")
        found = [key for key in differing if report.counts[key]]
        self._expect(not found, f"the two sides differ: {', '.join(found)}")

    async def _orders(self, count: int, **wish: Any) -> set[str]:
        """Make orders of one piece each; return their ids."""
        made: set[str] = set()
        for _ in range(count):
            known = {} if "shape" in wish else {"sku": self.skus.pop(0)}
            wish = {"lines": 1, "quantity": 1, "payment": "ok", **wish}
            made |= set((await self.world.control(f"{self.account.name}/orders", **known, **wish))["ids"])
        return made

    async def _there(self) -> Any:
        return await self.world.look(f"{self.account.name}/state")

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
        return [order["marketplace_order_id"] for order in await self._of_this_account()]

    async def _of_this_account(self) -> list[dict[str, Any]]:
        return [order for order in await self.shop.orders() if order["platform"] == self.account.platform]

    def _tell(self, sentence: str) -> None:
        say(f"\n[{self.account.name}] {sentence}")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.faults.append(f"{self.account.name}: {otherwise}")


def _id(order: Mapping[str, Any]) -> str:
    return str(order["marketplace_order_id"])


def _named(ids: set[Any]) -> str:
    return ", ".join(sorted(map(str, ids)))
