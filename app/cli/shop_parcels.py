"""`marketcron shop ship`, `cancel` and `delete-order`: what a merchant without a shop system does by hand."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.cli.output import AsJson, print_json, say
from app.cli.process import opened, run_to_end
from app.cli.shop_named import Name, embedded_shop
from app.cli.values import somebody_answers
from app.errors import BadInput
from app.shops.embedded import parcels
from app.shops.embedded.mapping import shipment_row
from app.shops.embedded.parcels import Shipped, number, parcel_text, units_text, way_text
from app.store.embedded import Cancelled, ShipRequest, StoredOrder

Order = Annotated[str, typer.Argument(metavar="ORDER", help="The marketplace's order number, or our reference.")]


def ship(
    name: Name,
    order: Order,
    carrier: Annotated[str, typer.Option(help="Who carries the parcel.")] = "",
    tracking: Annotated[str, typer.Option(help="Its tracking number.")] = "",
    url: Annotated[str, typer.Option(help="A link that shows where it is.")] = "",
    units: Annotated[
        list[str] | None,
        typer.Option(
            "--pieces", metavar="SKU=N", help="What is in it, once for each SKU; default: all that is still open."
        ),
    ] = None,
    parcel: Annotated[
        int | None, typer.Option(min=1, help="Which parcel of the order is meant: one to correct, or the next.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """Say that a parcel of an embedded shop's order left, or correct its carrier or tracking number."""
    request = ShipRequest(carrier=carrier.strip(), number=tracking.strip(), url=url.strip(), units=_counted(units))
    shipped = run_to_end(_ship(name, order, request, parcel))
    if json_:
        print_json(_shipped_record(shipped))
    else:
        say(_shipped_text(shipped))


async def _ship(name: str, order: str, request: ShipRequest, sequence: int | None) -> Shipped:
    async with opened() as system:
        row = await embedded_shop(system, name)
        return await parcels.ship(
            system.store, row.id, order=order, request=request, now=system.clock.now(), sequence=sequence
        )


def cancel(name: Name, order: Order, json_: AsJson = False) -> None:
    """Cancel an order of an embedded shop and put its units back in stock; settle it at the marketplace too."""
    cancelled, outcome = run_to_end(_cancel(name, order))
    if json_:
        print_json({**_order_record(cancelled), "outcome": outcome})
    elif outcome == "already_cancelled":
        say(f"Order {number(cancelled)} was cancelled before; nothing changed.")
    else:
        restocked = "its units are back in stock" if cancelled.content.lowers_stock else "it had taken no stock"
        say(
            f"Order {number(cancelled)} is cancelled, {restocked}. The marketplace does not cancel it by itself: the "
            "next orders-status reports it as a problem, with the shipping deadline. Cancel or refund it there."
        )


async def _cancel(name: str, order: str) -> tuple[StoredOrder, Cancelled]:
    async with opened() as system:
        row = await embedded_shop(system, name)
        return await parcels.cancel(system.store, row.id, order=order, now=system.clock.now())


def delete_order(
    name: Name,
    order: Order,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json_: AsJson = False,
) -> None:
    """Delete an order of an embedded shop with its buyer and parcels; stock stays as it is."""
    deleted = run_to_end(_delete(name, order, sure=yes))
    if json_:
        print_json({**_order_record(deleted), "outcome": "deleted"})
    else:
        say(
            f"Order {number(deleted)} is deleted; stock is as it was. While the marketplace has it, "
            "orders-reconcile reports that the shop has not."
        )


async def _delete(name: str, order: str, *, sure: bool) -> StoredOrder:
    async with opened() as system:
        row = await embedded_shop(system, name)
        meant = await parcels.order_named(system.store, row.id, order)
        if not sure:
            _confirm(f"Delete order {number(meant)} ({meant.content.state}) with its buyer and parcels for ever?")
        return await parcels.delete(system.store, row.id, order=meant.content.key)


def _confirm(question: str) -> None:
    if not somebody_answers():
        raise BadInput("An order is deleted for ever. Say that you are sure: --yes.")
    if not typer.confirm(question, err=True):
        raise BadInput("Nothing was deleted. Use shop cancel to give the units of an order back to stock.")


def _counted(pairs: Sequence[str] | None) -> dict[str, int] | None:
    """Return units by SKU; raises BadInput. A SKU may hold an equals sign, a count never does."""
    if not pairs:
        return None
    units: dict[str, int] = {}
    for pair in pairs:
        sku, _, count = pair.rpartition("=")
        if not sku or not (count.isascii() and count.isdigit() and len(count) <= 9):
            raise BadInput(f"'{pair[:40]}' counts no units. Write it as SKU=2.", field="pieces")
        if sku in units:
            raise BadInput(f"The SKU '{sku[:40]}' is given twice. Give it once, with all its units.", field="pieces")
        units[sku] = int(count)
    return units


def _shipped_text(shipped: Shipped) -> str:
    order, shipping = number(shipped.order), shipped.shipping
    if shipping.parcel is None:
        return f"Order {order} was shipped before it came here; there is no parcel to confirm."
    parcel, still = parcel_text(shipping.parcel), units_text(shipping.left)
    notice = "The next orders-status tells the marketplace."
    match shipping.outcome:
        case "shipped":
            return f"Order {order} is shipped with {parcel}. {notice}"
        case "partly":
            return f"Order {order} is shipped in part with {parcel}; still open: {still}. {notice}"
        case "corrected":
            before = f", before it read {way_text(shipping.before)}" if shipping.before else ""
            if shipping.before and shipping.before.number:
                notice = "orders-status tells the marketplace, with force=1 where the old number was confirmed already."
            return f"Order {order} now has {parcel}{before}. {notice}"
        case "already":
            another = f" For another parcel with the same in it add --parcel {shipping.following}." if still else ""
            return f"Order {order} has {parcel} already; nothing changed.{another}"


def _shipped_record(shipped: Shipped) -> dict[str, Any]:
    shipping = shipped.shipping
    return {
        **_order_record(shipped.order),
        "outcome": shipping.outcome,
        "shipment": shipment_row(shipping.parcel) if shipping.parcel else None,
        "before": shipment_row(shipping.before) if shipping.before else None,
        "open": dict(shipping.left),
    }


def _order_record(order: StoredOrder) -> dict[str, Any]:
    return {"ref": str(order.id), "marketplace_order_id": number(order), "platform": order.content.platform}
