"""What Amazon, the region and the application's roles are like; tests change it while the sandbox runs."""

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field

from app.sandbox.control_input import ControlRequest

LwaError = Literal[
    "invalid_request",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_client",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
]
Role = Literal["orders", "recipient", "buyer", "listings"]
ROLES: tuple[Role, ...] = get_args(Role)
Trouble = Literal[
    "http_400", "html_400", "http_413", "http_500", "included_data_400", "page_token_refused", "same_page"
]
Money = Literal["by_seed", "tax_added", "tax_included", "unexplained"]
DiscountSign = Literal["by_seed", "positive", "negative"]
StoreCode = Literal["FR", "DE", "IT", "ES", "BE", "NL", "UK"]


class Switches(ControlRequest):
    """Every switch with its default; the comment names what the real platform does with it."""

    # How long an access token lives; whether the seller still authorises the application; what LWA answers, if wrong.
    token_lifetime_s: float = Field(default=3600.0, gt=0)
    authorised: bool = True
    lwa_error: LwaError | None = None
    # strict: the Language attribute is asked for, as documented; present: anything of at most 500 characters.
    user_agent: Literal["strict", "present", "any"] = "strict"
    # Without a role its data is missing and the answer is 200; without "orders" or "listings" it is 403.
    roles: tuple[Role, ...] = ROLES
    # Usage plans: rate x factor from so many seconds on; the buckets of the application; the header on good answers.
    quotas: Literal["on", "off"] = "on"
    plan_factor: float = Field(default=1.0, gt=0)
    plan_after_s: float = Field(default=0.0, ge=0)
    application_factor: float = Field(default=1.0, gt=0)
    rate_header: bool = True
    # An order is found by a search two minutes after its change, a late one later still.
    search_delay_s: float = Field(default=120.0, ge=0)
    late_index_rate: float = Field(default=0.0, ge=0, le=1)
    late_index_min_s: float = Field(default=120.0, ge=0)
    late_index_max_s: float = Field(default=3600.0, ge=0)
    # 24 hours; whether they count from the first page of a chain or for each token is not published.
    page_life_h: float = Field(default=24.0, gt=0)
    page_life_from: Literal["first_page", "each_page"] = "first_page"
    # Which stores new orders come from, unless the request names one.
    stores: tuple[StoreCode, ...] = Field(default=("FR", "DE", "IT", "ES", "BE", "NL"), min_length=1)
    # Prices of pending orders were seen in 2026, and are not promised.
    pending_shows: Literal["nothing", "prices"] = "nothing"
    # How breakdowns add up, and the sign of DISCOUNT: not documented, so both, order by order.
    money: Money = "by_seed"
    discount_sign: DiscountSign = "by_seed"
    discount_rate: float = Field(default=0.2, ge=0, le=1)
    late_payment_rate: float = Field(default=0.05, ge=0, le=1)
    refused_payment_rate: float = Field(default=0.02, ge=0, le=1)
    # How many of Amazon's own parcels are seen as UNSHIPPED before they leave.
    fba_unshipped_rate: float = Field(default=0.2, ge=0, le=1)
    preorder_s: float = Field(default=86_400.0, ge=0)
    stock_moves_on_order: bool = True
    # A confirmation is answered at once and shows later.
    confirmation_s: float = Field(default=300.0, ge=0)
    # What a carrier code that is on no list leads to is not published.
    unknown_carriers: Literal["refused", "accepted"] = "refused"
    # ACCEPTED means taken: minutes until it is live.
    listing_delay_s: float = Field(default=300.0, ge=0)
    unknown_sku: Literal["invalid", "bad_request", "not_found"] = "invalid"
    # How many listings a search leads to; for more there is a report.
    listings_found: int = Field(default=1000, ge=1)
    internal_issue_rate: float = Field(default=0.0, ge=0, le=1)
    # How long a feed or report waits and runs; fatal_half does half of its work and leaves no report.
    job_wait_s: float = Field(default=60.0, ge=0)
    job_run_s: float = Field(default=120.0, ge=0)
    feeds_fail: Literal["off", "fatal", "fatal_half"] = "off"
    reports_fail: bool = False
    gzip: bool = True
    report_days: float = Field(default=30.0, gt=0)
    report_encoding: Literal["utf-8", "cp1252"] = "utf-8"
    # Lasting troubles by operation ("*": all), and after how many hours they are over; null: when switched off.
    troubles: Mapping[str, Trouble] = Field(default_factory=dict)
    trouble_h: float | None = Field(default=None, gt=0)
