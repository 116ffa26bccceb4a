"""What an operator configures for a shop; tests change it while the sandbox runs."""

from typing import Literal

from pydantic import Field

from app.sandbox.control_input import ControlRequest


class Switches(ControlRequest):
    """Every switch with its default; the comment names what the real platform does with it."""

    # PC01: whether the seller decides, and whether lines may be decided differently.
    order_acceptance: Literal["NOT_AUTOMATIC", "AUTOMATIC"] = "NOT_AUTOMATIC"
    partial_acceptance: bool = True
    addresses_before_acceptance: bool = False
    order_tax_mode: Literal["TAX_INCLUDED", "TAX_EXCLUDED"] = "TAX_INCLUDED"
    # Whether an operator may answer in another mode than was asked for is unknown; some list no taxes beside amounts
    # without them.
    tax_mode_asked: Literal["honoured", "ignored"] = "honoured"
    taxes_listed: bool = True
    # Some operators give no country code: the name has to do.
    country_iso: Literal["alpha3", "null"] = "alpha3"
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
    # PC01: what prices may look like. A column of a feature that is off is unknown to the price import.
    offer_prices_decimals: int = Field(default=2, ge=0, le=4)
    channel_pricing: bool = False
    scheduled_pricing: bool = False
    discount_period_required: bool = False
    discount_price_creation_in_the_past_blocked: bool = False
    # What happens to further decimals is not published.
    excess_decimals: Literal["refused", "rounded"] = "refused"
    # With approval new prices wait for the operator, who never approves any, and the old ones stay.
    price_approval: bool = False
    # How long a file waits and runs.
    import_wait_s: float = Field(default=20.0, ge=0)
    import_run_s: float = Field(default=40.0, ge=0)
    # Whether the files that are sent from now on fail as a whole.
    imports_fail: bool = False
    # A byte-identical file of stock or prices within the window; whole offers (OF01) always get the same import.
    same_file: Literal["imports_again", "same_import"] = "imports_again"
    same_file_window_s: float = Field(default=600.0, ge=0)
    # About 60 days or 500 files of history, says an older text; forget_imports loses every receipt at once.
    import_history_days: float = Field(default=60.0, ge=0)
    import_history_files: int = Field(default=500, ge=0)
    forget_imports: bool = False
    quotas: Literal["on", "off"] = "on"
    # An integration that is registered as a partner may list orders every 15 minutes only.
    partner: bool = False
