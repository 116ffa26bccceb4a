"""A parcel finds its way with the address that the shop is given, and nothing of it goes away unsaid."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.order import Address
from app.errors import Refused
from app.shops.prestashop.mapping import texts
from app.shops.prestashop.mapping.addresses import PostalRecord, address_fields
from app.shops.prestashop.reads.facts import Country
from tests.shops.builders import ADDRESS
from tests.shops.prestashop.test_texts import (
    ANY_TEXT,
    CITY,
    DNI,
    GENERIC,
    NAME,
    OTHER,
    PHONE,
    POSTCODE,
    STREET,
)

FRANCE = Country(
    id="8",
    iso_code="FR",
    active=True,
    contains_states=False,
    needs_dni=False,
    needs_postcode=True,
    postcode_format="NNNNN",
)
USA = replace(FRANCE, id="21", iso_code="US", contains_states=True)


def written(address: Address = ADDRESS, **choices: object) -> PostalRecord:
    given = {"country": FRANCE, "customer_id": "3", "alias": "Mirakl", **choices}
    return address_fields(address, **given)  # type: ignore[arg-type]


def refusal(address: Address, **choices: object) -> Refused:
    with pytest.raises(Refused) as caught:
        written(address, **choices)
    assert caught.value.side == "shop"
    return caught.value


def test_a_usual_address_is_written_in_full() -> None:
    record = written(replace(ADDRESS, company="Chez Zoé", street_2="Bât. B", phone_2="03 20 00 00 00"))

    assert record == PostalRecord(
        fields={
            "id_customer": "3",
            "id_country": "8",
            "id_state": "0",
            "alias": "Mirakl",
            "company": "Chez Zoé",
            "lastname": "Lefèvre",
            "firstname": "Zoé",
            "address1": "12 rue de l'Église",
            "address2": "Bât. B",
            "postcode": "59000",
            "city": "Lille",
            "other": "",
            "phone": "+33 6 39 98 00 01",
            "phone_mobile": "03 20 00 00 00",
            "dni": "",
        },
        altered=(),
    )


ADDRESSES = st.builds(Address, **{field.name: ANY_TEXT for field in fields(Address)})


@given(address=ADDRESSES, alias=ANY_TEXT, pickup_point=ANY_TEXT, dni=ANY_TEXT)
def test_whatever_is_reported_the_shop_takes_every_field(
    address: Address, alias: str, pickup_point: str, dni: str
) -> None:
    address = replace(address, street_1=f"{address.street_1[:90]}a", city=f"{address.city[:40]}b")

    found = written(address, alias=alias, pickup_point=pickup_point, dni=dni).fields

    rules = {
        "alias": GENERIC,
        "company": GENERIC,
        "lastname": NAME,
        "firstname": NAME,
        "address1": STREET,
        "address2": STREET,
        "postcode": POSTCODE,
        "city": CITY,
        "other": OTHER,
        "phone": PHONE,
        "phone_mobile": PHONE,
        "dni": DNI,
    }
    assert all(rule.fullmatch(found[name]) for name, rule in rules.items()), found
    assert found["alias"]
    assert found["address1"]
    assert len(found["alias"]) <= 32


# Who it is for.


@pytest.mark.parametrize(
    ("last", "first", "company", "names"),
    [
        ("Zoé Lefèvre", "", "", ("Lefèvre", "Zoé")),
        ("", "Zoé", "", ("Zoé", "-")),
        ("", "", "Chez Zoé", ("Chez Zoé", "-")),
        ("", "", "", ("-", "-")),
    ],
)
def test_names_that_are_missing(last: str, first: str, company: str, names: tuple[str, str]) -> None:
    record = written(replace(ADDRESS, last_name=last, first_name=first, company=company))

    assert (record.fields["lastname"], record.fields["firstname"]) == names
    assert record.fields["company"] == company
    assert record.altered == ()


def test_a_company_is_kept_when_its_name_can_not_be_a_last_name() -> None:
    record = written(replace(ADDRESS, last_name="", first_name="", company="3000 & Co"))

    assert record.fields["company"] == "3000 & Co"
    assert record.fields["lastname"] == "& Co"


def test_altered_data_are_named() -> None:
    record = written(
        replace(
            ADDRESS,
            last_name="Lefèvre 2",
            first_name="Zoé😀",
            company="A & B <x>",
            street_2="Bât. {B}",
            extra="😀",
            postcode="59000_",
            city="Lille?",
            phone="06 39 98 00 01 (bureau)",
            phone_2="none",
        )
    )

    assert record.altered == (
        "city",
        "company",
        "extra",
        "first_name",
        "last_name",
        "phone",
        "phone_2",
        "postcode",
        "street_2",
    )


def test_spaces_are_no_alteration() -> None:
    assert written(replace(ADDRESS, last_name=" Lefèvre\n", street_1="12  rue\tde l'Église ")).altered == ()


@pytest.mark.parametrize(
    ("phone", "phone_2", "kept"),
    [
        ("", "06 39 98 00 02", ("06 39 98 00 02", "")),
        ("06 39 98 00 02", "06 39 98 00 02", ("06 39 98 00 02", "")),
        ("call me", "06 39 98 00 02", ("06 39 98 00 02", "")),
        ("", "", ("", "")),
    ],
)
def test_the_first_usable_phone_is_the_phone(phone: str, phone_2: str, kept: tuple[str, str]) -> None:
    found = written(replace(ADDRESS, phone=phone, phone_2=phone_2)).fields

    assert (found["phone"], found["phone_mobile"]) == kept


# Where it goes.


def test_a_long_street_flows_on_between_two_words() -> None:
    long = f"{'rue des Lilas ' * 9}fin"

    found = written(replace(ADDRESS, street_1=long, street_2="Bât. B", extra="Code 12A")).fields

    assert f"{found['address1']} {found['address2']}" == f"{long}, Bât. B, Code 12A"
    assert 100 < len(found["address1"]) <= 128
    assert found["other"] == ""


def test_a_word_without_an_end_is_broken_where_the_line_ends() -> None:
    found = written(replace(ADDRESS, street_1="x" * 129)).fields

    assert (found["address1"], found["address2"]) == ("x" * 128, "x")


def test_what_finds_no_room_in_two_lines_stands_in_other() -> None:
    record = written(replace(ADDRESS, street_1="a" * 128, street_2="b" * 128, extra="Code 12A"))

    assert record.fields["address2"] == "b" * 128
    assert record.fields["other"] == "Code 12A"
    assert record.altered == ()


def test_what_finds_no_room_at_all_is_named() -> None:
    address = replace(ADDRESS, street_1="a " * 40, street_2="b " * 250, extra="Code 12A")

    record = written(address)

    assert len(record.fields["other"]) == 299
    assert record.altered == ("extra", "street_2")


WORDS = st.lists(st.text("abcé", min_size=1, max_size=20), min_size=1, max_size=12).map(" ".join)


@given(street_1=WORDS, street_2=WORDS, extra=WORDS)
def test_no_word_is_lost_before_it_is_named(street_1: str, street_2: str, extra: str) -> None:
    record = written(replace(ADDRESS, street_1=street_1, street_2=street_2, extra=extra))

    found = " ".join(record.fields[name] for name in ("address1", "address2", "other"))
    reported = f"{street_1} {street_2} {extra}".split()
    assert record.altered or found.replace(",", "").split() == reported


def test_the_second_line_is_the_first_where_there_is_no_first() -> None:
    found = written(replace(ADDRESS, street_1=" ", street_2="8 bis, rue d'été")).fields

    assert (found["address1"], found["address2"]) == ("8 bis, rue d'été", "")


def test_a_pickup_point_is_seen_on_the_label_and_in_the_shop() -> None:
    found = written(pickup_point="FR-012345").fields

    assert found["address2"] == found["other"] == "Point relais: FR-012345"


def test_a_pickup_point_without_a_street_is_the_street() -> None:
    found = written(replace(ADDRESS, street_1=""), pickup_point="FR-012345").fields

    assert found["address1"] == found["other"] == "Point relais: FR-012345"
    assert found["address2"] == ""


@pytest.mark.parametrize("pickup_point", ["FR_012345", "x" * 100])
def test_a_pickup_point_that_the_lines_would_change_stands_in_other_alone(pickup_point: str) -> None:
    found = written(replace(ADDRESS, street_2="Galerie marchande"), pickup_point=pickup_point).fields

    assert found["address2"] == "Galerie marchande"
    assert found["other"] == f"Point relais: {pickup_point}"


def test_a_state_is_the_one_that_the_shop_has() -> None:
    found = written(replace(ADDRESS, region="NY"), country=USA, id_state="35").fields

    assert (found["id_state"], found["other"]) == ("35", "")


def test_a_state_that_the_shop_does_not_know_is_kept_in_words() -> None:
    found = written(replace(ADDRESS, region="Guam"), country=USA).fields

    assert (found["id_state"], found["other"]) == ("0", "Guam")


def test_a_region_is_no_part_of_an_address_where_a_country_has_no_states() -> None:
    assert written(replace(ADDRESS, region="Nord")).fields["other"] == ""


# What the shop insists on.


def test_what_the_merchant_requires_and_nobody_knows_is_a_dash() -> None:
    address = replace(ADDRESS, phone="")

    found = written(address, required={"phone", "company", "dni", "vat_number", "city"}).fields

    assert {name: found[name] for name in ("phone", "company", "dni", "vat_number", "city")} == {
        "phone": "-",
        "company": "-",
        "dni": "-",
        "vat_number": "-",
        "city": "Lille",
    }


def test_a_required_state_can_not_be_made_up() -> None:
    refused = refusal(ADDRESS, required={"id_state"})

    assert refused.reason == "ADDRESS_REFUSED"
    assert "id_state" in refused.plain_detail
    assert written(country=USA, required={"id_state"}, id_state="35").fields["id_state"] == "35"


@pytest.mark.parametrize(("dni", "kept"), [("12345678 Z", "12345678Z"), ("", "-")])
def test_a_country_that_asks_for_an_identification_number_gets_one(dni: str, kept: str) -> None:
    assert written(country=replace(FRANCE, needs_dni=True), dni=dni).fields["dni"] == kept


@pytest.mark.parametrize(
    ("changes", "reason", "part"),
    [
        ({"street_1": "", "street_2": " "}, "ADDRESS_MISSING", "street"),
        ({"street_1": "?!", "street_2": ""}, "ADDRESS_REFUSED", "street"),
        ({"city": ""}, "ADDRESS_MISSING", "city"),
        ({"city": "😀"}, "ADDRESS_REFUSED", "city"),
    ],
)
def test_without_its_essentials_an_address_is_refused(changes: dict[str, str], reason: str, part: str) -> None:
    refused = refusal(replace(ADDRESS, **changes))

    assert refused.reason == reason
    assert part in refused.plain_detail
    assert not any(
        reported in str(refused) for reported in ("Lefèvre", "Zoé", "Église", "Lille", "39 98", "59000", "😀")
    )


def test_where_nobody_has_to_send_a_dash_stands_for_what_is_not_reported() -> None:
    found = written(replace(ADDRESS, street_1="", street_2="", extra="", city=""), partial=True).fields

    assert (found["address1"], found["address2"], found["city"]) == ("-", "", "-")
    assert written(partial=True) == written()


def test_a_country_that_nobody_says_is_missing() -> None:
    assert refusal(replace(ADDRESS, country=""), country=None).reason == "ADDRESS_MISSING"


@pytest.mark.parametrize("country", [None, replace(FRANCE, active=False)])
def test_the_shop_must_deliver_to_the_country(country: Country | None) -> None:
    refused = refusal(ADDRESS, country=country)

    assert refused.reason == "COUNTRY_INACTIVE"
    assert refused.params == {"country": "FR"}


def test_an_invoice_may_go_where_the_shop_does_not_deliver() -> None:
    assert written(country=replace(FRANCE, active=False), delivery=False).fields["id_country"] == "8"


def test_an_alias_is_cut_and_never_empty() -> None:
    assert written(alias="a" * 40).fields["alias"] == "a" * texts.ALIAS_LIMIT
    assert written(alias="{}").fields["alias"] == "-"
