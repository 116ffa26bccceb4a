"""What our key may do in the shop, against what we need."""

from collections.abc import Iterator, Mapping, Sequence

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.lines import KEYS_PAGE, bad, good, listed
from app.shops.prestashop.reads.facts import Facts

Rights = Mapping[str, frozenset[str]]

# Without them nothing else about the shop is known.
FACTS = ("configurations", "order_states", "carriers", "countries", "currencies", "languages")
# PATCH, and PUT below version 8.
_CHANGE = "change"
# By resource the verbs we use.
_NEEDED: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(FACTS, ("get",)),
    "products": ("get",),
    "combinations": ("get",),
    "stock_availables": ("get",),
    "tax_rules": ("get",),
    "taxes": ("get",),
    "customers": ("get", "post"),
    "addresses": ("get", "post"),
    "carts": ("get", "post", "delete"),
    "specific_prices": ("get", "post", "delete"),
    "orders": ("get", "post", _CHANGE),
    "order_carriers": ("get", _CHANGE),
    "order_histories": ("get", "post"),
    "order_payments": ("get", _CHANGE),
    "order_invoices": ("get", _CHANGE),
}
_UPGRADED = " A key that is older than PrestaShop 8 in this shop has no PATCH until somebody ticks it."


def needed(*, patches: bool, mapping: ShopMapping) -> dict[str, list[str]]:
    """Return by resource the verbs that orders and offers take; `patches`: whether the shop knows PATCH."""
    by_resource = {**_NEEDED, **({"product_suppliers": ("get",)} if mapping.sku_from == "supplier_reference" else {})}
    change = _change(patches)
    return {
        resource: [change if verb == _CHANGE else verb for verb in verbs] for resource, verbs in by_resource.items()
    }


def rights(found: Rights, *, patches: bool, mapping: ShopMapping) -> list[Finding]:
    """Return a line for each resource on which the key lacks a verb, or one that it lacks none."""
    lines = [
        _line(resource, lacking)
        for resource, verbs in needed(patches=patches, mapping=mapping).items()
        if (lacking := [verb.upper() for verb in verbs if verb not in found.get(resource, ())])
    ]
    whole = [good("RIGHTS", "The key has every right that orders and offers need.")]
    return [*(lines or whole), *_for_fulfilled(found, _change(patches))]


def facts_are_readable(found: Rights) -> bool:
    """Return whether the key may read what the shop says about itself."""
    return all("get" in found.get(resource, ()) for resource in FACTS)


def regions(found: Rights, facts: Facts) -> Iterator[Finding]:
    """Yield a line if addresses may have a region of the shop that the key may not read."""
    with_regions = [code for code, each in facts.countries.items() if each.active and each.contains_states]
    if with_regions and "get" not in found.get("states", ()):
        yield bad(
            "RIGHTS_STATES",
            f"The key may not GET states, which addresses in {listed(sorted(with_regions))} have.",
            fix=_tick("states", ["GET"]),
        )


def _for_fulfilled(found: Rights, change: str) -> Iterator[Finding]:
    if change in found.get("stock_availables", ()):
        return
    verb = change.upper()
    yield good(
        "RIGHTS_STOCK_AVAILABLES",
        f"The key may not {verb} stock_availables. Only orders that marketplaces ship from their own stock need it "
        f"(setting fulfilled_import=order): for those, tick {verb} in the row stock_availables of the key.",
    )


def _change(patches: bool) -> str:
    return "patch" if patches else "put"


def _line(resource: str, verbs: Sequence[str]) -> Finding:
    upgraded = _UPGRADED if list(verbs) == ["PATCH"] else ""
    return bad(
        f"RIGHTS_{resource.upper()}",
        f"The key may not {listed(verbs, last='or')} {resource}.",
        fix=_tick(resource, verbs) + upgraded,
    )


def _tick(resource: str, verbs: Sequence[str]) -> str:
    return f"Edit the key under {KEYS_PAGE} and tick {listed(verbs)} in the row {resource}."
