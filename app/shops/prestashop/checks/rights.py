"""What our key may do in the shop, against what we need."""

from collections.abc import Iterator, Mapping, Sequence

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.lines import bad, good
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
    whole = [good("RIGHTS", "RIGHTS_COMPLETE")]
    return [*(lines or whole), *_for_fulfilled(found, _change(patches))]


def facts_are_readable(found: Rights) -> bool:
    """Return whether the key may read what the shop says about itself."""
    return all("get" in found.get(resource, ()) for resource in FACTS)


def regions(found: Rights, facts: Facts) -> Iterator[Finding]:
    """Yield a line if addresses may have a region of the shop that the key may not read."""
    with_regions = [code for code, each in facts.countries.items() if each.active and each.contains_states]
    if with_regions and "get" not in found.get("states", ()):
        yield bad("RIGHTS_STATES", "RIGHTS_REGIONS", countries=tuple(sorted(with_regions)))


def _for_fulfilled(found: Rights, change: str) -> Iterator[Finding]:
    if change not in found.get("stock_availables", ()):
        yield good("RIGHTS_STOCK_AVAILABLES", "RIGHTS_FULFILLED", verb=change.upper())


def _change(patches: bool) -> str:
    return "patch" if patches else "put"


def _line(resource: str, verbs: Sequence[str]) -> Finding:
    # PATCH came with PrestaShop 8, and older keys do not get it by an upgrade.
    says = "RIGHTS_LACKING_SINCE_8" if list(verbs) == ["PATCH"] else "RIGHTS_LACKING"
    return bad(f"RIGHTS_{resource.upper()}", says, verbs=tuple(verbs), resource=resource)
