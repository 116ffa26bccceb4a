"""An index: each kind of refusal, and each thing that users of Amazon's API complain about, has a test of the adapter.

The numbers are the rows of two tables in the description of the protocol: what an error means, and what goes wrong.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.sandbox.amazon.models import FOLDER

HERE = Path(__file__).parent
DESCRIPTION = FOLDER.parent / "amazon-sp-api.md"
OUTAGE = "test_outages_of_the_region::test_an_outage_of_half_a_day_pauses_for_ever_longer_and_then_brings_every_order"

Row = tuple[str, Sequence[str]]

REFUSALS: Mapping[int, Row] = {
    1: (
        "400: our fault, or the region's",
        [
            "test_errors::test_what_is_wrong_with_one_thing_is_said_once_and_stops_nothing_else",
            "test_adapter::test_a_wrong_request_is_made_once_more_for_less_and_then_later",
            OUTAGE,
        ],
    ),
    2: (
        "401: not let in",
        ["test_errors::test_who_is_not_let_in_asks_for_one_new_token_and_then_says_what_to_do"],
    ),
    3: (
        "403: the token, then the role",
        [
            "test_errors::test_who_is_not_let_in_asks_for_one_new_token_and_then_says_what_to_do",
            "test_login::test_a_token_that_ended_early_is_renewed_once_and_the_call_made_again",
            "test_logins_of_runs::test_refusals_that_arrive_one_after_the_other_ask_for_one_new_token",
            "test_logins_of_runs::test_a_role_that_was_taken_away_fails_the_run_and_is_named",
        ],
    ),
    4: (
        "404: unknown",
        [
            "test_adapter::test_an_order_is_read_by_its_id_and_each_id_has_one_answer",
            "test_offer_updates::test_a_sku_that_is_not_listed_is_refused_and_no_offer_is_made",
            "test_offer_feeds::test_a_feed_that_nobody_knows_any_more_is_gone",
            "test_reports::test_a_report_that_amazon_does_not_know_is_not_found",
        ],
    ),
    5: ("409: there already", ["test_errors::test_what_is_wrong_with_one_thing_is_said_once_and_stops_nothing_else"]),
    6: (
        "413, 415: too large, no JSON",
        ["test_errors::test_what_is_wrong_with_one_thing_is_said_once_and_stops_nothing_else", OUTAGE],
    ),
    7: (
        "429: too often",
        [
            "test_errors::test_a_429_never_happened_and_is_tried_again_for_every_call_writes_included",
            "test_orders_that_come_late"
            "::test_429s_that_say_nothing_waste_one_call_each_and_delay_the_import_by_one_token",
        ],
    ),
    8: (
        "500: inside",
        [OUTAGE, "test_errors::test_an_outage_is_tried_again_but_never_a_feed_that_may_have_been_handed_in"],
    ),
    9: (
        "503: for a moment",
        ["test_outages_of_the_region::test_a_503_is_tried_again_at_once_and_nobody_hears_of_it"],
    ),
}

COMPLAINTS: Mapping[int, Row] = {
    1: (
        "one list in three minutes",
        [
            "test_sandbox::test_thousands_of_orders_take_as_long_as_the_quota_says_and_never_meet_a_429",
            "test_adapter::test_one_list_asks_for_all_marketplaces_and_both_channels_without_an_upper_bound",
            "test_adapter::test_a_catch_up_leaves_three_calls_to_the_live_poll",
        ],
    ),
    2: (
        "a call for each order",
        ["test_requests::test_an_order_is_never_read_call_by_call_while_a_list_is_read"],
    ),
    3: (
        "429s out of nowhere",
        ["test_sandbox::test_a_429_out_of_nowhere_is_survived_by_waiting_for_the_next_token"],
    ),
    4: (
        "processes that do not know of each other",
        [
            "test_scarce_call::test_two_processes_take_no_more_calls_than_there_are",
            "test_logins_of_runs::test_two_processes_that_begin_at_the_same_moment_share_one_login",
        ],
    ),
    5: (
        "bounds younger than two minutes",
        [
            "test_requests::test_no_list_has_an_upper_bound_or_a_second_lower_one",
            "test_logins_of_runs::test_a_clock_that_is_hours_off_never_makes_amazon_refuse_a_request",
        ],
    ),
    6: (
        "orders that are found late",
        [
            "test_orders_that_come_late"
            "::test_orders_that_are_found_up_to_an_hour_late_are_imported_exactly_once_by_an_hourly_cron",
            "test_orders_that_come_late"
            "::test_what_is_found_later_than_the_windows_overlap_comes_with_the_daily_second_look",
        ],
    ),
    7: (
        "the same page for ever",
        ["test_outages_of_the_region::test_the_same_page_for_ever_is_never_taken_for_the_end"],
    ),
    8: (
        "page tokens that are refused",
        [
            "test_adapter::test_every_page_repeats_what_the_first_one_asked",
            "test_outages_of_the_region::test_page_tokens_that_are_refused_for_an_hour_stop_nothing_but_the_list",
        ],
    ),
    9: (
        "page tokens that grow old",
        [
            "test_outages_of_the_region::test_a_list_that_broke_off_more_than_a_day_ago_is_begun_again",
            "test_sandbox::test_a_page_token_that_ended_costs_a_new_beginning_and_no_order",
        ],
    ),
    10: ("other zones", ["test_requests::test_a_moment_of_another_zone_is_asked_for_in_utc"]),
    11: (
        "addresses that are missing without a word",
        [
            "test_logins_of_runs::test_without_the_role_for_addresses_orders_wait_and_enter_once_it_was_given",
            "test_adapter::test_a_check_names_the_role_that_addresses_need",
        ],
    ),
    12: (
        "pending orders without price and address",
        [
            "test_orders_that_wait"
            "::test_a_pending_order_waits_without_price_and_address_and_enters_with_both_once_it_is_paid",
            "test_orders_that_wait::test_a_pending_order_reserves_the_last_unit_and_gives_it_back_when_it_is_cancelled",
        ],
    ),
    13: (
        "numbers of packages that are no texts",
        [
            "test_parcels_of_runs::test_a_package_has_a_number_that_is_a_text_and_its_items_are_a_list",
            "test_model_files::test_a_request_that_breaks_a_model_is_seen",
        ],
    ),
    14: (
        "parcels of orders that left already",
        [
            "test_parcels_of_runs::test_a_package_has_a_number_that_is_a_text_and_its_items_are_a_list",
            "test_parcels_of_runs::test_an_order_that_somebody_confirmed_by_hand_meanwhile_is_no_problem",
        ],
    ),
    15: ("stock of all marketplaces", ["test_offer_updates::test_stock_is_reported_once_for_all_marketplaces"]),
    16: (
        "200 and nothing changed",
        [
            "test_offer_updates::test_a_value_that_amazon_calls_invalid_is_refused_in_its_words",
            "test_offer_feeds::test_what_amazon_refuses_of_a_feed_is_named_by_sku",
        ],
    ),
    17: (
        "discounts and nested prices",
        [
            "test_offer_updates::test_lead_time_discount_limits_and_business_price_stay_as_they_are",
            "test_offer_updates::test_the_body_of_a_patch_is_what_amazon_asks_for",
        ],
    ),
    18: (
        "feeds that are always too many",
        ["test_offer_feeds::test_a_429_for_a_feed_waits_for_the_next_token_and_keeps_the_document"],
    ),
    19: (
        "good requests that a region refuses",
        [
            "test_outages_of_the_region"
            "::test_a_region_that_refuses_good_requests_is_read_for_less_and_the_numbers_of_companies_wait",
            OUTAGE,
        ],
    ),
    20: ("500 for hours", [OUTAGE]),
    21: (
        "roles that take months",
        ["test_orders_of_every_kind::test_an_order_that_amazon_ships_enters_without_name_and_street"],
    ),
    22: (
        "breakdowns that nobody explains",
        [
            "test_sandbox::test_every_line_adds_up_in_every_reading",
            "test_sandbox::test_a_breakdown_that_nothing_explains_is_imported_with_its_total",
        ],
    ),
    23: (
        "parcels without a detailed status",
        ["test_parcels_of_runs::test_an_order_that_somebody_confirmed_by_hand_meanwhile_is_no_problem"],
    ),
}

FURTHER: Sequence[str] = [
    "test_logins_of_runs::test_an_authorisation_that_was_ended_fails_each_run_after_one_login_and_blames_the_marketplace",
    "test_logins_of_runs::test_tokens_that_live_for_seconds_import_all_the_same_and_nothing_is_refused",
    "test_outages_of_the_region::test_what_a_page_of_a_gateway_says_is_reported_without_its_html",
    "test_offer_feeds::test_a_feed_that_amazon_gave_up_says_so",
    "test_orders_that_wait::test_an_unknown_sku_waits_until_somebody_links_it",
    "test_orders_that_wait::test_an_item_without_sku_blocks_its_order_alone_and_says_what_to_do",
    "test_orders_that_wait::test_a_buyer_who_asks_to_cancel_holds_the_order_until_he_takes_it_back",
    "test_orders_that_wait::test_a_status_that_nobody_knows_yet_waits_and_is_named",
    "test_orders_that_wait::test_who_ships_is_never_guessed",
    "test_orders_of_every_kind::test_currencies_that_the_shop_does_not_take_wait_and_the_others_enter",
    "test_orders_of_every_kind::test_orders_of_other_channels_never_enter_whoever_asks",
    "test_orders_of_every_kind::test_a_replacement_enters_for_nothing_and_names_the_order_that_it_replaces",
    "test_orders_of_every_kind::test_an_order_of_a_company_enters_with_its_name_and_vat_number",
    "test_orders_of_every_kind::test_an_order_of_amazons_that_left_in_part_while_pending_waits_for_the_rest",
]


@pytest.mark.skipif(not DESCRIPTION.is_file(), reason="the description of the protocol is not beside this repository")
@pytest.mark.parametrize(("section", "index"), [(5, REFUSALS), (17, COMPLAINTS)])
def test_each_row_of_the_description_has_its_number_here(section: int, index: Mapping[int, Row]) -> None:
    [chapter] = re.findall(rf"(?ms)^## {section}\. .*?(?=^## |\Z)", DESCRIPTION.read_text())
    rows = [line for line in chapter.splitlines() if line.startswith("|") and not line.startswith("| ---")][1:]

    assert list(index) == list(range(1, len(rows) + 1))


def test_each_test_that_is_named_here_exists() -> None:
    missing = [name for name in _named() if name.partition("::")[2] not in _tests_of(name.partition("::")[0])]

    assert missing == []


def _named() -> Iterator[str]:
    for index in (REFUSALS, COMPLAINTS):
        for _, tests in index.values():
            yield from tests
    yield from FURTHER


@cache
def _tests_of(module: str) -> frozenset[str]:
    tree = ast.parse((HERE / f"{module}.py").read_text())
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))
