"""What remote services let us ask, what they gave us once a day, and the tokens that let us in."""

from sqlmodel import Field, SQLModel

from app.store.tables.columns import text


class Quota(SQLModel, table=True):
    """A token bucket in one number (business epoch seconds)."""

    __tablename__ = "quotas"

    scope: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    tat: float
    interval_s: float
    burst: float
    spacing_s: float = 0.0
    blocked_until: float = 0.0
    learned: bool = False
    wait: float = 0.0


class ReferenceCacheRow(SQLModel, table=True):
    """What a marketplace or shop lets us ask once a day."""

    __tablename__ = "reference_cache"

    scope: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    text: str = text()
    expires_at: float


class AccessTokenRow(SQLModel, table=True):
    """An access token, sealed, by whom it lets in; whoever renews it claims it until then (business epoch seconds)."""

    __tablename__ = "access_tokens"

    key: str = Field(primary_key=True)
    sealed: bytes | None = None
    expires_at: float = 0.0
    claimed_until: float = 0.0
