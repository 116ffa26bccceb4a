"""The marketplaces: one folder each, the same files in every folder, one line each in `registry.py`."""
