"""Which carrier of the marketplace is meant by the shop's, and where a parcel can be followed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from app.domain.carriers.table import CARRIERS, COUNTRIES, COUNTRY_CODES, KnownCarrier
from app.domain.shipment import Carrier, ShippingOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierName:
    """The merchant's translation of one carrier: the marketplace's code or label, and an address with placeholders.

    `url` may hold {number} and {postcode}.
    """

    carrier: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """Words of a name that follow each other, from the first to the last, and their letters."""

    first: int
    last: int
    text: str

    def holds(self, other: "_Span") -> bool:
        """Whether another span is a part of this one."""
        return self != other and self.first <= other.first and other.last <= self.last


def resolve(name: str, *, names: Mapping[str, CarrierName], options: ShippingOptions) -> Carrier | None:
    """Return the marketplace's carrier for the shop's, an unlisted one where these are allowed, or None."""
    wanted = names.get(name, CarrierName()).carrier or name
    listed = _listed(_folded(wanted), options) or _listed_alias(known(wanted), options)
    if listed is not None:
        return listed
    return Carrier(code="", label=wanted) if wanted and options.other_carriers else None


def tracking_url(name: str, *, names: Mapping[str, CarrierName], number: str, postcode: str) -> str | None:
    """Return where a parcel can be followed, by the merchant's template, else by the table; empty without either.

    None when the merchant's template needs a postcode that is not known.
    """
    named = names.get(name, CarrierName())
    if not named.url:
        return _known_url(known(named.carrier or name), number=_bare(number), postcode=_bare(postcode))
    if "{postcode}" in named.url and not postcode:
        return None
    return _filled(named.url, number=number, postcode=postcode)


def known(name: str) -> KnownCarrier | None:
    """Return the one carrier of the table that a name speaks of, whatever stands around it; None for several or none.

    Of names within each other the longest counts: `La Poste Colissimo` is one carrier, `DPD / GLS` is two.
    """
    words = _words(name)
    spans = list(_spans(words))
    named = [span for span in spans if span.text in _BY_NAME]
    found = {span.text for span in named if not any(other.holds(span) for other in named)}
    carriers = {_BY_NAME[text].name: _BY_NAME[text] for text in found}
    if len(carriers) != 1:
        return None
    [carrier] = carriers.values()
    elsewhere = words[-1] in _COUNTRY_CODES or any(span.text in _COUNTRIES for span in spans)
    return None if carrier.french and elsewhere else carrier


def carriers_of(platform: str) -> list[Carrier]:
    """Return the carriers of the table that a platform has a code for."""
    return [Carrier(code=each.codes[platform], label=each.name) for each in CARRIERS if platform in each.codes]


def _listed(key: str, options: ShippingOptions) -> Carrier | None:
    if not key:
        return None
    return next((each for each in options.carriers if key in _keys(each)), None)


def _listed_alias(carrier: KnownCarrier | None, options: ShippingOptions) -> Carrier | None:
    """Return what the marketplace lists by the carrier's name, else by the only one of its aliases that is listed."""
    if carrier is None:
        return None
    aliases = {_folded(alias) for alias in carrier.aliases}
    by_alias = [each for each in options.carriers if aliases & _keys(each)]
    return _listed(_folded(carrier.name), options) or (by_alias[0] if len(by_alias) == 1 else None)


def _keys(carrier: Carrier) -> set[str]:
    return {_folded(carrier.code), _folded(carrier.label), _folded(carrier.standard_code)}


def _known_url(carrier: KnownCarrier | None, *, number: str, postcode: str) -> str:
    for link in carrier.links if carrier is not None else ():
        fits = re.fullmatch(link.number, number, re.ASCII)
        if fits and (not link.postcode or re.fullmatch(link.postcode, postcode, re.ASCII)):
            return _filled(link.url, number=fits[fits.lastindex or 0], postcode=postcode)
    return ""


def _filled(template: str, *, number: str, postcode: str) -> str:
    for name, value in (("{number}", number), ("{postcode}", postcode)):
        template = template.replace(name, quote(value, safe="", errors="replace"))
    return template


def _bare(text: str) -> str:
    return "".join(text.split()).upper()


def _words(name: str) -> list[str]:
    """Return the words of a name in small letters, without accents."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return "".join(sign if sign.isalnum() else " " for sign in letters).split()


def _folded(name: str) -> str:
    return "".join(_words(name))


def _spans(words: Sequence[str]) -> Iterator[_Span]:
    """Yield every span of words that is short enough to be a name."""
    for start in range(len(words)):
        text = ""
        for end in range(start, len(words)):
            text += words[end]
            if len(text) > _LONGEST:
                break
            yield _Span(start, end, text)


_BY_NAME = {_folded(name): each for each in CARRIERS for name in (each.name, *each.aliases)}
_COUNTRIES = {_folded(name) for name in COUNTRIES}
_COUNTRY_CODES = {_folded(code) for code in COUNTRY_CODES}
_LONGEST = max(map(len, {*_BY_NAME, *_COUNTRIES}))
