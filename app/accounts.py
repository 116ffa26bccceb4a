"""Accounts as people handle them: added, tested, changed, opened for a run. Knows the registries, no single adapter."""

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel

from app.clock import Clock
from app.configs import plain, read_config, shown, split
from app.domain.finding import Finding
from app.domain.reasons import say
from app.domain.shop_mapping import ShopMapping
from app.domain.task import parse_moment
from app.errors import BadInput, CallError
from app.keys import Keys, TokenSubject
from app.marketplaces.platform import Platform
from app.marketplaces.port import Checked, Marketplace
from app.marketplaces.registry import platform
from app.runs.engine import Opened
from app.runs.quota_usage import QuotaUsageReader
from app.shops.kind import ShopConnector, ShopLock
from app.shops.port import Shop
from app.shops.registry import kind
from app.store import accounts as questions
from app.store import order_actions
from app.store.accounts import AccountAndShop
from app.store.engine import Session, Store
from app.store.ledger import Seller
from app.store.order_actions import Adopted
from app.store.tables import AccountRow, ShopRow
from app.tasks.context import Account
from app.tasks.settings import AccountSettings, read_settings
from app.tasks.sku_links import Linked, link_sku
from app.transport.connector import Connector
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import QuotaStore
from app.transport.references import ReferenceCache
from app.transport.tokens import TokenStore

