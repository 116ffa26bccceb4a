"""Page tokens of lists that do not move while they are read: an offset, encoded so that callers don't count on it."""

import base64


def offset_token(name: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{name}/{offset}".encode()).decode()


def read_offset(name: str, token: str | None) -> int | None:
    """Return the offset that the token holds, 0 without one; None when it was never given for that list."""
    if token is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition("/")
        return int(number) if word == name else None
    except ValueError:
        return None
