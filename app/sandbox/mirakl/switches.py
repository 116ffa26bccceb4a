"""What an operator configures for a shop; tests change it while the sandbox runs."""

from typing import Literal

from pydantic import Field

from app.sandbox.wishes import Wish


class Switches(Wish):
    """Every switch with its default; the comment names what the real platform does with it."""

    # PC01: whether the seller decides, and whether lines may be decided differently.
    order_acceptance: Literal["NOT_AUTOMATIC", "AUTOMATIC"] = "NOT_AUTOMATIC"
    partial_acceptance: bool = True
    addresses_before_acceptance: bool = False
    order_tax_mode: Literal["TAX_INCLUDED", "TAX_EXCLUDED"] = "TAX_INCLUDED"
    alternative_carrier: bool = True
    payment_workflow: Literal[
        "PAY_ON_ACCEPTANCE", "PAY_ON_DELIVERY", "PAY_ON_DUE_DATE", "NO_CUSTOMER_PAYMENT_CONFIRMATION"
    ] = "PAY_ON_ACCEPTANCE"
    shop_state: Literal["OPEN", "CLOSE", "SUSPENDED", "TERMINATED"] = "OPEN"
    # Hours until an undecided order is refused by itself; null: never.
    auto_refusal_h: float | None = Field(default=120.0, gt=0)
    refusal_zeroes_stock: bool = True
    stock_moves_on_order: bool = True
    # Operators' totals after a partial refusal are not documented.
    totals: Literal["open_lines", "all_lines"] = "open_lines"
    # The form of an error body is not documented either.
    error_form: Literal["both", "message", "errors"] = "both"
    late_payment_rate: float = Field(default=0.05, ge=0, le=1)
    refused_payment_rate: float = Field(default=0.02, ge=0, le=1)
    staging_s: float = Field(default=3600.0, ge=0)
    quotas: Literal["on", "off"] = "on"
    # An integration that is registered as a partner may list orders every 15 minutes only.
    partner: bool = False
