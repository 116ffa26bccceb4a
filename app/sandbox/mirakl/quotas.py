"""The maximum call frequencies that the operator enforces, per key and operation, in business time."""

from app.sandbox.quota import Limit

HOUR_S = 3600
DAY_S = 86_400

# "Once per minute" as a rolling hour, and pages not closer than about a second.
OR11 = Limit(calls=60, per_s=HOUR_S, gap_s=0.9)
# A registered partner: every 15 minutes.
OR11_PARTNER = Limit(calls=4, per_s=HOUR_S, gap_s=0.9)
# Reference lists are meant for once a day; where it really stops is not published, so a day holds 24.
REFERENCE = Limit(calls=24, per_s=DAY_S)

# Offers: "once per minute" is meant so for a call that has no pages; the missing second is for the way.
ONCE_A_MINUTE = Limit(calls=1, per_s=59)
STO02 = Limit(calls=1, per_s=14)

LIMITS: dict[str, Limit] = {
    "OR11": OR11,
    "A01": REFERENCE,
    "SH12": REFERENCE,
    "SH21": REFERENCE,
    "STO02": STO02,
    **dict.fromkeys(("STO01", "STO03", "PRI01", "PRI02", "PRI03", "OF01", "OF02", "OF03"), ONCE_A_MINUTE),
}


def limit_of(operation: str, *, partner: bool) -> Limit | None:
    """Return the operation's limit; None for those called per event or page (OR21, OR23, OR24, OF21) or without one."""
    if operation == "OR11" and partner:
        return OR11_PARTNER
    return LIMITS.get(operation)
