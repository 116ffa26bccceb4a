"""The shop's validators: which characters a field takes. Empty values are never asked."""

import re
from collections.abc import Callable, Mapping
from datetime import date


def _like(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.fullmatch(text) is not None


def _without(characters: str) -> Callable[[str], bool]:
    refused = frozenset(characters)
    return lambda text: not refused.intersection(text)


NOT_IN_NAMES = '0123456789!<>,;?=+()@#"°{}_$%:¤|'
_customer_letters = _without(NOT_IN_NAMES + "/\\*^`[]")
# A dot ends a word or the name: S.A.R.L. is refused.
_dot_inside = re.compile(r"\.(?!\s|$)")
_clock = r"([ T]\d{2}:\d{2}:\d{2})?"
_day = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_clock}")
_script = re.compile(r"<[\s]*script|<.*on\w+\s*=|javascript:|<\s*(iframe|embed|object|form|input)", re.IGNORECASE)


def _customer_name(text: str) -> bool:
    return _customer_letters(text) and _dot_inside.search(text) is None


def _date(text: str) -> bool:
    found = _day.fullmatch(text)
    if found is None:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def _whole(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", text.strip()) is not None


def _unsigned(text: str) -> bool:
    return re.fullmatch(r"\d{1,10}", text.strip()) is not None and int(text) < 2**32


_number = _like(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
CHECKS: Mapping[str, Callable[[str], bool]] = {
    "isBool": _like(r"0|1|true|false|on|off|yes|no", re.IGNORECASE),
    "isInt": _whole,
    "isUnsignedInt": _unsigned,
    "isUnsignedId": _unsigned,
    "isNullOrUnsignedId": _unsigned,
    "isFloat": _number,
    "isUnsignedFloat": _like(r"\+?\d+(\.\d+)?"),
    "isPrice": _like(r"[0-9]{1,10}(\.[0-9]{1,9})?"),
    "isNegativePrice": _like(r"-?[0-9]{1,10}(\.[0-9]{1,9})?"),
    "isPriceDisplayMethod": _like(r"[01]"),
    "isDate": _date,
    "isBirthDate": lambda text: text == "0000-00-00" or _date(text),
    "isDateOrNull": lambda text: text.startswith("0000-00-00") or _date(text),
    "isDateFormat": _like(rf"\d{{4}}-\d{{2}}-\d{{2}}{_clock}"),
    "isName": _without(NOT_IN_NAMES),
    "isCustomerName": _customer_name,
    "isCarrierName": _without("<>;=#{}"),
    "isGenericName": _without("<>={}"),
    "isCatalogName": _without("<>;=#{}"),
    "isMessage": _without("<>{}"),
    "isAddress": _without("!<>?=+@{}_$%"),
    "isCityName": _without('!<>;?=+@#"°{}_$%'),
    "isPhoneNumber": _like(r"[+0-9. ()/-]*"),
    "isPostCode": _like(r"[a-zA-Z 0-9-]+"),
    "isDniLite": _like(r"[0-9A-Za-z\-.]{1,16}"),
    "isEmail": _like(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+"),
    "isMd5": _like(r"[a-f0-9A-F]{32}"),
    "isSha1": _like(r"[a-fA-F0-9]{40}"),
    "isModuleName": _like(r"[a-zA-Z0-9_-]+"),
    "isConfigName": _like(r"[a-zA-Z_0-9-]+"),
    "isTplName": _like(r"[a-zA-Z0-9_-]+"),
    "isColor": _like(r"#[0-9a-fA-F]{6}|[a-zA-Z0-9-]*"),
    "isReference": _without("<>;={}"),
    "isEan13": _like(r"\d{0,13}"),
    "isUpc": _like(r"\d{0,12}"),
    "isIsbn": _like(r"[0-9-]{0,32}"),
    "isMpn": lambda text: len(text) <= 40,
    "isApe": _like(r"\d{3,4}[a-zA-Z]"),
    "isUrl": _like(r"[~:#,$%&_=().? +\-@/a-zA-Z0-9À-ÿ]+"),
    "isAbsoluteUrl": _like(r"(https?:)?//[$~:;#,%&_=()\[\].? +\-@/a-zA-Z0-9]+"),
    "isTrackingNumber": _like(r"[~:#,%&_=()\[\].? +\-@/a-zA-Z0-9]+"),
    "isLanguageIsoCode": _like(r"[a-zA-Z]{2,3}"),
    "isStateIsoCode": _like(r"[a-zA-Z0-9]{1,4}(-[a-zA-Z0-9]{1,4})?"),
    "isReductionType": _like(r"amount|percentage"),
    "isCleanHtml": lambda text: _script.search(text) is None,
}


def accepts(check: str | None, text: str) -> bool:
    """Say whether the validator of that name takes the text; one that is not simulated takes anything."""
    test = CHECKS.get(check or "")
    return test is None or test(text)
