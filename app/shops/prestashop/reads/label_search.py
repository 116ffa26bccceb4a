"""Products and combinations by one of their identifiers, however odd it is."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.shops.prestashop.client import Client, askable
from app.shops.prestashop.records import Record

# The longest identifier that PrestaShop keeps for a product.
LONGEST_IDENTIFIER = 64
_A_CALL = 1000
# What neither a list nor a pattern can hold: brackets and bars are the shop's own, a backslash escapes in a pattern.
_PARTS = re.compile(r"[^\[\]|\\]+")


def bearable(identifier: str) -> bool:
    """Return whether a product could have this identifier at all; others are not worth a question, or can't be sent."""
    return 0 < len(identifier) <= LONGEST_IDENTIFIER and not any(
        unicodedata.category(sign) in ("Cc", "Cs") for sign in identifier
    )


async def search(
    client: Client, resource: str, *, name: str, identifiers: Iterable[str], display: Sequence[str]
) -> list[Record]:
    """Return the entities whose field is exactly one of the identifiers: the shop compares without case and accents."""
    wanted = {identifier for identifier in identifiers if bearable(identifier)}
    found = await client.find_all(resource, name=name, values=sorted(wanted), display=display)
    for identifier in sorted(wanted):
        if not askable(identifier):
            found += await _search_alone(client, resource, name=name, identifier=identifier, display=display)
    by_id = {each.id: each for each in found if each[name] in wanted}
    return list(by_id.values())


async def _search_alone(
    client: Client, resource: str, *, name: str, identifier: str, display: Sequence[str]
) -> list[Record]:
    if not set(identifier) & set("[]|\\"):
        # Without brackets nothing in it has a meaning.
        return await client.find(resource, display=display, filters={name: identifier}, sort="id_ASC")
    part = max(_PARTS.findall(identifier), key=len, default="")
    found: list[Record] = []
    last = "0"
    while True:
        filters = {name: f"%[{part}]%", "id": f">[{last}]"}
        page = await client.find(resource, display=display, filters=filters, sort="id_ASC", limit=str(_A_CALL))
        found += (each for each in page if each[name] == identifier)
        if len(page) < _A_CALL:
            return found
        last = page[-1].id
