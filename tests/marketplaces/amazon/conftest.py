"""Every test may have a merchant."""

from tests.marketplaces.amazon.merchant import merchant as merchant
