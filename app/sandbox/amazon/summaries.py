"""What the control API shows of orders, feeds and reports."""

from datetime import datetime

from app.sandbox import amounts
from app.sandbox.accounts import Json
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.orders.money import total_cents
from app.sandbox.amazon.orders.order import Order, Package
from app.sandbox.amazon.orders.records import shown_state
from app.sandbox.times import iso, iso_or_none


def fulfilment_of(order: Order) -> str:
    """Return who ships, in the words that are the same on every platform."""
    return "marketplace" if order.by_amazon else "merchant"


def was_confirmed(order: Order) -> bool:
    """Say whether a parcel was confirmed by the API or in a feed."""
    return any(package.source != "seller_central" for package in order.packages.values())


def out_of_date(order: Order) -> bool:
    """Say whether callers saw the order, and as something else than it is now."""
    return order.shown > 0 and order.shown_state != shown_state(order)


def shipment(order: Order) -> Json:
    last = _last(order)
    return {
        "id": order.order_id,
        "carrier": _carrier(last) if last else None,
        "tracking": last.tracking if last else None,
        "packages": [_package(package) for package in order.packages.values()],
    }


def order_summary(order: Order, *, now: datetime) -> Json:
    """Return the order's state; carrier and tracking are those of the parcel that was confirmed last."""
    last = _last(order)
    return {
        "id": order.order_id,
        "state": shown_state(order),
        "fulfilment": fulfilment_of(order),
        "store": order.store.code,
        "total": amounts.text(total_cents(order)),
        "currency": order.currency,
        "created": iso(order.created),
        "last_updated": iso(order.updated),
        "visible": order.findable_at <= now,
        "shown": order.shown,
        "shown_state": order.shown_state,
        "reported": order.reported,
        "carrier": _carrier(last) if last else None,
        "carrier_code": last.carrier_code if last else None,
        "tracking": last.tracking if last else None,
        "shipped_at": iso_or_none(last.shipped_at if last else None),
        "packages": [_package(package) for package in order.packages.values()],
        "shape": order.shape,
        "mcf": order.other_channel,
        "business": order.business,
        "replaces": order.replaces,
        "cancel_requested": order.cancel_requested,
        "programs": list(order.programs),
        "lines": [
            {
                "id": line.item_id,
                "sku": line.product.sku if line.has_sku else None,
                "quantity": line.quantity,
                "shipped": line.shipped,
                "cancelled": line.cancelled,
                "total": amounts.text(line.total_cents),
            }
            for line in order.lines
        ],
    }


def job_summary(job: Job) -> Json:
    processed, wrong = job.counts
    return {
        "id": job.job_id,
        "operation": job.kind,
        "status": job.status,
        "created": iso(job.created),
        "ended": iso_or_none(job.ended),
        "stores": list(job.store_ids),
        "lines": processed,
        "lines_in_error": wrong,
    }


def _last(order: Order) -> Package | None:
    return max(order.packages.values(), key=lambda package: package.created, default=None)


def _carrier(package: Package) -> str:
    return package.carrier_name or package.carrier_code


def _package(package: Package) -> Json:
    return {
        "reference": package.reference,
        "carrier": _carrier(package),
        "tracking": package.tracking,
        "shipped_at": iso(package.shipped_at),
        "contents": dict(package.contents),
        "source": package.source,
        "sent": package.sent,
        "in_force": package.in_force,
    }
