"""Parcels: how Amazon is told of them, one by one or many in a feed."""
