"""Lists that a vendor publishes (columns, carriers, names of fields), as its folder's `published.toml` holds them."""

import tomllib
from pathlib import Path


def lists_of(module_file: str) -> dict[str, tuple[str, ...]]:
    """Return the lists beside that module by name, each in the vendor's order."""
    text = Path(module_file).with_name("published.toml").read_text(encoding="utf-8")
    return {name: tuple(values) for name, values in tomllib.loads(text).items()}
