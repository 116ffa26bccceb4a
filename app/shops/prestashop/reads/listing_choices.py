"""The shop's own states and carriers, listed for whoever has to choose among them. Pure."""

from collections.abc import Iterator

from app.domain.message import Message, message
from app.domain.shop_mapping import ShopMapping
from app.shops.port import ShopCarrier, ShopState, ShopStates
from app.shops.prestashop.reads import states
from app.shops.prestashop.reads.facts import Carrier, Facts, State

# PrestaShop's word for the shop's own name.
_SHOP_ITSELF = "0"


def shop_states(facts: Facts, mapping: ShopMapping) -> ShopStates:
    """Return the states by number, those that were deleted left out, and what we suggest."""
    suggestion = states.suggested(facts)
    known = sorted((each for each in facts.states.values() if not each.deleted), key=_by_number)
    return ShopStates(
        states=tuple(
            ShopState(
                id=each.id, name=each.name, flags=tuple(_flags(each)), means=tuple(_meanings(each, facts, mapping))
            )
            for each in known
        ),
        suggested={
            "imported_state": suggestion.imported_state,
            "fulfilled_state": suggestion.fulfilled_state,
            "shipped_states": suggestion.shipped_states,
            "cancelled_state": suggestion.cancelled_state,
        },
        reasons=suggestion.reasons,
    )


def shop_carriers(facts: Facts) -> tuple[ShopCarrier, ...]:
    """Return the carriers by their stable number, those that were deleted left out."""
    known = [each for each in facts.carriers.values() if not each.deleted]
    known.sort(key=lambda each: (int(each.reference) if each.reference.isdecimal() else 0, each.id))
    return tuple(
        ShopCarrier(id=each.reference, name=carrier_name(each), free=each.free, active=each.active) for each in known
    )


def carrier_name(carrier: Carrier) -> Message | str:
    """Return the name that people know a carrier by."""
    return carrier.name if carrier.name != _SHOP_ITSELF else message("CARRIER_OF_THE_SHOP")


def state_name(facts: Facts, state_id: str) -> Message | str:
    """Return the name that people know a state by, its number if it is not there."""
    state = facts.states.get(state_id)
    return state.name if state else state_id or message("NO_STATUS")


def _flags(state: State) -> Iterator[str]:
    """Yield what the shop does in a state, by the names of its flags."""
    flags = {
        "logable": state.logable,
        "paid": state.paid,
        "invoice": state.invoice,
        "shipped": state.shipped,
        "send_email": state.send_email,
    }
    return (name for name, is_set in flags.items() if is_set)


def _meanings(state: State, facts: Facts, mapping: ShopMapping) -> Iterator[Message]:
    """Yield what it says of an order that it stands in this state."""
    if state.id == facts.entry_state:
        yield message("MEANS_ENTERED")
    if state.id == states.imported_state(facts, mapping):
        yield message("MEANS_IMPORTED")
    if state.id == states.fulfilled_state(facts, mapping):
        yield message("MEANS_FULFILLED")
    if state.id == facts.error_state:
        yield message("MEANS_ERROR")
        return
    match states.meaning(facts, mapping, state.id):
        case "cancelled":
            yield message("MEANS_CANCELLED")
        case "shipped":
            yield message("MEANS_SHIPPED")
        case _:
            yield message("MEANS_WAITS")


def _by_number(state: State) -> tuple[int, str]:
    return (int(state.id) if state.id.isdecimal() else 0, state.id)
