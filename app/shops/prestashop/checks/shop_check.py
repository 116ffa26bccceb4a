"""Whether a shop is ready: a line for each thing, good or with what to click."""

from collections.abc import Awaitable, Iterator, Sequence
from typing import Protocol

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.errors import CallError
from app.shops.prestashop.checks.delivery_check import delivery_findings
from app.shops.prestashop.checks.entry_state_check import entry_state_findings
from app.shops.prestashop.checks.group import customer_group
from app.shops.prestashop.checks.lines import bad, failed, good
from app.shops.prestashop.checks.links import linked_skus
from app.shops.prestashop.checks.rights import facts_are_readable, regions, rights
from app.shops.prestashop.client import Client
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.reads.facts import Facts

_OLDEST = (1, 6)
_LATEST_KNOWN = 9


class ReadsFacts(Protocol):
    """Reads what a shop says about itself, or remembers it."""

    def __call__(self, *, fresh: bool = False) -> Awaitable[Facts]: ...


async def check(
    client: Client, *, config: PrestashopConfig, mapping: ShopMapping, facts: ReadsFacts
) -> Sequence[Finding]:
    """Return what works and what does not: nothing that a merchant can mend raises."""
    try:
        held = await client.rights()
    except CallError as error:
        return [failed(error, code="CONNECTION")]
    found = [
        good("CONNECTION", "SHOP_ANSWERS", url=config.url),
        _version(client),
        *rights(held, patches=client.patches, mapping=mapping),
    ]
    if not facts_are_readable(held):
        return [*found, bad("SETTINGS", "CHECK_ENDS_HERE")]
    try:
        known = await facts(fresh=True)
    except CallError as error:
        return [*found, failed(error, code="SETTINGS")]
    return [
        *found,
        *regions(held, known),
        *_place(known, config),
        *entry_state_findings(known, mapping, config, version=client.numbers),
        *delivery_findings(known, mapping, config),
        await customer_group(
            client, facts=known, mapping=mapping, config=config, readable="get" in held.get("groups", frozenset())
        ),
        *await linked_skus(client, facts=known, mapping=mapping),
        *_noise(client),
    ]


def _version(client: Client) -> Finding:
    version, numbers = client.version, client.numbers
    if not numbers:
        return good("VERSION", "VERSION_UNKNOWN")
    if numbers < _OLDEST:
        return bad("VERSION", "VERSION_TOO_OLD", version=version)
    if not client.patches:
        return good("VERSION", "VERSION_WITHOUT_PATCH", version=version)
    return good("VERSION", "VERSION_NEWER" if numbers[0] > _LATEST_KNOWN else "VERSION_GOOD", version=version)


def _place(facts: Facts, config: PrestashopConfig) -> Iterator[Finding]:
    if config.id_shop:
        yield good("SHOP_NUMBER", "SHOP_NUMBER", number=config.id_shop)
    if facts.setting("PS_TIMEZONE"):
        yield good("TIMEZONE", "TIMEZONE_OF_SHOP", zone=str(facts.zone))
    else:
        yield bad("TIMEZONE", "TIMEZONE_NOT_GIVEN")


def _noise(client: Client) -> Iterator[Finding]:
    if client.noisy:
        yield bad("WARNINGS", "PRINTS_WARNINGS")
