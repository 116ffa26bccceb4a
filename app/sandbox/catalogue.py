"""What every sandbox marketplace sells: one catalogue per seed, so that a shop can be loaded with the same SKUs."""

import random
from dataclasses import dataclass

from app.sandbox import amounts

SIZE = 60
BOOK_VAT_PERMILLE = 55
NORMAL_VAT_PERMILLE = 200
HIGHEST_STOCK = 80
LARGEST_RANGE = 200_000
# The large range is numbered apart from the catalogue and from what no catalogue holds.
RANGE_NUMBERS = 1_000_000

# (SKU stem, category code, category label, title); quotes and accents are what breaks naive CSV and XML.
RANGES: tuple[tuple[str, str, str, str], ...] = (
    ("LAMPE-BUREAU", "LAMP", "Luminaires", "Lampe de bureau articulée"),
    ("LAMPE-CHEVET", "LAMP", "Luminaires", 'Lampe de chevet "Étoile du Nord"'),
    ("TSHIRT-COTON", "CLOTHES", "Vêtements", "T-shirt en coton biologique"),
    ("PULL-LAINE", "CLOTHES", "Vêtements", "Pull d'hiver en laine mérinos"),
    ("ECRAN-24", "SCREEN", "Écrans", 'Écran 24" à dalle mate'),
    ("CABLE-USBC", "CABLE", "Câbles & adaptateurs", "Câble USB-C tressé (2 m)"),
    ("CAFETIERE", "KITCHEN", "Cuisine", "Cafetière à piston, 1 litre"),
    ("COUTEAU-CHEF", "KITCHEN", "Cuisine", "Couteau de chef 20 cm; acier forgé"),
    ("POELE-FONTE", "KITCHEN", "Cuisine", "Poêle en fonte Ø 28 cm"),
    ("LIVRE-CUISINE", "BOOK", "Livres", "Le Goût de l'été : 80 recettes"),
    ("LIVRE-JARDIN", "BOOK", "Livres", "Jardiner sans peine – l'œil du maraîcher"),
    ("VELO-CASQUE", "SPORT", "Sport", "Casque de vélo réglable"),
    ("TAPIS-YOGA", "SPORT", "Sport", "Tapis de yoga antidérapant 6 mm"),
    ("SAC-RANDO", "SPORT", "Sport", "Sac de randonnée « Cévennes » 45 L"),
    ("PERCEUSE-18V", "TOOL", "Outillage", "Perceuse sans fil 18 V + 2 batteries"),
    ("VIS-INOX", "TOOL", "Outillage", "Vis inox A2 4 × 40 mm, boîte de 200"),
    ("OREILLER", "BED", "Literie", "Oreiller à mémoire de forme"),
    ("COUETTE-220", "BED", "Literie", "Couette 220 x 240 <légère>"),
    ("JEU-ECHECS", "TOY", "Jeux", "Jeu d'échecs en noyer"),
    ("PUZZLE-1000", "TOY", "Jeux", "Puzzle 1000 pièces – Île de Ré"),
)
VARIANTS: tuple[tuple[str, str], ...] = (("001", ""), ("BLEU", " – bleu"), ("ROUGE-XL", " – rouge, XL"))


@dataclass(frozen=True)
class Product:
    """One article; the price is with VAT, in euro cents."""

    number: int
    sku: str
    title: str
    ean: str
    price_cents: int
    quantity: int
    category_code: str
    category_label: str
    vat_permille: int

    def row(self) -> dict[str, str | int]:
        """Return the five columns a shop is loaded from."""
        return {
            "sku": self.sku,
            "title": self.title,
            "ean": self.ean,
            "price": amounts.text(self.price_cents),
            "quantity": self.quantity,
        }


def catalogue(seed: int) -> tuple[Product, ...]:
    """Return the articles of that seed, always the same."""
    draw = random.Random(f"{seed}/catalogue")  # noqa: S311 - repeatable, no secret
    return tuple(_product(draw, number) for number in range(1, SIZE + 1))


def large_range(seed: int, *, numbers: range) -> tuple[Product, ...]:
    """Return articles without a story, for measuring: "RANGE-000001" and so on, always the same for that seed."""
    draw = random.Random(f"{seed}/range/{numbers.start}")  # noqa: S311 - repeatable, no secret
    return tuple(
        Product(
            number=RANGE_NUMBERS + number,
            sku=f"RANGE-{number:06d}",
            title=f"Article de série n° {number}",
            ean=ean13(f"3700{number:08d}"),
            price_cents=300 + int(draw.random() * 20_000),
            quantity=1 + int(draw.random() * HIGHEST_STOCK),
            category_code="TOOL",
            category_label="Outillage",
            vat_permille=NORMAL_VAT_PERMILLE,
        )
        for number in numbers
    )


def unlisted_product(number: int) -> Product:
    """Return an article that no catalogue holds."""
    return Product(
        number=90_000 + number,
        sku=f"NOT-IN-CATALOGUE-{number}",
        title="Article retiré du catalogue",
        ean=ean13(f"36000009{number % 10_000:04d}"),
        price_cents=1990,
        quantity=0,
        category_code="TOY",
        category_label="Jeux",
        vat_permille=NORMAL_VAT_PERMILLE,
    )


def ean13(twelve_digits: str) -> str:
    """Return the digits with their check digit."""
    total = sum(map(int, twelve_digits[::2])) + 3 * sum(map(int, twelve_digits[1::2]))
    return f"{twelve_digits}{-total % 10}"


def _product(draw: random.Random, number: int) -> Product:
    stem, category_code, category_label, title = RANGES[(number - 1) % len(RANGES)]
    suffix, words = VARIANTS[(number - 1) // len(RANGES)]
    return Product(
        number=number,
        sku=f"{stem}-{suffix}",
        title=title + words,
        ean=ean13(f"36000000{number:04d}"),
        price_cents=draw.randint(3, 180) * 100 + draw.choice((0, 49, 90, 99)),
        quantity=0 if draw.random() < 0.05 else draw.randint(1, HIGHEST_STOCK),
        category_code=category_code,
        category_label=category_label,
        vat_permille=BOOK_VAT_PERMILLE if category_code == "BOOK" else NORMAL_VAT_PERMILLE,
    )
