"""The part of the intake machine that follows from the marketplace's word, over all states at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.intake import (
    GONE,
    IN_SHOP,
    NOT_IMPORTED,
    RESERVING,
    WAITING,
    Intake,
    IntakeStatus,
    Policy,
    first_intake_status,
    next_intake_status,
    wanted,
)
from app.domain.order import Fulfilment, Order, OrderState
from tests.shops.builders import PLACED
from tests.tasks.builders import a_sale

POLICY = Policy(start_from=PLACED)
SALES = st.builds(
    lambda state, fulfilment, asks: a_sale(state=state, fulfilment=fulfilment, cancel_requested=asks),
    st.sampled_from(list(OrderState)),
    st.sampled_from(list(Fulfilment)),
    st.booleans(),
)
# What may be in the shop, or on its way there: only a look into the shop may end it.
UNDER_WAY = {Intake.CREATING, Intake.NEEDS_PERSON, Intake.IMPORTED, Intake.CANCELLING, Intake.CONFLICT}


@given(SALES, st.sampled_from(list(Intake)), st.none() | st.just("4711"))
def test_what_may_be_in_the_shop_never_leaves_without_a_look_into_it(
    order: Order, intake: Intake, shop_ref: str | None
) -> None:
    after = next_intake_status(IntakeStatus(intake), order, policy=POLICY, shop_ref=shop_ref).intake

    if intake in UNDER_WAY:
        assert after in (intake, Intake.CANCELLING)
    if intake is Intake.HANDLED:
        assert after in (intake, Intake.CANCELLING if shop_ref else intake)
    if intake is Intake.IGNORED:
        assert after is intake


@given(SALES, st.sampled_from(list(Intake)))
def test_hearing_the_same_twice_changes_nothing_more(order: Order, intake: Intake) -> None:
    once = next_intake_status(IntakeStatus(intake), order, policy=POLICY, shop_ref=None)

    assert next_intake_status(once, order, policy=POLICY, shop_ref=None) == once


@given(SALES, st.sampled_from(list(Intake)))
def test_nothing_becomes_due_that_the_marketplace_holds_back(order: Order, intake: Intake) -> None:
    after = next_intake_status(IntakeStatus(intake), order, policy=POLICY, shop_ref=None).intake

    if after is Intake.DUE:
        assert wanted(order, policy=POLICY).intake is Intake.DUE


@given(SALES)
def test_nothing_of_before_the_start_enters(order: Order) -> None:
    late = Policy(start_from=PLACED + timedelta(seconds=1))

    assert first_intake_status(order, policy=late).intake in (Intake.BEFORE_START, Intake.CANCELLED, Intake.REFUSED)


def test_what_left_before_it_was_seen_is_only_listed_where_the_merchant_wants_that() -> None:
    shipped = a_sale(state=OrderState.SHIPPED)
    policy = replace(POLICY, shipped_import="list_only")

    assert first_intake_status(shipped, policy=POLICY).intake is Intake.DUE
    assert first_intake_status(shipped, policy=policy).intake is Intake.LISTED_ONLY
    for state in (OrderState.TO_SHIP, OrderState.PARTIALLY_SHIPPED):
        assert first_intake_status(a_sale(state=state), policy=policy).intake is Intake.DUE
    by_marketplace = a_sale(state=OrderState.SHIPPED, fulfilment=Fulfilment.MARKETPLACE)
    assert first_intake_status(by_marketplace, policy=policy).intake is Intake.DUE


@pytest.mark.parametrize("intake", [Intake.DUE, Intake.BLOCKED])
def test_what_was_on_its_way_into_the_shop_goes_on_though_it_left_meanwhile(intake: Intake) -> None:
    policy = replace(POLICY, shipped_import="list_only")

    after = next_intake_status(IntakeStatus(intake), a_sale(state=OrderState.SHIPPED), policy=policy, shop_ref=None)

    assert after.intake is intake


@pytest.mark.parametrize("fulfilment", list(Fulfilment))
def test_orders_of_companies_are_only_listed_where_the_merchant_wants_that(fulfilment: Fulfilment) -> None:
    policy = replace(POLICY, business_import="list_only")
    sale = a_sale(state=OrderState.SHIPPED, fulfilment=fulfilment)

    assert first_intake_status(replace(sale, business=True), policy=policy).intake is Intake.LISTED_ONLY
    assert first_intake_status(replace(sale, business=True), policy=POLICY).intake is Intake.DUE
    assert first_intake_status(sale, policy=policy).intake is Intake.DUE


@pytest.mark.parametrize("code", ["UNREADABLE", "DATA_EXPIRED"])
def test_what_was_mended_by_reading_is_due(code: str) -> None:
    blocked = IntakeStatus(Intake.BLOCKED, code)

    assert next_intake_status(blocked, a_sale(), policy=POLICY, shop_ref=None) == IntakeStatus(Intake.DUE)


def test_what_the_shop_refused_is_not_due_because_the_marketplace_says_the_same_again() -> None:
    blocked = IntakeStatus(Intake.BLOCKED, "SKU_UNKNOWN")

    assert next_intake_status(blocked, a_sale(), policy=POLICY, shop_ref=None) == blocked


def test_every_state_falls_under_one_count_at_most() -> None:
    counted = [NOT_IMPORTED, WAITING, IN_SHOP, GONE, {Intake.LISTED_ONLY}, {Intake.BEFORE_START}]

    assert sum(len(states) for states in counted) == len(frozenset().union(*counted))
    assert set(Intake) - frozenset().union(*counted) == {Intake.NOT_OURS, Intake.IGNORED}
    assert RESERVING == NOT_IMPORTED | WAITING
