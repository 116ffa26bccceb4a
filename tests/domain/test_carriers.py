"""Which carrier of the marketplace is meant, and where a parcel can be followed."""

import pytest

from app.domain.carriers import CarrierName, resolve, tracking_url
from app.domain.shipment import Carrier, ShippingOptions

COLIS = Carrier(code="colis_sbx", label="Colis SBX", standard_code="SBX-COLIS")
RELAIS = Carrier(code="relais", label="Relais & Compagnie")


def options(*, others: bool = True) -> ShippingOptions:
    return ShippingOptions(carriers=[COLIS, RELAIS], other_carriers=others, tracking_required=frozenset())


@pytest.mark.parametrize("name", ["colis_sbx", "Colis SBX", "COLIS-SBX", "sbx colis", "relais"])
def test_a_carrier_is_found_by_code_label_or_standard_code(name: str) -> None:
    wanted = {"relais": RELAIS}.get(name, COLIS)

    assert resolve(name, names={}, options=options()) == wanted


def test_the_merchants_word_comes_first() -> None:
    names = {"Colis SBX": CarrierName(carrier="relais")}

    assert resolve("Colis SBX", names=names, options=options()) == RELAIS


def test_an_unlisted_carrier_goes_by_its_name_where_that_is_allowed() -> None:
    names = {"Chez nous": CarrierName(carrier="Coursier Dupont")}

    assert resolve("Pigeon", names={}, options=options()) == Carrier(code="", label="Pigeon")
    assert resolve("Chez nous", names=names, options=options()) == Carrier(code="", label="Coursier Dupont")
    assert resolve("Pigeon", names={}, options=options(others=False)) is None


@pytest.mark.parametrize("others", [True, False])
def test_no_name_is_no_carrier(others: bool) -> None:
    assert resolve("", names={}, options=options(others=others)) is None


def test_a_carrier_without_a_standard_code_is_not_found_by_an_empty_one() -> None:
    assert resolve("--", names={}, options=options(others=False)) is None


def test_an_address_is_made_of_number_and_postcode() -> None:
    names = {"Coursier": CarrierName(url="https://suivi.example/{number}?cp={postcode}")}

    url = tracking_url("Coursier", names=names, number="8X/1 é", postcode="75001")

    assert url == "https://suivi.example/8X%2F1%20%C3%A9?cp=75001"


def test_without_a_template_there_is_no_address() -> None:
    assert tracking_url("Coursier", names={}, number="8X1", postcode="75001") == ""


def test_a_template_that_needs_an_unknown_postcode_can_not_be_filled() -> None:
    names = {"Coursier": CarrierName(url="https://suivi.example/{number}/{postcode}")}

    assert tracking_url("Coursier", names=names, number="8X1", postcode="") is None
    assert tracking_url("Other", names=names, number="8X1", postcode="") == ""
