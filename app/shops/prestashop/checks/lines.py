"""How a line of a check is put together, and what an error says as one."""

from collections.abc import Iterable, Sequence

from app.domain.finding import Finding
from app.domain.message import Message
from app.domain.wording import in_english
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

STATUSES_PAGE = "Shop Parameters > Order Settings > Statuses"
CARRIERS_PAGE = "Shipping > Carriers"
KEYS_PAGE = "Advanced Parameters > Webservice"

NAMES_SHOWN = 20
_SET_URL = "marketcron shop set NAME url=…"


def good(code: str, says: Message | str) -> Finding:
    """Return a line that needs nobody."""
    return Finding(code=code, ok=True, says=says)


def bad(code: str, says: Message | str, *, fix: Message | str | None = None) -> Finding:
    """Return a line that somebody has to act on."""
    return Finding(code=code, ok=False, says=says, cure=fix)


def failed(error: CallError, *, code: str, lead: str = "The shop can't be used") -> Finding:
    """Return what kept a test from going on, and what to do; `lead` opens the sentence."""
    sentence, fix = _said(error, lead)
    return bad(code, sentence, fix=fix)


def listed(words: Iterable[str], *, last: str = "and") -> str:
    """Return words as people list them, the first of many."""
    words = list(words)
    if len(words) > NAMES_SHOWN:
        words = [*words[:NAMES_SHOWN], f"{len(words) - NAMES_SHOWN} more"]
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def quoted(words: Sequence[str]) -> str:
    """Return names in quotes, listed."""
    return listed(f"'{word}'" for word in words)


def _said(error: CallError, lead: str) -> tuple[str, str]:
    match error:
        case SetupWrong(status=int(status)) if 300 <= status < 400 and "sends us on" in in_english(error.detail):
            return (
                f"{lead}: {_first(error)}.",
                f"Set the address that it sends us to, with the shop's folder if it has one: {_SET_URL}",
            )
        case CredentialsRefused():
            look = _rest(error) or f"Compare the key under {KEYS_PAGE}."
            return f"{lead}: {_first(error)}.", f"{look} To set another one: marketcron shop set NAME key=@FILE"
        case SetupWrong() | RoleMissing():
            return f"{lead}: {_first(error)}.", _rest(error) or f"Correct it, then run this again ({_SET_URL})."
        case Throttled():
            return (
                "The shop's host asks us to call less.",
                "Wait, then run this again; fewer calls at once may help: marketcron shop set NAME shop_connections=1",
            )
        case LimitReached():
            return (
                "The shop is so slow that the test did not get to its end.",
                "Run it again; if that happens again, ask the shop's host.",
            )
        case OutcomeUnknown():
            return (
                f"The shop did not answer properly to {error.operation}; what became of it is not known.",
                "Wait a minute, then run this again.",
            )
        case Refused():
            return (
                f"The shop refuses {error.operation}: {in_english(error.detail)}.",
                "Correct what it names, then run this again.",
            )
        case _:
            said, _, ask = in_english(error.detail).partition("; ")
            return (
                f"The shop does not answer properly: {said or 'no reason given'}.",
                _sentence(ask) or f"See that it is up and that its address is right ({_SET_URL}), then run this again.",
            )


def _first(error: CallError) -> str:
    """Return what is wrong: our own errors say it first, then what to do."""
    return in_english(error.detail).partition(". ")[0].removesuffix(".") or str(error)


def _rest(error: CallError) -> str:
    return _sentence(in_english(error.detail).partition(". ")[2])


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[0].upper()}{text[1:].removesuffix('.')}." if text else ""
