"""Configurations as the database keeps them: encrypted."""

import json

from pydantic import BaseModel

from app.connection_config import plain, read_config
from app.keys import Box
from app.store.accounts import open_config


def read_sealed(box: Box, model: type[BaseModel], sealed: bytes | None) -> BaseModel:
    """Return a configuration from the database; raises BadInput, and UnreadableSecret when our key does not open it."""
    return read_config(model, open_config(box, sealed))


def seal(box: Box, config: BaseModel) -> bytes:
    """Return a configuration encrypted, for the database."""
    return box.seal(json.dumps(plain(config)))
