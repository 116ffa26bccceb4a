"""One order on both sides: the same, or what differs, why, and how it heals."""

from dataclasses import dataclass, field

from app.domain.intake import Intake
from app.domain.message import Params, message
from app.domain.money import Money
from app.domain.order import CANCELLED, SHIPPED_OR_CLOSED, TO_SHIP, OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The count an order falls under (`matched`, `state_differs` …), and the code that says why."""

    outcome: str
    code: str = ""
    params: Params = field(default_factory=dict)


MATCHED = Verdict(outcome="matched")


def in_both(*, on_marketplace: OrderState, marketplace_total: Money, in_shop: str, shop_total: Money) -> Verdict:
    """Compare an order that both sides have; `in_shop` is the shop's state: paid, shipped or cancelled."""
    states = {
        "marketplace": message(f"STATUS_{on_marketplace.upper()}"),
        "shop": message(f"STATUS_{in_shop.upper()}"),
    }
    if on_marketplace in CANCELLED and in_shop != "cancelled":
        return Verdict(outcome="state_differs", code="CANCELLED_THERE_ONLY", params=states)
    if in_shop == "cancelled" and on_marketplace not in CANCELLED:
        return Verdict(outcome="state_differs", code="CANCELLED_IN_SHOP", params=states)
    if in_shop == "cancelled":
        return MATCHED
    if in_shop == "shipped" and on_marketplace in TO_SHIP:
        return Verdict(outcome="state_differs", code="SHIPPED_HERE_ONLY", params=states)
    if in_shop == "paid" and on_marketplace in SHIPPED_OR_CLOSED:
        return Verdict(outcome="state_differs", code="SHIPPED_THERE_ONLY", params=states)
    if marketplace_total != shop_total:
        return Verdict(
            outcome="total_differs", code="TOTAL_DIFFERS", params={"marketplace": marketplace_total, "shop": shop_total}
        )
    return MATCHED


def only_on_marketplace(intake: Intake, code: str, params: Params) -> Verdict | None:
    """Say why an order of the marketplace is not in the shop; None where it does not have to be."""
    match intake:
        case Intake.IMPORTED | Intake.CLOSED:
            return Verdict(outcome="only_on_marketplace", code="DELETED_IN_SHOP")
        case Intake.DUE | Intake.CREATING:
            return Verdict(outcome="only_on_marketplace", code="NOT_YET_IMPORTED")
        case Intake.BLOCKED | Intake.NEEDS_PERSON:
            return Verdict(outcome="only_on_marketplace", code=code, params=params)
        case _:
            return None
