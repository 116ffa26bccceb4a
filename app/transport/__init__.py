"""The way out: the only package that imports httpx and tenacity."""
