"""Changes of an offer: read once, and applied to whatever terms hold when they go live. Pure.

replace  rewrites the whole instance: what is left out is gone. Another channel's instance stays
merge    changes what is sent and keeps the rest; the selectors (channel; store and audience) must be sent
delete   takes the named instances away, or all of them
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from app.sandbox.amazon.errors import bad_request
from app.sandbox.amazon.listings.issues import Invalid, too_few, unknown_attribute, wrong_value
from app.sandbox.amazon.listings.offer import DEFAULT, Availability, Terms
from app.sandbox.amazon.listings.values import PRICE, STOCK, PriceChange, StockChange, price_change, stock_change
from app.sandbox.published import lists_of

Op = Literal["add", "replace", "merge", "delete"]
OPS: tuple[Op, ...] = get_args(Op)
# Facts about the article: taken, without effect in the sandbox.
FACTS = frozenset(lists_of("amazon")["product_facts"])
_PREFIX = "/attributes/"


@dataclass(frozen=True)
class Change:
    """One patch that can be applied."""

    op: Op
    attribute: str
    stock: tuple[StockChange, ...] = ()
    prices: tuple[PriceChange, ...] = ()


def read_patches(sent: object, *, store_ids: Sequence[str]) -> list[Change]:
    """Return the changes; raises Invalid for wrong values, and Refusal 400 for what is no list of patches."""
    if not isinstance(sent, list) or not sent:
        raise bad_request("patches must name at least one operation.")
    return [_read_patch(patch, store_ids) for patch in sent]


def read_attributes(sent: object, *, store_ids: Sequence[str]) -> list[Change]:
    """Return what a set of attributes means: each replaces what there was."""
    if not isinstance(sent, dict) or not sent:
        raise bad_request("attributes must name at least one attribute.")
    return [_change("replace", name, value, store_ids) for name, value in sent.items()]


def apply(changes: Sequence[Change], terms: Terms) -> tuple[Terms, bool]:
    """Return the new terms, and whether they took the offer out of Amazon's warehouses."""
    turned = False
    for change in changes:
        if change.attribute == STOCK:
            was_amazons = terms.by_amazon
            terms = replace(terms, availability=_stock(change, terms))
            turned = turned or (was_amazons and terms.on(DEFAULT) is not None)
        elif change.attribute == PRICE:
            terms = replace(terms, prices=_patched(change.op, change.prices, terms.prices))
    return terms, turned


def _read_patch(patch: object, store_ids: Sequence[str]) -> Change:
    if not isinstance(patch, dict) or patch.get("op") not in OPS or not isinstance(patch.get("path"), str):
        raise bad_request("A patch needs an op and a path.")
    name = patch["path"].removeprefix(_PREFIX)
    # "Only top-level listings item attributes can be patched."
    if not patch["path"].startswith(_PREFIX) or "/" in name:
        raise bad_request(f"The path '{patch['path']}' can't be patched.")
    return _change(patch["op"], name, patch.get("value"), store_ids)


def _change(op: Op, name: str, value: object, store_ids: Sequence[str]) -> Change:
    if name in FACTS:
        return Change(op, name)
    if name not in (STOCK, PRICE):
        raise Invalid(unknown_attribute(name))
    instances = _instances(op, name, value)
    if name == STOCK:
        return Change(op, name, stock=tuple(stock_change(each) for each in instances))
    merging = op == "merge"
    read = tuple(price_change(each, store_ids=store_ids, merging=merging) for each in instances)
    return Change(op, name, prices=read)


def _instances(op: Op, name: str, value: object) -> list[Mapping[str, Any]]:
    if value is None and op == "delete":
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Invalid(wrong_value(name, name))
    if not value and op != "delete":
        raise Invalid(too_few(name, name))
    return value


def _stock(change: Change, terms: Terms) -> tuple[Availability, ...]:
    patched = _patched(change.op, change.stock, {each.channel: each for each in terms.availability})
    if terms.by_amazon and change.op != "delete" and any(each.key == DEFAULT for each in change.stock):
        # A quantity of the merchant's makes it a merchant's offer.
        return (patched[DEFAULT],)
    return tuple(patched.values())


def _patched(op: Op, sent: Sequence[StockChange | PriceChange], current: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the instances by their selectors, after one operation on those that were sent."""
    if op == "delete":
        gone = {each.key for each in sent}
        return {key: instance for key, instance in current.items() if gone and key not in gone}
    patched = dict(current)
    for each in sent:
        before = patched.get(each.key) if op == "merge" else None
        patched[each.key] = each.whole() if before is None else replace(before, **each.given)
    return patched
