"""The states of an order."""

from typing import Literal, get_args

from app.sandbox.control_input import platform_state

State = Literal[
    "PENDING_AVAILABILITY",
    "PENDING",
    "UNSHIPPED",
    "PARTIALLY_SHIPPED",
    "SHIPPED",
    "CANCELLED",
    "UNFULFILLABLE",
]
STATES: tuple[State, ...] = get_args(State)

# What the control API says, on every platform, and Amazon's state for it. Nothing is accepted or refused at Amazon.
COMMON_WORDS: dict[str, State] = {
    "pending": "PENDING",
    "to_ship": "UNSHIPPED",
    "partially_shipped": "PARTIALLY_SHIPPED",
    "shipped": "SHIPPED",
    "cancelled": "CANCELLED",
}
Word = Literal["pending", "to_ship", "partially_shipped", "shipped", "cancelled", State]

UNPAID: frozenset[State] = frozenset({"PENDING_AVAILABILITY", "PENDING"})
OPEN: frozenset[State] = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED"})


def state_of(word: str) -> State:
    """Return Amazon's state of a control word, which may be that state itself."""
    return platform_state(word, STATES, COMMON_WORDS)
