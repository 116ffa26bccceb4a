"""What is needed to reach the embedded shop: nothing, it is in our database."""

from pydantic import BaseModel, ConfigDict


class EmbeddedConfig(BaseModel):
    """An empty configuration; a word given by mistake is refused rather than forgotten."""

    model_config = ConfigDict(extra="forbid", frozen=True)
