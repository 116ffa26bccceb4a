"""Orders that leave the shop again: by an entry in their history, silently, which puts their units back once."""

from app.domain.intent import Intent
from app.domain.message import message
from app.domain.shop_mapping import ShopMapping
from app.errors import OutcomeUnknown
from app.shops.kind import ShopLock
from app.shops.port import CancelOutcome
from app.shops.prestashop.client import Client
from app.shops.prestashop.errors import shop_refuses, unknown
from app.shops.prestashop.orders import stock_kept
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.states import meaning
from app.shops.prestashop.records import Draft, Record


async def cancel(
    client: Client, *, facts: Facts, mapping: ShopMapping, lock: ShopLock, ref: str, intent: Intent
) -> CancelOutcome:
    """Cancel an order; raises Refused (SHOP_REFUSED) for one that is not there.

    The creation slot is held, since the same state entered twice gives the units back twice.
    """
    async with lock.creation_slot(claim=intent.key if intent.steps.get("stock") else ""):
        record = await client.get("orders", ref) if ref.isdecimal() else None
        if record is None:
            raise shop_refuses("SHOP_REFUSED", message("NO_SUCH_ORDER", ref=ref[:40]), operation="orders.get")
        stands = meaning(facts, mapping, record["current_state"])
        if stands == "shipped":
            return CancelOutcome.ALREADY_SHIPPED
        if stands != "cancelled":
            # PrestaShop gives the units back for its own cancelled state alone; the merchant's may follow it.
            for state in dict.fromkeys((facts.cancelled_state, mapping.cancelled_state or facts.cancelled_state)):
                await _enter(client, ref, state, intent)
        if intent.steps.get("stock"):
            # Its units never were the merchant's: what the cancelling added goes away again.
            units = stock_kept.units_in(record)
            odd = await stock_kept.undo(client, facts=facts, units=units, by=-1, step="restock", intent=intent)
            if odd:
                raise shop_refuses("SHOP_REFUSED", odd, operation="stock_availables.patch")
    return CancelOutcome.ALREADY_CANCELLED if stands == "cancelled" else CancelOutcome.CANCELLED


async def _enter(client: Client, ref: str, state: str, intent: Intent) -> None:
    await intent.sending("cancel")
    try:
        await client.add("order_histories", Draft(fields={"id_order_state": state, "id_order": ref}))
    except OutcomeUnknown as exc:
        record: Record | None = await client.get("orders", ref)
        if record is None or record["current_state"] != state:
            raise unknown("order_histories.post", exc.detail) from exc
