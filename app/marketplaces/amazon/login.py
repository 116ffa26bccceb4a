"""Login with Amazon: the refresh token that the seller gave becomes an access token for an hour."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from app.errors import Throttled, Unavailable
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.amazon.errors import SERVICE, malformed, refusal
from app.marketplaces.amazon.quotas import TOKEN
from app.transport.connector import Connector
from app.transport.tokens import AccessToken, AccessTokens

_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": "application/json"}
_LONGEST_LIFE_S = 86_400


class NoAccessToken(Unavailable):
    """No access token is given for now."""

    # Asked for within another call, whose own tries would multiply these.
    retry = "later"


def access_tokens(config: AmazonConfig, connector: Connector, *, headers: Mapping[str, str]) -> AccessTokens:
    """Return the access tokens of one seller and application, shared by all that act for both."""
    key = token_key(config)
    api = connector.client(
        service=SERVICE,
        side="marketplace",
        base_url=config.token_address,
        headers={**headers, **_FORM},
        quota_scope=key,
        refusal=refusal,
    )
    form = urlencode(
        {
            "grant_type": "refresh_token",
            "refresh_token": config.refresh_token.get_secret_value(),
            "client_id": config.client_id,
            "client_secret": config.client_secret.get_secret_value(),
        }
    ).encode()

    async def fetch() -> AccessToken:
        asked_at = connector.clock.now()
        try:
            answer = await api.call(TOKEN, content=form)
        except (Unavailable, Throttled) as exc:
            raise NoAccessToken(service=SERVICE, operation=TOKEN.name, detail=exc.detail, status=exc.status) from exc
        text, life_s = _token(answer.body)
        return AccessToken(text, asked_at + timedelta(seconds=life_s))

    return AccessTokens(store=connector.tokens, clock=connector.clock, key=key, fetch=fetch)


def token_key(config: AmazonConfig) -> str:
    """Return the name under which a token is kept: another authorisation or address is another name."""
    secret = "\n".join((config.refresh_token.get_secret_value(), config.client_id, config.token_address))
    return f"{SERVICE}:{hashlib.sha256(secret.encode()).hexdigest()[:32]}"


def _token(body: bytes) -> tuple[str, int]:
    """Return the token of an answer and its life in seconds; an error names the field, never its content."""
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise malformed(TOKEN, "no JSON") from exc
    fields = record if isinstance(record, dict) else {}
    text, life_s = fields.get("access_token"), fields.get("expires_in")
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
        raise malformed(TOKEN, "access_token")
    if not isinstance(life_s, int) or isinstance(life_s, bool) or not 0 < life_s <= _LONGEST_LIFE_S:
        raise malformed(TOKEN, "expires_in")
    return text, life_s
