"""Tests are plain functions: they run what is async to its end themselves."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns, in an event loop of its own."""
    return asyncio.run(coroutine)
