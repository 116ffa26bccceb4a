"""Accounts, shops, and the canary that knows the secret key."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
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


class AccountChanged(Exception):
    """An account is no longer what somebody remembers of it; read it again."""


@dataclass(frozen=True, slots=True)
class AccountAndShop:
    """An account with the shop behind it."""

    account: AccountRow
    shop: ShopRow


# Built once: every hit and every run asks them.
_NAMED = select(AccountRow).where(AccountRow.name == sa.bindparam("name"), col(AccountRow.removed_at).is_(None))
_WITH_SHOP = (
    select(AccountRow, ShopRow)
    .join(ShopRow, col(ShopRow.id) == col(AccountRow.shop_id))
    .where(AccountRow.id == sa.bindparam("account"))
)
_AS_IT_STANDS = sa.select(table_of(AccountRow)).where(table_of(AccountRow).c.id == sa.bindparam("account"))


def account_named(session: Session, name: str) -> AccountRow | None:
    """Return the account of that name that was not removed."""
    return session.exec(_NAMED, params={"name": name}).first()


def stand_by(session: Session, remembered: AccountRow) -> None:
    """Return while an account stands as it is remembered; raises AccountChanged."""
    row = session.execute(_AS_IT_STANDS, {"account": remembered.id}).mappings().first()
    if row is None or any(getattr(remembered, name) != value for name, value in row.items()):
        raise AccountChanged(remembered.name)


def account_and_shop(session: Session, account_id: str) -> AccountAndShop:
    """Return an account, removed or not, with its shop."""
    return AccountAndShop(*session.exec(_WITH_SHOP, params={"account": account_id}).one())


def accounts(session: Session) -> list[AccountRow]:
    """Return all accounts that were not removed, by name."""
    return list(
        session.exec(select(AccountRow).where(col(AccountRow.removed_at).is_(None)).order_by(col(AccountRow.name)))
    )


def all_accounts(session: Session) -> list[AccountRow]:
    """Return all accounts, the removed ones too."""
    return list(session.exec(select(AccountRow).order_by(col(AccountRow.name))))


def account_of_run(session: Session, run_id: str) -> AccountRow | None:
    """Return the account a run was made for."""
    return session.exec(
        select(AccountRow).join(RunRow, col(RunRow.account_id) == col(AccountRow.id)).where(RunRow.id == run_id)
    ).first()


def add_account(session: Session, row: AccountRow) -> AccountRow:
    """Add an account; raises BadInput when its name or its seller is taken.

    A seller who was removed before finds the ledger of that time again.
    """
    if account_named(session, row.name) is not None:
        raise BadInput(message("ACCOUNT_NAME_TAKEN", name=row.name), field="name")
    if row.seller_key is not None:
        _refuse_known_seller(session, row)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as exc:
        raise BadInput(message("ACCOUNT_NAME_TAKEN", name=row.name), field="name") from exc
    if row.seller_key is not None:
        _inherit_ledger(session, row)
    return row


def keep_connection_test(
    session: Session, account_id: str, *, seller_key: str, fulfilments: Collection[str], config: bytes
) -> AccountRow:
    """Keep what a connection test found; raises BadInput when another account reads the same seller's orders."""
    row = session.get_one(AccountRow, account_id)
    row.seller_key, row.fulfilments, row.config = seller_key, sorted(fulfilments), config
    _refuse_known_seller(session, row)
    session.flush()
    _inherit_ledger(session, row)
    return row


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


def change_account(session: Session, account_id: str, values: Mapping[str, Any]) -> AccountRow:
    """Set columns of an account and return it."""
    row = session.get_one(AccountRow, account_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def locked_account(session: Session, account_id: str) -> AccountRow:
    """Return an account that nobody else changes until the end of this transaction."""
    return session.exec(select(AccountRow).where(AccountRow.id == account_id).with_for_update()).one()


def rotate_token(session: Session, account_id: str, *, now: datetime) -> AccountRow:
    """Begin the next generation of an account's cron token."""
    row = session.get_one(AccountRow, account_id)
    row.token_generation += 1
    row.token_rotated_at = now
    session.flush()
    return row


def shop_named(session: Session, name: str) -> ShopRow | None:
    return session.exec(select(ShopRow).where(ShopRow.name == name)).first()


def shops(session: Session) -> list[ShopRow]:
    return list(session.exec(select(ShopRow).order_by(col(ShopRow.name))))


def add_shop(session: Session, row: ShopRow) -> ShopRow:
    """Add a shop; raises BadInput when its name is taken."""
    if shop_named(session, row.name) is not None:
        raise BadInput(message("SHOP_NAME_TAKEN", name=row.name), field="name")
    session.add(row)
    session.flush()
    return row


def change_shop(session: Session, shop_id: str, *, config: bytes) -> ShopRow:
    """Set a shop's sealed configuration and return the shop."""
    row = session.get_one(ShopRow, shop_id)
    row.config = config
    session.flush()
    return row


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

    A changed one encrypts everything anew at once: from then on the old one is needed for old URLs only. Raises
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
