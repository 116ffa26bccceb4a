"""Products and combinations by one of their words, however odd it is."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.shops.prestashop.client import Client, askable
from app.shops.prestashop.records import Record

# The longest word that PrestaShop keeps for a product.
LONGEST_WORD = 64
_A_CALL = 1000
# What neither a list nor a pattern can hold: brackets and bars are the shop's own, a backslash escapes in a pattern.
_PARTS = re.compile(r"[^\[\]|\\]+")


def bearable(word: str) -> bool:
    """Return whether a product could have this word at all; others are not worth a question, or can't be sent."""
    return 0 < len(word) <= LONGEST_WORD and not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in word)


async def search(
    client: Client, resource: str, *, name: str, words: Iterable[str], display: Sequence[str]
) -> list[Record]:
    """Return the entities whose field is exactly one of the words: the shop compares without case and accents."""
    wanted = {word for word in words if bearable(word)}
    found = await client.find_all(resource, name=name, values=sorted(wanted), display=display)
    for word in sorted(wanted):
        if not askable(word):
            found += await _search_alone(client, resource, name=name, word=word, display=display)
    by_id = {each.id: each for each in found if each[name] in wanted}
    return list(by_id.values())


async def _search_alone(client: Client, resource: str, *, name: str, word: str, display: Sequence[str]) -> list[Record]:
    if not set(word) & set("[]|\\"):
        # Without brackets nothing in it has a meaning.
        return await client.find(resource, display=display, filters={name: word}, sort="id_ASC")
    part = max(_PARTS.findall(word), key=len, default="")
    found: list[Record] = []
    last = "0"
    while True:
        filters = {name: f"%[{part}]%", "id": f">[{last}]"}
        page = await client.find(resource, display=display, filters=filters, sort="id_ASC", limit=str(_A_CALL))
        found += (each for each in page if each[name] == word)
        if len(page) < _A_CALL:
            return found
        last = page[-1].id
