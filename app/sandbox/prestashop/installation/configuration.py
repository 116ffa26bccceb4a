"""Order states, settings and carriers."""

from decimal import Decimal
from pathlib import Path

from app.sandbox.prestashop.installation.localization import EUROPE, NORTH_AMERICA, OVERSEAS, REST_OF_EUROPE
from app.sandbox.prestashop.rules.carriers import ZONE_PRICES
from app.sandbox.prestashop.shop import Shop

REMOTE_PAYMENT, MARKETPLACE = 11, 14
OUT_OF_STOCK = "OUTOFSTOCK OUTOFSTOCK_PAID"
# The settings PS_OS_… that name it, its name, template of the mail, module, and the flags that are on.
STATES: dict[int, tuple[str, str, str, str, str]] = {
    1: ("CHEQUE", "En attente du paiement par chèque", "cheque", "ps_checkpayment", "send_email"),
    2: ("PAYMENT", "Paiement accepté", "payment", "", "send_email invoice logable paid pdf_invoice"),
    3: ("PREPARATION", "En cours de préparation", "preparation", "", "send_email delivery invoice logable paid"),
    4: ("SHIPPING", "Expédié", "shipped", "", "send_email delivery invoice logable shipped paid"),
    5: ("DELIVERED", "Livré", "", "", "delivery invoice logable shipped paid"),
    6: ("CANCELED", "Annulé", "order_canceled", "", "send_email"),
    7: ("REFUND", "Remboursé", "refund", "", "send_email invoice"),
    8: ("ERROR", "Erreur de paiement", "payment_error", "", "send_email"),
    9: (
        OUT_OF_STOCK,
        "En attente de réapprovisionnement (payé)",
        "outofstock",
        "",
        "send_email invoice paid",
    ),
    10: ("BANKWIRE", "En attente de virement bancaire", "bankwire", "ps_wirepayment", "send_email"),
    REMOTE_PAYMENT: ("", "Paiement à distance accepté", "payment", "", "send_email invoice logable paid"),
    12: ("OUTOFSTOCK_UNPAID", "En attente de réapprovisionnement (non payé)", "outofstock", "", "send_email"),
    13: ("COD_VALIDATION", "En attente de paiement à la livraison", "cashondelivery", "ps_cashondelivery", ""),
    MARKETPLACE: ("WS_PAYMENT", "Commande marketplace", "", "", ""),
}
# Name, delay, prices by zone (nothing but 0: free), and what else is said of it.
CARRIERS: tuple[tuple[str, str, dict[int, str], dict[str, str | int]], ...] = (
    ("Retrait en magasin", "Le jour même", {EUROPE: "0"}, {}),
    (
        "Colis rapide",
        "Livraison le lendemain",
        {EUROPE: "5.00", REST_OF_EUROPE: "14.00", OVERSEAS: "19.00"},
        {"url": "https://tracking.example/?n=@"},
    ),
    # Last of the free ones, so that it never wins by itself.
    (
        "Transporteur marketplace",
        "Selon la place de marché",
        dict.fromkeys((EUROPE, REST_OF_EUROPE, OVERSEAS, NORTH_AMERICA), "0"),
        {},
    ),
    ("Ancien transporteur", "N'est plus proposé", {EUROPE: "4.00"}, {"active": 0}),
)
COLOURS = {6: "#2C3E50", 8: "#E74C3C", 4: "#01B887", 5: "#01B887"}
# Beside its name and the states: each is NAME=VALUE.
SETTINGS = Path(__file__).with_name("settings.txt").read_text(encoding="utf-8").split()


def install_configuration(shop: Shop) -> None:
    """Write states, settings and carriers."""
    for number, (settings, name, template, module, flags) in STATES.items():
        shop.database["order_states"].add(
            id=number,
            unremovable=1,
            module_name=module,
            color=COLOURS.get(number, "#3498D8"),
            name=name,
            template=template,
            **dict.fromkeys(flags.split(), 1),
        )
        for setting in settings.split():
            shop.database.configure(f"PS_OS_{setting}", str(number))
    shop.database.configure("PS_SHOP_NAME", "Boutique du bac à sable")
    for setting in SETTINGS:
        name, _, value = setting.partition("=")
        shop.database.configure(name, value)
    for position, (name, delay, amounts, terms) in enumerate(CARRIERS):
        prices = {zone: Decimal(amount) for zone, amount in amounts.items()}
        free = not any(prices.values())
        row = shop.database["carriers"].add(
            id_reference=position + 1,
            id_tax_rules_group=1,
            name=name,
            delay=delay,
            position=position,
            is_free=int(free),
            shipping_handling=int(not free),
            **{"active": 1, **terms},
        )
        row[ZONE_PRICES] = prices
