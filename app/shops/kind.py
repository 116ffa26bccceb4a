"""One kind of shop as the registry knows it, and what it gets to work with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.clock import Clock
from app.keys import Box
from app.shops.port import WholeShop
from app.store.engine import Store
from app.transport.connector import Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopConnector:
    """What a shop may need: `connector` to reach it over HTTP, `store` and `box` when it lives in our own database."""

    store: Store
    box: Box
    shop_id: str
    clock: Clock
    connector: Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopKind:
    """A kind's name, the model of its configuration, and how to open a shop of it.

    `config` is a pydantic model of what is needed to reach a shop; the whole of it is kept encrypted, and its fields of
    type SecretStr are never shown again.
    """

    name: str
    title: str
    config: type[BaseModel]
    open: Callable[[Any, ShopConnector], WholeShop]
