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
        good("CONNECTION", f"The shop answers at {config.url} and knows the key."),
        _version(client),
        *rights(held, patches=client.patches, mapping=mapping),
    ]
    if not facts_are_readable(held):
        rest = "The rest is not tested before the key may read more."
        return [*found, bad("SETTINGS", rest, fix="Give the key the rights named above, then run this again.")]
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
        return good("VERSION", "The shop does not tell its version; it is treated as the newest.")
    if numbers < _OLDEST:
        return bad("VERSION", f"PrestaShop {version} is too old.", fix="Upgrade the shop to 1.6 or newer, best to 8.")
    if not client.patches:
        return good(
            "VERSION", f"PrestaShop {version} knows no PATCH: what is changed is read and put back whole, in two calls."
        )
    if numbers[0] > _LATEST_KNOWN:
        return good("VERSION", f"PrestaShop {version} is newer than what was tested: make a test order.")
    return good("VERSION", f"The shop is a PrestaShop {version}.")


def _place(facts: Facts, config: PrestashopConfig) -> Iterator[Finding]:
    if config.id_shop:
        yield good("SHOP_NUMBER", f"Orders go to the shop with the number {config.id_shop}.")
    if facts.setting("PS_TIMEZONE"):
        yield good("TIMEZONE", f"The shop's dates are in {facts.zone}.")
    else:
        yield bad(
            "TIMEZONE",
            "The shop does not tell its time zone, so that its dates may be hours off.",
            fix="Choose one under International > Localization and save.",
        )


def _noise(client: Client) -> Iterator[Finding]:
    if client.noisy:
        yield bad(
            "WARNINGS",
            "The shop prints warnings into its answers. They are cut off here, but one in the wrong place spoils an "
            "answer.",
            fix="Switch 'Debug mode' off under Advanced Parameters > Performance, and have the host set "
            "display_errors=Off for PHP.",
        )
