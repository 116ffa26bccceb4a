"""POST_ORDER_FULFILLMENT_DATA: many parcels in one XML document, and the report about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from app.sandbox.amazon.errors import Refusal
from app.sandbox.amazon.orders.order import Order, Parcel
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.shipping.parcels import OTHER, confirm
from app.sandbox.amazon.timestamps import parse_timestamp

Element = ElementTree.Element
NOT_TAKEN = "18028"


class Unreadable(Exception):
    """The document is none that Amazon could work through."""


@dataclass(frozen=True)
class Result:
    message_id: str
    description: str


def messages_of(content: bytes, *, seller_id: str) -> list[Element]:
    """Return the messages of the document; raises Unreadable."""
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - documents come from our own tests
    except ElementTree.ParseError as broken:
        raise Unreadable("The document is not well-formed XML.") from broken
    if root.tag != "AmazonEnvelope" or root.findtext("MessageType") != "OrderFulfillment":
        raise Unreadable("The document is no AmazonEnvelope of the type OrderFulfillment.")
    if root.findtext("Header/MerchantIdentifier") != seller_id:
        raise Unreadable("The MerchantIdentifier is not that of the seller.")
    return root.findall("Message")


def take(seller: Seller, messages: Sequence[Element], *, now: datetime) -> list[Result]:
    """Let every parcel leave that can; return what was wrong with the others."""
    return [result for message in messages if (result := _take(seller, message, now=now)) is not None]


def report(*, feed_id: str, processed: int, wrong: Sequence[Result]) -> bytes:
    """Return the processing report."""
    return "".join(_report_lines(feed_id, processed, wrong)).encode()


def _take(seller: Seller, message: Element, *, now: datetime) -> Result | None:
    message_id = (message.findtext("MessageID") or "").strip()
    fulfillment = message.find("OrderFulfillment")
    if fulfillment is None:
        return Result(message_id, "The message holds no OrderFulfillment.")
    order = seller.orders.get((fulfillment.findtext("AmazonOrderID") or "").strip())
    if order is None:
        return Result(message_id, "The AmazonOrderID is not that of an order.")
    try:
        confirm(seller, order, _parcel(order, fulfillment), source="feed", now=now, seen_after_s=0)
    except Refusal as reason:
        return Result(message_id, f"{reason.message} {reason.details or ''}".strip())
    except ValueError as broken:
        return Result(message_id, str(broken))
    return None


def _parcel(order: Order, fulfillment: Element) -> Parcel:
    shipped_at = parse_timestamp((fulfillment.findtext("FulfillmentDate") or "").strip())
    if shipped_at is None:
        raise ValueError("The FulfillmentDate is no date-time.")
    code = (fulfillment.findtext("FulfillmentData/CarrierCode") or "").strip()
    name = (fulfillment.findtext("FulfillmentData/CarrierName") or "").strip()
    tracking = (fulfillment.findtext("FulfillmentData/ShipperTrackingNumber") or "").strip()
    return Parcel(
        reference=_reference(order, tracking),
        carrier_code=code or (OTHER if name else ""),
        carrier_name=name,
        method=(fulfillment.findtext("FulfillmentData/ShippingMethod") or "").strip(),
        tracking=tracking,
        shipped_at=shipped_at,
        contents=_contents(order, fulfillment),
    )


def _reference(order: Order, tracking: str) -> str:
    """Return the package that has this number already, or the next; documents name none."""
    for package in order.packages.values():
        if package.tracking == tracking:
            return package.reference
    taken = [int(reference) for reference in order.packages]
    return str(max(taken, default=0) + 1)


def _contents(order: Order, fulfillment: Element) -> dict[str, int]:
    items = fulfillment.findall("Item")
    if not items:
        # Without items it is the whole order.
        return {line.item_id: line.unconfirmed for line in order.lines if line.unconfirmed} or {
            line.item_id: line.quantity for line in order.lines
        }
    contents: dict[str, int] = {}
    for item in items:
        item_id = (item.findtext("AmazonOrderItemCode") or "").strip()
        line = order.line(item_id)
        text = (item.findtext("Quantity") or "").strip()
        quantity = int(text) if text.isascii() and text.isdigit() else line.unconfirmed if line and not text else 0
        if quantity < 1:
            raise ValueError(f"The Quantity of item '{item_id}' is no positive number.")
        contents[item_id] = contents.get(item_id, 0) + quantity
    return contents


def _report_lines(feed_id: str, processed: int, wrong: Sequence[Result]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<AmazonEnvelope>\n'
    yield "<Header><DocumentVersion>1.02</DocumentVersion></Header>\n"
    yield "<MessageType>ProcessingReport</MessageType>\n<Message>\n<MessageID>1</MessageID>\n<ProcessingReport>\n"
    yield f"<DocumentTransactionID>{feed_id}</DocumentTransactionID>\n<StatusCode>Complete</StatusCode>\n"
    yield f"<ProcessingSummary><MessagesProcessed>{processed}</MessagesProcessed>"
    yield f"<MessagesSuccessful>{processed - len(wrong)}</MessagesSuccessful>"
    yield f"<MessagesWithError>{len(wrong)}</MessagesWithError>"
    yield "<MessagesWithWarning>0</MessagesWithWarning></ProcessingSummary>\n"
    for result in wrong:
        yield f"<Result><MessageID>{escape(result.message_id)}</MessageID><ResultCode>Error</ResultCode>"
        yield f"<ResultMessageCode>{NOT_TAKEN}</ResultMessageCode>"
        yield f"<ResultDescription>{escape(result.description)}</ResultDescription></Result>\n"
    yield "</ProcessingReport>\n</Message>\n</AmazonEnvelope>\n"
