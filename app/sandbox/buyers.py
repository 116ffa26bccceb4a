"""Invented buyers, with everything that makes addresses hard. Phones are from ranges kept for fiction."""

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

_DRAWN = tomllib.loads(Path(__file__).with_name("buyers.toml").read_text(encoding="utf-8"))
FIRST_NAMES, LAST_NAMES, STREETS, SECOND_STREETS, HINTS = (
    tuple(map(str, _DRAWN[name])) for name in ("first_names", "last_names", "streets", "second_streets", "hints")
)
CIVILITIES = ("M.", "Mme", "MR", "Mlle", None)


@dataclass(frozen=True)
class Town:
    zip_code: str
    city: str
    country: str
    alpha2: str
    alpha3: str


TOWNS = tuple(Town(*town) for town in _DRAWN["towns"])


@dataclass(frozen=True)
class Buyer:
    """One buyer with one address."""

    civility: str | None
    first_name: str
    last_name: str
    company: str | None
    street: str
    second_street: str | None
    town: Town
    phone: str | None
    second_phone: str | None
    hint: str | None


def draw_buyer(draw: random.Random) -> Buyer:
    """Return the next invented buyer of that generator."""
    return Buyer(
        civility=draw.choice(CIVILITIES),
        first_name=draw.choice(FIRST_NAMES),
        last_name=draw.choice(LAST_NAMES),
        company=None,
        street=draw.choice(STREETS),
        second_street=draw.choice(SECOND_STREETS) if draw.random() < 0.3 else None,
        town=draw.choice(TOWNS),
        phone=None if draw.random() < 0.25 else f"+33 6 39 98 {draw.randint(0, 99):02d} {draw.randint(0, 99):02d}",
        second_phone=f"01990{draw.randint(0, 99999):05d}" if draw.random() < 0.1 else None,
        hint=draw.choice(HINTS) if draw.random() < 0.3 else None,
    )
