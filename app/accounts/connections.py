"""Connecting accounts and shops: for a run, for a test, for whoever asks something of a shop."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx
from pydantic import BaseModel

from app.accounts.sealed_config import read_sealed, seal
from app.clock import Clock
from app.connection_config import plain, read_config
from app.domain.message import message
from app.domain.shop_mapping import ShopMapping
from app.errors import BadInput
from app.keys import Cipher
from app.marketplaces.platform import Platform
from app.marketplaces.port import ConnectionTest, Marketplace
from app.marketplaces.registry import platform
from app.runs.engine import AccountConnection
from app.shops.kind import ShopConnector, ShopLock
from app.shops.port import Shop
from app.shops.registry import kind
from app.store import accounts as questions
from app.store.accounts import AccountAndShop, StoredAccount, StoredShop
from app.store.engine import Store
from app.tasks.context import Account
from app.tasks.settings import read_settings
from app.transport.connector import Connector
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import QuotaStore
from app.transport.references import ReferenceCache
from app.transport.tokens import TokenStore

# How long a person's question may take.
PATIENCE = timedelta(minutes=1)


@dataclass(kw_only=True)
class Connections:
    """Connects accounts to their marketplace and their shop."""

    store: Store
    clock: Clock
    cipher: Cipher
    http: httpx.AsyncClient
    quotas: QuotaStore
    references: ReferenceCache
    tokens: TokenStore
    new_meter: Callable[[], Meter]
    new_lock: Callable[[str], ShopLock]
    _locks: dict[str, ShopLock] = field(default_factory=dict, init=False)

    async def connect(
        self,
        row: AccountAndShop,
        *,
        meter: Meter,
        deadline: datetime,
        before_write: Callable[[], Awaitable[None]],
    ) -> AccountConnection:
        """Make an account ready for a run; one that was never tested is tested now."""
        account = row.account
        if account.removed_at is not None:
            raise BadInput(message("ACCOUNT_REMOVED", name=account.name), field="account")
        chosen = platform(account.platform)
        config = read_sealed(self.cipher, chosen.config, account.config)
        connector = self._connector(meter=meter, deadline=Deadline(deadline), before_write=before_write)
        if account.seller_key is None:
            tested, config = await self.test(chosen, config, connector=connector)
            account = await self.keep(account.id, tested, config)
        settings = read_settings(account.settings)
        return AccountConnection(
            account=Account(
                id=account.id,
                name=account.name,
                platform=account.platform,
                shop_id=account.shop_id,
                seller_key=account.seller_key or "",
                settings=settings,
                poll_policy=chosen.poll_policy,
            ),
            marketplace=chosen.open(config, connector),
            shop=self._shop(
                row.shop, connector, mapping=replace(settings.shop_mapping, connected_at=account.created_at)
            ),
        )

    async def test(
        self, chosen: Platform, config: BaseModel, *, connector: Connector | None = None
    ) -> tuple[ConnectionTest, BaseModel]:
        """Return what a connection test finds, and the configuration with what the marketplace gave us in it."""
        marketplace: Marketplace = chosen.open(config, connector or self._connector())
        tested = await marketplace.check()
        return tested, read_config(chosen.config, {**plain(config), **tested.discovered})

    async def keep(self, account_id: str, tested: ConnectionTest, config: BaseModel) -> StoredAccount:
        """Keep what a connection test found with the account; raises BadInput when another one serves this seller."""
        return await self.store.write(
            questions.keep_connection_test,
            account_id,
            seller_key=tested.seller_key,
            fulfilments=tested.fulfilments,
            config=seal(self.cipher, config),
        )

    def shop(self, row: StoredShop, *, mapping: ShopMapping, within: timedelta = PATIENCE) -> Shop:
        """Return a shop, ready to be asked so long."""
        return self._shop(row, self._connector(deadline=self._in(within)), mapping=mapping)

    def _shop(self, row: StoredShop, connector: Connector, *, mapping: ShopMapping) -> Shop:
        shop_kind = kind(row.kind)
        return shop_kind.open(
            read_sealed(self.cipher, shop_kind.config, row.config),
            ShopConnector(
                store=self.store,
                cipher=self.cipher,
                shop_id=row.id,
                clock=self.clock,
                connector=connector,
                lock=self._lock(row.id),
                mapping=mapping,
            ),
        )

    def _lock(self, shop_id: str) -> ShopLock:
        """Return the one lock of a shop in this process."""
        if shop_id not in self._locks:
            self._locks[shop_id] = self.new_lock(shop_id)
        return self._locks[shop_id]

    def _connector(
        self,
        *,
        meter: Meter | None = None,
        deadline: Deadline | None = None,
        before_write: Callable[[], Awaitable[None]] | None = None,
    ) -> Connector:
        return Connector(
            http=self.http,
            clock=self.clock,
            quotas=self.quotas,
            references=self.references,
            tokens=self.tokens,
            meter=meter or self.new_meter(),
            deadline=deadline or self._in(PATIENCE),
            before_write=before_write or _nothing,
        )

    def _in(self, span: timedelta) -> Deadline:
        return Deadline(self.clock.now() + span * self.clock.speed)


async def _nothing() -> None:
    return None
