"""What the control API asks of a platform, so that a new platform is one folder and one line in the registry."""

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.types import ASGIApp

from app.sandbox.faults import FaultPlan

Json = dict[str, Any]


class Controlled(Protocol):
    """One account or shop that tests drive; its name is used in the control URLs and in the credentials."""

    @property
    def faults(self) -> FaultPlan: ...

    @property
    def operations(self) -> frozenset[str]:
        """The operation names that a fault may be restricted to."""
        ...

    def create_orders(self, body: Json) -> list[str]:
        """Make the orders and return their ids; ControlRefused when that can't be done."""
        ...

    def set_switches(self, body: Json) -> Json:
        """Change what the operator, merchant or host configures and return all switches."""
        ...

    def change_offers(self, body: Json) -> Json:
        """Add, change or remove what is on sale; ControlRefused when that can't be done."""
        ...

    def state(self, *, offers: bool = True) -> Json:
        """Return what a test compares with: orders, decisions, shipments, imports, calls and, if wanted, offers."""
        ...

    def credentials(self, root_url: str) -> Json:
        """Return platform or kind, settings and secrets that reach this account below that root."""
        ...


class Account(Controlled, Protocol):
    """One seller account of a marketplace."""

    def change_order(self, order_id: str, body: Json) -> Json:
        """Change one order from the back office and return its state; ControlNotFound when there is none."""
        ...

    def sent_file(self, import_id: str) -> bytes:
        """Return a file as it was sent; ControlNotFound when there is none."""
        ...


class SandboxShop(Controlled, Protocol):
    """A shop beside the marketplaces."""

    def act(self, things: str, number: str, action: str, body: Json) -> Json:
        """Do that action to one order or carrier in the back office; ControlNotFound when there is none."""
        ...


class ShopKind(Protocol):
    """One kind of shop: the app that speaks its protocol, and the shop behind it."""

    @property
    def app(self) -> ASGIApp: ...

    @property
    def account(self) -> SandboxShop: ...


class Platform(Protocol):
    """One marketplace: the app that speaks its protocol, and its accounts by name."""

    @property
    def app(self) -> ASGIApp: ...

    @property
    def accounts(self) -> Mapping[str, Account]: ...
