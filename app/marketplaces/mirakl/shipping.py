"""How shipments are confirmed: OR23 (carrier and number), then OR24 (it left), and what an answer other than yes means.

A repeated OR24 gets the same 400 as an order that may not be shipped, and the answer does not say which. So refused
ones are looked up in the list of orders, all of a batch in one call.
"""

from collections.abc import AsyncIterator, Sequence

from app.domain.message import Message, message
from app.domain.order import SHIPPED_OR_CLOSED, OrderState
from app.domain.shipment import Shipment, ShipmentOutcome, ShipmentResult
from app.domain.task import Priority
from app.errors import OutcomeUnknown, Refused
from app.marketplaces.mirakl import carriers, mapping
from app.marketplaces.mirakl.client import MOST_IDS, MiraklClient
from app.marketplaces.mirakl.errors import SERVICE
from app.marketplaces.mirakl.quotas import TRACKING

_outcome = ShipmentOutcome.of


async def ship(client: MiraklClient, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
    """Yield what became of each shipment; refused ones that have to be looked up come last."""
    to_look_up: list[tuple[Shipment, Refused]] = []
    for shipment in shipments:
        outcome = await _confirm(client, shipment)
        if isinstance(outcome, ShipmentOutcome):
            yield outcome
        elif shipment.correction or outcome.status in {None, 404}:
            yield _refused(shipment, outcome)
        else:
            to_look_up.append((shipment, outcome))
    for start in range(0, len(to_look_up), MOST_IDS):
        for outcome in await _look_up(client, to_look_up[start : start + MOST_IDS]):
            yield outcome


async def _confirm(client: MiraklClient, shipment: Shipment) -> ShipmentOutcome | Refused:
    try:
        if shipment.number or shipment.correction:
            await _send_tracking(client, shipment)
        if not shipment.correction:
            await client.ship(shipment.order_id, priority=Priority.SHIPMENTS)
    except OutcomeUnknown as unknown:
        return _outcome(shipment, ShipmentResult.UNKNOWN, detail=unknown.detail)
    except Refused as refused:
        return refused
    return _outcome(shipment, ShipmentResult.SENT)


async def _send_tracking(client: MiraklClient, shipment: Shipment) -> None:
    carrier = shipment.carrier
    if carrier is None or not (carrier.code or carrier.label):
        raise _unsendable("CARRIER_UNKNOWN", message("NUMBER_WITHOUT_CARRIER"))
    if not shipment.number:
        raise _unsendable("TRACKING_MISSING", message("NUMBER_TO_CORRECT_MISSING"))
    body = carriers.tracking(carrier, number=shipment.number, url=shipment.url)
    await client.track(shipment.order_id, tracking=body, priority=Priority.SHIPMENTS)


async def _look_up(client: MiraklClient, to_look_up: Sequence[tuple[Shipment, Refused]]) -> list[ShipmentOutcome]:
    order_ids = list(dict.fromkeys(shipment.order_id for shipment, _ in to_look_up))
    answer = await client.orders_by_id(order_ids, priority=Priority.SHIPMENTS)
    statuses = {record["order_id"]: mapping.platform_status_of(record) for record in answer.records}
    return [_outcome_by_status(shipment, refused, statuses.get(shipment.order_id)) for shipment, refused in to_look_up]


def _outcome_by_status(shipment: Shipment, refused: Refused, platform_status: str | None) -> ShipmentOutcome:
    if platform_status is None:
        return _outcome(shipment, ShipmentResult.REFUSED, reason="ORDER_MISSING", detail=refused.detail)
    state = mapping.STATES.get(platform_status, OrderState.UNKNOWN)
    if state in SHIPPED_OR_CLOSED:
        return _outcome(shipment, ShipmentResult.ALREADY)
    if state is OrderState.TO_SHIP:
        return _refused(shipment, refused)
    detail = message("ORDER_IN_STATUS", platform_status=platform_status, said=refused.detail)
    return _outcome(shipment, ShipmentResult.REFUSED, reason="SHIP_REFUSED", detail=detail)


def _refused(shipment: Shipment, refused: Refused) -> ShipmentOutcome:
    return _outcome(shipment, ShipmentResult.REFUSED, reason=refused.reason, detail=refused.detail)


def _unsendable(reason: str, detail: Message) -> Refused:
    return Refused(service=SERVICE, operation=TRACKING.name, reason=reason, detail=detail)
