"""Tests of the embedded shop."""
