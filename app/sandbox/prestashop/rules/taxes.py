"""Which rate applies where: the rules of the product's group for the address's country."""

from decimal import Decimal

from app.sandbox.prestashop.tables import Database, Row


def rate_of(database: Database, *, group: int, country: int) -> Decimal:
    """Return the percent that a group of tax rules asks in a country; 0 where it has no rule."""
    taxes = database["taxes"]
    for rule in database["tax_rules"].where("id_tax_rules_group", group):
        tax = taxes.get(rule["id_tax"])
        if rule["id_country"] == country and tax is not None and tax["active"]:
            rate: Decimal = tax["rate"]
            return rate
    return Decimal(0)


def tax_of(database: Database, *, group: int, country: int) -> Row | None:
    """Return the tax itself."""
    rules = database["tax_rules"].where("id_tax_rules_group", group)
    return next((database["taxes"].get(each["id_tax"]) for each in rules if each["id_country"] == country), None)


def country_of(database: Database, address_id: int) -> int:
    """Return the country of an address; the shop's own when there is no such address."""
    address = database["addresses"].get(address_id)
    default = database.config("PS_COUNTRY_DEFAULT")
    return address["id_country"] if address is not None else int(default or 0)
