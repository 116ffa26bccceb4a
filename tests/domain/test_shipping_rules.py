"""Which parcel of an order may be confirmed now, and if not, why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.carriers.lookup import CarrierName
from app.domain.parcel import Parcel
from app.domain.shipment import Carrier, ShippingOptions
from app.domain.shipping_rules import Owed, Ready, ShippingRules, Waits, shipments_to_confirm

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
COLIS = Carrier(code="colis", label="Colis SBX")
OWED = [Owed(line_id="L1", sku="LAMPE", units=2), Owed(line_id="L2", sku="PULL", units=1)]
RULES = ShippingRules(
    grace=timedelta(hours=3),
    without_tracking="hold",
    names={},
    options=ShippingOptions(
        carriers=[COLIS],
        other_carriers=False,
        tracking_required=frozenset({"EXP"}),
        by_marketplace=frozenset({"OPE"}),
    ),
    many_parcels=False,
)


def a_parcel(sequence: int = 1, units: Mapping[str, int] | None = None, **changes: Any) -> Parcel:
    """A parcel that left a day ago with all there is."""
    parcel = Parcel(
        id=f"p-{sequence}",
        sequence=sequence,
        shipped_at=NOW - timedelta(days=1),
        carrier="Colis SBX",
        number=f"8X{sequence}",
        url="",
        units=units,
    )
    return replace(parcel, **changes)


def confirmable(
    *parcels: Parcel,
    settled: Collection[int] = (),
    corrections: Collection[int] = (),
    method: str = "STD",
    postcode: str = "75001",
    **rules: Any,
) -> Ready | Waits | None:
    """Return what is said of the one parcel that there is to tell, if there is one."""
    found = shipments_to_confirm(
        parcels,
        OWED,
        settled=settled,
        corrections=corrections,
        method=method,
        postcode=postcode,
        rules=replace(RULES, **rules),
        now=NOW,
    )
    assert len(found) < 2
    return found[0] if found else None


def confirmable_of_many(
    *parcels: Parcel,
    owed: Sequence[Owed] = OWED,
    settled: Collection[int] = (),
    corrections: Collection[int] = (),
) -> dict[int, Ready]:
    """Return the parcels that a marketplace is confirmed of which takes many, by sequence."""
    found = shipments_to_confirm(
        parcels,
        owed,
        settled=settled,
        corrections=corrections,
        method="",
        postcode="",
        rules=replace(RULES, many_parcels=True),
        now=NOW,
    )
    return {each.parcel.sequence: each for each in found if isinstance(each, Ready)}


def code(found: Ready | Waits | None) -> tuple[str, bool]:
    assert isinstance(found, Waits)
    return found.code, found.held


def test_a_parcel_with_everything_completes_its_order() -> None:
    found = confirmable(a_parcel())

    assert isinstance(found, Ready)
    assert (found.carrier, found.lines, found.whole) == (COLIS, {"L1": 2, "L2": 1}, True)


def test_nothing_is_confirmed_twice() -> None:
    assert confirmable(a_parcel(), settled=[1]) is None
    assert confirmable() is None


def test_what_the_marketplace_delivers_is_not_confirmed() -> None:
    assert confirmable(a_parcel(), method="OPE") is None


class TestPartsOfAnOrder:
    def test_half_of_it_waits_where_an_order_has_one_parcel(self) -> None:
        assert code(confirmable(a_parcel(units={"LAMPE": 2}))) == ("PARTLY_SHIPPED", False)

    def test_both_halves_are_confirmed_by_the_first_parcel(self) -> None:
        found = confirmable(a_parcel(1, {"LAMPE": 2}), a_parcel(2, {"PULL": 1}))

        assert isinstance(found, Ready)
        assert (found.parcel.sequence, found.also, found.whole) == (1, frozenset({2}), True)

    def test_half_of_it_is_confirmed_with_its_lines_where_an_order_has_many_parcels(self) -> None:
        found = confirmable(a_parcel(units={"LAMPE": 1, "PULL": 1}), many_parcels=True)

        assert isinstance(found, Ready)
        assert (found.lines, found.whole) == ({"L1": 1, "L2": 1}, False)

    def test_units_of_one_sku_go_to_its_lines_in_turn(self) -> None:
        owed = [Owed(line_id="L1", sku="LAMPE", units=2), Owed(line_id="L2", sku="LAMPE", units=2)]

        found = confirmable_of_many(a_parcel(units={"LAMPE": 3}), owed=owed)

        assert (found[1].lines, found[1].whole) == ({"L1": 2, "L2": 1}, False)

    def test_the_second_parcel_follows_the_first(self) -> None:
        found = confirmable(a_parcel(1, {"LAMPE": 2}), a_parcel(2, {"PULL": 1}), settled=[1], many_parcels=True)

        assert isinstance(found, Ready)
        assert (found.parcel.sequence, found.lines, found.whole) == (2, {"L2": 1}, True)

    def test_every_parcel_is_confirmed_at_once_where_an_order_has_many(self) -> None:
        found = confirmable_of_many(a_parcel(1, {"LAMPE": 2}), a_parcel(2, {"PULL": 1}))

        assert {sequence: each.lines for sequence, each in found.items()} == {1: {"L1": 2}, 2: {"L2": 1}}
        assert all(each.whole and not each.also for each in found.values())

    def test_no_unit_is_in_two_parcels(self) -> None:
        owed = [Owed(line_id="L1", sku="LAMPE", units=1), Owed(line_id="L2", sku="LAMPE", units=2)]

        found = confirmable_of_many(a_parcel(1, {"LAMPE": 2}), a_parcel(2, {"LAMPE": 1}), owed=owed)

        assert {sequence: each.lines for sequence, each in found.items()} == {1: {"L1": 1, "L2": 1}, 2: {"L2": 1}}

    def test_a_parcel_that_does_not_say_what_it_holds_has_the_rest(self) -> None:
        found = confirmable_of_many(a_parcel(1, {"LAMPE": 1}), a_parcel(2))

        assert found[2].lines == {"L1": 1, "L2": 1}

    def test_of_parcels_that_do_not_say_what_they_hold_the_first_stands_for_all(self) -> None:
        both = confirmable_of_many(a_parcel(1), a_parcel(2))
        corrected = confirmable_of_many(a_parcel(1), a_parcel(2), settled=[2], corrections=[1])

        assert both.keys() == {1}
        assert (both[1].lines, both[1].also) == ({"L1": 2, "L2": 1}, frozenset({2}))
        assert corrected.keys() == {1}

    def test_a_correction_goes_first(self) -> None:
        found = confirmable(a_parcel(1, {"LAMPE": 2}), a_parcel(2, {"PULL": 1}), corrections=[2])

        assert isinstance(found, Ready)
        assert found.parcel.sequence == 2


class TestWithoutANumber:
    def test_it_waits_for_the_grace(self) -> None:
        young = a_parcel(number="", shipped_at=NOW - timedelta(hours=2))

        assert (
            code(confirmable(young)) == code(confirmable(young, without_tracking="send")) == ("WAITING_TRACKING", False)
        )

    def test_it_is_held_after_that(self) -> None:
        assert code(confirmable(a_parcel(number="", shipped_at=NOW - timedelta(hours=3)))) == ("TRACKING_MISSING", True)

    def test_it_is_confirmed_without_if_the_merchant_wants_it(self) -> None:
        found = confirmable(a_parcel(number=""), without_tracking="send")

        assert isinstance(found, Ready)
        assert (found.carrier, found.url) == (None, "")

    def test_it_is_held_where_the_marketplace_insists(self) -> None:
        found = confirmable(a_parcel(number=""), method="EXP", without_tracking="send")

        assert code(found) == ("TRACKING_MISSING", True)


class TestCarriers:
    def test_an_unknown_one_is_held_with_its_name(self) -> None:
        found = confirmable(a_parcel(carrier="Pigeon"))

        assert code(found) == ("CARRIER_UNKNOWN", True)
        assert isinstance(found, Waits)
        assert found.params == {"carrier": "Pigeon"}

    def test_an_address_without_its_postcode_is_held(self) -> None:
        names = {"Colis SBX": CarrierName(url="https://suivi.example/{postcode}")}

        assert code(confirmable(a_parcel(), postcode="", names=names)) == ("TRACKING_URL_UNKNOWN", True)

    @pytest.mark.parametrize(("own", "url"), [("", "https://suivi.example/8X1"), ("https://a.example/1",) * 2])
    def test_the_parcels_own_address_comes_before_the_template(self, own: str, url: str) -> None:
        names = {"Colis SBX": CarrierName(url="https://suivi.example/{number}")}

        found = confirmable(a_parcel(url=own), names=names)

        assert isinstance(found, Ready)
        assert found.url == url
