"""Two days of a shop that sells at several marketplaces, scene by scene, each scene with every account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.cli.demo.servers import Servers
from app.cli.demo.shops import DemoShop
from app.cli.demo.visit import Visit, id_of, named
from app.cli.output import narrate
from app.domain.task import Task

HOUR_S = 3600
PAID_AFTER_S = HOUR_S // 6
PAID_LATE_AFTER_S = 6 * HOUR_S
# Longer than our two days: such an order leaves when the scene says so.
PAID_SOME_DAY_S = 72 * HOUR_S
# Every platform's catch-ups look further back than this, and no list of its hourly import does.
UNSEEN = {"age": "3d", "silent": True}
IDLE: Mapping[Task, Sequence[str]] = {
    Task.OFFERS_SEND: ("changed", "sent", "pending"),
    Task.ORDERS_ACCEPT: ("accepted", "refused", "waiting"),
    Task.ORDERS_IMPORT: ("imported", "not_imported", "waiting"),
    Task.ORDERS_STATUS: ("sent", "waiting_tracking", "refused", "cancelled_on_marketplace"),
}


@dataclass(frozen=True)
class TwoDays:
    """A day from its first change of an offer to the evening's comparison, and the morning after.

    `catalogue` holds what every account sells, most units first: what is shown is not how stock runs out.
    """

    servers: Servers
    shop: DemoShop
    visits: Sequence[Visit]
    catalogue: Sequence[Mapping[str, Any]]

    async def pass_by(self) -> list[str]:
        """Walk the whole way; return what was not as it must be, in sentences."""
        await self._offers_of_the_morning()
        await self._orders_come_in()
        await self._payments_come_in()
        await self._what_no_list_showed()
        await self._a_dry_run()
        await self._missing_products()
        await self._parcels_leave()
        await self._evening()
        await self._next_morning()
        await self._compare_stock()
        return [fault for visit in self.visits for fault in visit.faults]

    @property
    def _stored(self) -> dict[str, Any]:
        """What an order wishes for that the marketplace sends from its own warehouse: the product that lies there."""
        return {"fulfilment": "marketplace", "sku": self.catalogue[-4]["sku"]}

    async def _offers_of_the_morning(self) -> None:
        stored, dearer, more, fewer = self.catalogue[-4:]
        narrate(
            "In the shop one price rises and three stocks change. One of these products lies in the warehouses of the "
            "marketplaces (at Amazon: FBA), which count it themselves: its quantity is never sent. "
            "A dry run of offers-send shows old → new:"
        )
        changed = (
            {**dearer, "price": f"{float(dearer['price']) * 1.1:.2f}"},
            {**more, "quantity": more["quantity"] + 5},
            {**fewer, "quantity": 1},
        )
        await self.shop.put(*changed, {**stored, "quantity": stored["quantity"] + 10})
        for visit in self.visits:
            await self.servers.control(f"{visit.account.name}/offers", sku=stored["sku"], fulfilment="marketplace")
            foreseen = await visit.hit(Task.OFFERS_SEND, "&dry_run=1&detail=full")
            shown = {item.sku for item in foreseen.items or () if item.change}
            visit.expect(
                shown == {product["sku"] for product in changed}, f"the dry run foresaw a change of {named(shown)}"
            )
        narrate("offers-send sends just these. Some marketplaces answer at once, others work on a file for a while.")
        for visit in self.visits:
            sent = (await visit.hit(Task.OFFERS_SEND)).counts["sent"]
            visit.expect(sent == len(changed), f"{sent} of {len(changed)} changes were sent")

    async def _orders_come_in(self) -> None:
        for visit in self.visits:
            new = "to_accept" if Task.ORDERS_ACCEPT in visit.tasks else "pending"
            visit.usual = await visit.orders(4, state=new, payment_delay_s=PAID_AFTER_S)
            visit.late = await visit.orders(2, state=new, payment_delay_s=PAID_LATE_AFTER_S)
            visit.paid |= await visit.orders(1, state="shipped", **self._stored)
            visit.leaving = await visit.order(state="pending", payment_delay_s=PAID_SOME_DAY_S, **self._stored)
        narrate(
            "At each marketplace six orders are new, and two of them will be paid hours late. Two more are sent by the "
            "marketplace itself: one has left, one leaves tonight."
        )
        narrate("orders-accept: where orders wait for a yes, they get it, as the shop has the goods.")
        for visit in self.visits:
            if Task.ORDERS_ACCEPT not in visit.tasks:
                await visit.hit_in_vain(Task.ORDERS_ACCEPT)
                continue
            accepted, asked = (await visit.hit(Task.ORDERS_ACCEPT)).counts["accepted"], visit.usual | visit.late
            visit.expect(accepted == len(asked), f"{accepted} of {len(asked)} orders were accepted")

    async def _payments_come_in(self) -> None:
        narrate("orders-import, before anybody has paid: new orders wait; what has left a warehouse comes in.")
        await self._import()
        narrate("An hour later four buyers of each have paid: their orders come in, their goods leave the stock.")
        self._hours_pass(1)
        for visit in self.visits:
            visit.paid |= visit.usual
        await self._import()
        narrate(
            "In the afternoon the late payments have arrived. Whoever takes only orders that are new has lost these by "
            "now; here they were waiting, and come in."
        )
        self._hours_pass(7)
        for visit in self.visits:
            visit.paid |= visit.late
        await self._import()

    async def _what_no_list_showed(self) -> None:
        narrate(
            "Lists lag: Amazon's by minutes, at times by an hour. At each marketplace two orders of the last days were "
            "in no list when the import read it, and by now it has passed their dates. The catch-ups look further "
            "back, once a day: recheck at what marketplaces send, doublecheck at what is yours to send."
        )
        for visit in self.visits:
            theirs = await visit.orders(1, state="shipped", **self._stored, **UNSEEN)
            ours = await visit.orders(1, state="to_ship", **UNSEEN)
            visit.paid |= theirs | ours
            await visit.import_orders(not_yet=theirs | ours)
            await visit.import_orders("&recheck=1", not_yet=ours)
            await visit.import_orders("&doublecheck=1")
            found = visit.counted[Task.ORDERS_IMPORT, "found_by_catch_up"]
            visit.expect(found == 2, f"the catch-ups say that they found {found} orders, there were 2 to find")

    async def _a_dry_run(self) -> None:
        narrate("A dry run says what an import would do, and does nothing.")
        for visit in self.visits:
            held, new_order = await visit.in_shop(), await visit.order(state="to_ship")
            report = await visit.hit(Task.ORDERS_IMPORT, "&dry_run=1")
            visit.expect(report.counts["imported"] == 1, "the dry run did not foresee the new order")
            visit.expect(await visit.in_shop() == held, "the dry run changed the shop")
            visit.paid.add(new_order)
        narrate("The import itself, then once more: nothing is imported twice.")
        for visit in self.visits:
            await visit.import_orders()
            again = await visit.import_orders()
            visit.expect(again.counts["imported"] == 0, "a second pass imported something again")

    async def _missing_products(self) -> None:
        narrate(
            "Orders come in whose SKUs the shop does not know. They wait, and each report says what to do about it."
        )
        strangers = [(visit, await visit.order(state="to_ship", shape="unknown_sku")) for visit in self.visits]
        await self._import()
        narrate("The shop gets these products, and the orders come in.")
        for visit, order_id in strangers:
            [order] = [each for each in (await visit.on_marketplace())["orders"] if each["id"] == order_id]
            sku = order["lines"][0]["sku"]
            await self.shop.put({"sku": sku, "title": sku, "ean": "", "price": "19.90", "quantity": 5})
            visit.paid.add(order_id)
        self._hours_pass(1)
        await self._import()
        for visit in self.visits:
            imported = visit.counted[Task.ORDERS_IMPORT, "imported"]
            visit.expect(
                imported == len(visit.paid), f"the reports name {imported} imported orders, {len(visit.paid)} are paid"
            )

    async def _parcels_leave(self) -> None:
        """Let the shop ship all its orders but two, and each marketplace cancel one of these."""
        narrate("Orders leave the shop, one of each marketplace without its number yet. orders-status tells of them:")
        cancelled: list[tuple[Visit, str]] = []
        for visit in self.visits:
            to_ship = [order for order in await visit.in_shop() if order["state"] == "paid"]
            unwanted, _, visit.unnumbered, *others = to_ship
            cancelled.append((visit, id_of(unwanted)))
            visit.parcels = {id_of(order): f"8X{id_of(order)}" for order in others}
            for order in others:
                await self.shop.ship(order, carrier="Colis SBX", number=visit.parcels[id_of(order)])
            await self.shop.ship(visit.unnumbered)
            report = await visit.hit(Task.ORDERS_STATUS)
            visit.expect(
                (report.counts["sent"], report.counts["waiting_tracking"]) == (len(others), 1),
                f"{report.counts['sent']} of {len(others)} parcels were confirmed",
            )
        narrate("The missing numbers are known now. And each marketplace cancels an order that has not left:")
        for visit, order_id in cancelled:
            await visit.becomes(order_id, "cancelled")
        # A marketplace needs minutes until its lists show a change, and until what it was told is in force.
        self._hours_pass(1)
        for visit in self.visits:
            await self.shop.ship({**visit.unnumbered, "state": "shipped"}, carrier="Express SBX", number="EX1")
            visit.parcels[id_of(visit.unnumbered)] = "EX1"
            report = await visit.hit(Task.ORDERS_STATUS)
            gone = report.counts["cancelled_on_marketplace"]
            visit.expect(report.counts["sent"] == 1, "the late number was not confirmed")
            visit.expect(gone == 1, f"{gone} orders were taken out of the shop, one was cancelled")
            known = {each["id"]: each["tracking"] for each in (await visit.on_marketplace())["shipped"]}
            odd = dict(known.items() ^ visit.parcels.items())
            visit.expect(not odd, f"the marketplace knows other parcels: {named(odd)}")

    async def _evening(self) -> None:
        narrate(
            "In the evening offers-send sends what the day left over: a unit sold at one marketplace is gone at all."
        )
        self._hours_pass(2)
        for visit in self.visits:
            await visit.hit(Task.OFFERS_SEND)
        self._hours_pass(1)
        narrate("orders-reconcile compares both sides, order by order and offer by offer.")
        for visit in self.visits:
            await visit.reconcile()

    async def _next_morning(self) -> None:
        narrate(
            "In the night the marketplaces have sent the orders from their warehouses. Now they come in, as shipped."
        )
        for visit in self.visits:
            await visit.becomes(visit.leaving, "shipped")
            visit.paid.add(visit.leaving)
        self._hours_pass(9)
        await self._import()
        narrate("Nothing else has happened, and every task says so.")
        for visit in self.visits:
            for task, keys in IDLE.items():
                if task in visit.tasks:
                    report = await visit.hit(task)
                    done = [key for key in keys if report.counts[key]]
                    visit.expect(not done, f"{task} counts {', '.join(done)} on a day without news")
            sent, taken = (visit.counted[Task.OFFERS_SEND, name] for name in ("sent", "accepted"))
            visit.expect(sent == taken, f"{taken} of {sent} changed offers were taken")
            await visit.reconcile()

    async def _compare_stock(self) -> None:
        """Every marketplace must offer what the shop has, and none of what lies with it may have become ours."""
        in_shop = await self.shop.stock()
        for visit in self.visits:
            offers = (await visit.on_marketplace())["offers"]
            wrong = [
                sku
                for sku, each in offers.items()
                if each["fulfilment"] == "merchant" and each["quantity"] != in_shop[sku]
            ]
            visit.expect(not wrong, f"another stock is offered than the shop has: {named(wrong)}")
            stored = offers[self._stored["sku"]]
            visit.expect(stored["fulfilment"] == "marketplace", "an offer was taken out of the marketplace's warehouse")

    async def _import(self) -> None:
        for visit in self.visits:
            await visit.import_orders()

    def _hours_pass(self, hours: int) -> None:
        self.servers.clock.advance(hours * HOUR_S)
