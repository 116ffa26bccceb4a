"""The platforms. A new one is one line here and a folder with the same files as its neighbours."""

from collections.abc import Mapping

from app.domain.message import message
from app.errors import BadInput
from app.marketplaces.amazon.adapter import PLATFORM as AMAZON
from app.marketplaces.mirakl.adapter import PLATFORM as MIRAKL
from app.marketplaces.platform import Platform

PLATFORMS: Mapping[str, Platform] = {
    AMAZON.name: AMAZON,
    MIRAKL.name: MIRAKL,
}


def platform(name: str) -> Platform:
    """Return the platform of that name; raises BadInput that names those that exist."""
    if name not in PLATFORMS:
        raise BadInput(message("NO_PLATFORM", name=name[:40], known=tuple(PLATFORMS)), field="platform")
    return PLATFORMS[name]
