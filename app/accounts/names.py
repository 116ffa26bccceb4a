"""What an account or a shop may be called."""

import re

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def is_name(text: str) -> bool:
    """Return whether it may name an account or a shop: small letters, digits and hyphens, 63 at most."""
    return _NAME.fullmatch(text) is not None
