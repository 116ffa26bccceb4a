"""GET_MERCHANT_LISTINGS_ALL_DATA: every offer of one store, on sale or not."""

from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.listings.offer import DEFAULT, Offer
from app.sandbox.amazon.listings.records import statuses
from app.sandbox.amazon.marketplaces import BY_ID, Store
from app.sandbox.amazon.orders.item_records import asin
from app.sandbox.amazon.seller import Seller
from app.sandbox.published import lists_of

COLUMNS = lists_of("amazon")["listings_report"]


def listings_report(seller: Seller, job: Job) -> str | None:
    """Return the offers of the first store that was named; None when there is none."""
    store = BY_ID[job.store_ids[0]]
    lines = ["\t".join(_row(offer, store)) for offer in seller.listings.offers.values()]
    return "\r\n".join(["\t".join(COLUMNS), *lines, ""]) if lines else None


def _row(offer: Offer, store: Store) -> list[str]:
    price = offer.live.price(store.store_id)
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {
        "item-name": " ".join(offer.product.title.split()),
        "listing-id": f"SBX{offer.product.number:08d}",
        "seller-sku": offer.sku,
        "price": f"{price.our:.2f}" if price is not None and price.our is not None else "",
        # Amazon's own stock is in no merchant's report.
        "quantity": "" if offer.live.quantity is None else str(offer.live.quantity),
        "open-date": f"{offer.created:%Y-%m-%d %H:%M:%S} UTC",
        "item-is-marketplace": "y",
        "product-id-type": "1",
        "item-condition": "11",
        "asin1": asin(offer.product),
        "product-id": asin(offer.product),
        "pending-quantity": "0",
        "fulfillment-channel": next((each.channel for each in offer.live.availability), DEFAULT),
        "status": "Active" if "BUYABLE" in statuses(offer, store) else "Inactive",
    }
    return list(cells.values())
