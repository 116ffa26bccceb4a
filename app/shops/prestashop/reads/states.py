"""What a shop's own order states mean to us, and which of them we suggest to a merchant. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.domain.message import Message, message
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.reads.facts import Facts, State

Meaning: TypeAlias = Literal["paid", "shipped", "cancelled"]

# PrestaShop's word for "no state yet": an order that is being made, or was never finished.
NO_STATE = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The states we would choose for an account, by the names of its settings; `reasons` says of each why."""

    imported_state: str
    fulfilled_state: str
    shipped_states: tuple[str, ...]
    cancelled_state: str
    reasons: Mapping[str, Message]


def meaning(facts: Facts, mapping: ShopMapping, state_id: str) -> Meaning:
    """Return how far an order in this state is; one that we know nothing of is paid."""
    if state_id in _cancelled(facts, mapping):
        return "cancelled"
    return "shipped" if state_id in shipped_states(facts, mapping) else "paid"


def shipped_states(facts: Facts, mapping: ShopMapping) -> frozenset[str]:
    """Return the states of orders that left: the account's own, else the flagged and the well-known ones.

    The state in which orders shipped by the marketplace enter is one of them, whatever the account names.
    """
    own = {*mapping.shipped_states} or {*_flagged(facts), facts.shipped_state, facts.delivered_state}
    return frozenset({*own, fulfilled_state(facts, mapping)} - _cancelled(facts, mapping) - {""})


def imported_state(facts: Facts, mapping: ShopMapping) -> str:
    """Return the state in which an imported order has to stand."""
    return mapping.imported_state or suggested(facts).imported_state


def fulfilled_state(facts: Facts, mapping: ShopMapping) -> str:
    """Return the state of an order that the marketplace shipped itself."""
    return mapping.fulfilled_state or suggested(facts).fulfilled_state


def cancelled_state(facts: Facts, mapping: ShopMapping) -> str:
    """Return the state that cancels an order; only PS_OS_CANCELED puts its units back."""
    return mapping.cancelled_state or facts.cancelled_state


def before_shipping(facts: Facts, mapping: ShopMapping) -> frozenset[str]:
    """Return the states that an order has before it leaves: back in one of them, it has not left after all."""
    preparing = facts.setting("PS_OS_PREPARATION", "3")
    return frozenset({NO_STATE, facts.entry_state, facts.paid_state, preparing, imported_state(facts, mapping)})


def suggested(facts: Facts) -> Suggestion:
    """Return the states we would choose, by the shop's own configuration and the flags of its states."""
    imported, why_imported = _suggested_imported(facts)
    fulfilled, why_fulfilled = _suggested_fulfilled(facts)
    usable = [each for each in facts.states.values() if not each.deleted]
    known = {facts.shipped_state, facts.delivered_state}
    shipped = tuple(each.id for each in usable if each.shipped or each.id in known)
    return Suggestion(
        imported_state=imported,
        fulfilled_state=fulfilled,
        shipped_states=shipped,
        cancelled_state=facts.cancelled_state,
        reasons={
            "imported_state": why_imported,
            "fulfilled_state": why_fulfilled,
            "shipped_states": message("SUGGESTED_ALL_SHIPPED"),
            "cancelled_state": message("SUGGESTED_CANCELLED"),
        },
    )


def mailing_states(facts: Facts, mapping: ShopMapping) -> Sequence[State]:
    """Return the states of our orders that mail the buyer when an order comes into them by the shop's own hand.

    The first to come is the one in which every order enters: its mail can't be kept back.
    """
    passed = [facts.entry_state, imported_state(facts, mapping), fulfilled_state(facts, mapping)]
    passed += [*sorted(shipped_states(facts, mapping)), cancelled_state(facts, mapping)]
    known = [facts.states[each] for each in dict.fromkeys(passed) if each in facts.states]
    return [each for each in known if each.send_email]


def _suggested_imported(facts: Facts) -> tuple[str, Message]:
    if facts.enters_unpaid:
        return facts.paid_state, message("SUGGESTED_PAID")
    return facts.entry_state, message("SUGGESTED_ENTRY")


def _suggested_fulfilled(facts: Facts) -> tuple[str, Message]:
    def usable(state_id: str) -> bool:
        return state_id in facts.states and not facts.states[state_id].deleted

    if usable(facts.delivered_state):
        return facts.delivered_state, message("SUGGESTED_DELIVERED")
    if usable(facts.shipped_state):
        return facts.shipped_state, message("SUGGESTED_SHIPPED")
    flagged = next((each for each in _flagged(facts) if usable(each)), "")
    return flagged, message("SUGGESTED_FIRST_SHIPPED" if flagged else "SUGGESTED_NONE")


def _cancelled(facts: Facts, mapping: ShopMapping) -> set[str]:
    return {facts.cancelled_state, cancelled_state(facts, mapping)}


def _flagged(facts: Facts) -> list[str]:
    return [each.id for each in facts.states.values() if each.shipped]
