"""Shops as people handle them: added, tested, changed."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.accounts.connections import PATIENCE, Connections
from app.accounts.names import is_name
from app.accounts.sealed_config import read_sealed, seal
from app.clock import Clock
from app.connection_config import plain, read_config, shown, split
from app.domain.finding import Finding
from app.domain.message import message
from app.domain.shop_mapping import ShopMapping
from app.errors import BadInput
from app.keys import Cipher
from app.shops.port import Shop
from app.shops.registry import kind
from app.store import accounts as questions
from app.store.accounts import StoredShop
from app.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shops:
    """Everything that is done with shops outside a run."""

    store: Store
    clock: Clock
    cipher: Cipher
    connections: Connections

    async def named(self, name: str) -> StoredShop:
        """Return the shop of that name; raises BadInput naming those that exist."""
        row = await self.store.read(questions.shop_named, name) if is_name(name) else None
        if row is None:
            known = tuple(each.name for each in await self.store.read(questions.shops))
            raise BadInput(message("NO_SHOP", name=name[:64], known=known), field="shop")
        return row

    async def add(self, name: str, *, kind_name: str, values: Mapping[str, Any]) -> StoredShop:
        """Add a shop; raises BadInput."""
        if not is_name(name):
            raise BadInput(message("SHOP_NAME_WRONG", name=name[:64]), field="name")
        config = read_config(kind(kind_name).config, values)
        row = StoredShop(
            id=secrets.token_urlsafe(12),
            name=name,
            kind=kind_name,
            config=seal(self.cipher, config),
            created_at=self.clock.now(),
        )
        return await self.store.write(questions.add_shop, row)

    async def change(self, name: str, values: Mapping[str, Any]) -> StoredShop:
        """Set fields of a shop; raises BadInput and changes nothing then."""
        row = await self.named(name)
        model = kind(row.kind).config
        [given] = split(values, model)
        config = read_config(model, {**plain(read_sealed(self.cipher, model, row.config)), **given})
        return await self.store.write(questions.change_shop, row.id, config=seal(self.cipher, config))

    def shown_config(self, row: StoredShop) -> dict[str, Any]:
        """Return a shop's fields, secrets masked."""
        return shown(read_sealed(self.cipher, kind(row.kind).config, row.config))

    async def check(self, name: str) -> list[Finding]:
        """Test a shop's connection."""
        return list(await (await self.connect(name)).check())

    async def connect(self, name: str, *, within: timedelta = PATIENCE) -> Shop:
        """Return a shop, ready to be asked so long, as it is without an account; raises BadInput."""
        return self.connections.shop(await self.named(name), mapping=ShopMapping(), within=within)
