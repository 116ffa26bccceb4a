"""An Amazon region with two sellers, from the side of the Selling Partner API.

    app.py ─► gateway.py (tokens, roles, buckets) ─► orders/  shipping/  listings/  files/ (feeds and reports)  stores/
    account.py is what tests drive and compare with · lwa.py gives the tokens · static.py serves Amazon's own examples

What happens by itself (payments, parcels, feeds) is planned in each seller's schedule and happens at the next call.
"""

from app.sandbox.amazon.app import AmazonPlatform

__all__ = ["AmazonPlatform"]
