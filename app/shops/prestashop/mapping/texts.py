"""Buyers' texts as every field of PrestaShop 1.7 to 9 takes them. Pure; the marketplace's own text stays in our ledger.

    field                        refused                                         at most
    address last and first name  digits ! < > , ; ? = + ( ) @ # " ° { } _ $ % : ¤ |   255
    customer last and first name the same, / \\ * ^ ` [ ], a dot before a letter       255
    address lines                ! < > ? = + @ { } _ $ %                              128
    city                         ! < > ; ? = + @ # " ° { } _ $ %                       64
    company, alias, payment      < > = { }                                            255
    other                        < > { }                                              300 (1.6 and 1.7)
    phone                        all but digits + . space ( ) - /                      32
    postcode                     all but letters, digits, space, -                     12
    dni                          all but letters, digits, - .                          16
    tracking number              all but letters, digits, ~ : # , % & _ = ( ) [ ] . ? space + - @ /

A refused character becomes a space. Control characters and those beyond 16 bits (emoji) go: databases of older shops
keep three bytes a character. A text without a letter or a digit counts as nothing: `-`, which every field takes, where
the field is required, else empty. Each function leaves a text of its own making as it is.
"""

import re
from collections.abc import Callable
from unicodedata import category, decimal, normalize

NOTHING = "-"

NAME_LIMIT = 255
STREET_LIMIT = 128
CITY_LIMIT = 64
GENERIC_LIMIT = 255
ALIAS_LIMIT = 32
OTHER_LIMIT = 300
PHONE_LIMIT = 32
POSTCODE_LIMIT = 12
DNI_LIMIT = 16

_NO_NAME = re.compile(r'[0-9!<>,;?=+()@#"°{}_$%:¤|]')
_NO_CUSTOMER_NAME = re.compile(r'[0-9!<>,;?=+()@#"°{}_$%:¤|/\\*^`\[\]]')
_NO_STREET = re.compile(r"[!<>?=+@{}_$%]")
_NO_CITY = re.compile(r'[!<>;?=+@#"°{}_$%]')
_NO_GENERIC = re.compile(r"[<>={}]")
_NO_OTHER = re.compile(r"[<>{}]")
_NO_PHONE = re.compile(r"[^0-9+. ()/-]")
_NO_POSTCODE = re.compile(r"[^A-Za-z0-9 -]")
_NO_DNI = re.compile(r"[^A-Za-z0-9.-]")
_NO_TRACKING = re.compile(r"[^A-Za-z0-9~:#,%&_=()\[\].? +@/-]")

# PrestaShop takes the full stop of Chinese and Japanese for a dot, too.
_DOT_IN_A_WORD = re.compile(r"([.。])(?=[^ ])")
_LEFT_OF_WORDS = re.compile(r"\( *\)|^[^0-9+(]+|[^0-9)]+$")
# Digits of the shortest numbers with an area code; extensions are shorter.
_WHOLE_NUMBER = 7
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))

# Control, format (joiners, marks of direction), surrogates, private use, not assigned: nothing that a label can print.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def address_name(text: str, limit: int = NAME_LIMIT, *, required: bool = True) -> str:
    """Return a last or first name of an address (32 characters are all that 1.6 takes)."""
    return _fitting(_NO_NAME.sub(" ", _printable(text)), limit, required=required)


def customer_name(text: str, limit: int = NAME_LIMIT, *, required: bool = True) -> str:
    """Return a last or first name of a customer: `S.A.R.L.` becomes `S. A. R. L.`."""
    spaced = _DOT_IN_A_WORD.sub(r"\1 ", _NO_CUSTOMER_NAME.sub(" ", _printable(text)))
    return _fitting(spaced, limit, required=required)


def street(text: str, limit: int | None = STREET_LIMIT, *, required: bool = False) -> str:
    """Return a line of an address."""
    return _fitting(_NO_STREET.sub(" ", _printable(text)), limit, required=required)


