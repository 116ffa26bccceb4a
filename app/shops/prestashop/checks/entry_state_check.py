"""How orders enter the shop: the state they enter in, those they go through, and the mails that come with them."""

from collections.abc import Iterator

from app.domain.finding import Finding
from app.domain.message import message
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.lines import bad, good
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.reads import states
from app.shops.prestashop.reads.facts import Facts, State
from app.shops.prestashop.reads.listing_choices import state_name

# The labels of PrestaShop 8's form of a state.
_VALIDATED, _INVOICE = message("LABEL_VALIDATED"), message("LABEL_INVOICE")
_MAIL, _PAID = message("LABEL_MAIL"), message("LABEL_PAID")

_NO_MAILS = "3"
_BACKORDERS_CHOSEN_SINCE = (8, 1)


def entry_state_findings(
    facts: Facts, mapping: ShopMapping, config: PrestashopConfig, *, version: tuple[int, ...]
) -> Iterator[Finding]:
    """Yield what is to say about states, mails and the payment module."""
    yield from _entry_state(facts)
    yield from _chosen_states(facts, mapping)
    yield from mails(facts, mapping)
    yield _backorders(facts, version)
    yield good("PAYMENT_MODULE", "PAYMENT_MODULE", module=config.payment_module)


def mails(facts: Facts, mapping: ShopMapping) -> Iterator[Finding]:
    """Yield what the shop writes when an order comes in, and to whom."""
    if facts.setting("PS_MAIL_METHOD") == _NO_MAILS:
        yield good("MAILS", "MAILS_OFF")
        return
    yield good("MAILS", "MAILS_CONFIRM")
    mailing = states.mailing_states(facts, mapping)
    entry = next((each for each in mailing if each.id == facts.entry_state), None)
    later = [each.name for each in mailing if each is not entry]
    if entry is not None:
        yield good("MAIL_OF_ENTRY", "MAILS_ENTRY", state=entry.name, label=_MAIL)
    if later:
        yield good("MAILS_OF_STATES", "MAILS_LATER", states=tuple(later))


def _entry_state(facts: Facts) -> Iterator[Finding]:
    state = facts.states.get(facts.entry_state)
    if state is None or state.deleted:
        yield bad("ENTRY_STATE", "ENTRY_STATE_MISSING", state=facts.entry_state)
    elif state.logable:
        yield _with_payment(facts, state)
    else:
        yield _without_payment(state)
        yield from _paid_state(facts)


def _with_payment(facts: Facts, state: State) -> Finding:
    """Return the line of way A: the shop compares totals, so that a carrier must cost nothing in its eyes."""
    labels = (_VALIDATED, _INVOICE, _MAIL, _PAID)
    if any(each.free and each.active and not each.deleted for each in facts.carriers.values()):
        return good("ENTRY_STATE", "ENTRY_STATE_PAYS", state=state.name, labels=labels)
    return bad("ENTRY_STATE", "ENTRY_STATE_PAYS_NO_FREE_CARRIER", state=state.name, labels=labels)


def _without_payment(state: State) -> Finding:
    """Return the line of way B: nothing is recorded before the totals are right."""
    odd = [label for label, ticked in ((_PAID, state.paid), (_INVOICE, state.invoice)) if ticked]
    if not odd:
        return good("ENTRY_STATE", "ENTRY_STATE_GOOD", state=state.name)
    says = "ENTRY_STATE_INVOICES" if state.invoice else "ENTRY_STATE_MARKS_PAID"
    return bad("ENTRY_STATE", says, state=state.name, labels=tuple(odd))


def _paid_state(facts: Facts) -> Iterator[Finding]:
    """Yield a line if orders would stay without payment: the shop makes it from the invoice of the next state."""
    state = facts.states.get(facts.paid_state)
    if state is None or state.deleted:
        yield bad("PAID_STATE", "PAID_STATE_MISSING", state=facts.paid_state)
        return
    missing = [label for label, ticked in ((_PAID, state.paid), (_INVOICE, state.invoice)) if not ticked]
    if missing:
        yield bad("PAID_STATE", "PAID_STATE_PAYS_NOTHING", state=state.name, labels=tuple(missing))


def _chosen_states(facts: Facts, mapping: ShopMapping) -> Iterator[Finding]:
    """Yield a line for each setting that names a state which is not there, or what the states are."""
    settings = {
        "imported_state": (mapping.imported_state,),
        "fulfilled_state": (mapping.fulfilled_state,),
        "shipped_states": mapping.shipped_states,
        "cancelled_state": (mapping.cancelled_state,),
    }
    astray = [
        (setting, state_id)
        for setting, chosen in settings.items()
        for state_id in chosen
        if state_id and (state_id not in facts.states or facts.states[state_id].deleted)
    ]
    for setting, state_id in astray:
        yield bad("STATES", "STATE_SETTING_ASTRAY", setting=setting, state=state_id)
    imported = states.imported_state(facts, mapping)
    if imported in states.shipped_states(facts, mapping):
        yield bad("STATES", "IMPORTED_MEANS_SHIPPED", state=state_name(facts, imported))
    elif not astray:
        shipped = sorted(states.shipped_states(facts, mapping), key=_number)
        yield good(
            "STATES",
            "STATES_CHOSEN",
            imported=state_name(facts, imported),
            fulfilled=state_name(facts, states.fulfilled_state(facts, mapping)),
            cancelled=state_name(facts, states.cancelled_state(facts, mapping)),
            shipped=tuple(state_name(facts, each) for each in shipped) or state_name(facts, ""),
        )


def _number(state_id: str) -> tuple[int, str]:
    return (int(state_id) if state_id.isdecimal() else 0, state_id)


def _backorders(facts: Facts, version: tuple[int, ...]) -> Finding:
    if facts.setting("PS_STOCK_MANAGEMENT", "1") == "0":
        return good("BACKORDERS", "BACKORDERS_NO_STOCK")
    if version and version < _BACKORDERS_CHOSEN_SINCE:
        return good("BACKORDERS", "BACKORDERS_ALWAYS")
    if facts.setting("PS_ENABLE_BACKORDER_STATUS", "0") == "1":
        return bad("BACKORDERS", "BACKORDERS_ON")
    return good("BACKORDERS", "BACKORDERS_OFF")
