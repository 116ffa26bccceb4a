"""What the embedded shop refuses, in our words. Texts name SKUs and order numbers, never people."""

from collections.abc import Mapping, Sequence

from app.errors import Refused, SetupWrong

SERVICE = "embedded"


def sku_unknown(skus: Sequence[str]) -> Refused:
    names = ", ".join(f"'{sku}'" for sku in skus)
    return _refused("SKU_UNKNOWN", f"no product bears the SKU {names}; load it with the next catalogue")


def sku_missing(line_id: str) -> Refused:
    return _refused("SKU_MISSING", f"line {line_id} has no SKU; give its offer one at the marketplace")


def no_lines() -> Refused:
    return _refused("NO_LINES", "nothing of this order is left to deliver; look at it at the marketplace")


def address_missing() -> Refused:
    return _refused("ADDRESS_MISSING", "an order to ship needs a delivery address; look at it at the marketplace")


def currency_unknown(currency: str, *, expected: str) -> Refused:
    return _refused(
        "CURRENCY_UNKNOWN",
        f"it is paid in {currency}, the shop's prices are in {expected}",
        params={"currency": currency, "expected": expected},
    )


def order_unknown(ref: str) -> Refused:
    return _refused("SHOP_REFUSED", f"the shop has no order {ref[:40]}; mark it as handled", operation="cancel_order")


def sealed_for_good() -> SetupWrong:
    """Return the error for addresses that were encrypted with a key we no longer have."""
    return SetupWrong(
        service=SERVICE,
        operation="orders",
        detail="the addresses were encrypted with another SECRET_KEY; give that one as SECRET_KEY_PREVIOUS",
        side="shop",
    )


def _refused(
    reason: str, detail: str, *, operation: str = "create_order", params: Mapping[str, str] | None = None
) -> Refused:
    return Refused(service=SERVICE, operation=operation, reason=reason, detail=detail, side="shop", params=params or {})