def city(text: str, limit: int = CITY_LIMIT, *, required: bool = True) -> str:
    """Return a city."""
    return _fitting(_NO_CITY.sub(" ", _printable(text)), limit, required=required)


def generic(text: str, limit: int = GENERIC_LIMIT, *, required: bool = False) -> str:
    """Return a company, an alias or the name of a payment."""
    return _fitting(_NO_GENERIC.sub(" ", _printable(text)), limit, required=required)


def other(text: str, limit: int | None = OTHER_LIMIT, *, required: bool = False) -> str:
    """Return the free text of an address."""
    return _fitting(_NO_OTHER.sub(" ", _printable(text)), limit, required=required)


def phone(text: str, limit: int = PHONE_LIMIT, *, required: bool = False) -> str:
    """Return a phone number, the first where there are several (or an extension); words go with their brackets."""
    parts = _NO_PHONE.split(_plain(text))
    number = next((part for part in parts if sum(map(str.isdecimal, part)) >= _WHOLE_NUMBER), " ".join(parts))
    return _fitting(_bare(_bare(number)[:limit]), limit, required=required)


def postcode(text: str, limit: int = POSTCODE_LIMIT, *, required: bool = False) -> str:
    """Return a postcode."""
    return _fitting(_NO_POSTCODE.sub(" ", _plain(text)), limit, required=required)


def dni(text: str, limit: int = DNI_LIMIT, *, required: bool = False) -> str:
    """Return an identification number; it may hold no space, so what is refused leaves none."""
    return _fitting(_NO_DNI.sub("", _plain(text)), limit, required=required)


def tracking(text: str) -> str:
    """Return a tracking number, empty when nothing is left of it: then it can't be set."""
    return _fitting(_NO_TRACKING.sub(" ", _plain(text)), None, required=False)


def unchanged(text: str, cleaned: str) -> bool:
    """Return whether a cleaned text still holds all that the marketplace gave, spaces aside."""
    return _readable(text) == _readable(cleaned)


def person(last: str, first: str, company: str, *, name: Callable[..., str]) -> tuple[str, str]:
    """Return last and first name, cleaned with `name` (`address_name` or `customer_name`).

    A person whose whole name stands in one field is split at the first space, which prints as it was given. A company
    without a person is the last name. What then is missing is `-`.
    """
    last_name, first_name = name(last, required=False), name(first, required=False)
    if not (last_name and first_name):
        before, _, after = (last_name or first_name).partition(" ")
        last_name, first_name = (after, before) if after else (before, "")
    return last_name or name(company), first_name or NOTHING


def _printable(text: str, *, upto: str = "\uffff") -> str:
    """Return the text composed (NFC), without what no label prints; white space of all kinds is one space."""
    one_line = " ".join(normalize("NFC", text).split())
    kept = (each for each in one_line if each <= upto and category(each) not in _UNPRINTABLE)
    return normalize("NFC", "".join(kept))


def _plain(text: str) -> str:
    """Return the text with digits, letters and dashes of other shapes as the usual ones, for codes and numbers."""
    return _usual(_printable(text))


def _readable(text: str) -> str:
    return " ".join(_usual(_printable(text, upto="\U0010ffff")).split())


def _usual(text: str) -> str:
    shapes = normalize("NFKC", text).translate(_DASHES)
    return "".join(str(decimal(each)) if each.isdecimal() else each for each in shapes)


def _bare(number: str) -> str:
    """Return a number without the brackets and marks that words left behind."""
    while (barer := " ".join(_LEFT_OF_WORDS.sub("", number).split())) != number:
        number = barer
    return number


def _fitting(text: str, limit: int | None, *, required: bool) -> str:
    """Return the text with single spaces, cut by characters."""
    fitting = " ".join(text.split())[:limit].rstrip()
    if any(map(str.isalnum, fitting)):
        return fitting
    return NOTHING if required else ""
