"""Login with Amazon: a refresh token becomes an access token that lives an hour. One host for all regions."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.amazon.errors import Refusal, denied
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.switches import LwaError

SCOPES = frozenset({"sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation"})
STATUSES: Mapping[LwaError, int] = {
    "invalid_request": 400,
    "invalid_grant": 400,
    "unauthorized_client": 400,
    "unsupported_grant_type": 400,
    "invalid_scope": 400,
    "invalid_client": 401,
    "access_denied": 403,
    "server_error": 500,
    "temporarily_unavailable": 503,
}
# The same application whatever the seed.
CLIENT_ID = f"amzn1.application-oa2-client.{uuid5(NAMESPACE_URL, 'https://sandbox.example/application').hex}"
CLIENT_SECRET = f"amzn1.oa2-cs.v1.{uuid5(NAMESPACE_URL, 'https://sandbox.example/secret').hex}"


class LwaRefusal(Exception):
    """No token is given."""

    def __init__(self, error: LwaError, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Grant:
    """Whose token it is, None for calls without a seller, and until when."""

    seller: Seller | None
    expires: datetime


class LoginWithAmazon:
    """The tokens of one application."""

    def __init__(self, sellers: Sequence[Seller], *, draw: random.Random) -> None:
        self._sellers = sellers
        self._draw = draw
        self._grants: dict[str, Grant] = {}

    def give(self, fields: Mapping[str, str], *, now: datetime) -> dict[str, object]:
        """Return the answer to a good request; raises LwaRefusal."""
        grant_type = fields.get("grant_type")
        if not grant_type:
            raise LwaRefusal("invalid_request", "The request is missing the parameter grant_type")
        if grant_type not in ("refresh_token", "client_credentials"):
            raise LwaRefusal("unsupported_grant_type", "The grant type is not supported")
        if not fields.get("client_id") or not fields.get("client_secret"):
            raise LwaRefusal("invalid_request", "The request is missing client_id or client_secret")
        if (fields["client_id"], fields["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            raise LwaRefusal("invalid_client", "Client authentication failed")
        if grant_type == "client_credentials":
            if fields.get("scope") not in SCOPES:
                raise LwaRefusal("invalid_scope", "The scope is not valid for this client")
            return self._token(None, lifetime_s=3600.0, now=now)
        seller = self._seller(fields)
        token = self._token(seller, lifetime_s=seller.switches.token_lifetime_s, now=now)
        return {**token, "refresh_token": seller.refresh_token}

    def seller_of(self, fields: Mapping[str, str]) -> Seller | None:
        """Return whose refresh token it is."""
        return next((each for each in self._sellers if each.refresh_token == fields.get("refresh_token")), None)

    def owner(self, token: str | None) -> Seller | None:
        """Return whose access token it is or was."""
        grant = self._grants.get(token or "")
        return None if grant is None else grant.seller

    def holder(self, token: str | None, *, now: datetime) -> Seller:
        """Return who may call with that access token; raises Refusal 403."""
        if not token:
            raise Refusal(
                403,
                "MissingAuthenticationToken",
                "Access to requested resource is denied.",
                details="The access token is missing in the request header x-amz-access-token.",
            )
        grant = self._grants.get(token)
        if grant is None or grant.seller is None or not grant.seller.switches.authorised:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if now >= grant.expires:
            raise denied("The access token you provided has expired.")
        return grant.seller

    def revoke(self, seller: Seller) -> None:
        """Let every access token of that seller be void."""
        self._grants = {token: grant for token, grant in self._grants.items() if grant.seller is not seller}

    def _seller(self, fields: Mapping[str, str]) -> Seller:
        if not fields.get("refresh_token"):
            raise LwaRefusal("invalid_request", "The request is missing the parameter refresh_token")
        seller = self.seller_of(fields)
        if seller is None or not seller.switches.authorised:
            raise LwaRefusal("invalid_grant", "The request has an invalid grant parameter : refresh_token")
        return seller

    def _token(self, seller: Seller | None, *, lifetime_s: float, now: datetime) -> dict[str, object]:
        # Long expired ones are forgotten; fresh ones stay, so that their answer says "expired".
        self._grants = {each: grant for each, grant in self._grants.items() if now < grant.expires + timedelta(days=1)}
        token = f"Atza|{self._draw.getrandbits(240):060x}"
        self._grants[token] = Grant(seller, now + timedelta(seconds=lifetime_s))
        return {"access_token": token, "token_type": "bearer", "expires_in": int(lifetime_s)}


def read_fields(request: Request, body: bytes) -> dict[str, str]:
    """Return the fields of a token request, a form or JSON; empty when it is neither."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(errors="replace")))
    if content_type != "application/json":
        return {}
    try:
        sent = json.loads(body)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in sent.items()} if isinstance(sent, dict) else {}


def lwa_refusal(error: LwaError, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, STATUSES[error])
