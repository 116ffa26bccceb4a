"""Order states, settings and carriers."""

from decimal import Decimal

from app.sandbox.prestashop.opening.places import EUROPE, FRANCE, NORTH_AMERICA, OVERSEAS, REST_OF_EUROPE
from app.sandbox.prestashop.rules.carriers import ZONE_PRICES
from app.sandbox.prestashop.rules.placing import ENTRY
from app.sandbox.prestashop.shop import Shop

REMOTE_PAYMENT, MARKETPLACE = 11, 14
# Name, template of the mail, module, and the flags that are on.
STATES: dict[int, tuple[str, str, str, str]] = {
    1: ("En attente du paiement par chèque", "cheque", "ps_checkpayment", "send_email"),
    2: ("Paiement accepté", "payment", "", "send_email invoice logable paid pdf_invoice"),
    3: ("En cours de préparation", "preparation", "", "send_email delivery invoice logable paid"),
    4: ("Expédié", "shipped", "", "send_email delivery invoice logable shipped paid"),
    5: ("Livré", "", "", "delivery invoice logable shipped paid"),
    6: ("Annulé", "order_canceled", "", "send_email"),
    7: ("Remboursé", "refund", "", "send_email invoice"),
    8: ("Erreur de paiement", "payment_error", "", "send_email"),
    9: ("En attente de réapprovisionnement (payé)", "outofstock", "", "send_email invoice paid"),
    10: ("En attente de virement bancaire", "bankwire", "ps_wirepayment", "send_email"),
    REMOTE_PAYMENT: ("Paiement à distance accepté", "payment", "", "send_email invoice logable paid"),
    12: ("En attente de réapprovisionnement (non payé)", "outofstock", "", "send_email"),
    13: ("En attente de paiement à la livraison", "cashondelivery", "ps_cashondelivery", ""),
    MARKETPLACE: ("Commande marketplace", "", "", ""),
}
COLOURS = {6: "#2C3E50", 8: "#E74C3C", 4: "#01B887", 5: "#01B887"}
SETTINGS = {
    "PS_SHOP_NAME": "Boutique du bac à sable",
    "PS_TIMEZONE": "Europe/Paris",
    "PS_LANG_DEFAULT": "1",
    "PS_CURRENCY_DEFAULT": "1",
    "PS_COUNTRY_DEFAULT": str(FRANCE),
    "PS_CARRIER_DEFAULT": "-1",
    "PS_SHIPPING_HANDLING": "2.00",
    "PS_ROUND_TYPE": "2",
    "PS_PRICE_ROUND_MODE": "2",
    "PS_TAX_ADDRESS_TYPE": "id_address_delivery",
    "PS_TAX": "1",
    "PS_USE_ECOTAX": "1",
    "PS_ECOTAX_TAX_RULES_GROUP_ID": "0",
    "PS_STOCK_MANAGEMENT": "1",
    "PS_ORDER_OUT_OF_STOCK": "0",
    "PS_ENABLE_BACKORDER_STATUS": "0",
    "PS_UNIDENTIFIED_GROUP": "1",
    "PS_GUEST_GROUP": "2",
    "PS_CUSTOMER_GROUP": "3",
    "PS_MULTISHOP_FEATURE_ACTIVE": "0",
    "PS_SSL_ENABLED": "0",
    "PS_MAIL_METHOD": "1",
    "PS_WEBSERVICE": "1",
    "PS_OS_CHEQUE": "1",
    "PS_OS_PAYMENT": "2",
    "PS_OS_PREPARATION": "3",
    "PS_OS_SHIPPING": "4",
    "PS_OS_DELIVERED": "5",
    "PS_OS_CANCELED": "6",
    "PS_OS_REFUND": "7",
    "PS_OS_ERROR": "8",
    "PS_OS_OUTOFSTOCK": "9",
    "PS_OS_OUTOFSTOCK_PAID": "9",
    "PS_OS_BANKWIRE": "10",
    ENTRY: str(MARKETPLACE),
    "PS_OS_OUTOFSTOCK_UNPAID": "12",
    "PS_OS_COD_VALIDATION": "13",
}


def open_setup(shop: Shop) -> None:
    """Write states, settings and carriers."""
    for number, (name, template, module, flags) in STATES.items():
        shop.database["order_states"].add(
            id=number,
            unremovable=1,
            module_name=module,
            color=COLOURS.get(number, "#3498D8"),
            name=name,
            template=template,
            **dict.fromkeys(flags.split(), 1),
        )
    for name, value in SETTINGS.items():
        shop.database.configure(name, value)
    _open_carriers(shop)


def _open_carriers(shop: Shop) -> None:
    nothing = Decimal(0)
    everywhere = (EUROPE, REST_OF_EUROPE, OVERSEAS, NORTH_AMERICA)
    _carrier(shop, "Retrait en magasin", "Le jour même", free=True, prices={EUROPE: nothing})
    _carrier(
        shop,
        "Colis rapide",
        "Livraison le lendemain",
        prices={EUROPE: Decimal("5.00"), REST_OF_EUROPE: Decimal("14.00"), OVERSEAS: Decimal("19.00")},
        url="https://tracking.example/?n=@",
    )
    # Dearer on paper, so that it never wins by itself.
    _carrier(
        shop,
        "Transporteur marketplace",
        "Selon la place de marché",
        free=True,
        prices=dict.fromkeys(everywhere, nothing),
    )
    _carrier(shop, "Ancien transporteur", "N'est plus proposé", active=False, prices={EUROPE: Decimal("4.00")})


def _carrier(
    shop: Shop,
    name: str,
    delay: str,
    *,
    prices: dict[int, Decimal],
    free: bool = False,
    active: bool = True,
    url: str = "",
) -> None:
    carriers = shop.database["carriers"]
    number = len(carriers) + 1
    row = carriers.add(
        id_reference=number,
        id_tax_rules_group=1,
        name=name,
        delay=delay,
        active=int(active),
        is_free=int(free),
        shipping_handling=0 if free else 1,
        position=number - 1,
        url=url,
    )
    row[ZONE_PRICES] = prices
