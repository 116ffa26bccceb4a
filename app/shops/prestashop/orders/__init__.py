"""Marketplace orders into a PrestaShop, and out of it."""
