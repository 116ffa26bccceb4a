"""Lists that a vendor publishes (columns, carriers, names of fields), as its folder's `published.toml` holds them."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def lists_of(platform: str) -> dict[str, tuple[str, ...]]:
    """Return the lists of that platform by name, each in the vendor's order."""
    text = (Path(__file__).parent / platform / "published.toml").read_text(encoding="utf-8")
    return {name: tuple(values) for name, values in tomllib.loads(text).items()}