ADOPTED_AT_ONCE = 200
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NOBODY = TokenSubject("", 0)
# No marketplace of ours is older, and neither the database nor a marketplace takes any year.
EARLIEST_START = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_START = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new account and what its connection test found (nothing when it was not tested)."""

    account: AccountRow
    findings: Sequence[Finding]


@dataclass(kw_only=True)
class Accounts:
    """Everything that is done with accounts outside a run, and opening one for a run."""

    store: Store
    clock: Clock
    keys: Keys
    http: httpx.AsyncClient
    quotas: QuotaStore
    quota_usage: QuotaUsageReader
    references: ReferenceCache
    tokens: TokenStore
    token_grace: timedelta
    key_changed_at: datetime | None
    new_meter: Callable[[], Meter]
    new_lock: Callable[[str], ShopLock]
    _locks: dict[str, ShopLock] = field(default_factory=dict, init=False)

    async def named(self, name: str) -> AccountRow:
        """Return the account of that name; raises BadInput naming those that exist."""
        row = await self.store.read(questions.account_named, name) if _NAME.fullmatch(name) else None
        if row is None:
            known = ", ".join(each.name for each in await self.store.read(questions.accounts)) or "none yet"
            raise BadInput(f"There is no account named '{name[:64]}'. Accounts: {known}.", field="account")
        return row

    async def add(
        self, name: str, *, platform_name: str, shop_name: str, values: Mapping[str, Any], test: bool
    ) -> Added:
        """Add an account after its connection was tested; raises BadInput and the errors of the platform.

        `values` holds the platform's own fields and account settings side by side.
        """
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"'{name[:64]}' can't be an account's name. Use small letters, digits and hyphens, as in mirakl-demo.",
                field="name",
            )
        chosen = platform(platform_name)
        shop = await self.shop_named(shop_name)
        config_values, settings_values = split(values, chosen.config, AccountSettings)
        settings = read_settings(self._with_start(settings_values))
        config = read_config(chosen.config, config_values)
        if await self.store.read(questions.account_named, name) is not None:
            raise BadInput(f"An account named '{name}' exists already. Choose another name.", field="name")
        checked = None
        if test:
            checked, config = await self._test(chosen, config)
        row = AccountRow(
            id=secrets.token_urlsafe(24),
            name=name,
            platform=chosen.name,
            shop_id=shop.id,
            config=self._seal(config),
            settings=settings.model_dump(mode="json"),
            created_at=self.clock.now(),
        )
        if checked:
            row.seller_key, row.fulfilments = checked.seller_key, sorted(checked.fulfilments)
        account = await self.store.write(questions.add_account, row)
        return Added(account=account, findings=checked.findings if checked else ())

    async def check(self, name: str) -> list[Finding]:
        """Test an account's connection and its shop's; a refusal is a finding, not an error."""
        both = await self.store.read(questions.account_and_shop, (await self.named(name)).id)
        chosen = platform(both.account.platform)
        try:
            checked, config = await self._test(chosen, self._config(chosen.config, both.account.config))
        except CallError as exc:
            params = {"service": exc.service, "operation": exc.operation, "detail": exc.detail, "account": name}
            said = say(exc.code, language=read_settings(both.account.settings).language, params=params)
            return [Finding(code=exc.code, ok=False, sentence=said.message, fix=said.fix)]
        await self._learn(both.account.id, checked, config)
        _, shop = await self.shop_of(name)
        language = read_settings(both.account.settings).language
        used = await self.quota_usage.findings(both.account, language=language)
        return [*checked.findings, *used, *await shop.check()]

    async def change(self, name: str, values: Mapping[str, Any]) -> AccountRow:
        """Set fields of an account, the platform's own or settings; raises BadInput and changes nothing then."""
        row = await self.named(name)
        chosen = platform(row.platform)
        config_values, settings_values = split(values, chosen.config, AccountSettings)
        config = None
        if config_values:
            before = plain(self._config(chosen.config, row.config))
            config = self._seal(read_config(chosen.config, {**before, **config_values}))
        if settings_values:
            settings_values = self._with_start(settings_values, given=row.settings)
        return await self.store.write(_change, row.id, settings_values, config=config)

    async def replace_settings(self, name: str, values: Mapping[str, Any]) -> AccountSettings:
        """Set all settings of an account at once; what is left out takes its default, but `start_from` stays."""
        row = await self.named(name)
        settings = read_settings(self._with_start(values, given=row.settings))
        await self.store.write(questions.change_account, row.id, {"settings": settings.model_dump(mode="json")})
        return settings

    async def link_sku(self, name: str, sku: str, *, product: str | None) -> Linked:
        """Say which product of the shop a SKU means, by its ref, or (None) that it is linked to none any more.

        Orders that the SKU kept out of the shop are tried again by the next import. Raises BadInput.
        """
        row = await self.named(name)
        return await self.store.write(link_sku, row.id, sku, product=product, now=self.clock.now())

    async def remove(self, name: str) -> None:
        """Remove an account: its URLs stop working at once, its ledger stays."""
        row = await self.named(name)
        await self.store.write(questions.change_account, row.id, {"removed_at": self.clock.now()})

    async def adopt(self, name: str, refs: Mapping[str, str | None]) -> Adopted:
        """Mark marketplace orders as being in the shop already; `refs` holds the shop's reference where it is known.

        Raises BadInput while the account's seller is not known: the connection has to be tested first.
        """
        row = await self.named(name)
        if row.seller_key is None:
            raise BadInput(f"Test the account first: marketcron account check {name}.", field="account")
        seller = Seller(account_id=row.id, shop_id=row.shop_id, platform=row.platform, seller_key=row.seller_key)
        adopted, already_ours = 0, list[str]()
        items = list(refs.items())
        for start in range(0, len(items), ADOPTED_AT_ONCE):
            part = dict(items[start : start + ADOPTED_AT_ONCE])
            done = await self.store.write(order_actions.adopt, seller, part, now=self.clock.now())
            adopted, already_ours = adopted + done.adopted, already_ours + done.already_ours
        return Adopted(adopted, already_ours)

    async def rotate_token(self, name: str) -> AccountRow:
        """Give an account a new cron token; the old one works on for the grace period."""
        row = await self.named(name)
        return await self.store.write(questions.rotate_token, row.id, now=self.clock.now())

    def shown_config(self, row: AccountRow) -> dict[str, Any]:
        """Return an account's platform fields, secrets masked."""
        return shown(self._config(platform(row.platform).config, row.config))

    def cron_token(self, row: AccountRow) -> str:
        """Return the cron token of an account's present generation."""
        return self.keys.cron_token(TokenSubject(row.id, row.token_generation))

    def accepted_tokens(self, row: AccountRow | None) -> list[str]:
        """Return every token that opens this account now, filled up with tokens that nobody has.

        There are as many for every account, and for none: the time it takes tells nothing.
        """
        now = self.clock.now()
        present = before = _NOBODY
        if row is not None:
            present = TokenSubject(row.id, row.token_generation)
            if row.token_rotated_at is not None and now < row.token_rotated_at + self.token_grace:
                before = TokenSubject(row.id, row.token_generation - 1)
        in_grace = self.key_changed_at is not None and now < self.key_changed_at + self.token_grace
        return self.keys.accepted_tokens([present, before], previous_key=in_grace)

    async def shop_named(self, name: str) -> ShopRow:
        """Return the shop of that name; raises BadInput naming those that exist."""
        row = await self.store.read(questions.shop_named, name) if _NAME.fullmatch(name) else None
        if row is None:
            known = ", ".join(each.name for each in await self.store.read(questions.shops))
            raise BadInput(f"There is no shop named '{name[:64]}'. Shops: {known}.", field="shop")
        return row

    async def add_shop(self, name: str, *, kind_name: str, values: Mapping[str, Any]) -> ShopRow:
        """Add a shop; raises BadInput."""
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"'{name[:64]}' can't be a shop's name. Use small letters, digits and hyphens.", field="name"
            )
        config = read_config(kind(kind_name).config, values)
        row = ShopRow(
            id=secrets.token_urlsafe(12),
            name=name,
            kind=kind_name,
            config=self._seal(config),
            created_at=self.clock.now(),
        )
        return await self.store.write(questions.add_shop, row)

    async def change_shop(self, name: str, values: Mapping[str, Any]) -> ShopRow:
        """Set fields of a shop; raises BadInput and changes nothing then."""
        row = await self.shop_named(name)
        model = kind(row.kind).config
        [given] = split(values, model)
        config = read_config(model, {**plain(self._config(model, row.config)), **given})
        return await self.store.write(questions.change_shop, row.id, config=self._seal(config))

    def shown_shop(self, row: ShopRow) -> dict[str, Any]:
        """Return a shop's fields, secrets masked."""
        return shown(self._config(kind(row.kind).config, row.config))

    async def check_shop(self, name: str) -> list[Finding]:
        """Test a shop's connection."""
        return list(await (await self.shop(name)).check())

    async def shop(self, name: str, *, within: timedelta = timedelta(minutes=1)) -> Shop:
        """Return a shop, ready to be asked so long, as it is without an account; raises BadInput."""
        deadline = Deadline(self.clock.now() + within * self.clock.speed)
        return self._shop(await self.shop_named(name), self._connector(deadline=deadline), mapping=ShopMapping())

    async def shop_of(self, account: str) -> tuple[ShopRow, Shop]:
        """Return the shop of an account, ready to be asked, as the account uses it; raises BadInput."""
        both = await self.store.read(questions.account_and_shop, (await self.named(account)).id)
        mapping = read_settings(both.account.settings).shop_mapping
        return both.shop, self._shop(both.shop, self._connector(), mapping=mapping)

    async def open(
        self,
        row: AccountAndShop,
        *,
        meter: Meter,
        deadline: datetime,
        before_write: Callable[[], Awaitable[None]],
    ) -> Opened:
        """Make an account ready for a run; one that was never tested is tested now."""
        account = row.account
        if account.removed_at is not None:
            raise BadInput(f"The account '{account.name}' was removed.", field="account")
        chosen = platform(account.platform)
        config = self._config(chosen.config, account.config)
        connector = self._connector(meter=meter, deadline=Deadline(deadline), before_write=before_write)
        if account.seller_key is None:
            checked, config = await self._test(chosen, config, connector=connector)
            account = await self._learn(account.id, checked, config)
        settings = read_settings(account.settings)
        return Opened(
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

    async def _test(
        self, chosen: Platform, config: BaseModel, *, connector: Connector | None = None
    ) -> tuple[Checked, BaseModel]:
        marketplace: Marketplace = chosen.open(config, connector or self._connector())
        checked = await marketplace.check()
        return checked, read_config(chosen.config, {**plain(config), **checked.learned})

    async def _learn(self, account_id: str, checked: Checked, config: BaseModel) -> AccountRow:
        sealed, read = self._seal(config), checked.fulfilments
        return await self.store.write(
            questions.learn_seller, account_id, seller_key=checked.seller_key, fulfilments=read, config=sealed
        )

    def _shop(self, row: ShopRow, connector: Connector, *, mapping: ShopMapping) -> Shop:
        shop_kind = kind(row.kind)
        return shop_kind.open(
            self._config(shop_kind.config, row.config),
            ShopConnector(
                store=self.store,
                cipher=self.keys.cipher,
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
            deadline=deadline or Deadline(self.clock.now() + timedelta(seconds=60 * self.clock.speed)),
            before_write=before_write or _nothing,
        )

    def _config(self, model: type[BaseModel], sealed: bytes | None) -> BaseModel:
        return read_config(model, questions.open_config(self.keys.cipher, sealed))

    def _seal(self, config: BaseModel) -> bytes:
        return self.keys.cipher.seal(json.dumps(plain(config)))

    def _with_start(self, values: Mapping[str, Any], *, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return settings with `start_from` as a moment: as given, as a span before now, as it was, or now."""
        now = self.clock.now()
        start = values.get("start_from")
        if start in (None, ""):
            start = (given or {}).get("start_from") or now.isoformat()
        try:
            moment = parse_moment(str(start), now=now)
        except ValueError as exc:
            raise BadInput(f"start_from: {exc}.", field="start_from") from exc
        if not EARLIEST_START <= moment <= LATEST_START:
            raise BadInput(f"start_from: '{str(start)[:40]}' is not between 2000 and 2100.", field="start_from")
        return {**values, "start_from": moment.replace(microsecond=0).isoformat()}


async def _nothing() -> None:
    return None


def _change(session: Session, account_id: str, values: Mapping[str, Any], *, config: bytes | None) -> AccountRow:
    row = questions.locked_account(session, account_id)
    if values:
        row.settings = read_settings({**row.settings, **values}).model_dump(mode="json")
    if config is not None:
        row.config = config
    session.flush()
    return row
