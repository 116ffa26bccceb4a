"""Whatever happens to an order, in whatever sequence: it is never made twice, and always has a way on."""

import itertools
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.domain.intake import RESERVING, Intake
from app.domain.intent import Intent
from app.domain.order import Order, OrderState
from app.runs.ticker import PAYLOAD_LIFE
from app.shops.port import ImportPlan, ShopOrder, UnfinishedOrder
from app.store import ledger, order_actions
from app.store.engine import Store
from tests.support.aio import run
from tests.tasks.builders import a_sale
from tests.tasks.fake_shop import FakeShop
from tests.tasks.task_runner import a_task_runner, refused

DAY_S = 24 * 3600
_sellers = itertools.count()

GONE = {OrderState.CANCELLED, OrderState.REFUSED}
LEFT_ALONE = {Intake.IGNORED, Intake.HANDLED, Intake.CONFLICT}


class CountingShop(FakeShop):
    """A shop that remembers whether one order was ever made while it stood there already."""

    made_twice: bool = False

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder:
        self.made_twice = self.made_twice or intent.key in self.held
        return await super().create_order(order, plan=plan, intent=intent)


class OneOrder(RuleBasedStateMachine):
    """One order between a marketplace and a shop that both do what they like."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        number = next(_sellers)
        self.world = a_task_runner(self.store, name=f"seller-{number}", seller_key=f"seller-{number}")
        self.shop = CountingShop(self.world.clock)
        self.world.shop = self.shop
        self.order_id = f"MKP-{number}"
        self.world.marketplace.sell(a_sale(self.order_id, state=OrderState.TO_ACCEPT))
        self.state = OrderState.TO_ACCEPT

    @rule(
        state=st.sampled_from(
            [OrderState.PENDING, OrderState.TO_ACCEPT, OrderState.TO_SHIP, OrderState.CANCELLED, OrderState.REFUSED]
        )
    )
    def the_marketplace_moves_it(self, state: OrderState) -> None:
        self.world.clock.advance(60)
        self.world.marketplace.move(self.order_id, state)
        self.state = state

    @rule(answer=st.sampled_from(["", "", "lost", "never", "half", "refused", "killed", "down"]), asked=st.booleans())
    def an_import_runs(self, answer: str, asked: bool) -> None:
        self.shop.down = answer == "down"
        errors: dict[str, Any] = {"refused": refused(), "killed": RuntimeError("killed")}
        self.shop.answers = {self.order_id: errors.get(answer, answer)} if answer not in ("", "down") else {}
        self.world.import_(order_ids=(self.order_id,) if asked else ())

    @rule(answer=st.sampled_from(["", "lost", "never", "refused", "killed"]))
    def an_acceptance_runs(self, answer: str) -> None:
        errors: dict[str, Any] = {"refused": refused("NOT_DECIDABLE", shop=False), "killed": RuntimeError("killed")}
        self.world.marketplace.answers = {self.order_id: errors.get(answer, answer)} if answer else {}
        self.shop.down = False
        self.world.accept()
        self.state = self._order().state

    @rule(question=st.sampled_from([order_actions.ignore, order_actions.handle, order_actions.retry]))
    def a_person_speaks(self, question: Any) -> None:
        now = self.world.clock.now()
        run(self.world.store.write(question, self.world.account.id, [self.order_id], now=now))

    @rule(seconds=st.sampled_from([15 * 60, 2 * 3600, DAY_S, 31 * DAY_S]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds)
        self.world.wait_out(seconds)
        now = self.world.clock.now()
        run(self.world.store.write(ledger.expire_payloads, waiting_since=now - PAYLOAD_LIFE, now=now, limit=10))

    @invariant()
    def it_is_never_made_twice(self) -> None:
        assert not self.shop.made_twice

    @invariant()
    def the_buyer_is_kept_only_while_the_order_waits(self) -> None:
        row = self._row()
        assert row is None or row.payload is None or row.intake in RESERVING

    @invariant()
    def stock_and_orders_of_the_shop_agree(self) -> None:
        living = [in_shop for in_shop in self.shop.held.values() if _lives(in_shop)]
        assert self.shop.stock["LAMPE"] == 50 - len(living)

    def teardown(self) -> None:
        """Let everything be well again: the order then stands where the marketplace and the people want it."""
        self.shop.answers, self.world.marketplace.answers, self.shop.down = {}, {}, False
        if self.state not in GONE:
            self.the_marketplace_moves_it(OrderState.TO_SHIP)
        for _ in range(3):
            self.world.wait_out()
            self.world.clock.advance(DAY_S)
            if self._intake() in (Intake.BLOCKED, Intake.NEEDS_PERSON):
                self.a_person_speaks(order_actions.retry)
            self.world.import_(order_ids=(self.order_id,))
            self.world.import_()
        intake, in_shop = self._intake(), self.shop.held.get(f"mkp:mirakl:{self.order_id}")
        if intake in LEFT_ALONE:
            return
        if self.state in GONE:
            assert intake in (Intake.CANCELLED, Intake.REFUSED)
            assert in_shop is None or not _lives(in_shop)
        elif isinstance(in_shop, UnfinishedOrder) or (in_shop is not None and in_shop.state == "cancelled"):
            assert intake is Intake.NEEDS_PERSON
        else:
            assert intake is Intake.IMPORTED
            assert in_shop is not None

    def _order(self) -> Order:
        order = self.world.marketplace.remote_orders[self.order_id]
        assert isinstance(order, Order)
        return order

    def _row(self) -> Any:
        rows = run(self.world.store.write(ledger.locked_by_ids, self.world.account.id, [self.order_id]))
        return rows[0] if rows else None

    def _intake(self) -> Intake | None:
        row = self._row()
        return Intake(row.intake) if row else None


def _lives(in_shop: ShopOrder | UnfinishedOrder) -> bool:
    return isinstance(in_shop, ShopOrder) and in_shop.state != "cancelled"


def test_an_order_is_never_lost_and_never_made_twice(sqlite_store: Store) -> None:
    class Machine(OneOrder):
        store = sqlite_store

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
