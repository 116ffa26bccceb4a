"""What is chosen for the embedded shop; nothing is needed to reach it, it is in our database."""

from pydantic import BaseModel, ConfigDict, Field


class EmbeddedConfig(BaseModel):
    """All of it has a default; a word given by mistake is refused rather than forgotten."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field(
        default="EUR",
        pattern="^[A-Z]{3}$",
        title="Currency",
        description="Currency of the prices, three capital letters (ISO 4217); orders in another are not imported.",
    )
