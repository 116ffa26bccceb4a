"""Pieces that were never the merchant's: what PrestaShop does to its stock for them is undone, once.

An order that the marketplace shipped from its own warehouse lowers the shop's stock all the same, and its cancellation
raises it. The write is absolute: value before and target are noted first, and whatever is neither of them afterwards
goes to a person and is never written again.
"""

import contextlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from app.domain.intent import Intent
from app.domain.message import Message, message
from app.errors import OutcomeUnknown
from app.shops.prestashop.client import Client
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.stock import counts_stock, rows_of, units_of
from app.shops.prestashop.records import Record

MOST_WRITES = 3
_DONE = "done"
Rows = Mapping[tuple[str, str], int]


def units_in(order: Record) -> Rows:
    """Return the units of an order by (product, attribute)."""
    units: Counter[tuple[str, str]] = Counter()
    for row in order.rows.get("order_rows", ()):
        units[row.get("product_id", ""), row.get("product_attribute_id", "") or "0"] += int(
            row.get("product_quantity", "0") or 0
        )
    return units


async def undo(client: Client, *, facts: Facts, units: Rows, by: int, step: str, intent: Intent) -> Message | str:
    """Add `by` times the units of an order to the stock, once per step; return what a person has to look at, or ''.

    Called while the creation slot is held. A shop that keeps no stock has not moved it either.
    """
    noted = intent.steps.get(step, "")
    if noted == _DONE or not counts_stock(facts):
        return ""
    rows = await _stock_rows(client, facts, units)
    if noted:
        plan: dict[str, list[int]] = json.loads(noted)
    else:
        plan = {
            each.id: [units_of(each), units_of(each) + by * units[_article(each)]]
            for each in rows
            # What depends on a warehouse is moved there, when it leaves.
            if each["depends_on_stock"] != "1"
        }
        await intent.note(**{step: json.dumps(plan)})
    for _ in range(MOST_WRITES):
        wrong = [row for row in rows if row.id in plan and units_of(row) != plan[row.id][1]]
        if not wrong or any(units_of(row) != plan[row.id][0] for row in wrong):
            break
        # It is a value that is written, so that a read shows whether it was; the answer only repeats what was sent.
        with contextlib.suppress(OutcomeUnknown):
            for row in wrong:
                await _write(client, row, target=plan[row.id][1])
        rows = await _stock_rows(client, facts, units)
    odd = next((row for row in rows if row.id in plan and units_of(row) != plan[row.id][1]), None)
    if odd is not None:
        before, target = plan[odd.id]
        return message("STOCK_NEITHER", row=odd.id, quantity=odd["quantity"], before=before, target=target)
    await intent.note(**{step: _DONE})
    return ""


async def _write(client: Client, row: Record, *, target: int) -> None:
    # Without id_shop the row would be lost to its shop.
    kept = ("id_product", "id_product_attribute", "id_shop", "id_shop_group", "depends_on_stock", "out_of_stock")
    fields = {**{name: row[name] for name in kept}, "quantity": str(target)}
    await client.change("stock_availables", row.id, fields)


async def _stock_rows(client: Client, facts: Facts, units: Rows) -> Sequence[Record]:
    """Return the rows of our shop, which alone an order moves."""
    products = sorted({product for product, _ in units})
    found = await client.find_all("stock_availables", name="id_product", values=products)
    rows = rows_of(found, facts=facts, id_shop=client.id_shop)
    return [row for article, row in rows.items() if article in units]


def _article(row: Record) -> tuple[str, str]:
    return row["id_product"], row["id_product_attribute"] or "0"
