"""The intent of a ledger row: what is about to be done to it is committed before it is done."""

from collections.abc import Mapping

from app.domain.order import marketplace_key
from app.store import creation
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.tasks.context import Context


class CreationIntent:
    """The intent to create (or cancel) an order in the shop."""

    def __init__(self, ctx: Context, row: LedgerOrder) -> None:
        self._ctx = ctx
        self.ledger_id = row.id
        self.key = marketplace_key(row.platform, row.order_id)
        self.steps: Mapping[str, str] = dict(row.steps)

    async def note(self, **steps: str) -> None:
        await self._ctx.write(creation.note_steps, self.ledger_id, steps)
        self.steps = {**self.steps, **steps}

    async def sending(self, step: str) -> None:
        await self._ctx.write(creation.note_sending, self.ledger_id, step)


class DecisionIntent:
    """The intent to accept or refuse an order at the marketplace."""

    def __init__(self, ctx: Context, run_ledger: RunLedger, row: LedgerOrder) -> None:
        self._ctx, self._run_ledger = ctx, run_ledger
        self._ledger_id = row.id
        self.key = marketplace_key(row.platform, row.order_id)
        self.steps: Mapping[str, str] = {}

    async def note(self, **steps: str) -> None:
        await self._ctx.write(creation.note_steps, self._ledger_id, steps)

    async def sending(self, step: str) -> None:
        await self._ctx.write(creation.begin_decision, self._run_ledger, self._ledger_id, now=self._ctx.now())
