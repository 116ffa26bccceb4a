"""A Mirakl operator with two shops, from the seller's side of its API."""

from app.sandbox.mirakl.app import MiraklPlatform

__all__ = ["MiraklPlatform"]
