"""Accounts, shops, and the canary that knows the secret key."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.domain.message import message
from app.errors import BadInput
from app.keys import Cipher
from app.store.key_rotation import reseal
from app.store.tables import AccountRow, Canary, OrderRow, RunRow, ShopRow, table_of
from app.store.values import value_of


class AccountChanged(Exception):
    """An account is no longer what somebody remembers of it; read it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShop:
    """A shop, its configuration sealed."""

    id: str
    name: str
    kind: str
    config: bytes | None = field(default=None, repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """One seller account, its configuration sealed, as it stood when it was read."""

    id: str
    name: str
    platform: str
    shop_id: str
    config: bytes = field(repr=False)
    settings: Mapping[str, Any]
    seller_key: str | None = None
    fulfilments: Sequence[str]
    token_generation: int = 1
    token_rotated_at: datetime | None = None
    created_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountAndShop:
    """An account with the shop behind it."""

    account: StoredAccount
    shop: StoredShop


# Built once: every hit and every run asks them.
_NAMED = select(AccountRow).where(AccountRow.name == sa.bindparam("name"), col(AccountRow.removed_at).is_(None))
_WITH_SHOP = (
    select(AccountRow, ShopRow)
    .join(ShopRow, col(ShopRow.id) == col(AccountRow.shop_id))
    .where(AccountRow.id == sa.bindparam("account"))
)
_AS_IT_STANDS = sa.select(table_of(AccountRow)).where(table_of(AccountRow).c.id == sa.bindparam("account"))


def account_named(session: Session, name: str) -> StoredAccount | None:
    """Return the account of that name that was not removed."""
    return value_of(session.exec(_NAMED, params={"name": name}).first(), StoredAccount)


def stand_by(session: Session, remembered: StoredAccount) -> None:
    """Return while an account stands as it is remembered; raises AccountChanged."""
    row = session.execute(_AS_IT_STANDS, {"account": remembered.id}).mappings().first()
    if row is None or any(getattr(remembered, name) != value for name, value in row.items()):
        raise AccountChanged(remembered.name)


def account_and_shop(session: Session, account_id: str) -> AccountAndShop:
    """Return an account, removed or not, with its shop."""
    account, shop = session.exec(_WITH_SHOP, params={"account": account_id}).one()
    return AccountAndShop(value_of(account, StoredAccount), value_of(shop, StoredShop))


def accounts(session: Session) -> list[StoredAccount]:
    """Return all accounts that were not removed, by name."""
    rows = session.exec(select(AccountRow).where(col(AccountRow.removed_at).is_(None)).order_by(col(AccountRow.name)))
    return [value_of(row, StoredAccount) for row in rows]


def all_accounts(session: Session) -> list[StoredAccount]:
    """Return all accounts, the removed ones too."""
    rows = session.exec(select(AccountRow).order_by(col(AccountRow.name)))
    return [value_of(row, StoredAccount) for row in rows]


def account_of_run(session: Session, run_id: str) -> StoredAccount | None:
    """Return the account a run was made for."""
    row = session.exec(
        select(AccountRow).join(RunRow, col(RunRow.account_id) == col(AccountRow.id)).where(RunRow.id == run_id)
    ).first()
    return value_of(row, StoredAccount)


def add_account(session: Session, account: StoredAccount) -> StoredAccount:
    """Add an account; raises BadInput when its name or its seller is taken.

    A seller who was removed before finds the ledger of that time again.
    """
    if account_named(session, account.name) is not None:
        raise BadInput(message("ACCOUNT_NAME_TAKEN", name=account.name), field="name")
    row = AccountRow(**asdict(account))
    if row.seller_key is not None:
        _refuse_known_seller(session, row)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as exc:
        raise BadInput(message("ACCOUNT_NAME_TAKEN", name=row.name), field="name") from exc
    if row.seller_key is not None:
        _inherit_ledger(session, row)
    return account


def keep_connection_test(
    session: Session, account_id: str, *, seller_key: str, fulfilments: Collection[str], config: bytes
) -> StoredAccount:
    """Keep what a connection test found; raises BadInput when another account reads the same seller's orders."""
    row = session.get_one(AccountRow, account_id)
    row.seller_key, row.fulfilments, row.config = seller_key, sorted(fulfilments), config
    _refuse_known_seller(session, row)
    session.flush()
    _inherit_ledger(session, row)
    return value_of(row, StoredAccount)


def _refuse_known_seller(session: Session, row: AccountRow) -> None:
    twins = session.exec(
        select(AccountRow).where(
            AccountRow.platform == row.platform,
            AccountRow.seller_key == row.seller_key,
            AccountRow.id != row.id,
            col(AccountRow.removed_at).is_(None),
        )
    )
    twin = next((each for each in twins if set(each.fulfilments) & set(row.fulfilments)), None)
    if twin is not None:
        raise BadInput(message("SELLER_SERVED", name=twin.name), field="config")


def _inherit_ledger(session: Session, row: AccountRow) -> None:
    session.execute(
        sa.update(OrderRow)
        .where(
            col(OrderRow.platform) == row.platform,
            col(OrderRow.seller_key) == row.seller_key,
            col(OrderRow.fulfilment).in_(row.fulfilments),
            col(OrderRow.account_id).in_(
                select(AccountRow.id).where(AccountRow.id != row.id, col(AccountRow.removed_at).is_not(None))
            ),
        )
        .values(account_id=row.id, shop_id=row.shop_id)
    )


def change_account(session: Session, account_id: str, values: Mapping[str, Any]) -> StoredAccount:
    """Set columns of an account and return it."""
    row = session.get_one(AccountRow, account_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return value_of(row, StoredAccount)


def locked_account(session: Session, account_id: str) -> StoredAccount:
    """Return an account that nobody else changes until the end of this transaction."""
    row = session.exec(select(AccountRow).where(AccountRow.id == account_id).with_for_update()).one()
    return value_of(row, StoredAccount)


def rotate_token(session: Session, account_id: str, *, now: datetime) -> StoredAccount:
    """Begin the next generation of an account's cron token."""
    row = session.get_one(AccountRow, account_id)
    row.token_generation += 1
    row.token_rotated_at = now
    session.flush()
    return value_of(row, StoredAccount)


def shop_named(session: Session, name: str) -> StoredShop | None:
    return value_of(session.exec(select(ShopRow).where(ShopRow.name == name)).first(), StoredShop)


def shops(session: Session) -> list[StoredShop]:
    return [value_of(row, StoredShop) for row in session.exec(select(ShopRow).order_by(col(ShopRow.name)))]


def add_shop(session: Session, shop: StoredShop) -> StoredShop:
    """Add a shop; raises BadInput when its name is taken."""
    if shop_named(session, shop.name) is not None:
        raise BadInput(message("SHOP_NAME_TAKEN", name=shop.name), field="name")
    session.add(ShopRow(**asdict(shop)))
    session.flush()
    return shop


def change_shop(session: Session, shop_id: str, *, config: bytes) -> StoredShop:
    """Set a shop's sealed configuration and return the shop."""
    row = session.get_one(ShopRow, shop_id)
    row.config = config
    session.flush()
    return value_of(row, StoredShop)


def seal_config(cipher: Cipher, config: dict[str, Any]) -> bytes:
    return cipher.seal(json.dumps(config, sort_keys=True))


def open_config(cipher: Cipher, sealed: bytes | None) -> dict[str, Any]:
    """Return a sealed configuration; raises UnreadableSecret."""
    config: dict[str, Any] = json.loads(cipher.open(sealed)) if sealed else {}
    return config


def meet_canary(
    session: Session, *, fingerprint: str, previous: str | None, cipher: Cipher, now: datetime
) -> datetime | None:
    """Compare the secret with the one this database was made with; returns when it was last changed.

    A changed one encrypts everything again at once: from then on the old one is needed for old URLs only. Raises
    BadInput for a foreign secret: nothing could be decrypted and all URLs would die.
    """
    row = session.get(Canary, 1)
    if row is None:
        session.add(Canary(id=1, fingerprint=fingerprint))
        return None
    if row.fingerprint == fingerprint:
        return row.rotated_at
    if row.fingerprint == previous:
        reseal(session, cipher)
        row.fingerprint, row.rotated_at = fingerprint, now
        return now
    raise BadInput(message("WRONG_SECRET_KEY"), field="SECRET_KEY")
