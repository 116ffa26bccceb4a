"""Whatever a marketplace writes, PrestaShop takes what we make of it, and a person still reads what was meant."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.shops.prestashop.mapping import texts

Clean = Callable[..., str]

# What PrestaShop 8.2 and 1.7 check, each with the most characters it takes.
NAME = re.compile(r'[^0-9!<>,;?=+()@#"°{}_$%:¤|]{1,255}')
CUSTOMER_NAME = re.compile(r'(?:[^0-9!<>,;?=+()@#"°{}_$%:¤|/\\*^`\[\].。]|[.。](?: |$)){1,255}')
STREET = re.compile(r"[^!<>?=+@{}_$%]{0,128}")
CITY = re.compile(r'[^!<>;?=+@#"°{}_$%]{1,64}')
GENERIC = re.compile(r"[^<>={}]{0,255}")
OTHER = re.compile(r"[^<>{}]{0,300}")
PHONE = re.compile(r"[+0-9. ()/-]{0,32}")
POSTCODE = re.compile(r"[A-Za-z0-9 -]{0,12}")
DNI = re.compile(r"[A-Za-z0-9.-]{0,16}")
TRACKING = re.compile(r"[A-Za-z0-9~:#,%&_=()\[\].? +@/-]*")

RULES: list[tuple[Clean, re.Pattern[str]]] = [
    (texts.address_name, NAME),
    (texts.customer_name, CUSTOMER_NAME),
    (texts.street, STREET),
    (texts.city, CITY),
    (texts.generic, GENERIC),
    (texts.other, OTHER),
    (texts.phone, PHONE),
    (texts.postcode, POSTCODE),
    (texts.dni, DNI),
    (texts.tracking, TRACKING),
]
FAMILIES = [pytest.param(clean, rule, id=clean.__name__) for clean, rule in RULES]

# Lone halves of surrogate pairs come out of broken JSON.
ANY_TEXT = st.text(st.characters(codec=None), max_size=400) | st.text(
    "aÉ1٣２ .。-/'’‐()+#°&<>{}=_*^`[]|¤\\,;:!?@$%~\"\n\t\x00\u00a0\u200d\ufe0f\u0301😀\ud83d漢م", max_size=300
)


@pytest.mark.parametrize(("clean", "rule"), FAMILIES)
@given(text=ANY_TEXT)
@example(text="😀" * 300)
@example(text="A" * 300)
@example(text="1" * 300)
@example(text="S.A.R.L." * 50)
@example(text="e\u200d\u0301\ufa6c\u0301")
def test_every_text_becomes_one_that_the_shop_takes(clean: Clean, rule: re.Pattern[str], text: str) -> None:
    cleaned = clean(text)

    assert rule.fullmatch(cleaned), cleaned
    assert cleaned == " ".join(cleaned.split())
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]", cleaned)
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "clean",
    [texts.address_name, texts.customer_name, texts.street, texts.city, texts.generic, texts.other],
    ids=lambda clean: str(clean.__name__),
)
@given(text=st.text("abcÉèß漢字العربية-'’&", min_size=1, max_size=12).map(lambda text: f"a{text}"))
def test_words_of_all_scripts_stay_as_they_are(clean: Clean, text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("reported", "address", "customer"),
    [
        ("Dupont 2", "Dupont", "Dupont"),
        ("Jean3Marie", "Jean Marie", "Jean Marie"),
        ("Zoé😀", "Zoé", "Zoé"),
        ("O’Brien", "O’Brien", "O’Brien"),
        ("N'Guyen", "N'Guyen", "N'Guyen"),
        ("O'Neil d’Artagnan", "O'Neil d’Artagnan", "O'Neil d’Artagnan"),
        ("S.A.R.L.", "S.A.R.L.", "S. A. R. L."),
        ("J.-P. Durand", "J.-P. Durand", "J. -P. Durand"),
        ("Durand/Dupont", "Durand/Dupont", "Durand Dupont"),
        ("Durand (Zoé)", "Durand Zoé", "Durand Zoé"),
        ("a*b`c[d]e\\f^g", "a*b`c[d]e\\f^g", "a b c d e f g"),
        ("  Le\tGoff \r\n", "Le Goff", "Le Goff"),
        ("山田。太郎", "山田。太郎", "山田。 太郎"),
        ("محمد العربي", "محمد العربي", "محمد العربي"),
        ("Zoe\u0301", "Zoé", "Zoé"),
        ("12345", "-", "-"),
        ("😀🎁", "-", "-"),
        ("👩\u200d👧\ufe0f", "-", "-"),
        ("...", "-", "-"),
        ("", "-", "-"),
    ],
)
def test_names(reported: str, address: str, customer: str) -> None:
    assert (texts.address_name(reported), texts.customer_name(reported)) == (address, customer)


def test_long_names_are_cut_by_characters_not_bytes() -> None:
    name = "É" * 300

    assert texts.address_name(name) == texts.customer_name(name) == "É" * 255
    assert texts.address_name(name, 32) == "É" * 32
    assert texts.address_name("É" * 31 + " Z", 32) == "É" * 31


@pytest.mark.parametrize(
    ("clean", "reported", "kept"),
    [
        (texts.street, "8 bis, rue d'été", "8 bis, rue d'été"),
        (texts.street, "12 rue {x} <b>", "12 rue x b"),
        (texts.street, "n° 5 #3; «A»", "n° 5 #3; «A»"),
        (texts.street, "漢字通り 1-2-3", "漢字通り 1-2-3"),
        (texts.city, "Paris 11", "Paris 11"),
        (texts.city, "Saint-Étienne; n° 2", "Saint-Étienne n 2"),
        (texts.city, "?", "-"),
        (texts.generic, "A & B <x>", "A & B x"),
        (texts.generic, "Crédit = {Débit}", "Crédit Débit"),
        (texts.generic, "<>", ""),
        (texts.other, "Code <12A>, étage_3", "Code 12A , étage_3"),
        (texts.phone, "+33 6 01 02 03 04", "+33 6 01 02 03 04"),
        (texts.phone, "(+33) 06.01/02-03", "(+33) 06.01/02-03"),
        (texts.phone, "06.01 tel", "06.01"),
        (texts.phone, "Tél. : 06 01 02 03 04 (bureau)", "06 01 02 03 04"),
        (texts.phone, "06*01*02*03*04", "06 01 02 03 04"),
        (texts.phone, "03 20 00 00 00 poste 12", "03 20 00 00 00"),
        (texts.phone, "0639980001 ou 0639980002", "0639980001"),
        (texts.phone, "٠٦ ３９‑９８ 00 01", "06 39-98 00 01"),
        (texts.phone, "none", ""),
        (texts.phone, "+-()", ""),
        (texts.postcode, "SW1A\u20111AA", "SW1A-1AA"),
        (texts.postcode, "７５０１１", "75011"),
        (texts.postcode, "L_1234.", "L 1234"),
        (texts.postcode, "75011 Paris Cedex", "75011 Paris"),
        (texts.dni, "12345678 z", "12345678z"),
        (texts.dni, "RSSMRA85T10A562S9", "RSSMRA85T10A562S"),
        (texts.tracking, "6A 123/é~:#,%&_=()[].?+@-", "6A 123/ ~:#,%&_=()[].?+@-"),
        (texts.tracking, "é", ""),
    ],
)
def test_other_fields(clean: Clean, reported: str, kept: str) -> None:
    assert clean(reported) == kept


@pytest.mark.parametrize(
    "clean",
    [texts.street, texts.city, texts.generic, texts.other, texts.phone, texts.postcode, texts.dni],
    ids=lambda clean: str(clean.__name__),
)
def test_a_field_of_which_nothing_is_left_is_a_dash_where_it_is_required(clean: Clean) -> None:
    assert clean("😀 <>", required=True) == "-"
    assert clean("😀 <>", required=False) == ""


@pytest.mark.parametrize(
    ("last", "first", "company", "names"),
    [
        ("Lefèvre", "Zoé", "Chez Zoé", ("Lefèvre", "Zoé")),
        ("Zoé Lefèvre", "", "", ("Lefèvre", "Zoé")),
        ("", "Zoé de la Tour", "", ("de la Tour", "Zoé")),
        ("", "Zoé", "", ("Zoé", "-")),
        ("Lefèvre", "1", "", ("Lefèvre", "-")),
        ("", "", "Garage 3000 Sud", ("Garage Sud", "-")),
        ("123", "😀", "Chez Zoé", ("Chez Zoé", "-")),
        ("", "", "3000", ("-", "-")),
        ("", "", "", ("-", "-")),
    ],
)
def test_who_it_is_for(last: str, first: str, company: str, names: tuple[str, str]) -> None:
    assert texts.person(last, first, company, name=texts.address_name) == names


@pytest.mark.parametrize(
    ("reported", "cleaned", "same"),
    [
        ("  Le\u00a0Goff\n", "Le Goff", True),
        ("Zoe\u0301\u200b", "Zoé", True),
        ("０６", "06", True),
        ("", "", True),
        ("Dupont 2", "Dupont", False),
        ("Zoé😀", "Zoé", False),
        ("", "-", False),
    ],
)
def test_what_was_altered_is_known(reported: str, cleaned: str, same: bool) -> None:
    assert texts.unchanged(reported, cleaned) is same
