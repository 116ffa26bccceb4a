"""Invented buyers, with everything that makes addresses hard. Phones are from ranges kept for fiction."""

import random
from dataclasses import dataclass

FIRST_NAMES = ("Zoé", "Anaïs", "François", "Jean-Noël", "Maëlle", "Søren", "Loïc", "Élodie", "Bjørn", "Inès", "D'Arcy")
LAST_NAMES = (
    "O'Hara",
    "Lefèvre",
    "de La Tour",
    "Müller-Weiß",
    "N'Guyen",
    "Peña",
    "Dupont",
    "Le Goff",
    "Ångström",
    "Æbi",
)
CIVILITIES = ("M.", "Mme", "MR", "Mlle", None)
LONG_STREET = (
    "Résidence Les Jardins de l'Abbaye, bâtiment C, escalier 12, 3e étage à gauche, 1184 bis avenue du Général"
)
STREETS = (
    "12 rue de l'Église",
    "4 bis impasse des Œillets",
    "27, allée « Les Tilleuls »",
    "1 place d'Armes",
    LONG_STREET,
)
SECOND_STREETS = ("Bât. B, appt 4", "c/o M. d'Oléron", "Lieu-dit Kérizoët")
HINTS = ("Code 12A", 'Sonner chez "Zoé"', "Laisser au gardien ; merci")


@dataclass(frozen=True)
class Place:
    zip_code: str
    city: str
    country: str
    alpha2: str
    alpha3: str


# The same country under several labels: operators write them as they like.
PLACES = (
    Place("59000", "Lille", "France", "FR", "FRA"),
    Place("01000", "Bourg-en-Bresse", "FRANCE", "FR", "FRA"),
    Place("06570", "Saint-Paul-de-Vence", "France métropolitaine", "FR", "FRA"),
    Place("97410", "Saint-Pierre", "La Réunion", "RE", "REU"),
    Place("75007", "Paris", "France", "FR", "FRA"),
    Place("35800", "Saint-Briac-sur-Mer", "France", "FR", "FRA"),
    Place("4000", "Liège", "Belgique", "BE", "BEL"),
    Place("L-1009", "Luxembourg", "Grand-Duché de Luxembourg", "LU", "LUX"),
    Place("28013", "Madrid", "Espagne", "ES", "ESP"),
    Place("80331", "München", "Allemagne", "DE", "DEU"),
)


@dataclass(frozen=True)
class Person:
    """One buyer with one address."""

    civility: str | None
    first_name: str
    last_name: str
    company: str | None
    street: str
    second_street: str | None
    place: Place
    phone: str | None
    second_phone: str | None
    hint: str | None


def person(draw: random.Random) -> Person:
    """Return the next invented buyer of that generator."""
    return Person(
        civility=draw.choice(CIVILITIES),
        first_name=draw.choice(FIRST_NAMES),
        last_name=draw.choice(LAST_NAMES),
        company=None,
        street=draw.choice(STREETS),
        second_street=draw.choice(SECOND_STREETS) if draw.random() < 0.3 else None,
        place=draw.choice(PLACES),
        phone=None if draw.random() < 0.25 else f"+33 6 39 98 {draw.randint(0, 99):02d} {draw.randint(0, 99):02d}",
        second_phone=f"01990{draw.randint(0, 99999):05d}" if draw.random() < 0.1 else None,
        hint=draw.choice(HINTS) if draw.random() < 0.3 else None,
    )
