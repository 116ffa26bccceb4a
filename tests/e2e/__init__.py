"""Plays over real HTTP with real processes."""
