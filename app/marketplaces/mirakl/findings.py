"""What a connection test finds at an operator. Pure."""

from collections.abc import Sequence

from app.domain.finding import Finding
from app.domain.message import Message, Param, message
from app.marketplaces.mirakl.mapping import Account, PlatformConfiguration

_CLOSED = {"CLOSE", "SUSPENDED", "TERMINATED"}
_SUSPENSIONS = {"MANUAL", "PENDING_APPROVAL", "AUTOMATIC_SUSPENSION", "INCOMPLETE_PROFILE"}
_ACCEPTANCE = {"AUTOMATIC", "NOT_AUTOMATIC", "BOTH"}


def shop_number(account: Account, *, configured: str, refused: bool) -> Finding:
    """Return whether the key acts for the configured shop."""
    found = {"name": account.name, "number": account.shop_id}
    if configured in {"", account.shop_id} and not refused:
        return Finding(code="SHOP_ID", ok=True, says=Message("MIRAKL_SHOP_OF_KEY", found))
    return Finding(code="SHOP_ID", ok=False, says=Message("MIRAKL_OTHER_SHOP", {"configured": configured, **found}))


def shop(account: Account) -> Sequence[Finding]:
    """Return whether the shop sells, and in which currency."""
    return (_shop_state(account), _currency(account))


def operator(configuration: PlatformConfiguration | None) -> Sequence[Finding]:
    """Return what the platform configuration means for the tasks; None: it could not be read."""
    if configuration is None:
        return (Finding(code="OPERATOR_CONFIGURATION", ok=True, says=message("MIRAKL_CONFIGURATION_UNREAD")),)
    acceptance = configuration.order_acceptance if configuration.order_acceptance in _ACCEPTANCE else "UNKNOWN"
    addresses = "EARLY" if configuration.early_addresses else "LATE"
    carriers = "LISTED_ONLY" if configuration.listed_carriers_only else "FREE"
    return (
        Finding(code="ORDER_ACCEPTANCE", ok=True, says=message(f"MIRAKL_ACCEPTANCE_{acceptance}")),
        Finding(code="ADDRESSES", ok=True, says=message(f"MIRAKL_ADDRESSES_{addresses}")),
        Finding(code="CARRIERS", ok=True, says=message(f"MIRAKL_CARRIERS_{carriers}")),
        Finding(code="TIMEZONE", ok=True, says=_timezone(configuration.timezone)),
    )


def _shop_state(account: Account) -> Finding:
    if account.state == "OPEN":
        return Finding(code="SHOP_STATE", ok=True, says=message("MIRAKL_SHOP_OPEN"))
    code = account.state if account.state in _CLOSED else "IN_ANOTHER_STATE"
    known: dict[str, Param] = {"state": account.state, "since": account.closed_from, "until": account.closed_to}
    if account.suspension in _SUSPENSIONS:
        known["suspension"] = message(f"MIRAKL_SUSPENSION_{account.suspension}")
    else:
        known["suspension"] = account.suspension
    return Finding(
        code="SHOP_STATE", ok=False, says=Message(f"MIRAKL_SHOP_{code}", known), cure=message("MIRAKL_OPEN_IT")
    )


def _currency(account: Account) -> Finding:
    if account.currency:
        return Finding(code="CURRENCY", ok=True, says=message("MIRAKL_CURRENCY", currency=account.currency))
    return Finding(code="CURRENCY", ok=False, says=message("MIRAKL_NO_CURRENCY"))


def _timezone(name: str) -> Message:
    return message("MIRAKL_TIMEZONE", timezone=name) if name else message("MIRAKL_NO_TIMEZONE")
