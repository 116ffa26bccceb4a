"""One kind of shop as the registry knows it, and what it gets to work with."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from app.clock import Clock
from app.domain.shop_mapping import ShopMapping
from app.keys import Cipher
from app.shops.port import Shop
from app.store.engine import Store
from app.transport.connector import Connector


class CreationSlot(Protocol):
    """The slot to create an order, while it is held."""

    @property
    def handovers(self) -> int:
        """How often another process may have had the slot since our process began; what was seen before may be old."""
        ...

    def keep(self) -> None:
        """Let nobody have the slot until the outcome of a call without an answer can be looked up."""
        ...


class ShopLock(Protocol):
    """Who may call a shop now, over all its accounts."""

    def call_slot(self, at_once: int) -> AbstractAsyncContextManager[None]:
        """Wait for one of that many slots for a call, within this process."""
        ...

    def creation_slot(self, *, claim: str = "") -> AbstractAsyncContextManager[CreationSlot]:
        """Wait for the one slot to create an order, over all processes; raises StoreUnavailable.

        `claim` names an order that must not be disturbed: if its process dies meanwhile, nobody else gets the slot for
        a while.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopConnector:
    """What a shop may need: `connector` to reach it over HTTP, `store` and `cipher` when it lives in our own database.

    `lock` limits calls at the same time; `mapping` is the account's, or the default without an account.
    """

    store: Store
    cipher: Cipher
    shop_id: str
    clock: Clock
    connector: Connector
    lock: ShopLock
    mapping: ShopMapping = field(default_factory=ShopMapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopKind:
    """A kind's name, the model of its configuration, and how to open a shop of it.

    `config` is a pydantic model of what is needed to reach a shop; the whole of it is kept encrypted, and its fields of
    type SecretStr are never shown again.
    """

    name: str
    title: str
    config: type[BaseModel]
    open: Callable[[Any, ShopConnector], Shop]
