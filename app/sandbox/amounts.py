"""Amounts inside the sandbox are integer cents; this is how they leave it."""


def text(cents: int) -> str:
    """Return "12.90" for 1290."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def without_tax(cents: int, *, rate_permille: int) -> int:
    """Return the amount before VAT, rounded half up to the cent."""
    return (cents * 2000 + 1000 + rate_permille) // (2 * (1000 + rate_permille))
