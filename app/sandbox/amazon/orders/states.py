"""The words for where an order stands."""

from typing import Literal, get_args

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

# What the control API says, on every platform, and what it is here. Nothing is accepted or refused at Amazon.
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
    for state in STATES:
        if word == state:
            return state
    return COMMON_WORDS[word]
