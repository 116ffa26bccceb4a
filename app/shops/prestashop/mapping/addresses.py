"""A marketplace's address as the fields of PrestaShop's. Pure.

PrestaShop prints names, company, both lines, postcode, city and phone; `other` is seen by whoever opens the address.
So the lines flow on from the first to the second, and what finds no room there stands in `other`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.domain.message import Message, Params, message
from app.domain.order import Address
from app.errors import Refused
from app.shops.prestashop.errors import shop_refuses
from app.shops.prestashop.mapping import texts
from app.shops.prestashop.reads.facts import Country

PICKUP_LABEL = "Point relais"

_JOINT = ", "
_NO_STATE = "0"
# All of them take a dash. Ids refer to something, so no text stands in for them.
_FILLABLE = frozenset({"company", "address2", "postcode", "other", "phone", "phone_mobile", "dni", "vat_number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalRecord:
    """The fields of an `<address>`; `altered` names what of the marketplace's address they don't say in full."""

    fields: dict[str, str]
    altered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lines:
    first: str
    second: str
    left: str


def address_fields(
    address: Address,
    *,
    country: Country | None,
    customer_id: str,
    alias: str,
    pickup_point: str = "",
    required: Collection[str] = (),
    id_state: str = "",
    dni: str = "",
    delivery: bool = True,
    partial: bool = False,
) -> PostalRecord:
    """Return an address as the shop takes it; `required`: the fields that its merchant marked so, by their names.

    `country` is the shop's, None where it has none of that code. A `delivery` needs it active: the order would die
    halfway. `partial`: nobody has to send there, so that a dash stands for a street or city that is not given. Raises
    Refused (ADDRESS_MISSING, ADDRESS_REFUSED, COUNTRY_INACTIVE) with nothing of the address in it but
    the country.
    """
    country = _usable(country, address, delivery=delivery)
    lastname, firstname = texts.person(address.last_name, address.first_name, address.company, name=texts.address_name)
    pickup = f"{PICKUP_LABEL}: {' '.join(pickup_point.split())}" if pickup_point.strip() else ""
    lines = _lines(address, pickup, partial=partial)
    region = address.region if country.contains_states and not id_state else ""
    notes = texts.other(_JOINT.join(filter(None, (pickup, region, lines.left))), None)
    phones = list(dict.fromkeys(filter(None, map(texts.phone, (address.phone, address.phone_2)))))
    fields = {
        "id_customer": customer_id,
        "id_country": country.id,
        "id_state": id_state or _NO_STATE,
        "alias": texts.generic(alias, texts.ALIAS_LIMIT, required=True),
        "company": texts.generic(address.company),
        "lastname": lastname,
        "firstname": firstname,
        "address1": lines.first,
        "address2": lines.second,
        "postcode": texts.postcode(address.postcode),
        "city": _city(address, partial=partial),
        "other": texts.other(notes),
        "phone": phones[0] if phones else "",
        "phone_mobile": phones[1] if len(phones) > 1 else "",
        "dni": texts.dni(dni, required=country.needs_dni),
    }
    altered = {*_altered(address), *_cut_off(address, region, lost=len(notes) - len(fields["other"]))}
    return PostalRecord(fields=fields | _filled(fields, required), altered=tuple(sorted(altered)))


def _usable(country: Country | None, address: Address, *, delivery: bool) -> Country:
    if country is not None and (country.active or not delivery):
        return country
    code = country.iso_code if country else address.country.strip().upper()
    if not code:
        raise _refused("ADDRESS_MISSING", message("ADDRESS_WITHOUT_COUNTRY"))
    raise _refused("COUNTRY_INACTIVE", message("COUNTRY_NOT_SERVED", country=code), {"country": code})


def _lines(address: Address, pickup: str, *, partial: bool) -> _Lines:
    reported = [address.street_1, address.street_2]
    streets = [line for line in (texts.street(line, None) for line in reported) if line]
    if not streets and not pickup and partial:
        streets = [texts.NOTHING]
    if not streets and not pickup:
        raise _unusable("street", reported="".join(reported))
    first, over = _broken(streets[0] if streets else texts.street(pickup, None))
    second, left = _broken(_JOINT.join(filter(None, (over, *streets[1:], texts.street(address.extra, None)))))
    with_pickup = _JOINT.join(filter(None, (second, pickup)))
    # A changed id would lead to another pick-up point: then `other` alone holds it.
    shown_too = streets and not left and texts.street(with_pickup) == with_pickup
    return _Lines(first, with_pickup if shown_too else second, left)


def _broken(line: str) -> tuple[str, str]:
    """Return what fits in one line, and the rest; broken between two words where there are two."""
    if len(line) <= texts.STREET_LIMIT:
        return line, ""
    end = line.rfind(" ", 1, texts.STREET_LIMIT + 1)
    end = end if end > 0 else texts.STREET_LIMIT
    return line[:end], line[end:].lstrip(" ,")


def _city(address: Address, *, partial: bool) -> str:
    city = texts.city(address.city, required=partial)
    if not city:
        raise _unusable("city", reported=address.city)
    return city


def _filled(fields: Mapping[str, str], required: Collection[str]) -> dict[str, str]:
    """Return a dash for each field that the merchant marked as required and that we know nothing for."""
    empty = [name for name in sorted(required) if fields.get(name, "") in ("", _NO_STATE)]
    for name in empty:
        if name not in _FILLABLE:
            raise _refused(
                "ADDRESS_REFUSED",
                message("FIELD_REQUIRED", field=name),
            )
    return dict.fromkeys(empty, texts.NOTHING)


def _altered(address: Address) -> Iterator[str]:
    """Yield the fields of which characters were refused or cut off."""
    cleaned = {
        "last_name": texts.address_name(address.last_name, required=False),
        "first_name": texts.address_name(address.first_name, required=False),
        "company": texts.generic(address.company),
        "street_1": texts.street(address.street_1, None),
        "street_2": texts.street(address.street_2, None),
        "extra": texts.street(address.extra, None),
        "postcode": texts.postcode(address.postcode),
        "city": texts.city(address.city, required=False),
        "phone": texts.phone(address.phone),
        "phone_2": texts.phone(address.phone_2),
    }
    return (name for name, text in cleaned.items() if not texts.unchanged(getattr(address, name), text))


def _cut_off(address: Address, region: str, *, lost: int) -> Iterator[str]:
    """Yield the fields whose end found no room in `other` either, where they stand in this order."""
    flow = {"region": region, "street_1": address.street_1, "street_2": address.street_2, "extra": address.extra}
    for name, text in reversed(flow.items()):
        length = len(texts.street(text, None))
        if lost > 0 and length:
            yield name
            lost -= length + len(_JOINT)


def _unusable(part: str, *, reported: str) -> Refused:
    if not reported.strip():
        return _refused("ADDRESS_MISSING", message("ADDRESS_WITHOUT", part=part))
    return _refused("ADDRESS_REFUSED", message("NO_LETTERS", part=part))


def _refused(reason: str, detail: Message, params: Params | None = None) -> Refused:
    return shop_refuses(reason, detail, operation="addresses.post", params=params)
