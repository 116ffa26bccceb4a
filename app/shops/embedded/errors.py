"""What the embedded shop refuses, in our words. Texts name SKUs and order numbers, never people."""

from collections.abc import Sequence

from app.domain.message import Message, Params, message
from app.errors import Refused, SetupWrong

SERVICE = "embedded"


def sku_unknown(skus: Sequence[str]) -> Refused:
    names = ", ".join(skus)
    return _refused("SKU_UNKNOWN", message("NO_PRODUCT_OF_SKU", sku=names), params={"sku": names})


def sku_missing(line_id: str) -> Refused:
    return _refused("SKU_MISSING", message("LINE_WITHOUT_SKU", line=line_id))


def no_lines() -> Refused:
    return _refused("NO_LINES", message("NOTHING_TO_DELIVER"))


def address_missing() -> Refused:
    return _refused("ADDRESS_MISSING", message("ADDRESS_NEEDED"))


def currency_unknown(currency: str, *, expected: str) -> Refused:
    return _refused(
        "CURRENCY_UNKNOWN",
        message("NO_CURRENCY", currency=currency),
        params={"currency": currency, "expected": expected},
    )


def order_unknown(ref: str) -> Refused:
    return _refused("SHOP_REFUSED", message("NO_SUCH_ORDER", ref=ref[:40]), operation="cancel_order")


def sealed_for_good() -> SetupWrong:
    """Return the error for addresses that were encrypted with a key we no longer have."""
    return SetupWrong(service=SERVICE, operation="orders", detail=message("OTHER_SECRET_KEY"), side="shop")


def _refused(reason: str, detail: Message, *, operation: str = "create_order", params: Params | None = None) -> Refused:
    return Refused(service=SERVICE, operation=operation, reason=reason, detail=detail, side="shop", params=params or {})
