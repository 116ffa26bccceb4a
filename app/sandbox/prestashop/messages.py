"""What validation says, in the shop's language: callers can rely on the codes alone."""

from collections.abc import Mapping

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "invalid": "La propriété {field} n'est pas valide.",
        "empty": "La propriété {field} est vide.",
        "length": (
            "La longueur du champ {field} est actuellement {length} caractères. "
            "Il doit être entre 0 et {size} caractères."
        ),
        "email": "Cet e-mail est déjà utilisé, veuillez en choisir un autre",
        "cart": "Le panier ne peut être chargé ou une commande a déjà été réalisée avec ce panier",
    },
    "en": {
        "invalid": "Property {field} is not valid",
        "empty": "Property {field} is empty.",
        "length": "The length of property {field} is currently {length} chars. It must be between 0 and {size} chars.",
        "email": "The email is already used, please choose another one",
        "cart": "Cart cannot be loaded or an order has already been placed using this cart",
    },
}
LANGUAGES = tuple(SENTENCES)


def sentence(language: str, name: str, **parts: object) -> str:
    """Return the sentence of that name in that language."""
    return SENTENCES[language][name].format(**parts)
