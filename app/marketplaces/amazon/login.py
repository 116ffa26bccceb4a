"""Login with Amazon: the refresh token that the seller gave becomes an access token for an hour."""

import hashlib

from app.domain.message import message
from app.errors import CredentialsRefused, RoleMissing
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.amazon.errors import SERVICE
from app.marketplaces.amazon.quotas import TOKEN
from app.marketplaces.shared.oauth import Login

_REFUSED = {
    "invalid_grant": message("AMAZON_REFRESH_TOKEN_REFUSED"),
    "access_denied": message("AMAZON_ACCESS_DENIED"),
    "unauthorized_client": message("AMAZON_OTHER_APPLICATION"),
    "invalid_client": message("AMAZON_CLIENT_REFUSED"),
}


def login(config: AmazonConfig) -> Login:
    """Return the login of one seller and application, shared by all that act for both."""
    refresh_token = config.refresh_token.get_secret_value()
    # Another authorisation or address is another token.
    key = "\n".join((refresh_token, config.client_id, config.token_address))
    return Login(
        service=SERVICE,
        operation=TOKEN,
        address=config.token_address,
        grant={
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": config.client_id,
            "client_secret": config.client_secret.get_secret_value(),
        },
        key=f"{SERVICE}:{hashlib.sha256(key.encode()).hexdigest()[:32]}",
        refused=_REFUSED,
        wrong="AMAZON_LOGIN_REFUSED",
        unavailable="AMAZON_NO_TOKENS_NOW",
        header=lambda token: {"x-amz-access-token": token},
        # A 403 may mean the token or the role.
        token_errors=(CredentialsRefused, RoleMissing),
    )
