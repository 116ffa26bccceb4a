"""What the shop takes into its fields, and how it says no."""

import pytest

from app.sandbox.prestashop.webservice.checks import accepts
from tests.sandbox.prestashop.caller import Caller, an_address, codes, talk

ADDRESS_NAME_REFUSED = '0123456789!<>,;?=+()@#"°{}_$%:¤|'
CUSTOMER_NAME_REFUSED = ADDRESS_NAME_REFUSED + "/\\*^`[]"


@pytest.mark.parametrize(
    ("check", "characters"),
    [
        ("isName", ADDRESS_NAME_REFUSED),
        ("isCustomerName", CUSTOMER_NAME_REFUSED),
        ("isAddress", "!<>?=+@{}_$%"),
        ("isCityName", '!<>;?=+@#"°{}_$%'),
        ("isGenericName", "<>={}"),
        ("isMessage", "<>{}"),
    ],
)
def test_each_of_these_characters_is_refused(check: str, characters: str) -> None:
    assert [each for each in characters if accepts(check, f"Dupont{each}")] == []


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("isName", "O'Neil d’Artagnan-S.A.R.L. Durand/Dupont é 😀"),
        ("isCustomerName", "M. de La Tour-d'Auvergne"),
        ("isCustomerName", "Dr."),
        ("isCityName", "Paris 11 (Bastille)"),
        ("isAddress", "27, allée « Les Tilleuls » ; n° 3 #4"),
        ("isGenericName", "A & B"),
        ("isPhoneNumber", "+33 (0)6.01-02/03 04"),
        ("isPostCode", "L-1009 AB"),
        ("isDniLite", "12345678-Z."),
        ("isTrackingNumber", "AB~:#,%&_=()[].? +-@/09"),
        ("isEmail", "a.b+c@orders.invalid"),
        ("isConfigName", "PS_OS_WS_PAYMENT"),
        ("isPrice", "16.658333"),
    ],
)
def test_each_of_these_texts_is_taken(check: str, text: str) -> None:
    assert accepts(check, text)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("isCustomerName", "S.A.R.L. Durand"),
        ("isPhoneNumber", "06.01 tel"),
        ("isPostCode", "75_011"),
        ("isDniLite", "12 345"),
        ("isDniLite", "12345678901234567"),
        ("isTrackingNumber", "Ä1"),
        ("isEmail", "nobody"),
        ("isPrice", "-1"),
        ("isPrice", "12,90"),
        ("isUnsignedId", "-1"),
        ("isDate", "0000-00-00 00:00:00"),
        ("isDate", "2026-02-30"),
        ("isMd5", "abc"),
        ("isCleanHtml", "<script>alert(1)</script>"),
    ],
)
def test_each_of_these_texts_is_refused(check: str, text: str) -> None:
    assert not accepts(check, text)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("lastname", "Durand 3", "La propriété Address-&gt;lastname n'est pas valide."),
        ("city", "", "La propriété Address-&gt;city est vide."),
        ("alias", "x" * 33, "Address-&gt;alias est actuellement 33 caractères. Il doit être entre 0 et 32 caractères."),
        ("address1", "x" * 129, "est actuellement 129 caractères"),
        ("phone", "1" * 33, "est actuellement 33 caractères"),
        ("dni", "x" * 17, "est actuellement 17 caractères"),
    ],
)
def test_a_field_that_is_not_taken_is_named(field: str, value: str, sentence: str) -> None:
    async def script(caller: Caller) -> tuple[list[int], str]:
        answer = await caller.post("addresses", "address", **an_address(id_customer=1, **{field: value}))
        return codes(answer), answer.text

    numbers, page = talk(script)

    assert numbers == [85]
    assert sentence in page


def test_messages_speak_the_shops_language() -> None:
    async def script(caller: Caller) -> str:
        await caller.switch(language="en")
        return (await caller.post("addresses", "address", **an_address(id_customer=1, city="Lille!"))).text

    assert "Property Address-&gt;city is not valid" in talk(script)


def test_a_required_field_that_is_left_out_is_named() -> None:
    async def script(caller: Caller) -> list[int]:
        values = dict(an_address(id_customer=1))
        del values["id_country"]
        return codes(await caller.post("addresses", "address", **values))

    assert talk(script) == [41]


def test_the_merchant_makes_fields_mandatory() -> None:
    async def script(caller: Caller) -> list[list[int]]:
        await caller.switch(required_fields={"addresses": ["phone"]})
        without = codes(await caller.post("addresses", "address", **an_address(id_customer=1)))
        empty = codes(await caller.post("addresses", "address", **an_address(id_customer=1, phone="")))
        return [without, empty]

    assert talk(script) == [[41], [85]]


def test_postcodes_states_and_numbers_of_a_country_are_not_checked() -> None:
    async def script(caller: Caller) -> int:
        return await caller.address(1, id_country=10, postcode="1")

    assert talk(script) == 1


def test_what_is_computed_can_not_be_sent() -> None:
    async def script(caller: Caller) -> list[int]:
        body = "<product><id>1</id><price>1</price><quantity>3</quantity></product>"
        return codes(await caller.ask("PATCH", "products/1", body))

    assert talk(script) == [93]
