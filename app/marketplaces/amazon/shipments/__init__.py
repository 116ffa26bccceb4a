"""Parcels: how Amazon is confirmed of them, one by one or many in a feed."""
