"""Access tokens of remote services, sealed and shared by all processes; the row's claim says who renews one."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.keys import Cipher, UnreadableSecret
from app.store.engine import Store, change
from app.store.tables import AccessTokenRow, table_of
from app.transport.tokens import AccessToken

_TOKENS = table_of(AccessTokenRow)


def token(session: Session, key: str, *, cipher: Cipher) -> AccessToken | None:
    """Return the token kept last; one that a forgotten key sealed is none."""
    row = session.get(AccessTokenRow, key)
    if row is None or row.sealed is None:
        return None
    try:
        return AccessToken(cipher.open(row.sealed), datetime.fromtimestamp(row.expires_at, UTC))
    except UnreadableSecret:
        return None


def claim_renewal(session: Session, key: str, *, now: float, until: float) -> bool:
    """Take the right to renew unless somebody has it; one statement, so that two never get it both."""
    row = _TOKENS.c
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(_TOKENS)
    statement = (
        insert.values(key=key, sealed=None, expires_at=0.0, claimed_until=until)
        .on_conflict_do_update(index_elements=[row.key], set_={"claimed_until": until}, where=row.claimed_until <= now)
        .returning(row.key)
    )
    return session.execute(statement).first() is not None


def keep_token(session: Session, key: str, *, sealed: bytes, expires_at: float) -> None:
    """Keep a renewed token; its claim ends."""
    values = {"sealed": sealed, "expires_at": expires_at, "claimed_until": 0.0}
    change(session, sa.update(_TOKENS).where(_TOKENS.c.key == key).values(values))


def end_claim(session: Session, key: str) -> None:
    """Give the right to renew back."""
    change(session, sa.update(_TOKENS).where(_TOKENS.c.key == key).values(claimed_until=0.0))


def drop_token(session: Session, key: str, text: str, *, cipher: Cipher) -> None:
    """Forget a token unless another one took its place."""
    kept = token(session, key, cipher=cipher)
    if kept is not None and kept.text == text:
        change(session, sa.update(_TOKENS).where(_TOKENS.c.key == key).values(sealed=None, expires_at=0.0))


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """The `TokenStore` that processes share and restarts keep."""

    store: Store
    cipher: Cipher

    async def get(self, key: str) -> AccessToken | None:
        return await self.store.read(token, key, cipher=self.cipher)

    async def claim(self, key: str, *, now: datetime, until: datetime) -> bool:
        return await self.store.write(claim_renewal, key, now=now.timestamp(), until=until.timestamp())

    async def put(self, key: str, token: AccessToken) -> None:
        sealed = self.cipher.seal(token.text)
        await self.store.write(keep_token, key, sealed=sealed, expires_at=token.expires_at.timestamp())

    async def give_up(self, key: str) -> None:
        await self.store.write(end_claim, key)

    async def drop(self, key: str, text: str) -> None:
        await self.store.write(drop_token, key, text, cipher=self.cipher)
