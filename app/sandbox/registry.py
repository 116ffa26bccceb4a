"""Every platform of the sandbox: one line each."""

from collections.abc import Callable, Mapping

from app.sandbox.accounts import Platform
from app.sandbox.mirakl import MiraklPlatform
from app.sandbox.world import World

PLATFORMS: Mapping[str, Callable[[World], Platform]] = {
    "mirakl": MiraklPlatform,
}
