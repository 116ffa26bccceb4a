"""Offers: their stock and their prices, how they are changed and how they are shown."""
