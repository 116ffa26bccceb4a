"""What a product is called on an order: its name and what sets the combination apart."""

from app.sandbox.prestashop.tables import Database, Row

# Kept beside a combination's columns: "Couleur : Bleu".
ATTRIBUTES = "@attributes"


def in_language(value: object, language: int) -> str:
    """Return a translated text in that language, or in the first there is."""
    if isinstance(value, dict):
        return str(value.get(language) or next(iter(value.values()), ""))
    return str(value)


def name_of(database: Database, product: Row, attribute: int, *, language: int) -> str:
    """Return the name as order lines have it."""
    name = in_language(product["name"], language)
    combination = database["combinations"].get(attribute)
    if combination is None or not combination.get(ATTRIBUTES):
        return name
    return f"{name} ({combination[ATTRIBUTES]})"
