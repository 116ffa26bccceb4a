"""How orders enter the shop: the state they enter in, those they go through, and the mails that come with them."""

from collections.abc import Iterator

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.checks.lines import CARRIERS_PAGE, STATUSES_PAGE, bad, good, listed, quoted
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.reads import states
from app.shops.prestashop.reads.facts import Facts, State

# The labels of PrestaShop 8's form of a state.
_VALIDATED = "Consider the associated order as validated"
_INVOICE = "Allow a customer to download and view PDF versions of their invoices"
_MAIL = "Send an email to the customer when their order status has changed"
_PAID = "Set the order as paid"

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
    yield good(
        "PAYMENT_MODULE",
        f"Orders bear the payment module '{config.payment_module}'. Whether it is installed and active can't be read: "
        "marketcron shop test-order NAME proves it.",
    )


def mails(facts: Facts, mapping: ShopMapping) -> Iterator[Finding]:
    """Yield what the shop writes when an order comes in, and to whom."""
    if facts.setting("PS_MAIL_METHOD") == _NO_MAILS:
        yield good("MAILS", "The shop sends no e-mail to anybody (Advanced Parameters > E-mail).")
        return
    yield good(
        "MAILS",
        "The shop writes its order confirmation for every order; nothing keeps it back. It goes to a placeholder, "
        "never to the buyer. If mails that come back trouble you, set anonymous_email_domain to a domain of yours "
        "that swallows them.",
    )
    mailing = states.mailing_states(facts, mapping)
    entry = next((each for each in mailing if each.id == facts.entry_state), None)
    later = [each.name for each in mailing if each is not entry]
    if entry is not None:
        yield good(
            "MAIL_OF_ENTRY",
            f"It also writes for the state '{entry.name}' when an order comes in, to the placeholder too. To spare "
            f"that, untick '{_MAIL}' of this state under {STATUSES_PAGE}.",
        )
    if later:
        yield good(
            "MAILS_OF_STATES",
            f"Somebody who puts an order into {quoted(later)} by hand writes to the placeholder. marketcron changes "
            "states without a mail.",
        )


def _entry_state(facts: Facts) -> Iterator[Finding]:
    state = facts.states.get(facts.entry_state)
    if state is None or state.deleted:
        yield bad(
            "ENTRY_STATE",
            f"The state {facts.entry_state}, in which orders of the Webservice enter (PS_OS_WS_PAYMENT), does not "
            "exist: no order can be made.",
            fix=f"Add a state with nothing ticked under {STATUSES_PAGE}. No page of the back office chooses it: have "
            "whoever keeps the shop write its number as PS_OS_WS_PAYMENT into the table of configurations.",
        )
    elif state.logable:
        yield _with_payment(facts, state)
    else:
        yield _without_payment(state)
        yield from _paid_state(facts)


def _with_payment(facts: Facts, state: State) -> Finding:
    """Return the line of way A: the shop compares totals, so that a carrier must cost nothing in its eyes."""
    better = (
        f"{STATUSES_PAGE}, edit '{state.name}' and untick four things: '{_VALIDATED}', '{_INVOICE}', '{_MAIL}' and "
        f"'{_PAID}' (if nothing else uses this state)."
    )
    entered = f"Orders enter in the state '{state.name}', which records their payment at once"
    if any(each.free and each.active and not each.deleted for each in facts.carriers.values()):
        return good(
            "ENTRY_STATE",
            f"{entered}: they need a free carrier, and their shipping cost is set afterwards. For cleaner invoices, "
            f"open {better}",
        )
    return bad(
        "ENTRY_STATE",
        f"{entered}, and the shop has no free carrier: their totals would not match, and none can be made.",
        fix=f"Add a carrier with 'Free shipping' under {CARRIERS_PAGE}. Or, better, open {better}",
    )


