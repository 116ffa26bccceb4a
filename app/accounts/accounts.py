"""Accounts as people handle them: added, tested, changed, removed; and their cron tokens."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.accounts.connections import Connections
from app.accounts.names import is_name
from app.accounts.sealed_config import read_sealed, seal
from app.accounts.shops import Shops
from app.clock import Clock
from app.connection_config import plain, read_config, shown, split
from app.domain.finding import Finding
from app.domain.invalid import InvalidValue, wrong_field
from app.domain.message import Message, message
from app.domain.order import Fulfilment
from app.domain.task import parse_moment
from app.errors import BadInput, CallError
from app.keys import Keys, TokenSubject
from app.marketplaces.registry import platform
from app.runs.quota_usage import QuotaUsageReader
from app.shops.port import Shop
from app.store import accounts as questions
from app.store import order_actions
from app.store.accounts import StoredAccount, StoredShop
from app.store.engine import Session, Store
from app.store.ledger import Seller
from app.store.order_actions import Adopted
from app.tasks.settings import AccountSettings, read_settings
from app.tasks.sku_links import Linked, link_sku

ADOPTED_AT_ONCE = 200
_NOBODY = TokenSubject("", 0)
# No marketplace of ours is older, and neither the database nor a marketplace takes any year.
EARLIEST_START = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_START = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new account and what its connection test found (nothing when it was not tested)."""

    account: StoredAccount
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Everything that is done with accounts outside a run."""

    store: Store
    clock: Clock
    keys: Keys
    connections: Connections
    shops: Shops
    quota_usage: QuotaUsageReader
    token_grace: timedelta
    key_changed_at: datetime | None

    async def named(self, name: str) -> StoredAccount:
        """Return the account of that name; raises BadInput naming those that exist."""
        row = await self.store.read(questions.account_named, name) if is_name(name) else None
        if row is None:
            known = tuple(each.name for each in await self.store.read(questions.accounts))
            said = message("NO_ACCOUNT" if known else "NO_ACCOUNT_YET", name=name[:64], known=known)
            raise BadInput(said, field="account")
        return row

    async def add(
        self, name: str, *, platform_name: str, shop_name: str, values: Mapping[str, Any], test: bool
    ) -> Added:
        """Add an account after its connection was tested; raises BadInput and the errors of the platform.

        `values` holds the platform's own fields and account settings side by side.
        """
        if not is_name(name):
            raise BadInput(message("ACCOUNT_NAME_WRONG", name=name[:64]), field="name")
        chosen = platform(platform_name)
        shop = await self.shops.named(shop_name)
        config_values, settings_values = split(values, chosen.config, AccountSettings)
        settings = read_settings(self._with_start(settings_values))
        config = read_config(chosen.config, config_values)
        if await self.store.read(questions.account_named, name) is not None:
            raise BadInput(message("ACCOUNT_NAME_TAKEN", name=name), field="name")
        tested = None
        if test:
            tested, config = await self.connections.test(chosen, config)
        account = StoredAccount(
            id=secrets.token_urlsafe(24),
            name=name,
            platform=chosen.name,
            shop_id=shop.id,
            config=seal(self.keys.cipher, config),
            settings=settings.model_dump(mode="json"),
            seller_key=tested.seller_key if tested else None,
            fulfilments=sorted(tested.fulfilments if tested else Fulfilment),
            created_at=self.clock.now(),
        )
        await self.store.write(questions.add_account, account)
        return Added(account=account, findings=tested.findings if tested else ())

    async def check(self, name: str) -> list[Finding]:
        """Test an account's connection and its shop's; a refusal is a finding, not an error."""
        both = await self.store.read(questions.account_and_shop, (await self.named(name)).id)
        chosen = platform(both.account.platform)
        try:
            tested, config = await self.connections.test(
                chosen, read_sealed(self.keys.cipher, chosen.config, both.account.config)
            )
        except CallError as exc:
            params = {"service": exc.service, "operation": exc.operation, "detail": exc.detail, "account": name}
            return [Finding(code=exc.code, ok=False, says=Message(exc.code, params))]
        await self.connections.keep(both.account.id, tested, config)
        _, shop = await self.shop_of(name)
        used = await self.quota_usage.findings(both.account)
        return [*tested.findings, *used, *await shop.check()]

    async def change(self, name: str, values: Mapping[str, Any]) -> StoredAccount:
        """Set fields of an account, the platform's own or settings; raises BadInput and changes nothing then."""
        row = await self.named(name)
        chosen = platform(row.platform)
        config_values, settings_values = split(values, chosen.config, AccountSettings)
        config = None
        if config_values:
            before = plain(read_sealed(self.keys.cipher, chosen.config, row.config))
            config = seal(self.keys.cipher, read_config(chosen.config, {**before, **config_values}))
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
            raise BadInput(message("ACCOUNT_UNTESTED", name=name), field="account")
        seller = Seller(account_id=row.id, shop_id=row.shop_id, platform=row.platform, seller_key=row.seller_key)
        adopted, already_ours = 0, list[str]()
        items = list(refs.items())
        for start in range(0, len(items), ADOPTED_AT_ONCE):
            part = dict(items[start : start + ADOPTED_AT_ONCE])
            done = await self.store.write(order_actions.adopt, seller, part, now=self.clock.now())
            adopted, already_ours = adopted + done.adopted, already_ours + done.already_ours
        return Adopted(adopted, already_ours)

    async def rotate_token(self, name: str) -> StoredAccount:
        """Give an account a new cron token; the old one works on for the grace period."""
        row = await self.named(name)
        return await self.store.write(questions.rotate_token, row.id, now=self.clock.now())

    def shown_config(self, row: StoredAccount) -> dict[str, Any]:
        """Return an account's platform fields, secrets masked."""
        return shown(read_sealed(self.keys.cipher, platform(row.platform).config, row.config))

    async def shop_of(self, account: str) -> tuple[StoredShop, Shop]:
        """Return the shop of an account, ready to be asked, as the account uses it; raises BadInput."""
        both = await self.store.read(questions.account_and_shop, (await self.named(account)).id)
        mapping = read_settings(both.account.settings).shop_mapping
        return both.shop, self.connections.shop(both.shop, mapping=mapping)

    def cron_token(self, row: StoredAccount) -> str:
        """Return the cron token of an account's present generation."""
        return self.keys.cron_token(TokenSubject(row.id, row.token_generation))

    def accepted_tokens(self, row: StoredAccount | None) -> list[str]:
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

    def _with_start(self, values: Mapping[str, Any], *, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return settings with `start_from` as a moment: as given, as a span before now, as it was, or now."""
        now = self.clock.now()
        start = values.get("start_from")
        if start in (None, ""):
            start = (given or {}).get("start_from") or now.isoformat()
        try:
            moment = parse_moment(str(start), now=now)
        except InvalidValue as exc:
            raise BadInput(wrong_field("start_from", exc), field="start_from") from exc
        if not EARLIEST_START <= moment <= LATEST_START:
            wrong = message("START_OUTSIDE", text=str(start)[:40])
            raise BadInput(wrong_field("start_from", wrong), field="start_from")
        return {**values, "start_from": moment.replace(microsecond=0).isoformat()}


def _change(session: Session, account_id: str, values: Mapping[str, Any], *, config: bytes | None) -> StoredAccount:
    before = questions.locked_account(session, account_id)
    changed: dict[str, Any] = {} if config is None else {"config": config}
    if values:
        changed["settings"] = read_settings({**before.settings, **values}).model_dump(mode="json")
    return questions.change_account(session, account_id, changed)
