"""Configurations as the database keeps them: encrypted."""

import json

from pydantic import BaseModel

from app.connection_config import plain, read_config
from app.keys import Cipher
from app.store.accounts import open_config


def read_sealed(cipher: Cipher, model: type[BaseModel], sealed: bytes | None) -> BaseModel:
    """Return a configuration from the database; raises BadInput, and UnreadableSecret when our key does not open it."""
    return read_config(model, open_config(cipher, sealed))


def seal(cipher: Cipher, config: BaseModel) -> bytes:
    """Return a configuration encrypted, for the database."""
    return cipher.seal(json.dumps(plain(config)))