def _without_payment(state: State) -> Finding:
    """Return the line of way B: nothing is recorded before the totals are right."""
    entered = f"Orders enter in the state '{state.name}', which records no payment"
    odd = [label for label, ticked in ((_PAID, state.paid), (_INVOICE, state.invoice)) if ticked]
    if not odd:
        return good("ENTRY_STATE", f"{entered}: totals, shipping and payment are set exactly after that.")
    return bad(
        "ENTRY_STATE",
        f"{entered} but makes {'an invoice' if state.invoice else 'them paid'} before their shipping cost is set.",
        fix=f"Edit this state under {STATUSES_PAGE} and untick {quoted(odd)}.",
    )


def _paid_state(facts: Facts) -> Iterator[Finding]:
    """Yield a line if orders would stay without payment: the shop makes it from the invoice of the next state."""
    state = facts.states.get(facts.paid_state)
    if state is None or state.deleted:
        yield bad(
            "PAID_STATE",
            f"The state {facts.paid_state}, in which orders are paid (PS_OS_PAYMENT), does not exist.",
            fix="Have whoever keeps the shop write the number of its state for paid orders as PS_OS_PAYMENT into the "
            "table of configurations.",
        )
        return
    missing = [label for label, ticked in ((_PAID, state.paid), (_INVOICE, state.invoice)) if not ticked]
    if missing:
        yield bad(
            "PAID_STATE",
            f"The state '{state.name}' (PS_OS_PAYMENT), which records the payment of an order, records none.",
            fix=f"Edit it under {STATUSES_PAGE} and tick {quoted(missing)}.",
        )


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
        yield bad(
            "STATES",
            f"The setting {setting} names the state {state_id}, which the shop does not have.",
            fix="Choose one of marketcron shop states NAME, or take what the shop suggests: marketcron account "
            "map-states ACCOUNT.",
        )
    imported = states.imported_state(facts, mapping)
    if imported in states.shipped_states(facts, mapping):
        yield bad(
            "STATES",
            f"Orders are imported into the state {_name(facts, imported)}, which means that they have left: each would "
            "be told as shipped at once.",
            fix="Choose another imported_state, or take it out of shipped_states: marketcron account set ACCOUNT.",
        )
    elif not astray:
        yield good("STATES", _described(facts, mapping))


def _described(facts: Facts, mapping: ShopMapping) -> str:
    imported = _name(facts, states.imported_state(facts, mapping))
    fulfilled = _name(facts, states.fulfilled_state(facts, mapping))
    cancelled = _name(facts, states.cancelled_state(facts, mapping))
    shipped = [_name(facts, each) for each in sorted(states.shipped_states(facts, mapping), key=_number)]
    return (
        f"Imported orders stand in {imported}, those that marketplaces ship in {fulfilled}, cancelled ones in "
        f"{cancelled}. One in {listed(shipped, last='or') or 'no state'} has left."
    )


def _name(facts: Facts, state_id: str) -> str:
    state = facts.states.get(state_id)
    return f"'{state.name}'" if state else state_id or "no state"


def _number(state_id: str) -> tuple[int, str]:
    return (int(state_id) if state_id.isdecimal() else 0, state_id)


def _backorders(facts: Facts, version: tuple[int, ...]) -> Finding:
    if facts.setting("PS_STOCK_MANAGEMENT", "1") == "0":
        return good("BACKORDERS", "The shop keeps no stock, so no order is put on backorder.")
    if version and version < _BACKORDERS_CHOSEN_SINCE:
        return good(
            "BACKORDERS",
            "An order for more than the shop has gets its state for backorders, with a mail to the placeholder; "
            "versions before 8.1 always do that. import_without_stock=false keeps such orders out.",
        )
    if facts.setting("PS_ENABLE_BACKORDER_STATUS", "0") == "1":
        return bad(
            "BACKORDERS",
            "An order for more than the shop has gets its state for backorders, with a mail: it does not stay in the "
            "state for imported orders.",
            fix="Switch the backorder status off under Shop Parameters > Order Settings, or keep such orders out: "
            "marketcron account set ACCOUNT import_without_stock=false",
        )
    return good("BACKORDERS", "An order for more than the shop has enters like any other.")
