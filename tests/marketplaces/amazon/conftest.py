"""Every test may have a merchant."""

from tests.marketplaces.amazon.amazon_service import service as service
