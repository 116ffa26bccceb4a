"""The states of an order."""

from typing import Literal, get_args

from app.sandbox.control_input import platform_state

State = Literal[
    "STAGING",
    "WAITING_ACCEPTANCE",
    "WAITING_DEBIT",
    "WAITING_DEBIT_PAYMENT",
    "SHIPPING",
    "SHIPPED",
    "TO_COLLECT",
    "RECEIVED",
    "CLOSED",
    "REFUSED",
    "CANCELED",
]
STATES: tuple[State, ...] = get_args(State)
Ending = Literal["REFUSED", "CANCELED"]
# Still readable, never entered.
OLD_STATES = ("WAITING_REFUND", "WAITING_REFUND_PAYMENT")

# What the control API says, on every platform, and Mirakl's state for it.
COMMON_WORDS: dict[str, State] = {
    "pending": "STAGING",
    "to_accept": "WAITING_ACCEPTANCE",
    "accepted": "WAITING_DEBIT_PAYMENT",
    "to_ship": "SHIPPING",
    "shipped": "SHIPPED",
    "closed": "CLOSED",
    "refused": "REFUSED",
    "cancelled": "CANCELED",
}
CommonWord = Literal["pending", "to_accept", "accepted", "to_ship", "shipped", "closed", "refused", "cancelled"]
Word = Literal[CommonWord, State]

UNDECIDED: frozenset[State] = frozenset({"STAGING", "WAITING_ACCEPTANCE"})
UNPAID: frozenset[State] = frozenset({"WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"})
ON_ITS_WAY: frozenset[State] = frozenset({"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"})


def state_of(word: str) -> State:
    """Return the Mirakl state of a control word, which may be that state itself."""
    return platform_state(word, STATES, COMMON_WORDS)
