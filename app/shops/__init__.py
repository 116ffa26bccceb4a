"""The shops: where orders go and offers come from; one folder each, one line each in `registry.py`."""
