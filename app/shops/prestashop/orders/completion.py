"""From the order as it entered to the order as it should stand: totals, payment, state. Each step looks before it acts.

    way A   the entry state records a payment      the carrier is free; totals, payment and invoice are set afterwards
    way B   the entry state records none (better)  totals are set first; payment and invoice are made from them

Running it again does nothing that is done already.
"""

from decimal import Decimal, InvalidOperation

from app.domain.message import message
from app.domain.order import Order
from app.domain.shop_mapping import ShopMapping
from app.errors import OutcomeUnknown
from app.shops.port import ImportPlan, UnfinishedOrder
from app.shops.prestashop.client import Client, any_of
from app.shops.prestashop.mapping.totals import patched_totals
from app.shops.prestashop.orders.preparation import amounts_of, payment_label
from app.shops.prestashop.reads import states
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.records import Draft, Record, Row

_CENT = Decimal("0.01")
_OF_AN_INVOICE = ("total_shipping_tax_incl", "total_shipping_tax_excl", "total_paid_tax_incl", "total_paid_tax_excl")


class Finisher:
    """Finishes one order that stands in the shop."""

    def __init__(self, client: Client, *, order: Order, plan: ImportPlan, facts: Facts, mapping: ShopMapping) -> None:
        self._client, self._order, self._plan = client, order, plan
        self._facts, self._mapping = facts, mapping
        self._products, self._shipping = amounts_of(order)
        self._owed = self._products + self._shipping

    async def finish(self, record: Record) -> Record | UnfinishedOrder:
        """Return the order as it stands at the end, or why a person has to look at it.

        What its rows are worth is never patched: an order that differs there keeps the shop's total.
        """
        if self._moved_on(record):
            return record
        if amount(record["total_products_wt"]) != self._products:
            return record
        charged = amount(record["total_paid_tax_incl"])
        totals = self._totals(record)
        if self._shipping or charged != self._owed:
            await self._agree("order_carriers", record, _carrier_cost(totals))
        # The last of the two: as long as it differs, both are looked at again.
        if charged != self._owed:
            await self._client.change("orders", record.id, totals)
        if self._facts.enters_unpaid and record["current_state"] in self._facts.unpaid_states:
            record = await self._enter(record, self._facts.paid_state)
        paid = await self._label_payment(record)
        if paid != self._owed:
            return UnfinishedOrder(record.id, message("PAYMENTS_DIFFER", paid=paid, owed=self._owed))
        if not self._facts.enters_unpaid and (self._shipping or charged != self._owed):
            await self._agree("order_invoices", record, {name: totals[name] for name in _OF_AN_INVOICE})
        record = await self._enter(record, self._wanted_state(record))
        return record if charged == self._owed else await self._read(record.id)

    def _moved_on(self, record: Record) -> bool:
        """Return whether somebody at the shop took the order further, or cancelled it: then it is theirs."""
        ours = {self._facts.paid_state, states.imported_state(self._facts, self._mapping)}
        ours |= {*self._facts.unpaid_states, self._facts.paid_backorder_state}
        return record["current_state"] not in ours

    def _wanted_state(self, record: Record) -> str:
        if self._plan.state == "shipped":
            return states.fulfilled_state(self._facts, self._mapping) or record["current_state"]
        if record["current_state"] == self._facts.paid_backorder_state:
            # Paid, and the shop says itself that it has to order the goods.
            return record["current_state"]
        return states.imported_state(self._facts, self._mapping)

    async def _agree(self, resource: str, record: Record, wanted: Row) -> None:
        """Set the same amounts on what belongs to the order, where they differ."""
        for row in await self._client.find(resource, filters={"id_order": any_of([record.id])}):
            if not row.agrees(wanted):
                await self._client.change(resource, row.id, wanted)

    def _totals(self, record: Record) -> dict[str, str]:
        return patched_totals(
            self._products,
            amount(record["total_products"]),
            self._shipping,
            amount(record["carrier_tax_rate"]),
            paid=not self._facts.enters_unpaid,
        )

    async def _label_payment(self, record: Record) -> Decimal:
        """Give the payment the marketplace's name and number, since the shop calls it after the payment module.

        Returns what all payments of the order make.
        """
        wanted = {"payment_method": payment_label(self._order), "transaction_id": self._order.order_id}
        filters = {"order_reference": any_of([record["reference"]])}
        rows = await self._client.find("order_payments", filters=filters)
        if len(rows) == 1 and not self._facts.enters_unpaid:
            wanted["amount"] = str(self._owed)
        paid = Decimal(0)
        for row in rows:
            if not row.agrees(wanted):
                row = await self._client.change("order_payments", row.id, wanted)
            paid += amount(row["amount"])
        return paid

    async def _enter(self, record: Record, state: str) -> Record:
        """Put the order into a state, silently and once: the same state again would add a line to its history."""
        if record["current_state"] == state:
            return record
        try:
            await self._client.add("order_histories", Draft(fields={"id_order_state": state, "id_order": record.id}))
        except OutcomeUnknown:
            again = await self._read(record.id)
            if again["current_state"] != state:
                raise
            return again
        return Record({**record.fields, "current_state": state}, record.rows, record.fixed)

    async def _read(self, order_id: str) -> Record:
        record = await self._client.get("orders", order_id)
        return record if record is not None else Record({"id": order_id})


def _carrier_cost(totals: Row) -> Row:
    return {
        "shipping_cost_tax_incl": totals["total_shipping_tax_incl"],
        "shipping_cost_tax_excl": totals["total_shipping_tax_excl"],
    }


def amount(text: str) -> Decimal:
    """Return an amount at cents, zero for none; the shop writes six decimals."""
    try:
        return Decimal(text or "0").quantize(_CENT)
    except InvalidOperation:
        return Decimal(0)
