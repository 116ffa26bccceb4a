"""How a line of a check is put together, and what an error says as one."""

from app.domain.finding import Finding
from app.domain.message import Message, Param, message
from app.errors import (
    CallError,
    CredentialsRefused,
    LimitReached,
    OutcomeUnknown,
    Refused,
    RoleMissing,
    SetupWrong,
    Throttled,
)


def good(code: str, says: str, /, **params: Param) -> Finding:
    """Return a line that needs nobody; `says` is a code of the sentences."""
    return Finding(code=code, ok=True, says=message(says, **params))


def bad(code: str, says: str, cure: Message | None = None, /, **params: Param) -> Finding:
    """Return a line that somebody has to act on; `cure` where the sentence has no fix of its own."""
    return Finding(code=code, ok=False, says=message(says, **params), cure=cure)


def failed(error: CallError, *, code: str, lead: Message | None = None, cure: Message | None = None) -> Finding:
    """Return what kept a test from going on, and what to do; `lead` opens the sentence."""
    lead = lead or message("LEAD_SHOP")
    return bad(code, _said(error), cure, lead=lead, operation=error.operation, detail=error.detail)


def _said(error: CallError) -> str:
    match error:
        case CredentialsRefused():
            return "CHECK_KEY"
        case SetupWrong() | RoleMissing():
            return "CHECK_SETUP"
        case Throttled():
            return "CHECK_THROTTLED"
        case LimitReached():
            return "CHECK_TOO_SLOW"
        case OutcomeUnknown():
            return "CHECK_UNCONFIRMED"
        case Refused():
            return "CHECK_REFUSED"
        case _:
            return "CHECK_DOWN"
