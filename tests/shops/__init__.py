"""Tests of the shops."""
