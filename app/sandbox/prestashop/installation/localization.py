"""Countries, zones, currency, languages, groups and the taxes of each country."""

from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.prestashop.shop import Shop

EUROPE, NORTH_AMERICA, OVERSEAS, REST_OF_EUROPE = 1, 2, 9, 7
ZONES = {EUROPE: "Europe", NORTH_AMERICA: "Amérique du Nord", REST_OF_EUROPE: "Europe (hors UE)", OVERSEAS: "Outre-mer"}
# The groups of tax rules, by the rate they are named after in France, in permille.
TAX_GROUPS = {200: 1, 100: 2, 55: 3}
TAX_NAMES = {1: "FR Taux standard (20%)", 2: "FR Taux intermédiaire (10%)", 3: "FR Taux réduit (5,5%)"}
FRANCE = 8
VISITORS, GUESTS, CUSTOMERS = 1, 2, 3


@dataclass(frozen=True)
class Country:
    """One country: what an address needs there, and its rates for the three groups; none outside of the tax area."""

    id: int
    iso: str
    name: str
    zone: int
    prefix: str
    postcode: str
    rates: tuple[str, str, str] | None = None
    states: tuple[tuple[str, str], ...] = ()
    needs_number: bool = False


ITALIAN_STATES = (("MI", "Milano"), ("RM", "Roma"), ("TO", "Torino"))
COUNTRIES = (
    Country(1, "DE", "Allemagne", EUROPE, "49", "NNNNN", ("19", "7", "7")),
    Country(2, "AT", "Autriche", EUROPE, "43", "NNNN", ("20", "13", "10")),
    Country(3, "BE", "Belgique", EUROPE, "32", "NNNN", ("21", "12", "6")),
    Country(6, "ES", "Espagne", EUROPE, "34", "NNNNN", ("21", "10", "4"), needs_number=True),
    Country(FRANCE, "FR", "France", EUROPE, "33", "NNNNN", ("20", "10", "5.5")),
    Country(10, "IT", "Italie", EUROPE, "39", "NNNNN", ("22", "10", "4"), states=ITALIAN_STATES, needs_number=True),
    Country(12, "LU", "Luxembourg", EUROPE, "352", "NNNN", ("17", "14", "3")),
    Country(13, "NL", "Pays-Bas", EUROPE, "31", "NNNN LL", ("21", "9", "9")),
    Country(15, "PT", "Portugal", EUROPE, "351", "NNNN-NNN", ("23", "13", "6")),
    Country(17, "GB", "Royaume-Uni", REST_OF_EUROPE, "44", ""),
    Country(19, "CH", "Suisse", REST_OF_EUROPE, "41", "NNNN"),
    Country(21, "US", "États-Unis", NORTH_AMERICA, "1", "NNNNN", states=(("NY", "New York"), ("CA", "California"))),
    Country(148, "MC", "Monaco", EUROPE, "377", "980NN", ("20", "10", "5.5")),
    Country(176, "RE", "Réunion", OVERSEAS, "262", "NNNNN", ("8.5", "2.1", "2.1")),
)
LANGUAGES = (("Français (French)", "fr", "fr-FR", "d/m/Y"), ("English (English)", "en", "en-US", "m/d/Y"))


def install_localization(shop: Shop) -> None:
    """Write what a merchant sets up once."""
    database = shop.database
    database["shop_groups"].add(name="Default", active=1)
    database["shops"].add(name="Boutique du bac à sable", active=1)
    database["currencies"].add(
        name="Euro",
        names="euro",
        symbol="€",
        iso_code="EUR",
        numeric_iso_code="978",
        conversion_rate=Decimal(1),
        active=1,
    )
    for name, price_method in (("Visiteur", 0), ("Invité", 0), ("Client", 0)):
        database["groups"].add(name=name, price_display_method=price_method)
    for zone, name in ZONES.items():
        database["zones"].add(id=zone, name=name, active=1)
    for group, name in TAX_NAMES.items():
        database["tax_rule_groups"].add(id=group, name=name, active=1)
    install_language(shop, 1)
    for country in COUNTRIES:
        _add_country(shop, country)


def install_language(shop: Shop, number: int) -> None:
    """Install the first or the second language of the shop."""
    name, iso, locale, day = LANGUAGES[number - 1]
    shop.database["languages"].add(
        id=number,
        name=name,
        iso_code=iso,
        locale=locale,
        language_code=locale.lower() if iso == "en" else iso,
        active=1,
        date_format_lite=day,
        date_format_full=f"{day} H:i:s",
    )


def _add_country(shop: Shop, country: Country) -> None:
    database = shop.database
    database["countries"].add(
        id=country.id,
        id_zone=country.zone,
        call_prefix=int(country.prefix),
        iso_code=country.iso,
        active=0 if country.iso in shop.switches.inactive_countries else 1,
        contains_states=1 if country.states else 0,
        need_identification_number=int(country.needs_number),
        need_zip_code=int(bool(country.postcode)),
        zip_code_format=country.postcode,
        display_tax_label=1,
        name=country.name,
    )
    for iso, name in country.states:
        database["states"].add(id_zone=country.zone, id_country=country.id, iso_code=iso, name=name, active=1)
    for group, rate in zip(TAX_GROUPS.values(), country.rates or (), strict=False):
        tax = _tax(shop, country, Decimal(rate))
        database["tax_rules"].add(id_tax_rules_group=group, id_country=country.id, id_tax=tax)


def _tax(shop: Shop, country: Country, rate: Decimal) -> int:
    taxes = shop.database["taxes"]
    name = f"TVA {country.iso} {rate.normalize():f}%"
    known = next((row for row in taxes if row["name"] == name), None)
    return (known or taxes.add(rate=rate, active=1, name=name)).id
