"""Carriers: a table of those that are known, and how a shop's carrier is looked up in it."""
