"""What a connection test says in words. Pure."""

from collections.abc import Sequence

from app.domain.finding import Finding
from app.marketplaces.mirakl.mapping import Account, Switches

_CLOSED = {
    "CLOSE": "The shop is closed.",
    "SUSPENDED": "The operator suspended the shop.",
    "TERMINATED": "The operator ended the shop's contract.",
}
_SUSPENSIONS = {
    "MANUAL": "by hand",
    "PENDING_APPROVAL": "until it is approved",
    "AUTOMATIC_SUSPENSION": "automatically, for its figures",
    "INCOMPLETE_PROFILE": "until its profile is complete",
}
_ACCEPTANCE = {
    "AUTOMATIC": "The operator accepts orders by itself: orders-accept has nothing to do.",
    "NOT_AUTOMATIC": "Every order waits for its acceptance: plan orders-accept every hour.",
    "BOTH": "Orders wait for their acceptance in some shops of this operator: plan orders-accept every hour.",
}


def shop_number(account: Account, *, configured: str, refused: bool) -> Finding:
    """Return whether the key acts for the configured shop."""
    name = f"{account.name} (number {account.shop_id})" if account.name else f"number {account.shop_id}"
    if configured in {"", account.shop_id} and not refused:
        return Finding(code="SHOP_ID", ok=True, says=f"The key works for the shop {name}.")
    return Finding(
        code="SHOP_ID",
        ok=False,
        says=f"The key does not work for the shop number {configured}, but for the shop {name}.",
        cure="Leave the shop number empty, or make a key as a user of the other shop.",
    )


def shop(account: Account) -> Sequence[Finding]:
    """Return whether the shop sells, and in which currency."""
    return (_shop_state(account), _currency(account))


def operator(switches: Switches | None) -> Sequence[Finding]:
    """Return what the operator's switches mean for the tasks; None: they could not be read."""
    if switches is None:
        sentence = "The operator's configuration can't be read with this key; orders don't need it."
        return (Finding(code="OPERATOR_CONFIGURATION", ok=True, says=sentence),)
    return (
        Finding(code="ORDER_ACCEPTANCE", ok=True, says=_acceptance(switches)),
        Finding(code="ADDRESSES", ok=True, says=_addresses(switches)),
        Finding(code="CARRIERS", ok=True, says=_carriers(switches)),
        Finding(code="TIMEZONE", ok=True, says=f"The operator's time zone is {switches.timezone or 'not known'}."),
    )


def _shop_state(account: Account) -> Finding:
    if account.state == "OPEN":
        return Finding(code="SHOP_STATE", ok=True, says="The shop is open.")
    sentence = _CLOSED.get(account.state, f"The shop is neither open nor closed: {account.state or 'no state given'}.")
    if account.suspension:
        sentence = f"{sentence[:-1]} ({_SUSPENSIONS.get(account.suspension, account.suspension)})."
    if account.closed_from or account.closed_to:
        sentence = f"{sentence[:-1]} from {account.closed_from or 'now'} to {account.closed_to or 'an unknown day'}."
    return Finding(
        code="SHOP_STATE",
        ok=False,
        says=sentence,
        cure="Open it in the operator's back office, or ask the operator what is missing.",
    )


def _currency(account: Account) -> Finding:
    if account.currency:
        return Finding(code="CURRENCY", ok=True, says=f"The shop sells in {account.currency}.")
    return Finding(
        code="CURRENCY",
        ok=False,
        says="The operator does not tell the shop's currency.",
        cure="Ask the operator to set the currency of the shop.",
    )


def _acceptance(switches: Switches) -> str:
    return _ACCEPTANCE.get(switches.order_acceptance, "The operator does not tell how orders are accepted.")


def _addresses(switches: Switches) -> str:
    if switches.early_addresses:
        return "Addresses are given before the acceptance."
    return "Addresses are given when an order is to be shipped: it is imported then, not before."


def _carriers(switches: Switches) -> str:
    if switches.own_carriers_only:
        return "Only carriers of the operator's list are allowed: give each shop carrier one of them."
    return "Carriers that are not on the operator's list are allowed."
